"""A ticket as staff see it in their own IM: pure, whatever the vendor, and what a vendor's connector must be able to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from json import dumps
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from concierge.domain.event import Entry
from concierge.domain.hotel import Property
from concierge.domain.incident import Incident
from concierge.domain.instant import instant
from concierge.domain.order import OPEN, Order
from concierge.service.ports import Texts
from concierge.service.texts import summary

BUTTONS: Mapping[str, tuple[str, ...]] = {"dispatched": ("accept",), "accepted": ("start", "done"), "started": ("done",)}
"""An order's state → the verbs that its card offers."""
FINISHED = {"rated": "done", "closed": "done", "declined": "dispatched"}
"""States that staff need not tell from another one."""

Named = Callable[[str | None, str], str]
"""(staff id, language) → the person's name, a word for a colleague if unknown."""


class Busy(Exception):
    """The vendor asks to wait: ``retry_after_s``."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Down(Exception):
    """The vendor did not answer, or not in a way that means anything: worth another try later."""


class Refused(Exception):
    """The vendor says that this card is wrong (an unknown chat, a missing permission): another try would not help."""


@dataclass(frozen=True)
class Button:
    verb: str
    label: str


@dataclass(frozen=True)
class Card:
    """A ticket or an alarm in one language. ``id`` is the order's or incident's; ``what``: in a few words; ``words``: the guest's
    own, untrusted text; ``status``: how it stands; ``marks``: late, VIP…; ``assignee``: a staff id."""

    id: str
    lang: str
    title: str
    what: str
    words: str
    state: str
    status: str
    marks: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    buttons: tuple[Button, ...] = ()
    assignee: str | None = None
    open: bool = True
    alarm: bool = False

    @property
    def headline(self) -> str:
        return " ".join((*(f"[{mark}]" for mark in self.marks), self.title))

    @property
    def face(self) -> str:
        """What the card shows, in 16 hex digits: a card whose face is the same need not be changed."""
        return sha256(dumps(asdict(self), ensure_ascii=False).encode()).hexdigest()[:16]


class Connector(Protocol):
    """One vendor. ``post`` and ``change`` raise :class:`Busy`, :class:`Down` or :class:`Refused`."""

    @property
    def vendor(self) -> str: ...
    @property
    def direct(self) -> str:
        """A user id put into it is the place where a card reaches that person alone; empty: there is none."""

    async def post(self, chat: str, card: Card, key: str) -> dict[str, Any]:
        """Sends it; the answer is what :meth:`change` needs later. ``key`` is the same for another try of the same sending: a
        vendor that can tell repeats by one is given it."""

    async def change(self, chat: str, posted: Mapping[str, Any], card: Card) -> dict[str, Any]:
        """Makes the card that was sent look like this; the answer takes the place of ``posted``."""


def order_card(entry: Entry, property: Property, texts: Texts, order_texts: Texts, named: Named, lang: str, at: datetime) -> Card:
    """``order_texts`` has the words that guests and staff share (``order_<lang>.yaml``), ``texts`` those of cards."""
    order = Order.of(entry.data)
    state = FINISHED.get(order.state, order.state)
    assignee: str | None = entry.data.get("assignee")
    status = f"status.{'assigned' if state == 'dispatched' and assignee else state}"
    due = {"dispatched": "accept", "accepted": "done", "started": "done"}.get(state)
    deadline = order.deadlines.get(due or "")
    late = bool(order.state in OPEN and (order.level or (deadline and instant(deadline) < at)))
    priority = [order.priority] if order.priority in ("emergency", "vip") else []
    marks = [*priority, *(["late"] if late else []), *(["left"] if "guest_left" in order.times else [])]
    stamps = (("placed", order.times.get("placed")), ("due", deadline))
    return Card(
        id=order.id,
        lang=lang,
        title=texts("title", lang, floor=order.floor, room=_room(property, order.space, lang)),
        what=summary(order, property, order_texts, lang),
        words=order.words,
        state=state,
        status=texts(status, lang, name=named(order.holder or assignee, lang)),
        marks=tuple(texts(f"mark.{mark}", lang) for mark in marks),
        facts=tuple((texts(f"fact.{key}", lang), _clock(stamp, property)) for key, stamp in stamps if stamp),
        buttons=tuple(Button(verb, texts(f"button.{verb}", lang)) for verb in BUTTONS.get(state, ())),
        assignee=assignee,
        open=order.state in OPEN,
    )


def alarm_card(entry: Entry, property: Property, texts: Texts, named: Named, lang: str) -> Card:
    """An incident: it is read here and answered on the staff page, where its plan is."""
    incident = Incident.of(entry.data)
    who = incident.people.get(incident.state, "").removeprefix("staff:")
    return Card(
        id=incident.id,
        lang=lang,
        title=texts("title", lang, floor=incident.floor, room=_room(property, incident.space, lang)),
        what=texts(f"alarm.{incident.kind}", lang),
        words=incident.words,
        state=incident.state,
        status=texts(f"alarm.{incident.state}", lang, name=named(who, lang)),
        marks=(texts("mark.emergency", lang),) if incident.state != "cleared" else (),
        open=incident.state != "cleared",
        alarm=True,
    )


def _room(property: Property, space: str, lang: str) -> str:
    known = property.spaces.get(space)
    return known.name.get(lang) or next(iter(known.name.values())) if known else space


def _clock(stamp: str, property: Property) -> str:
    return instant(stamp).astimezone(ZoneInfo(property.timezone)).strftime("%H:%M")
