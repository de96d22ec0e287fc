"""What can be asked of the service: one frozen dataclass a command, ``Command[R]`` with R its answer.

``event`` is the event that answers it, by which a client id that is used for something else is noticed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, TypeVar

from concierge.domain.event import Entry
from concierge.domain.push import Subscription
from concierge.domain.session import Session
from concierge.service.ports import ConfirmationPort

R = TypeVar("R", covariant=True)


class Command(Generic[R]):
    event: ClassVar[str] = ""
    or_event: ClassVar[tuple[str, ...]] = ()
    """Others that may answer it, by how things stand."""


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
    vip: bool = False


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
    """``space``: a guest's is bound to the stay; staff name one. ``timed``: whether the words are about this request alone,
    so that a time in them is its time. ``merge``: the same as what is open already reminds of that. ``priority``: the desk's
    to give; None: the stay's. ``conversation``: where it came up; None: the stay's own.
    """

    event = "dispatched"
    or_event = ("placed", "reminded")
    intent: str
    slots: Mapping[str, Any]
    words: str
    lang: str
    space: str | None = None
    timed: bool = True
    merge: bool = False
    priority: str | None = None
    conversation: str | None = None


@dataclass(frozen=True)
class AcceptOrder(Command[Entry]):
    event = "accepted"
    order: str


@dataclass(frozen=True)
class DeclineOrder(Command[Entry]):
    event = "dispatched"
    or_event = ("escalated",)
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
class AssignOrder(Command[Entry]):
    """``to``: a staff id; None: the department as a whole."""

    event = "dispatched"
    order: str
    to: str | None


@dataclass(frozen=True)
class RemindOrder(Command[Entry]):
    """The guest asks again for what was asked for already."""

    event = "reminded"
    order: str
    text: str = ""


@dataclass(frozen=True)
class PhotoOrder(Command[Entry]):
    """``file``: the hash of one that is in the state folder."""

    event = "photographed"
    order: str
    file: str


@dataclass(frozen=True)
class DispatchOrder(Command[Entry | None]):
    """Time's own command, as the two below. ``seq``: of the entry that it follows from; None: that is no longer the last."""

    event = "dispatched"
    order: str
    seq: int


@dataclass(frozen=True)
class EscalateOrder(Command[Entry | None]):
    """``missed``: the deadlines that were missed now; empty: it is still late and is told again."""

    event = "escalated"
    or_event = ("late",)
    order: str
    seq: int
    missed: tuple[str, ...] = ()


@dataclass(frozen=True)
class CloseOrder(Command[Entry | None]):
    event = "closed"
    order: str
    seq: int


@dataclass(frozen=True)
class SetDuty(Command[Entry]):
    """``on`` None: by the plan of shifts again."""

    event = "duty_set"
    staff: str
    on: bool | None


@dataclass(frozen=True)
class AddStaff(Command[Entry]):
    """``password_hash`` "": no log-in by password. ``sso``: who they are at the OpenID provider."""

    event = "added"
    staff: str
    name: Mapping[str, str]
    role: str
    department: str
    floors: Sequence[int] = ()
    skills: Sequence[str] = ()
    languages: Sequence[str] = ()
    shift: str | None = None
    im: Mapping[str, str] = field(default_factory=dict)
    password_hash: str = ""
    sso: str | None = None


@dataclass(frozen=True)
class ChangeStaff(Command[Entry]):
    """``changes``: what becomes of name, role, department, floors, skills, languages, shift, im, active, sso. Who is no longer
    active has no session left."""

    event = "changed"
    or_event = ("deactivated", "reactivated")
    staff: str
    changes: Mapping[str, Any]


@dataclass(frozen=True)
class SetPassword(Command[Entry]):
    """Ends the sessions, but ``keep``: that of who changes their own."""

    event = "password_set"
    staff: str
    password_hash: str = field(repr=False)
    keep: str | None = None


@dataclass(frozen=True)
class OfferSecondFactor(Command[Entry]):
    """The actor's own. ``code``: of the one in force, if there is one."""

    event = "totp_offered"
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class ConfirmSecondFactor(Command[Sequence[str]]):
    """``code`` shows that the phone has what was offered. The answer is the recovery codes."""

    event = "totp_confirmed"
    code: str = field(repr=False)


@dataclass(frozen=True)
class RemoveSecondFactor(Command[Entry]):
    """For somebody who has lost it; the sessions end."""

    event = "totp_removed"
    staff: str


@dataclass(frozen=True)
class StartSession(Command[Entry]):
    """The actor has shown who they are, but for the ``code`` where a second factor is needed."""

    event = "logged_in"
    session: Session
    code: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class EndSession(Command[Entry]):
    """``session`` None: all, and every token that was made before."""

    event = "logged_out"
    staff: str
    session: str | None = None


@dataclass(frozen=True)
class Subscribe(Command[Entry]):
    """The actor's device, to be notified there."""

    event = "subscribed"
    subscription: Subscription


@dataclass(frozen=True)
class Unsubscribe(Command[Entry | None]):
    """``subscription``: its id. None: it is gone already."""

    event = "unsubscribed"
    staff: str
    subscription: str


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
