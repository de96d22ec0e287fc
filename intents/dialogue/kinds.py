"""Kinds of devices: what of each can be set, and what one thing said of a kind is for another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MAIN: Mapping[str, str] = {
    "light": "level", "ac": "temperature", "curtain": "position", "sheer": "position", "tv": "volume",
    "water_heater": "temperature", "fan": "fan_speed", "music": "volume",
}  # fmt: skip
"""Kind → what "up" and "down" mean where nothing says which quantity (DESIGN 9)."""
HAS: Mapping[str, frozenset[str]] = {
    "power": frozenset({"light", "ac", "tv", "water_heater", "fan", "music"}),
    "temperature": frozenset({"ac", "water_heater"}),
    "mode": frozenset({"ac"}),
    "fan_speed": frozenset({"ac", "fan"}),
    "level": frozenset({"light"}),
    "position": frozenset({"curtain", "sheer"}),
    "volume": frozenset({"tv", "music"}),
    "mute": frozenset({"tv", "music"}),
    "channel": frozenset({"tv"}),
}
COVERS = HAS["position"]
_ASSETS = {"sheer": "curtain", "fan": "other", "music": "other"}


def asset(kind: str) -> str:
    return _ASSETS.get(kind, kind)


def switched(kind: str, to: str) -> dict[str, Any]:
    """On or off, as this kind of device has it: a curtain opens and closes."""
    return {"position": 100 if to == "on" else 0} if kind in COVERS else {"power": to}


def translated(slots: Mapping[str, Any], kind: str, to: str) -> dict[str, Any]:
    """What was wanted of one kind of device, for another; empty: nothing of it."""
    if kind == to:
        return dict(slots)
    found = {key: value for key, value in slots.items() if to in HAS.get(key, ())}
    if slots.get("power") in ("on", "off") and to in COVERS:
        found |= switched(to, slots["power"])
    if slots.get("position") in (0, 100) and to in HAS["power"]:
        found["power"] = "on" if slots["position"] else "off"
    quantity = slots.get("of", MAIN[kind])
    if "change" in slots and to in HAS[quantity]:
        found |= {key: slots[key] for key in ("change", "of", "step") if key in slots}
    return found
