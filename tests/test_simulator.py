"""Simulated devices behave as honest ones would."""

from __future__ import annotations

import json

import pytest

from concierge.bus.address import MqttAddress
from concierge.domain.errors import NotFound
from concierge.domain.hotel import Property
from concierge.simulator import SimulatedDevice, Simulator


def simulated(property_: Property, name: str) -> SimulatedDevice:
    return SimulatedDevice(property_.device("301", name))


def test_a_curtain_takes_its_time_and_can_turn_round(property_: Property) -> None:
    curtain = simulated(property_, "curtain")
    curtain.take("set", "OPEN")
    assert json.loads(curtain.payload()) == {"state": "opening", "position": 0}
    for _ in range(4):
        curtain.tick_cover()
    assert json.loads(curtain.payload()) == {"state": "opening", "position": 40}
    curtain.take("position/set", "25")
    assert json.loads(curtain.payload()) == {"state": "closing", "position": 40}
    while curtain.moving:
        curtain.tick_cover()
    assert json.loads(curtain.payload()) == {"state": "open", "position": 25}
    curtain.take("set", "OPEN")
    curtain.take("set", "STOP")
    assert not curtain.moving


def test_an_air_conditioner_comes_back_in_the_mode_it_had(property_: Property) -> None:
    ac = simulated(property_, "ac")
    ac.take("mode/set", "heat")
    ac.take("power/set", "OFF")
    assert json.loads(ac.payload())["mode"] == "off"
    ac.take("power/set", "ON")
    assert json.loads(ac.payload())["mode"] == "heat"


def test_the_room_drifts_to_the_set_point_and_stays(property_: Property) -> None:
    ac = simulated(property_, "ac")
    shown = sum(ac.tick_climate() for _ in range(100))
    assert json.loads(ac.payload())["current_temperature"] == 26
    assert shown == 2  # 27.0 to 26.0 in half degrees
    ac.take("power/set", "OFF")
    assert not ac.tick_climate()


@pytest.mark.parametrize(("end", "payload"), [("set", "{"), ("set", "{}"), ("set", '{"state": "PERHAPS"}')])
def test_a_command_that_is_none_changes_nothing(property_: Property, end: str, payload: str) -> None:
    lamp = simulated(property_, "bedside")
    before = lamp.payload()
    with pytest.raises((ValueError, KeyError)):
        lamp.take(end, payload)
    assert lamp.payload() == before


def test_a_device_that_is_not_there_cannot_be_silent(property_: Property) -> None:
    with pytest.raises(NotFound, match="jacuzzi"):
        Simulator(property_, MqttAddress("127.0.0.1", 1), silent=[("301", "jacuzzi")])
