"""Devices: which of them a request means, what they should become, and when they have.

A *change* and a *state* use the slot names of DESIGN 9: power "on"/"off", level, position, volume 0-100, temperature in
°C, mode, fan_speed, channel, mute. A state may also have ``motion`` (of a cover: opening, open, closing, closed, stopped)
and ``room_temperature``. How they look on the wire: :mod:`concierge.domain.wire`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from concierge.domain.errors import BadRequest
from concierge.domain.hotel import Device, Space

Change = dict[str, Any]
State = Mapping[str, Any]

CAN: Mapping[str, tuple[str, ...]] = {
    "light": ("power", "level"),
    "ac": ("power", "mode", "temperature", "fan_speed"),
    "curtain": ("position",),
    "sheer": ("position",),
    "tv": ("power", "volume", "channel", "mute"),
    "water_heater": ("power", "temperature"),
    "fan": ("power", "fan_speed"),
    "music": ("power", "volume", "mute"),
}
"""Kind → what of it can be set."""

MAIN: Mapping[str, str] = {
    "light": "level",
    "ac": "temperature",
    "curtain": "position",
    "sheer": "position",
    "tv": "volume",
    "water_heater": "temperature",
    "fan": "fan_speed",
    "music": "volume",
}
"""Kind → what "up" and "down" mean where the words do not say."""

MODES = ("cool", "heat", "dry", "fan", "auto")
FAN_SPEEDS = ("low", "medium", "high", "auto")
_NOTCHES = FAN_SPEEDS[:3]
_LIMITS: Mapping[tuple[str, str], tuple[float, float]] = {
    ("ac", "temperature"): (16, 30),
    ("water_heater", "temperature"): (35, 65),
    ("tv", "channel"): (1, 999),
}
_STEPS: Mapping[tuple[str, str], float] = {
    ("ac", "temperature"): 1,
    ("water_heater", "temperature"): 5,
    ("tv", "channel"): 1,
    ("tv", "volume"): 10,
    ("music", "volume"): 10,
}
_STEP = 20
_SET_WHILE_OFF = frozenset({"temperature", "volume", "channel", "mute"})
_UNHEARD: Mapping[str, float] = {"temperature": 24, "level": 50, "position": 50, "volume": 30, "channel": 1}
"""Where a step starts from when the device has not been heard of."""


def targets(space: Space, slots: Mapping[str, Any], states: Mapping[str, State] | None = None) -> list[Device]:
    """The devices of ``space`` that a ``device.set`` or ``device.query`` means; none where it has no such device.

    A zone is that zone; ``all`` is every one of the kind. "The lights", without a zone: off means every light but the
    night light; a level or a step means those that are on by ``states`` (device id → state); all else, and where none
    is on, means the ceiling and bedside lights, or every light but the night light in a room that has neither.
    """
    kind, zone = slots.get("device"), slots.get("zone")
    found = [device for device in space.devices.values() if device.kind == kind]
    if zone == "all":
        return found
    if zone is not None:
        return [device for device in found if device.zone == zone]
    if kind != "light":
        return found
    lights = [device for device in found if device.zone != "night"]
    if slots.get("power") == "off":
        return lights
    if slots.get("power") is None and ("change" in slots or "level" in slots):
        on = [device for device in lights if (states or {}).get(device.id, {}).get("power") == "on"]
        if on:
            return on
    return [device for device in lights if device.zone in ("ceiling", "bedside")] or lights


def wanted(device: Device, slots: Mapping[str, Any], state: State | None = None) -> Change:
    """What ``device`` should become by the slots of a ``device.set``, within its limits.

    ``change`` up/down starts from ``state``. Raises :class:`BadRequest` for what this kind of device cannot do.
    """
    change: Change = {}
    for key in ("power", "mode", "temperature", "fan_speed", "level", "position", "volume", "channel", "mute"):
        if slots.get(key) is not None:
            change[key] = _checked(device, key, slots[key])
    direction = slots.get("change")
    if direction is not None:
        key = slots.get("of") or MAIN[device.kind]
        change[key] = _stepped(device, key, direction, slots.get("step"), state or {})
    if not change:
        raise BadRequest(f"nothing to set: {device.id} can be set to {', '.join(CAN[device.kind])}")
    return change


def _checked(device: Device, key: str, value: Any) -> Any:
    if key not in CAN[device.kind]:
        raise BadRequest(f"{device.id} has no {key}: it can be set to {', '.join(CAN[device.kind])}")
    choices: Sequence[Any] = {"power": ("on", "off"), "mode": MODES, "fan_speed": FAN_SPEEDS}.get(key, ())
    if choices:
        if value not in choices:
            raise BadRequest(f"{key} {value!r} is unknown; expected one of {', '.join(choices)}")
        return value
    if key == "mute":
        if not isinstance(value, bool):
            raise BadRequest(f"mute {value!r} is neither true nor false")
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise BadRequest(f"{key} {value!r} is no number")
    return _clamped(device, key, value)


def _clamped(device: Device, key: str, value: float) -> float:
    low, high = _LIMITS.get((device.kind, key), (0, 100))
    held = min(max(value, low), high)
    if key == "temperature":
        half = round(held * 2) / 2
        return int(half) if half == int(half) else half
    return round(held)


def _stepped(device: Device, key: str, direction: Any, step: Any, state: State) -> Any:
    if key not in CAN[device.kind] or key not in (*_UNHEARD, "fan_speed"):
        raise BadRequest(f"{device.id} has no {key} that goes up or down")
    if direction not in ("up", "down"):
        raise BadRequest(f"change {direction!r} is unknown; expected up or down")
    sign = 1 if direction == "up" else -1
    if key == "fan_speed":
        now = state.get(key)
        notch = _NOTCHES.index(now) if now in _NOTCHES else 1
        return _NOTCHES[min(max(notch + sign, 0), len(_NOTCHES) - 1)]
    if isinstance(step, bool) or not isinstance(step, int | float | None):
        raise BadRequest(f"step {step!r} is no number")
    start = 0 if key == "level" and state.get("power") == "off" else state.get(key, _UNHEARD[key])
    return _clamped(device, key, start + sign * abs(step or _STEPS.get((device.kind, key), _STEP)))


def restoring(device: Device, change: State, state: State) -> Change:
    """The change that takes ``change`` back, by the ``state`` before it; empty: that is not known.

    A device that was off goes off; what would switch it on to be set (a lamp's level, a mode) is left alone.
    """
    was_off = state.get("power") == "off"
    keys = [key for key in change if key in CAN[device.kind] and key in state and key != "power"]
    if was_off:
        keys = [key for key in keys if key in _SET_WHILE_OFF]
    found: Change = {key: state[key] for key in keys}
    if "power" in state and (was_off or not _SET_WHILE_OFF.issuperset(change)):
        found["power"] = state["power"]
    return found


def confirmed(device: Device, change: State, state: State) -> bool:
    """Whether ``state`` says that ``change`` is so.

    A light or switch: its state. An air conditioner: set-point and mode, not the room's temperature. A cover: moving the
    right way is enough, it takes seconds to arrive.
    """
    return all(_is_so(key, value, state) for key, value in change.items())


def _is_so(key: str, value: Any, state: State) -> bool:
    if key == "level":
        if value == 0:
            return state.get("power") == "off"
        return state.get("power") == "on" and _near(state.get("level"), value, 1)
    if key == "position":
        position, motion = state.get("position"), state.get("motion")
        if _near(position, value, 2):
            return True
        if motion == "opening":
            return position is None or value > position
        if motion == "closing":
            return position is None or value < position
        return position is None and motion == {100: "open", 0: "closed"}.get(value)
    if key in ("temperature", "volume", "channel"):
        return _near(state.get(key), value, 0.26 if key == "temperature" else 0.5)
    return bool(state.get(key) == value)


def _near(found: Any, value: float, tolerance: float) -> bool:
    return isinstance(found, int | float) and abs(found - value) <= tolerance
