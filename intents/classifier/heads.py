"""What the classifier says of a sentence: of each piece, and of each part that holds one decision."""

from __future__ import annotations

from intents.catalogue import ASSETS, CATALOGUE, DEVICES, EMERGENCIES, QUANTITIES, ZONES
from intents.vocabulary import builtin

NO = "-"
"""No value: the slot is not there."""
OTHER = "*"
"""A thing that only the property knows: its token is the one of the name that was spotted."""

PART: dict[str, tuple[str, ...]] = {
    "intent": tuple(CATALOGUE),
    "device": (NO, *DEVICES),
    "zone": (NO, *ZONES),
    "power": (NO, "on", "off"),
    "mode": (NO, "cool", "heat", "dry", "fan", "auto"),
    "fan_speed": (NO, "low", "medium", "high", "auto"),
    "mute": (NO, "true", "false"),
    "change": (NO, "up", "down"),
    "of": (NO, *QUANTITIES),
    "position": (NO, "0", "50", "100"),
    "level": (NO, "0", "50", "100"),
    "volume": (NO, "0", "50", "100"),
    "what": (NO, "power", "temperature", "level", "position", "volume", "channel", "room", "bed_linen", "turndown", "trash"),
    "scene": (NO, "sleep", "reading", "movie", "wake", "welcome", "away"),
    "asset": (NO, *ASSETS),
    "topic": (NO, *builtin().topics),
    "kind": (NO, *EMERGENCIES),
    "to": (NO, "front_desk", "manager", "concierge"),
    "status": (NO, "cleaning", "clean", "inspected", "dirty", "out_of_order"),
    "on": (NO, "true", "false"),
    "day": (NO, "today", "tomorrow", "date"),
    "half": (NO, "am", "pm"),
}
"""Of a part: one of these, by head."""

OF_INTENT: dict[str, tuple[str, ...]] = {
    "device.set": (
        "device", "zone", "power", "mode", "fan_speed", "mute", "change", "of", "position", "level", "volume",
    ),
    "device.query": ("device", "zone", "what"),
    "scene.set": ("scene",),
    "request.cleaning": ("what",),
    "request.repair": ("asset",),
    "request.wakeup": ("day", "half"),
    "request.dnd": ("on",),
    "info.ask": ("topic",),
    "stay.late_checkout": ("half",),
    "emergency.report": ("kind",),
    "handoff.human": ("to",),
    "room.report": ("status",),
}  # fmt: skip
"""The heads that have a say in an intent's slots."""

SPANS = ("when", "symptom", "destination", "which", "remark", "note", "channel", "space")
"""Slots whose value is words of the sentence."""
SPANS_OF = {
    "request.cleaning": ("when",),
    "request.repair": ("symptom",),
    "request.laundry": ("when",),
    "request.luggage": ("when",),
    "request.taxi": ("destination", "when"),
    "order.food": ("note",),
    "order.status": ("which",),
    "order.cancel": ("which",),
    "order.change": ("which", "note"),
    "room.report": ("remark", "space"),
    "device.set": ("channel",),
}

ROLES = (
    NO, "level", "temperature", "position", "volume", "channel", "step", "quantity", "nights", "time", "space",
)  # fmt: skip
"""What a number in the sentence is for."""
ROLES_OF = {
    "device.set": ("level", "temperature", "position", "volume", "channel", "step"),
    "request.items": ("quantity",),
    "order.food": ("quantity",),
    "order.change": ("quantity",),
    "stay.extend": ("nights",),
    "request.wakeup": ("time",),
    "stay.late_checkout": ("time",),
    "room.report": ("space",),
}

ITEMS = (OTHER, *builtin().items)
DISHES = (OTHER, *builtin().dishes)

TOKEN: dict[str, int] = {
    "begins": 1,
    "span": 1 + 2 * len(SPANS),
    "role": len(ROLES),
    "item": len(ITEMS),
    "dish": len(DISHES),
}
"""Of a piece: width of each head. ``span`` is one label of outside, begin, inside; item and dish are independent yeses."""

PART_WIDTH = sum(len(values) for values in PART.values())
TOKEN_WIDTH = sum(TOKEN.values())


def slices(widths: dict[str, int]) -> dict[str, slice]:
    """Where each head lies in the joined output."""
    found, at = {}, 0
    for name, width in widths.items():
        found[name] = slice(at, at + width)
        at += width
    return found


PART_AT = slices({name: len(values) for name, values in PART.items()})
TOKEN_AT = slices(TOKEN)
