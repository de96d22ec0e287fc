"""Every intent that exists, and what its slots may hold. There is no other list."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeGuard


@dataclass(frozen=True)
class Decision:
    """What the guest wants: an intent of the catalogue with its slots."""

    intent: str
    slots: dict[str, Any] = field(default_factory=dict)


Check = Callable[[Any], str | None]
"""A slot's value → what was expected, None if the value is good."""


@dataclass(frozen=True)
class Intent:
    """An intent's slots; the required ones are always there."""

    slots: Mapping[str, Check] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    staff: bool = False


def is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def one_of(*values: str) -> Check:
    return lambda value: None if value in values else f"one of {', '.join(values)}"


def number(low: float, high: float, *, whole: bool = False) -> Check:
    def check(value: Any) -> str | None:
        good = is_number(value) and low <= value <= high and not (whole and value != int(value))
        return None if good else f"a {'whole ' if whole else ''}number from {low:g} to {high:g}"

    return check


def boolean(value: Any) -> str | None:
    return None if isinstance(value, bool) else "true or false"


def words(value: Any) -> str | None:
    return None if isinstance(value, str) and value.strip() else "words"


def token(value: Any) -> str | None:
    return None if isinstance(value, str) and re.fullmatch(r"[a-z0-9_]+", value) else "a token of the property's list"


def clock(value: Any) -> str | None:
    good = isinstance(value, str) and re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value)
    return None if good else "a time HH:MM"


def day(value: Any) -> str | None:
    good = isinstance(value, str) and re.fullmatch(r"today|tomorrow|\d{4}-\d{2}-\d{2}", value)
    return None if good else "today, tomorrow or YYYY-MM-DD"


def channel(value: Any) -> str | None:
    return number(1, 999, whole=True)(value) if is_number(value) else words(value)


def several(key: str, *, note: bool = False) -> Check:
    """A list of ``{key: token, quantity?, note?}``."""
    allowed = {key, "quantity"} | ({"note"} if note else set())

    def check(value: Any) -> str | None:
        good = isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
        if not good:
            return f"a list of {{{key}, quantity?}}"
        for one in value:
            if set(one) - allowed or token(one.get(key)):
                return f"only {', '.join(sorted(allowed))} in each, and {key} as a token"
            if "quantity" in one and number(1, 99, whole=True)(one["quantity"]):
                return "a quantity from 1 to 99"
        return None

    return check


DEVICES = ("light", "ac", "curtain", "sheer", "tv", "water_heater", "fan", "music")
ZONES = (
    "bedside",
    "reading",
    "bathroom",
    "desk",
    "hallway",
    "ceiling",
    "living",
    "bedroom",
    "night",
    "floor_lamp",
    "mirror",
    "all",
)
QUANTITIES = ("temperature", "level", "volume", "channel", "fan_speed", "position")
ASSETS = (
    "ac",
    "shower",
    "toilet",
    "tv",
    "light",
    "lock",
    "safe",
    "kettle",
    "wifi",
    "fridge",
    "sink",
    "window",
    "curtain",
    "phone",
    "hair_dryer",
    "water_heater",
    "other",
)
EMERGENCIES = ("fire", "smoke", "medical", "security", "water", "trapped", "unknown")

_PERCENT = number(0, 100, whole=True)
_ITEMS, _DISHES = several("item"), several("dish", note=True)

CATALOGUE: dict[str, Intent] = {
    "device.set": Intent(
        {
            "device": one_of(*DEVICES),
            "zone": one_of(*ZONES),
            "power": one_of("on", "off"),
            "level": _PERCENT,
            "temperature": number(5, 75),
            "mode": one_of("cool", "heat", "dry", "fan", "auto"),
            "fan_speed": one_of("low", "medium", "high", "auto"),
            "position": _PERCENT,
            "volume": _PERCENT,
            "channel": channel,
            "mute": boolean,
            "change": one_of("up", "down"),
            "of": one_of(*QUANTITIES),
            "step": number(0.5, 100),
        },
        frozenset({"device"}),
    ),
    "device.query": Intent(
        {
            "device": one_of(*DEVICES),
            "zone": one_of(*ZONES),
            "what": one_of("power", "temperature", "level", "position", "volume", "channel"),
        },
        frozenset({"device"}),
    ),
    "scene.set": Intent({"scene": one_of("sleep", "reading", "movie", "wake", "welcome", "away")}, frozenset({"scene"})),
    "request.items": Intent({"items": _ITEMS}, frozenset({"items"})),
    "request.cleaning": Intent({"what": one_of("room", "bed_linen", "turndown", "trash"), "when": words}),
    "request.repair": Intent({"asset": one_of(*ASSETS), "symptom": words}, frozenset({"asset"})),
    "request.laundry": Intent({"when": words}),
    "request.luggage": Intent({"when": words}),
    "request.taxi": Intent({"destination": words, "when": words}),
    "request.wakeup": Intent({"time": clock, "day": day}, frozenset({"time"})),
    "request.dnd": Intent({"on": boolean}, frozenset({"on"})),
    "order.food": Intent({"dishes": _DISHES}, frozenset({"dishes"})),
    "order.status": Intent({"which": words}),
    "order.cancel": Intent({"which": words}),
    "order.change": Intent({"which": words, "items": _ITEMS, "dishes": _DISHES}),
    "info.ask": Intent({"topic": token, "question": words}, frozenset({"topic"})),
    "stay.extend": Intent({"nights": number(1, 365, whole=True)}),
    "stay.late_checkout": Intent({"time": clock}),
    "stay.checkout": Intent(),
    "stay.bill": Intent(),
    "stay.change_room": Intent(),
    "stay.key": Intent(),
    "emergency.report": Intent({"kind": one_of(*EMERGENCIES)}, frozenset({"kind"})),
    "handoff.human": Intent({"to": one_of("front_desk", "manager", "concierge")}),
    "room.report": Intent(
        {"space": words, "status": one_of("cleaning", "clean", "inspected", "dirty", "out_of_order"), "remark": words},
        frozenset({"space", "status"}),
        staff=True,
    ),
    **{f"dialog.{word}": Intent() for word in ("yes", "no", "stop", "repeat", "undo", "thanks", "greet", "bye")},
    "none": Intent(),
}


def check(decision: Decision) -> str | None:
    """What is wrong with ``decision``, None if it is one of the catalogue with good slots."""
    intent = CATALOGUE.get(decision.intent)
    if intent is None:
        return f"no intent {decision.intent!r} in the catalogue"
    missing = intent.required - set(decision.slots)
    if missing:
        return f"{decision.intent}: {', '.join(sorted(missing))} is missing"
    for name, value in decision.slots.items():
        if name not in intent.slots:
            return f"{decision.intent}: no slot {name!r}; expected {', '.join(intent.slots) or 'none'}"
        expected = intent.slots[name](value)
        if expected is not None:
            return f"{decision.intent}: {name} is {value!r}; expected {expected}"
    if decision.intent == "device.set" and not set(decision.slots) - {"device", "zone", "of", "step"}:
        return "device.set: nothing to set; expected power, a value or change"
    return None
