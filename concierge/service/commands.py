"""What can be asked of the service: one frozen dataclass a command, ``Command[R]`` with R its answer.

``event`` is the event that answers it, by which a client id that is used for something else is noticed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from concierge.domain.event import Entry
from concierge.service.ports import ConfirmationPort

R = TypeVar("R", covariant=True)


class Command(Generic[R]):
    event: ClassVar[str] = ""


@dataclass(frozen=True)
class CheckedIn:
    """``code``: for the room's QR code; a repeat of the command gives the same one."""

    id: str
    code: str
    entry: Entry


@dataclass(frozen=True)
class CheckIn(Command[CheckedIn]):
    event = "checked_in"
    space: str
    language: str
    name: str = ""


@dataclass(frozen=True)
class CheckOut(Command[Entry]):
    event = "checked_out"
    stay: str


@dataclass(frozen=True)
class Say(Command[Entry]):
    """``about``: what the message belongs to (``call``, ``turn``, ``order``…) and how (``cut``). ``file``: the hash of one that
    the actor sent in or may see. ``card``: ``{"type": "order", "id": …}``. ``mentions``: staff ids. ``reply_to``: a sequence."""

    event = "said"
    conversation: str
    text: str
    lang: str
    via: str = "text"
    about: Mapping[str, Any] = field(default_factory=dict)
    file: str | None = None
    card: Mapping[str, str] | None = None
    mentions: Sequence[str] = ()
    reply_to: int | None = None


@dataclass(frozen=True)
class EditMessage(Command[Entry]):
    """``message``: the sequence of what was said."""

    event = "edited"
    conversation: str
    message: int
    text: str


@dataclass(frozen=True)
class WithdrawMessage(Command[Entry]):
    event = "withdrawn"
    conversation: str
    message: int


@dataclass(frozen=True)
class MarkRead(Command[Entry | None]):
    """The actor has read the conversation up to ``seq``. None: the cursor stands there or further already."""

    event = "read"
    conversation: str
    seq: int


@dataclass(frozen=True)
class MakeGroup(Command[Entry]):
    """``members``: staff ids, beside the actor's own. The answer's data is the group."""

    event = "made"
    name: str
    members: Sequence[str]


@dataclass(frozen=True)
class JoinGroup(Command[Entry]):
    """A member brings others in."""

    event = "joined"
    group: str
    members: Sequence[str]


@dataclass(frozen=True)
class LeaveGroup(Command[Entry]):
    """``member``: oneself, or anybody for a member who leads."""

    event = "left"
    group: str
    member: str


@dataclass(frozen=True)
class NameGroup(Command[Entry]):
    event = "named"
    group: str
    name: str


@dataclass(frozen=True)
class PlaceOrder(Command[Entry]):
    """``space``: a guest's is bound to the stay; staff name one."""

    event = "dispatched"
    intent: str
    slots: Mapping[str, Any]
    words: str
    lang: str
    space: str | None = None


@dataclass(frozen=True)
class AcceptOrder(Command[Entry]):
    event = "accepted"
    order: str


@dataclass(frozen=True)
class DeclineOrder(Command[Entry]):
    event = "dispatched"
    order: str
    reason: str = ""


@dataclass(frozen=True)
class StartOrder(Command[Entry]):
    event = "started"
    order: str


@dataclass(frozen=True)
class DoneOrder(Command[Entry]):
    event = "done"
    order: str


@dataclass(frozen=True)
class CancelOrder(Command[Entry]):
    event = "cancelled"
    order: str


@dataclass(frozen=True)
class ChangeOrder(Command[Entry]):
    """``slots``: what is asked for now, of the same intent and for the same department. ``words``: what the guest said."""

    event = "changed"
    order: str
    slots: Mapping[str, Any]
    words: str


@dataclass(frozen=True)
class RateOrder(Command[Entry]):
    event = "rated"
    order: str
    rating: int
    comment: str = ""


@dataclass(frozen=True)
class NoteOrder(Command[Entry]):
    event = "noted"
    order: str
    text: str


@dataclass(frozen=True)
class SetDevice(Command[Sequence[ConfirmationPort]]):
    """Not an event: the devices' states are, once they say so. ``changes``: device id → what it should be."""

    space: str
    changes: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class RecordDeviceState(Command[Entry | None]):
    """None: the log has that state already."""

    event = "state"
    space: str
    device: str
    state: Mapping[str, Any]


@dataclass(frozen=True)
class RaiseIncident(Command[Entry]):
    """``certainty`` 0–1. ``space``: a guest's is bound to the stay."""

    event = "raised"
    kind: str
    words: str
    certainty: float
    space: str | None = None


@dataclass(frozen=True)
class AckIncident(Command[Entry]):
    event = "acknowledged"
    incident: str


@dataclass(frozen=True)
class ClearIncident(Command[Entry]):
    event = "cleared"
    incident: str
    remark: str = ""


@dataclass(frozen=True)
class SetSpaceStatus(Command[Entry]):
    event = "reported"
    space: str
    status: str
    remark: str = ""


@dataclass(frozen=True)
class SetDoNotDisturb(Command[Entry]):
    """``space``: a guest's is bound to the stay."""

    event = "dnd_set"
    on: bool
    space: str | None = None


@dataclass(frozen=True)
class RecordTurn(Command[Entry]):
    """A voice turn's words and time ledger. ``stay`` None: a call from no stay."""

    event = "turn"
    call: str
    stay: str | None
    data: Mapping[str, Any]
