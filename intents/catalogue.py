"""Every intent that exists, and what its slots may hold. There is no other list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from intents.checks import Boolean, Check, Number, NumberOrWords, Pattern, Several, Token, Words, one_of
from intents.checks import is_number as is_number


@dataclass(frozen=True)
class Decision:
    """What the guest wants: an intent of the catalogue with its slots."""

    intent: str
    slots: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Intent:
    """An intent's slots; the required ones are always there."""

    slots: Mapping[str, Check] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    staff: bool = False


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

_PERCENT = Number(0, 100, whole=True)
_ITEMS, _DISHES = Several(Token("item")), Several(Token("dish"), note=True)
_WORDS, _BOOLEAN = Words(), Boolean()
_CLOCK = Pattern(r"([01]\d|2[0-3]):[0-5]\d", "a time HH:MM")
_DAY = Pattern(r"today|tomorrow|\d{4}-\d{2}-\d{2}", "today, tomorrow or YYYY-MM-DD")

CATALOGUE: dict[str, Intent] = {
    "device.set": Intent(
        {
            "device": one_of(*DEVICES),
            "zone": one_of(*ZONES),
            "power": one_of("on", "off"),
            "level": _PERCENT,
            "temperature": Number(5, 75),
            "mode": one_of("cool", "heat", "dry", "fan", "auto"),
            "fan_speed": one_of("low", "medium", "high", "auto"),
            "position": _PERCENT,
            "volume": _PERCENT,
            "channel": NumberOrWords(Number(1, 999, whole=True)),
            "mute": _BOOLEAN,
            "change": one_of("up", "down"),
            "of": one_of(*QUANTITIES),
            "step": Number(0.5, 100),
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
    "request.cleaning": Intent({"what": one_of("room", "bed_linen", "turndown", "trash"), "when": _WORDS}),
    "request.repair": Intent({"asset": one_of(*ASSETS), "symptom": _WORDS}, frozenset({"asset"})),
    "request.laundry": Intent({"when": _WORDS}),
    "request.luggage": Intent({"when": _WORDS}),
    "request.taxi": Intent({"destination": _WORDS, "when": _WORDS}),
    "request.wakeup": Intent({"time": _CLOCK, "day": _DAY}, frozenset({"time"})),
    "request.dnd": Intent({"on": _BOOLEAN}, frozenset({"on"})),
    "order.food": Intent({"dishes": _DISHES}, frozenset({"dishes"})),
    "order.status": Intent({"which": _WORDS}),
    "order.cancel": Intent({"which": _WORDS}),
    "order.change": Intent({"which": _WORDS, "items": _ITEMS, "dishes": _DISHES}),
    "info.ask": Intent({"topic": Token("topic"), "question": _WORDS}, frozenset({"topic"})),
    "stay.extend": Intent({"nights": Number(1, 365, whole=True)}),
    "stay.late_checkout": Intent({"time": _CLOCK}),
    "stay.checkout": Intent(),
    "stay.bill": Intent(),
    "stay.change_room": Intent(),
    "stay.key": Intent(),
    "emergency.report": Intent({"kind": one_of(*EMERGENCIES)}, frozenset({"kind"})),
    "handoff.human": Intent({"to": one_of("front_desk", "manager", "concierge")}),
    "room.report": Intent(
        {"space": _WORDS, "status": one_of("cleaning", "clean", "inspected", "dirty", "out_of_order"), "remark": _WORDS},
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
