"""Which devices are meant, what they should become, and when they have."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge.domain.device import CAN, confirmed, restoring, targets, wanted
from concierge.domain.errors import BadRequest
from concierge.domain.hotel import Device, Property, Space
from concierge.domain.wire import PARTS, announced_topics, decode, discovery, encode
from concierge.property import load
from concierge.simulator import SimulatedDevice

ROOM = load().space("301")
LIGHTS = ["bedside", "reading", "bathroom", "desk", "hallway", "ceiling"]


def device(name: str) -> Device:
    return ROOM.devices[name]


def meant(states: dict[str, Any] | None = None, **slots: Any) -> list[str]:
    return [one.id for one in targets(ROOM, slots, states)]


def test_a_zone_is_that_lamp() -> None:
    assert meant(device="light", zone="bedside", power="on") == ["bedside"]
    assert meant(device="light", zone="night", power="on") == ["night"]
    assert meant(device="light", zone="mirror", power="on") == []


def test_lights_off_spares_the_night_light_but_all_lights_means_all() -> None:
    assert meant(device="light", power="off") == LIGHTS
    assert meant(device="light", zone="all", power="off") == [*LIGHTS, "night"]


def test_lights_on_means_the_main_ones() -> None:
    assert meant(device="light", power="on") == ["bedside", "ceiling"]


def test_brighter_and_dimmer_mean_the_lights_that_are_on() -> None:
    states = {"desk": {"power": "on"}, "night": {"power": "on"}, "bedside": {"power": "off"}}
    assert meant(states, device="light", change="down") == ["desk"]
    assert meant(states, device="light", level=30) == ["desk"]
    assert meant({}, device="light", change="up") == ["bedside", "ceiling"]


def test_a_room_without_main_lights_has_all_its_lights_meant() -> None:
    space = Space("1", "room", 1, {}, "zh", {name: device(name) for name in ("desk", "reading", "night")})
    assert [one.id for one in targets(space, {"device": "light", "power": "on"})] == ["desk", "reading"]


def test_other_devices_need_no_zone() -> None:
    assert meant(device="ac", temperature=24) == ["ac"]
    assert meant(device="water_heater", zone="bathroom", power="on") == ["water_heater"]
    assert meant(device="sauna") == []


@pytest.mark.parametrize(
    ("name", "slots", "state", "change"),
    [
        ("bedside", {"power": "on"}, None, {"power": "on"}),
        ("bedside", {"power": "on", "level": 40}, None, {"power": "on", "level": 40}),
        ("bedside", {"change": "up"}, {"power": "on", "level": 50}, {"level": 70}),
        ("bedside", {"change": "up"}, {"power": "off", "level": 100}, {"level": 20}),
        ("bedside", {"change": "down", "step": 5}, {"power": "on", "level": 50}, {"level": 45}),
        ("bedside", {"change": "up"}, {"power": "on", "level": 95}, {"level": 100}),
        ("ac", {"temperature": 24}, None, {"temperature": 24}),
        ("ac", {"temperature": 22.5}, None, {"temperature": 22.5}),
        ("ac", {"temperature": 45}, None, {"temperature": 30}),
        ("ac", {"change": "down"}, {"temperature": 26}, {"temperature": 25}),
        ("ac", {"change": "up", "step": 2}, {"temperature": 24.5}, {"temperature": 26.5}),
        ("ac", {"change": "up", "of": "fan_speed"}, {"fan_speed": "low"}, {"fan_speed": "medium"}),
        ("ac", {"change": "down", "of": "fan_speed"}, {"fan_speed": "auto"}, {"fan_speed": "low"}),
        ("curtain", {"position": 100}, None, {"position": 100}),
        ("curtain", {"change": "up"}, {"position": 0}, {"position": 20}),
        ("tv", {"change": "up"}, {"volume": 20}, {"volume": 30}),
        ("tv", {"change": "up", "of": "channel"}, {"channel": 5}, {"channel": 6}),
        ("tv", {"mute": False}, None, {"mute": False}),
        ("fan", {"change": "up"}, {"fan_speed": "high"}, {"fan_speed": "high"}),
        ("music", {"change": "down"}, None, {"volume": 20}),
        ("water_heater", {"change": "up"}, {"temperature": 50}, {"temperature": 55}),
    ],
)
def test_what_a_device_should_become(name: str, slots: dict[str, Any], state: Any, change: dict[str, Any]) -> None:
    assert wanted(device(name), {"device": device(name).kind, **slots}, state) == change


@pytest.mark.parametrize(
    ("name", "slots"),
    [
        ("bedside", {"temperature": 20}),
        ("curtain", {"power": "on"}),
        ("fan", {"change": "up", "of": "temperature"}),
        ("ac", {"mode": "turbo"}),
        ("ac", {"temperature": "24"}),
        ("ac", {"temperature": float("nan")}),
        ("bedside", {"level": True}),
        ("bedside", {"power": True}),
        ("tv", {"mute": "yes"}),
        ("tv", {"change": "sideways"}),
        ("tv", {"change": "up", "of": "mute"}),
        ("tv", {"change": "up", "step": "much"}),
        ("tv", {}),
    ],
)
def test_what_a_device_cannot_is_refused(name: str, slots: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        wanted(device(name), {"device": device(name).kind, **slots})


@pytest.mark.parametrize(
    ("name", "change", "state", "so"),
    [
        ("bedside", {"power": "on"}, {"power": "on", "level": 3}, True),
        ("bedside", {"power": "on"}, {"power": "off"}, False),
        ("bedside", {"power": "on"}, {}, False),
        ("bedside", {"level": 40}, {"power": "on", "level": 41}, True),
        ("bedside", {"level": 40}, {"power": "off", "level": 40}, False),
        ("bedside", {"level": 0}, {"power": "off", "level": 100}, True),
        ("ac", {"temperature": 24}, {"power": "on", "temperature": 24, "room_temperature": 29}, True),
        ("ac", {"temperature": 24}, {"power": "on", "temperature": 26, "room_temperature": 24}, False),
        ("ac", {"mode": "heat", "temperature": 24}, {"mode": "cool", "temperature": 24}, False),
        ("curtain", {"position": 100}, {"motion": "opening", "position": 10}, True),
        ("curtain", {"position": 100}, {"motion": "closing", "position": 10}, False),
        ("curtain", {"position": 50}, {"motion": "closing", "position": 80}, True),
        ("curtain", {"position": 50}, {"motion": "opening", "position": 80}, False),
        ("curtain", {"position": 0}, {"motion": "closed", "position": 1}, True),
        ("curtain", {"position": 100}, {"motion": "open"}, True),
        ("curtain", {"position": 50}, {"motion": "open"}, False),
        ("tv", {"mute": False}, {"mute": False}, True),
        ("tv", {"mute": False}, {}, False),
        ("tv", {"channel": 5, "power": "on"}, {"channel": 5, "power": "off"}, False),
    ],
)
def test_confirmed_means(name: str, change: dict[str, Any], state: dict[str, Any], so: bool) -> None:
    assert confirmed(device(name), change, state) is so


@pytest.mark.parametrize(
    ("name", "change", "messages"),
    [
        ("bedside", {"power": "on"}, [("set", '{"state": "ON"}')]),
        ("bedside", {"level": 40}, [("set", '{"state": "ON", "brightness": 102}')]),
        ("bedside", {"level": 0}, [("set", '{"state": "OFF"}')]),
        ("ac", {"power": "on", "mode": "fan"}, [("power/set", "ON"), ("mode/set", "fan_only")]),
        ("ac", {"temperature": 22.5, "fan_speed": "low"}, [("temperature/set", "22.5"), ("fan_mode/set", "low")]),
        ("curtain", {"position": 100}, [("set", "OPEN")]),
        ("curtain", {"position": 0}, [("set", "CLOSE")]),
        ("sheer", {"position": 50}, [("position/set", "50")]),
        ("tv", {"power": "off", "volume": 5, "mute": True}, [("power/set", "OFF"), ("volume/set", "5"), ("mute/set", "ON")]),
        ("fan", {"power": "on", "fan_speed": "medium"}, [("set", "ON"), ("percentage/set", "66")]),
        ("fan", {"fan_speed": "auto"}, [("preset/set", "auto")]),
    ],
)
def test_commands_are_home_assistants(name: str, change: dict[str, Any], messages: list[tuple[str, str]]) -> None:
    assert encode(device(name), change) == messages


@pytest.mark.parametrize(
    ("name", "payload", "state"),
    [
        ("bedside", '{"state": "ON", "brightness": 102}', {"power": "on", "level": 40}),
        ("bedside", "OFF", {"power": "off"}),
        (
            "ac",
            '{"mode": "fan_only", "temperature": 24.0, "fan_mode": "high", "current_temperature": 26.13}',
            {"power": "on", "mode": "fan", "temperature": 24, "fan_speed": "high", "room_temperature": 26},
        ),
        ("ac", '{"mode": "off"}', {"power": "off"}),
        ("curtain", "opening", {"motion": "opening"}),
        ("curtain", '{"state": "open", "position": 100}', {"motion": "open", "position": 100}),
        ("tv", '{"power": "ON", "volume": 20.0, "mute": "OFF"}', {"power": "on", "volume": 20, "mute": False}),
        ("fan", '{"state": "ON", "percentage": 60}', {"power": "on", "fan_speed": "medium"}),
        ("water_heater", '{"mode": "electric", "temperature": 50}', {"power": "on", "temperature": 50}),
    ],
)
def test_states_are_read_from_home_assistants_forms(name: str, payload: str, state: dict[str, Any]) -> None:
    assert decode(device(name), payload.encode()) == state


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"\xff", b"{}", b"[1]", b'{"brightness": "bright"}', b'{"brightness": true}', b'{"brightness": 1e99}', b"null"],
)
def test_a_payload_that_is_no_state_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        decode(device("bedside"), payload)
    assert isinstance(caught.value, ValueError)


CHANGES = {
    "power": st.sampled_from(["on", "off"]),
    "level": st.integers(0, 100),
    "position": st.integers(0, 100),
    "volume": st.integers(0, 100),
    "channel": st.integers(1, 999),
    "mute": st.booleans(),
    "temperature": st.integers(70, 120).map(lambda half: half / 2),
    "mode": st.sampled_from(["cool", "heat", "dry", "fan", "auto"]),
    "fan_speed": st.sampled_from(["low", "medium", "high", "auto"]),
}


@given(st.data())
def test_a_device_that_took_a_change_confirms_it(data: st.DataObject) -> None:
    """Through both wires: our command, the device's own state machine, its state payload."""
    one = data.draw(st.sampled_from(list(ROOM.devices.values())))
    key = data.draw(st.sampled_from(CAN[one.kind]))
    change = wanted(one, {key: data.draw(CHANGES[key])})
    simulated = SimulatedDevice(one)
    for end, payload in encode(one, change):
        simulated.take(end, payload)
    state = decode(one, simulated.payload().encode())
    assert confirmed(one, change, state), (change, state)
    while simulated.moving:
        simulated.tick_cover()
    assert confirmed(one, change, decode(one, simulated.payload().encode()))


def test_every_command_topic_is_announced(property_: Property) -> None:
    for one in ROOM.devices.values():
        announced: dict[str, str] = {}
        for part, (topic, config) in zip(PARTS[one.kind], discovery(property_, "301", one), strict=True):
            assert topic.startswith(f"homeassistant/{part.component}/demo_301/{one.id}")
            assert topic.endswith("/config")
            json.dumps(config)
            announced |= announced_topics(part, config)
        assert announced["state"] == f"{one.topic}/state"
        for key in CAN[one.kind]:
            values = {"power": "on", "mode": "cool", "fan_speed": "low", "mute": True, "temperature": 40}
            for end, _ in encode(one, {key: values.get(key, 20)}):
                assert announced[end] == f"{one.topic}/{end}"


def test_an_announcement_may_name_other_topics() -> None:
    [light] = PARTS["light"]
    config = {"~": "homeassistant/lamp7", "command_topic": "~/do", "state_topic": "homeassistant/x/s", "name": 3}
    assert announced_topics(light, config) == {"set": "homeassistant/lamp7/do", "state": "homeassistant/x/s"}
    assert announced_topics(light, {"command_topic": 3}) == {}


@pytest.mark.parametrize(
    ("name", "change", "state", "back"),
    [
        ("desk", {"level": 30}, {"power": "off", "level": 100}, {"power": "off"}),
        ("desk", {"level": 30}, {"power": "on", "level": 80}, {"level": 80, "power": "on"}),
        ("desk", {"power": "off"}, {"power": "on", "level": 80}, {"power": "on"}),
        ("ac", {"temperature": 20}, {"power": "on", "temperature": 26}, {"temperature": 26}),
        ("ac", {"power": "on", "temperature": 20}, {"power": "off", "temperature": 26}, {"temperature": 26, "power": "off"}),
        ("ac", {"mode": "heat"}, {"power": "on", "mode": "cool"}, {"mode": "cool", "power": "on"}),
        ("curtain", {"position": 100}, {"position": 40, "motion": "stopped"}, {"position": 40}),
        ("tv", {"volume": 40}, {}, {}),
    ],
)
def test_a_change_is_taken_back_to_what_the_device_last_told(
    property_: Property, name: str, change: dict[str, Any], state: dict[str, Any], back: dict[str, Any]
) -> None:
    assert restoring(property_.device("301", name), change, state) == back
