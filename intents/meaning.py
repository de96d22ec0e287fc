"""From what a sentence captured to decisions: one function an intent that needs more than its slots as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from intents.catalogue import Decision, check
from intents.matcher import Match
from intents.nodes import MISHEARD, Capture
from intents.text import Text

Pairs = list[tuple[str, Any]]


@dataclass(frozen=True)
class Meant:
    """Decisions of one sentence. ``implied``: the words named no device; the default stands for it."""

    decisions: tuple[Decision, ...]
    implied: bool = False


@dataclass(frozen=True)
class Found:
    """A sentence's slots: those fixed by its block, and those captured, in the order said."""

    match: Match
    text: Text
    fixed: dict[str, Any] = field(default_factory=dict)
    pairs: Pairs = field(default_factory=list)

    def all(self, slot: str) -> list[Any]:
        return [value for name, value in self.pairs if name == slot]

    def last(self, slot: str) -> Any:
        values = self.all(slot)
        return values[-1] if values else self.fixed.get(slot)


def meaning(match: Match, text: Text) -> Meant | None:
    """What ``match`` asks for, None if its slots make no decision of the catalogue."""
    pairs = [
        (c.slot, _said(match, text, c.start, c.end) if c.value is None else c.value)
        for c in match.captures
        if c.slot != MISHEARD and not c.slot.endswith(("dropped", "_"))
    ]
    found = Found(match, text, dict(match.block.slots), pairs)
    build = _BUILDERS.get(match.block.intent, _plain)
    meant = build(found)
    if not meant.decisions or any(check(decision) for decision in meant.decisions):
        return None
    return meant


def _said(match: Match, text: Text, start: int, end: int) -> str:
    """The guest's own words there; where they were heard wrong, those that were meant."""
    wrong = [c for c in match.captures if c.slot == MISHEARD and start <= c.start and c.end <= end]
    if not wrong:
        return text.said(start, end)
    pieces, at = [], start
    for capture in sorted(wrong, key=_start):
        pieces += [text.words(at, capture.start), str(capture.value)]
        at = capture.end
    pieces.append(text.words(at, end))
    return ("" if text.lang == "zh" else " ").join(piece for piece in pieces if piece)


def _start(capture: Capture) -> int:
    return capture.start


def _one(found: Found, slots: dict[str, Any]) -> Meant:
    return Meant((Decision(found.match.block.intent, slots),))


def _plain(found: Found) -> Meant:
    return _one(found, found.fixed | dict(found.pairs))


def _device(found: Found) -> Meant:
    slots = {name: value for name, value in (found.fixed | dict(found.pairs)).items() if name != "target"}
    if "half" in slots and "temperature" in slots:
        slots["temperature"] += slots.pop("half")
    slots.pop("half", None)
    if "temperature_f" in slots:
        slots["temperature"] = round((slots.pop("temperature_f") - 32) * 5 / 9)
    if "channel_n" in slots:
        slots["channel"] = slots.pop("channel_n")
    named = found.all("target")
    targets = named or [found.fixed.get("target") or found.match.block.metadata.get("default", "")]
    decisions = []
    for target in targets:
        device, _, zone = target.partition(".")
        where = {"zone": zone} if zone else {}
        decisions.append(Decision(found.match.block.intent, {"device": device, **where, **slots}))
    return Meant(tuple(decisions), implied=not named)


def _things(pairs: Pairs, key: str) -> list[dict[str, Any]]:
    """Quantities and things in the order said: a quantity belongs to the thing after it, unless said after one."""
    things: list[dict[str, Any]] = []
    quantity: int | None = None
    for name, value in pairs:
        if name == "quantity":
            quantity = value
        elif name == key:
            things.append({key: value} | ({} if quantity is None else {"quantity": quantity}))
            quantity = None
        elif name == "quantity_after" and things:
            things[-1]["quantity"] = value
        elif name == "note" and things:
            things[-1]["note"] = value
    return things


def _items(found: Found) -> Meant:
    pairs = found.pairs or list(found.fixed.items())
    things = _things(pairs, "item")
    if not things:  # "three towels, no, two": the thing was named before the repair
        named = [c.value for c in found.match.captures if c.slot == "item_dropped"]
        things = _things([*pairs, *(("item", item) for item in named[:1])], "item")
    return _one(found, {"items": things} if things else {})


def _dishes(found: Found) -> Meant:
    things = _things(found.pairs, "dish")
    return _one(found, {"dishes": things} if things else {})


def _change(found: Found) -> Meant:
    slots: dict[str, Any] = {}
    which = found.last("which")
    if which:
        slots["which"] = which
    items, dishes = _things(found.pairs, "item"), _things(found.pairs, "dish")
    if items:
        slots["items"] = items
    if dishes:
        slots["dishes"] = dishes
    return _one(found, slots)


def _ask(found: Found) -> Meant:
    match = found.match
    return _one(found, {"topic": found.last("topic"), "question": _said(match, found.text, match.start, match.end)})


def _clock(found: Found) -> str | None:
    """HH:MM of what was said: hour, minute, half and quarters, before or after noon."""
    hour, part = found.last("hour"), found.last("daypart") or found.last("ampm")
    if hour is None:
        return None
    minute = found.last("minute") or 0
    if found.last("clock_half"):
        minute = 30
    quarter = found.last("quarter")
    if quarter is not None:
        minute = quarter
    if minute < 0:
        hour, minute = hour - 1, minute + 60
    if (part == "pm" and hour < 12) or (part == "noon" and hour < 3):
        hour += 12
    elif part == "am" and hour == 12:
        hour = 0
    hour %= 24
    return f"{hour:02d}:{minute:02d}" if minute < 60 else None


def _wakeup(found: Found) -> Meant:
    slots = {name: value for name in ("day",) if (value := found.last(name))}
    time = _clock(found)
    return _one(found, slots | ({"time": time} if time else {}))


def _late(found: Found) -> Meant:
    time = _clock(found)
    return _one(found, {"time": time} if time else {})


def _room(found: Found) -> Meant:
    slots = found.fixed | dict(found.pairs)
    return _one(found, slots | ({"space": str(slots["space"])} if "space" in slots else {}))


_BUILDERS: dict[str, Callable[[Found], Meant]] = {
    "device.set": _device,
    "device.query": _device,
    "request.items": _items,
    "order.food": _dishes,
    "order.change": _change,
    "info.ask": _ask,
    "request.wakeup": _wakeup,
    "stay.late_checkout": _late,
    "room.report": _room,
}
