"""A work or food order, from the guest's words to the rating (DESIGN 10).

``STEPS`` is the whole rule: state → verb → next state. A verb that its row lacks raises and changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any

from concierge.domain.errors import BadRequest, IllegalStep, NotFound
from concierge.domain.hotel import Deadline
from concierge.domain.instant import instant, stamp
from concierge.domain.people import Actor, require

STEPS: Mapping[str, Mapping[str, str]] = {
    "placed": {"dispatch": "dispatched", "cancel": "cancelled"},
    "dispatched": {
        "accept": "accepted",
        "decline": "declined",
        "assign": "dispatched",
        "escalate": "dispatched",
        "cancel": "cancelled",
    },
    "declined": {"dispatch": "dispatched", "cancel": "cancelled"},
    "accepted": {
        "start": "started",
        "done": "done",
        "decline": "declined",
        "assign": "dispatched",
        "escalate": "accepted",
        "cancel": "cancelled",
    },
    "started": {"done": "done", "assign": "dispatched", "escalate": "started"},
    "done": {"rate": "rated", "close": "closed"},
    "rated": {"close": "closed"},
    "cancelled": {},
    "closed": {},
}

EVENTS: Mapping[str, str] = {
    "dispatch": "dispatched",
    "assign": "dispatched",
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

INTERNAL = ("notes", "refusals", "priority", "level", "assignee", "skill", "missed", "escalated_to")
"""What a guest's view of an order leaves out (DESIGN 6)."""
_INTERNAL_TIMES = ("declined", "escalated")

PRIORITIES = ("normal", "vip", "emergency")
LOW_RATING = 2
"""A rating up to this one is followed up by the duty manager."""
MOST_PHOTOS, MOST_REMINDERS = 20, 50
_LISTS = ("notes", "refusals", "reminders")


@dataclass(frozen=True)
class Note:
    by: str
    at: str
    text: str


@dataclass(frozen=True)
class Order:
    """``times``: event → stamp of its latest. ``deadlines``: ``accept``, ``done`` → stamp. ``holder``: a staff id.

    ``planned``: the stamp for which it is wanted, None: at once. ``missed``: the deadlines that it was escalated for;
    ``late``: those of them that the guest was told of.
    """

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
    assignee: str | None = None
    """The staff id it was dispatched to; None: its department as a whole. A colleague may still accept it."""
    skill: str | None = None
    planned: str | None = None
    photos: tuple[str, ...] = ()
    """Hashes of files."""
    reminders: tuple[Note, ...] = ()
    """The guest asked again."""
    conversation: str | None = None
    tell: str | None = None
    """The language in which its guest is told of it; None: that of the stay."""
    missed: tuple[str, ...] = ()
    late: tuple[str, ...] = ()
    escalated_to: str | None = None
    """The role that heard of the last deadline that was missed."""

    def data(self) -> dict[str, Any]:
        """The whole state, as the log carries it."""
        lists = {f.name: list(value) for f in fields(self) if isinstance(value := getattr(self, f.name), tuple)}
        return {**asdict(self), **lists, **{name: [asdict(note) for note in lists[name]] for name in _LISTS}}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Order:
        """From the log. A field that a later version added is passed over, one that an older lacked has its default."""
        known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        for name in ("photos", "missed", "late"):
            known[name] = tuple(known.get(name, ()))
        for name in _LISTS:
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
    to: str | None = None,
    missed: Sequence[str] = (),
    ladder: Sequence[str] = (),
) -> Order:
    """The order after ``verb``. ``text``: a reason or comment; ``rating``: 1–5. With ``dispatch`` and ``assign`` go ``to`` (a
    staff id, None: the whole department) and ``deadline`` (None: it runs on), with ``escalate`` the deadlines ``missed`` now
    and the ``ladder`` of roles.

    Raises :class:`IllegalStep` (it says state and holder) or :class:`BadRequest`. Rights are :func:`check_right`'s.
    """
    next_state = STEPS[order.state].get(verb)
    if next_state is None:
        raise _illegal(order, verb)
    when = stamp(at)
    after = replace(order, state=next_state, times={**order.times, EVENTS[verb]: when})
    match verb:
        case "dispatch" | "assign":
            return _dispatched(after, at, to, deadline)
        case "accept":
            return replace(after, holder=by.id, assignee=by.id)
        case "decline":
            return replace(after, holder=None, refusals=(*order.refusals, Note(by.who, when, text)))
        case "escalate":
            level = min(order.level + 1, len(ladder)) if ladder else order.level + 1
            return replace(
                after, level=level, escalated_to=ladder[level - 1] if ladder else None, missed=(*order.missed, *missed)
            )
        case "done" if order.state == "accepted":
            return replace(after, times={**after.times, "started": when})
        case "rate":
            if rating not in range(1, 6):
                raise BadRequest(f"rating {rating}: expected 1 to 5")
            return replace(after, rating=rating, comment=text)
    return after


def _dispatched(order: Order, at: datetime, to: str | None, deadline: Deadline | None) -> Order:
    """Each dispatch gives the time to accept anew. The time to be done runs on from the first, or from when it is wanted:
    however often an order is handed on, it does not get away from it."""
    order = replace(order, holder=None, assignee=to)
    if deadline is None:
        return order
    wanted = max(instant(order.planned), at) if order.planned else at
    deadlines = {
        "done": stamp(wanted + timedelta(seconds=deadline.done_s)),
        **order.deadlines,
        "accept": stamp(at + timedelta(seconds=deadline.accept_s)),
    }
    return replace(order, deadlines=deadlines, missed=tuple(name for name in order.missed if name != "accept"))


def told_late(order: Order, names: Sequence[str], at: datetime) -> Order:
    """The guest hears that it is late, once for each of the deadlines. Not a step: the state stays."""
    return replace(order, late=(*order.late, *names), times={**order.times, "late": stamp(at)})


def noted(order: Order, by: Actor, at: datetime, text: str) -> Order:
    """With one more internal note. Not a step: the state stays."""
    if order.state == "closed":
        raise _illegal(order, "note")
    return replace(order, notes=(*order.notes, Note(by.who, stamp(at), text)))


def reminded(order: Order, by: Actor, at: datetime, text: str) -> Order:
    """Asked for again. Not a step: the state stays. Raises :class:`IllegalStep` if it is over."""
    if order.state not in OPEN:
        raise _illegal(order, "remind")
    when = stamp(at)
    reminders = (*order.reminders, Note(by.who, when, text))[-MOST_REMINDERS:]
    return replace(order, reminders=reminders, times={**order.times, "reminded": when})


def photographed(order: Order, file: str) -> Order:
    """With one more photo, named by its file's hash. Not a step: the state stays."""
    if order.state in ("closed", "cancelled"):
        raise _illegal(order, "photo")
    if file in order.photos:
        return order
    if len(order.photos) == MOST_PHOTOS:
        raise BadRequest(f"order {order.id} has {MOST_PHOTOS} photos; no more are taken")
    return replace(order, photos=(*order.photos, file))


def same_request(order: Order, intent: str, slots: Mapping[str, Any], words: str, planned: str | None) -> bool:
    """Whether the order is for the very same thing. What only its words tell (a person is wanted, for whatever it is)
    is the same only in the same words."""
    alike = (order.intent, order.planned) == (intent, planned) and _plain(order.slots, planned) == _plain(slots, planned)
    return alike and (intent != "handoff.human" or order.words.split() == words.split())


def _plain(slots: Mapping[str, Any], planned: str | None) -> dict[str, Any]:
    """Slots so that the same thing said in another way is the same: one is one, said or not, and a time is what it means."""
    said = {name: value for name, value in slots.items() if not (planned and name in ("when", "time", "day"))}
    for name, value in said.items():
        if isinstance(value, list):
            said[name] = sorted(({"quantity": 1, **line} for line in value), key=lambda line: sorted(map(str, line.items())))
    return said


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
        require(verb in ("cancel", "change", "rate", "remind", "photo"), f"{verb} is for staff")
        return
    require(actor.serves(order.department), f"order {order.id} is for {order.department}")
    match verb:
        case "cancel" | "change" | "remind":
            require(actor.leads, f"{verb} is for the order's guest, the desk or a manager")
        case "assign":
            require(actor.leads, "orders are assigned by the desk or a manager")
        case "rate":
            require(actor.kind == "service", "an order is rated by its guest")
        case "start" | "done" | "decline" if order.holder and order.holder != actor.id and not actor.leads:
            raise _illegal(order, verb)


def guest_view(data: Mapping[str, Any]) -> dict[str, Any]:
    """An order's data without what is internal (:data:`INTERNAL`), stamps included."""
    times = {event: at for event, at in data["times"].items() if event not in _INTERNAL_TIMES}
    return {key: value for key, value in {**data, "times": times}.items() if key not in INTERNAL}


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
