"""Devices as Home Assistant's MQTT conventions have them: discovery configs, command payloads, state payloads.

A device has one state topic, ``<topic>/state``, with a JSON object, and a command topic for each thing that can be set.
Home Assistant has no MQTT media_player, so a television is a switch with numbers beside it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from concierge.domain.device import FAN_SPEEDS, Change
from concierge.domain.hotel import Device, Property

_PERCENTAGES: Mapping[str, int] = {"low": 33, "medium": 66, "high": 100}


@dataclass(frozen=True)
class Part:
    """One of Home Assistant's entities. ``topics``: discovery key → the end of its topic; ``config``: all else."""

    name: str
    component: str
    topics: Mapping[str, str]
    config: Mapping[str, Any] = field(default_factory=dict)


def _value(key: str) -> str:
    return f"{{{{ value_json.{key} }}}}"


def _switch(name: str) -> Part:
    return Part(name, "switch", {"command_topic": f"{name}/set", "state_topic": "state"}, {"value_template": _value(name)})


def _number(name: str, high: int) -> Part:
    topics = {"command_topic": f"{name}/set", "state_topic": "state"}
    return Part(name, "number", topics, {"value_template": _value(name), "min": 0, "max": high})


_COVER = Part(
    "",
    "cover",
    {"command_topic": "set", "state_topic": "state", "position_topic": "state", "set_position_topic": "position/set"},
    {"value_template": _value("state"), "position_template": _value("position"), "device_class": "curtain"},
)
PARTS: Mapping[str, tuple[Part, ...]] = {
    "light": (Part("", "light", {"command_topic": "set", "state_topic": "state"}, {"schema": "json", "brightness": True}),),
    "ac": (
        Part(
            "",
            "climate",
            {
                "power_command_topic": "power/set",
                "mode_command_topic": "mode/set",
                "mode_state_topic": "state",
                "temperature_command_topic": "temperature/set",
                "temperature_state_topic": "state",
                "fan_mode_command_topic": "fan_mode/set",
                "fan_mode_state_topic": "state",
                "current_temperature_topic": "state",
            },
            {
                "mode_state_template": _value("mode"),
                "temperature_state_template": _value("temperature"),
                "fan_mode_state_template": _value("fan_mode"),
                "current_temperature_template": _value("current_temperature"),
                "modes": ["auto", "off", "cool", "heat", "dry", "fan_only"],
                "fan_modes": ["auto", "low", "medium", "high"],
                "min_temp": 16,
                "max_temp": 30,
                "temp_step": 0.5,
            },
        ),
    ),
    "curtain": (_COVER,),
    "sheer": (_COVER,),
    "tv": (_switch("power"), _number("volume", 100), _number("channel", 999), _switch("mute")),
    "music": (_switch("power"), _number("volume", 100), _switch("mute")),
    "fan": (
        Part(
            "",
            "fan",
            {
                "command_topic": "set",
                "state_topic": "state",
                "percentage_command_topic": "percentage/set",
                "percentage_state_topic": "state",
                "preset_mode_command_topic": "preset/set",
                "preset_mode_state_topic": "state",
            },
            {
                "state_value_template": _value("state"),
                "percentage_value_template": _value("percentage"),
                "preset_mode_value_template": _value("preset"),
                "preset_modes": ["auto"],
            },
        ),
    ),
    "water_heater": (
        Part(
            "",
            "water_heater",
            {
                "power_command_topic": "power/set",
                "mode_state_topic": "state",
                "temperature_command_topic": "temperature/set",
                "temperature_state_topic": "state",
                "current_temperature_topic": "state",
            },
            {
                "mode_state_template": _value("mode"),
                "temperature_state_template": _value("temperature"),
                "current_temperature_template": _value("current_temperature"),
                "modes": ["off", "electric"],
                "min_temp": 35,
                "max_temp": 65,
            },
        ),
    ),
}


def discovery(property: Property, space: str, device: Device) -> list[tuple[str, dict[str, Any]]]:
    """(topic, config) of each entity of ``device``, as the device itself would publish them, retained."""
    return [
        (
            discovery_topic(property, space, device, part),
            {
                "~": device.topic,
                "name": " ".join(filter(None, (device.name.get("en", device.id), part.name))),
                "unique_id": "_".join(filter(None, (property.id, space, device.id, part.name))),
                "device": {"identifiers": [f"{property.id}_{space}"], "suggested_area": space},
                **{key: f"~/{end}" for key, end in part.topics.items()},
                **part.config,
                "optimistic": False,
            },
        )
        for part in PARTS[device.kind]
    ]


def discovery_topic(property: Property, space: str, device: Device, part: Part) -> str:
    name = "_".join(filter(None, (device.id, part.name)))
    return f"{property.mqtt.discovery}/{part.component}/{property.id}_{space}/{name}/config"


def announced_topics(part: Part, config: Mapping[str, Any]) -> dict[str, str]:
    """End of topic (``set``, ``state``, ``mode/set``…) → the whole topic that a discovery config names for it."""
    base = config.get("~", "")
    return {
        end: topic.replace("~", base) if "~" in topic else topic
        for key, end in part.topics.items()
        if isinstance(topic := config.get(key), str) and isinstance(base, str)
    }


def encode(device: Device, change: Change) -> list[tuple[str, str]]:
    """(end of the command topic, payload) for each message that brings ``change`` about, in order."""
    if device.kind == "light":
        return [("set", json.dumps(_light(change)))]
    messages: list[tuple[str, str]] = []
    for key, value in change.items():
        if key == "position":
            messages.append(("set", {0: "CLOSE", 100: "OPEN"}[value]) if value in (0, 100) else ("position/set", str(value)))
        elif key == "fan_speed" and device.kind == "fan":
            messages.append(("preset/set", "auto") if value == "auto" else ("percentage/set", str(_PERCENTAGES[value])))
        elif key == "fan_speed":
            messages.append(("fan_mode/set", value))
        elif key == "mode":
            messages.append(("mode/set", "fan_only" if value == "fan" else value))
        elif key == "power":
            messages.append(("set" if device.kind == "fan" else "power/set", value.upper()))
        elif key == "mute":
            messages.append(("mute/set", "ON" if value else "OFF"))
        else:
            messages.append((f"{key}/set", str(value)))
    return messages


def _light(change: Change) -> dict[str, Any]:
    """Home Assistant's brightness always comes with ON: a lamp that is off lights up at it."""
    level = change.get("level")
    if change.get("power") == "off" or level == 0:
        return {"state": "OFF"}
    return {"state": "ON"} if level is None else {"state": "ON", "brightness": round(level * 255 / 100)}


def decode(device: Device, payload: bytes) -> dict[str, Any]:
    """The canonical state in a payload of the state topic: a JSON object, or a bare word. Raises ValueError."""
    text = payload.decode("utf-8").strip()
    raw = json.loads(text) if text.startswith("{") else {"power" if device.kind in ("tv", "music") else "state": text}
    state: dict[str, Any] = {}
    if device.kind in ("curtain", "sheer"):
        if raw.get("state") in ("opening", "open", "closing", "closed", "stopped"):
            state["motion"] = raw["state"]
    elif device.kind in ("ac", "water_heater"):
        mode = raw.get("mode", raw.get("state"))
        if isinstance(mode, str):
            state["power"] = "off" if mode == "off" else "on"
            if device.kind == "ac" and mode != "off":
                state["mode"] = "fan" if mode == "fan_only" else mode
    else:
        power = raw.get("power", raw.get("state"))
        if isinstance(power, str) and power.upper() in ("ON", "OFF"):
            state["power"] = power.lower()
    _put(state, "level", _number_in(raw, "brightness"), lambda number: round(number * 100 / 255))
    for key in ("position", "volume", "channel"):
        _put(state, key, _number_in(raw, key), round)
    _put(state, "temperature", _number_in(raw, "temperature"), _half)
    # In half degrees: a sensor's noise in hundredths is no event.
    _put(state, "room_temperature", _number_in(raw, "current_temperature"), _half)
    if raw.get("mute") in ("ON", "OFF"):
        state["mute"] = raw["mute"] == "ON"
    speed = raw.get("fan_mode", raw.get("preset"))
    percentage = _number_in(raw, "percentage")
    if speed in FAN_SPEEDS:
        state["fan_speed"] = speed
    elif percentage:
        state["fan_speed"] = min(_PERCENTAGES, key=lambda name: abs(_PERCENTAGES[name] - percentage))
    if not state:
        raise ValueError(f"nothing of a {device.kind}'s state in {text[:80]!r}")
    return state


def _number_in(raw: Mapping[str, Any], key: str) -> float | None:
    found = raw.get(key)
    return found if isinstance(found, int | float) and not isinstance(found, bool) and abs(found) < 10_000 else None


def _half(number: float) -> float:
    half = round(number * 2) / 2
    return int(half) if half == int(half) else half


def _put(state: dict[str, Any], key: str, number: float | None, convert: Any) -> None:
    if number is not None:
        state[key] = convert(number)
