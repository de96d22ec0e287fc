"""What a number, a time or a room in a sentence may stand for."""

from __future__ import annotations

from typing import Any

from intents.catalogue import is_number
from intents.spotting import Spot


def readings(one: Spot) -> dict[str, list[Any]]:
    """Role → the values that the spot can have in it."""
    value = one.value
    if one.kind == "clock" and isinstance(value, str):
        return {"time": [value] if one.ampm else both_halves(value)}
    if one.kind == "room":
        digits = str(value)
        return {"space": [digits]} | ({"channel": [int(digits)]} if digits.isdigit() else {})
    if one.kind == "channel":
        return {"channel": [value]}
    if not is_number(value) or one.kind in ("money", "duration", "length", "day", "floor"):
        return {}
    found: dict[str, list[Any]] = {
        role: [value] for role in ("level", "position", "volume", "channel", "step", "quantity", "nights")
    }
    found["temperature"] = [celsius(value), value]  # as said: of a water heater
    found["space"] = [str(value)]
    if one.kind == "temperature":
        return {"temperature": [value], "step": [value]}
    if one.kind == "nights":
        return {"nights": [value], "quantity": [value]}
    if one.kind == "number" and isinstance(value, int) and 1 <= value <= 12:
        found["time"] = both_halves(f"{value:02}:00")
    return found


def celsius(value: float) -> float:
    """A temperature said without a unit: above 45 it is °F (DESIGN 9)."""
    return round((value - 32) / 1.8) if value > 45 else value


def both_halves(clock: str) -> list[str]:
    """HH:MM as said, and twelve hours on or back."""
    hour, minute = int(clock[:2]), clock[3:]
    return [f"{hour % 24:02}:{minute}", f"{(hour + 12) % 24:02}:{minute}"]
