"""The device edge and simulated devices, over the real broker's MQTT listener."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from concierge.bus.address import MqttAddress
from concierge.bus.mqtt import DeviceEdge
from concierge.bus.server import Broker
from concierge.domain.errors import NotFound
from concierge.domain.hotel import Property
from concierge.simulator import Simulator


async def until(condition: Callable[[], bool], timeout_s: float = 10) -> None:
    async with asyncio.timeout(timeout_s):
        while not condition():  # noqa: ASYNC110 - a state read from outside sets no event
            await asyncio.sleep(0.01)


@asynccontextmanager
async def house(
    property_: Property, address: MqttAddress, on_state: Any = None, **options: Any
) -> AsyncIterator[tuple[DeviceEdge, Simulator]]:
    """Room 301 with its devices, heard of by the edge."""
    edge = DeviceEdge(property_, address, on_state)
    simulator = Simulator(property_, address, spaces=["301"], delay_ms=(5, 15), seed=1, **options)
    tasks = [asyncio.create_task(edge.run()), asyncio.create_task(simulator.run())]
    try:
        await until(lambda: edge.connected and simulator.ready.is_set())
        await until(lambda: len(edge.states("301")) >= len(simulator.devices) - len(simulator.silent))
        yield edge, simulator
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_a_lamp_is_on_when_it_says_so(property_: Property, broker: Broker) -> None:
    async with house(property_, broker.mqtt) as (edge, _):
        before = edge.state("301", "bedside")
        assert before is not None
        assert before["power"] == "off"
        [done] = await edge.set("301", {"bedside": {"power": "on"}})
        assert done.ok
        assert 5 <= done.ms < 1000
        assert done.state == edge.state("301", "bedside") == {"power": "on", "level": 100}


async def test_every_kind_of_device_confirms(property_: Property, broker: Broker) -> None:
    changes: dict[str, dict[str, Any]] = {
        "ceiling": {"power": "on", "level": 60},
        "ac": {"power": "on", "mode": "heat", "temperature": 23.5, "fan_speed": "low"},
        "curtain": {"position": 100},
        "sheer": {"position": 50},
        "tv": {"power": "on", "channel": 5, "volume": 33, "mute": True},
        "fan": {"power": "on", "fan_speed": "high"},
        "music": {"power": "on", "volume": 15},
        "water_heater": {"temperature": 45},
    }
    async with house(property_, broker.mqtt) as (edge, _):
        answers = await edge.set("301", changes)
        assert [answer.device for answer in answers] == list(changes)
        assert all(answer.ok for answer in answers), answers
        curtain = edge.state("301", "curtain")
        assert curtain is not None
        assert curtain["motion"] == "opening"


async def test_of_several_lamps_the_one_that_did_not_is_named(property_: Property, broker: Broker) -> None:
    options = {"silent": [("301", "reading")], "refuse": [("301", "desk")]}
    async with house(property_, broker.mqtt, **options) as (edge, _):
        lamps = ("bedside", "reading", "desk")
        answers = await edge.set("301", {lamp: {"power": "on"} for lamp in lamps}, timeout_s=0.5)
        assert [answer.ok for answer in answers] == [True, False, False]
        assert answers[2].state == {"power": "off", "level": 100}
        assert answers[1].ms >= 500


async def test_a_dead_lamp_that_was_on_already_confirms_nothing(property_: Property, broker: Broker) -> None:
    async with house(property_, broker.mqtt) as (edge, simulator):
        assert (await edge.set("301", {"bedside": {"power": "on"}}))[0].ok
        simulator.silent.add(("301", "bedside"))
        assert not (await edge.set("301", {"bedside": {"power": "on"}}, timeout_s=0.3))[0].ok
        simulator.silent.clear()
        assert (await edge.set("301", {"bedside": {"power": "on"}}))[0].ok


async def test_states_are_told_once_in_order_and_a_slow_listener_delays_no_confirmation(
    property_: Property, broker: Broker
) -> None:
    told: list[tuple[str, str, dict[str, Any]]] = []
    gate = asyncio.Event()

    async def on_state(space: str, device: str, state: dict[str, Any]) -> None:
        await gate.wait()
        told.append((space, device, state))
        if device == "fan":
            raise RuntimeError("the log is away")

    async with house(property_, broker.mqtt, on_state) as (edge, simulator):
        assert (await edge.set("301", {"bedside": {"power": "on"}}))[0].ok
        gate.set()
        await until(lambda: len(told) >= len(simulator.devices))
        told.clear()
        for power in ("off", "on"):
            assert (await edge.set("301", {"bedside": {"power": power}}))[0].ok
            await until(lambda power=power: bool(told) and told[-1][2]["power"] == power)
        assert (await edge.set("301", {"bedside": {"power": "on"}}))[0].ok
        await asyncio.sleep(0.05)
        assert [(space, device, state["power"]) for space, device, state in told] == [
            ("301", "bedside", "off"),
            ("301", "bedside", "on"),
        ]


async def test_a_command_on_its_way_when_the_broker_is_killed_is_carried_out(property_: Property, tmp_path: Path) -> None:
    async with Broker(tmp_path) as broker, house(property_, broker.mqtt) as (edge, simulator):
        simulator.silent.add(("301", "bedside"))
        asking = asyncio.create_task(edge.set("301", {"bedside": {"power": "on"}}, timeout_s=8))
        await asyncio.sleep(0.1)
        simulator.silent.clear()
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)
        [answer] = await asking
        assert answer.ok
        assert simulator.devices[("301", "bedside")].payload() == '{"state": "ON", "brightness": 255}'


async def test_a_device_that_announces_its_own_topics_is_reached_there(property_: Property, broker: Broker) -> None:
    mqtt = broker.mqtt
    edge = DeviceEdge(property_, mqtt)
    task = asyncio.create_task(edge.run())
    async with aiomqtt.Client(mqtt.host, mqtt.port, username=mqtt.user, password=mqtt.password) as lamp:
        await lamp.subscribe("homeassistant/lamp7/do")
        config = {"~": "homeassistant/lamp7", "command_topic": "~/do", "state_topic": "~/is", "schema": "json"}
        await until(lambda: edge.connected)
        await lamp.publish("homeassistant/light/demo_302/desk/config", "no config")
        await lamp.publish("homeassistant/light/demo_302/desk/config", json.dumps(config))
        await asyncio.sleep(0.2)
        asking = asyncio.create_task(edge.set("302", {"desk": {"power": "on"}}))
        async with asyncio.timeout(5):
            command = await anext(lamp.messages)
        assert command.payload == b'{"state": "ON"}'
        await lamp.publish("homeassistant/lamp7/is", "nonsense")
        await lamp.publish("homeassistant/lamp7/is", '{"state": "ON"}')
        [answer] = await asking
        assert answer.ok
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_without_a_broker_nothing_is_confirmed(property_: Property) -> None:
    edge = DeviceEdge(property_, None)
    task = asyncio.create_task(edge.run())
    [answer] = await edge.set("301", {"bedside": {"power": "on"}}, timeout_s=0.1)
    assert not answer.ok
    assert not edge.connected
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_device_that_is_not_there_is_refused_before_anything_is_sent(property_: Property) -> None:
    with pytest.raises(NotFound, match="jacuzzi"):
        await DeviceEdge(property_, None).set("301", {"jacuzzi": {"power": "on"}})
