"""A work or food order, from the guest's words to the rating (DESIGN 10).

``STEPS`` is the whole rule: state → verb → next state. A verb that its row lacks raises and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from concierge.domain.errors import BadRequest, IllegalStep, NotFound
from concierge.domain.hotel import Deadline
from concierge.domain.instant import stamp
from concierge.domain.people import Actor, require

STEPS: Mapping[str, Mapping[str, str]] = {
    "placed": {"dispatch": "dispatched", "cancel": "cancelled"},
    "dispatched": {"accept": "accepted", "decline": "declined", "escalate": "dispatched", "cancel": "cancelled"},
    "declined": {"dispatch": "dispatched", "cancel": "cancelled"},
    "accepted": {
        "start": "started",
        "done": "done",
        "decline": "declined",
        "escalate": "accepted",
        "cancel": "cancelled",
    },
    "started": {"done": "done", "escalate": "started"},
    "done": {"rate": "rated", "close": "closed"},
    "rated": {"close": "closed"},
    "cancelled": {},
    "closed": {},
}

EVENTS: Mapping[str, str] = {
    "dispatch": "dispatched",
    "accept": "accepted",
    "decline": "declined",
    "start": "started",
    "done": "done",
    "escalate": "escalated",
    "cancel": "cancelled",
    "rate": "rated",
    "close": "closed",
}
"""Verb → the event that it leaves on the log, which also names its time stamp."""

OPEN = frozenset({"placed", "dispatched", "declined", "accepted", "started"})
"""States in which somebody still has to do something."""

INTERNAL = ("notes", "refusals", "priority", "level")
"""What a guest's view of an order leaves out (DESIGN 6)."""


@dataclass(frozen=True)
class Note:
    by: str
    at: str
    text: str


@dataclass(frozen=True)
class Order:
    """``times``: event → stamp of its latest. ``deadlines``: ``accept``, ``done`` → stamp. ``holder``: a staff id."""

    id: str
    intent: str
    slots: Mapping[str, Any]
    words: str
    lang: str
    space: str
    floor: int
    department: str
    stay: str | None
    state: str = "placed"
    holder: str | None = None
    times: Mapping[str, str] = field(default_factory=dict)
    deadlines: Mapping[str, str] = field(default_factory=dict)
    priority: str = "normal"
    level: int = 0
    """How often a missed deadline has carried it up the ladder of roles."""
    rating: int | None = None
    comment: str = ""
    notes: tuple[Note, ...] = ()
    refusals: tuple[Note, ...] = ()
    """Who declined it, and the reasons they gave."""

    def data(self) -> dict[str, Any]:
        """The whole state, as the log carries it."""
        lists = {name: [asdict(note) for note in getattr(self, name)] for name in ("notes", "refusals")}
        return {**asdict(self), **lists}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Order:
        """From the log. A field that a later version added is passed over, one that an older lacked has its default."""
        known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        for name in ("notes", "refusals"):
            known[name] = tuple(Note(**note) for note in known.get(name, ()))
        return cls(**known)


def placed(order: Order, at: datetime) -> Order:
    """The order as the first event on its subject."""
    return replace(order, state="placed", times={"placed": stamp(at)})


def step(
    order: Order,
    verb: str,
    by: Actor,
    at: datetime,
    *,
    text: str = "",
    rating: int = 0,
    deadline: Deadline | None = None,
) -> Order:
    """The order after ``verb``; ``text`` is a reason or comment, ``rating`` 1–5, ``deadline`` goes with ``dispatch``.

    Raises :class:`IllegalStep` (it says state and holder) or :class:`BadRequest`. Rights are :func:`check_right`'s.
    """
    to = STEPS[order.state].get(verb)
    if to is None:
        raise _illegal(order, verb)
    when = stamp(at)
    after = replace(order, state=to, times={**order.times, EVENTS[verb]: when})
    match verb:
        case "dispatch" if deadline:
            due = {"accept": deadline.accept_s, "done": deadline.done_s}
            return replace(after, deadlines={key: stamp(at + timedelta(seconds=s)) for key, s in due.items()})
        case "accept":
            return replace(after, holder=by.id)
        case "decline":
            return replace(after, holder=None, refusals=(*order.refusals, Note(by.who, when, text)))
        case "escalate":
            return replace(after, level=order.level + 1)
        case "done" if order.state == "accepted":
            return replace(after, times={**after.times, "started": when})
        case "rate":
            if rating not in range(1, 6):
                raise BadRequest(f"rating {rating}: expected 1 to 5")
            return replace(after, rating=rating, comment=text)
    return after


def noted(order: Order, by: Actor, at: datetime, text: str) -> Order:
    """With one more internal note. Not a step: the state stays."""
    if order.state == "closed":
        raise _illegal(order, "note")
    return replace(order, notes=(*order.notes, Note(by.who, stamp(at), text)))


def changed(order: Order, slots: Mapping[str, Any], words: str, by: Actor, at: datetime) -> Order:
    """With other things asked for, and the words that asked for them as a note. Not a step: the state stays, and whoever
    holds it goes on. Possible for as long as it can be cancelled. Raises :class:`IllegalStep`."""
    if "cancel" not in STEPS[order.state]:
        raise _illegal(order, "change")
    when = stamp(at)
    notes = (*order.notes, Note(by.who, when, words)) if words else order.notes
    return replace(order, slots=slots, notes=notes, times={**order.times, "changed": when})


def check_right(order: Order, verb: str, actor: Actor) -> None:
    """Who may do what to an order.

    Raises :class:`Forbidden`; :class:`NotFound` for a guest's look at a stranger's order, so that ids tell nothing;
    :class:`IllegalStep` naming the holder if a colleague has it.
    """
    if actor.kind == "guest":
        if order.stay != actor.stay:
            raise NotFound(f"there is no order {order.id!r}")
        require(verb in ("cancel", "change", "rate"), f"{verb} is for staff")
        return
    require(actor.serves(order.department), f"order {order.id} is for {order.department}")
    match verb:
        case "cancel" | "change":
            require(actor.leads, "an order is cancelled or changed by its guest, the desk or a manager")
        case "rate":
            require(actor.kind == "service", "an order is rated by its guest")
        case "start" | "done" | "decline" if order.holder and order.holder != actor.id and not actor.leads:
            raise _illegal(order, verb)


def guest_view(data: Mapping[str, Any]) -> dict[str, Any]:
    """An order's data without what is internal: notes, decline reasons, priority."""
    return {key: value for key, value in data.items() if key not in INTERNAL}


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> placed"]
    for state, row in STEPS.items():
        lines += [f"    {state} --> {to}: {verb}" for verb, to in row.items()]
        lines += [] if row else [f"    {state} --> [*]"]
    return "\n".join(lines)


def _illegal(order: Order, verb: str) -> IllegalStep:
    held = f", {order.holder} has it" if order.holder else ""
    return IllegalStep(f"{verb}: order {order.id} is {order.state}{held}", state=order.state, holder=order.holder)
