"""Honest devices over MQTT, so that no hardware is needed: they announce themselves, take their time, and tell their state.

A *refusing* device answers with the state it had; a *silent* one hears nothing and says nothing. Either can be changed
while they run.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import aiomqtt

from concierge.bus.address import MqttAddress
from concierge.domain.hotel import Device, Property
from concierge.domain.wire import discovery

_log = logging.getLogger(__name__)

_RETRY_S = 0.1
_TRAVEL_STEP = 10
"""Of a curtain's way, in per cent."""
_TRAVEL_STEP_S = 0.4
_CLIMATE_S = 5.0
_DEGREES_A_TICK = 0.1

_ON = {"ON": "ON", "OFF": "OFF"}
_START: Mapping[str, Mapping[str, Any]] = {
    "light": {"state": "OFF", "brightness": 255},
    "ac": {"mode": "cool", "temperature": 26, "fan_mode": "auto", "current_temperature": 27.0},
    "curtain": {"state": "closed", "position": 0},
    "sheer": {"state": "closed", "position": 0},
    "tv": {"power": "OFF", "volume": 20, "channel": 1, "mute": "OFF"},
    "music": {"power": "OFF", "volume": 30, "mute": "OFF"},
    "fan": {"state": "OFF", "percentage": 33, "preset": ""},
    "water_heater": {"mode": "electric", "temperature": 50, "current_temperature": 50},
}


class SimulatedDevice:
    """What a device's own controller does: no MQTT here, and time only as calls to :meth:`tick`."""

    def __init__(self, device: Device) -> None:
        self.device = device
        self._state: dict[str, Any] = dict(_START[device.kind])
        self._mode_when_on = "cool"
        self._goal: int | None = None

    def payload(self) -> str:
        return json.dumps(self._state)

    @property
    def moving(self) -> bool:
        return self._goal is not None

    def take(self, end: str, payload: str) -> None:
        """A command, by the end of its topic. Raises ValueError or KeyError for one that it does not know."""
        state, kind = self._state, self.device.kind
        if kind == "light":
            command = json.loads(payload)
            state["state"] = _ON[command["state"]]
            if "brightness" in command:
                state["brightness"] = min(max(int(command["brightness"]), 0), 255)
        elif kind in ("curtain", "sheer"):
            self._move(payload if end == "set" else int(payload))
        elif end == "mode/set":
            self._mode(payload)
        elif end == "power/set" and "mode" in state:
            self._mode("off" if _ON[payload] == "OFF" else self._mode_when_on if kind == "ac" else "electric")
        elif end == "set":
            state["state"] = _ON[payload]
        elif end == "percentage/set":
            state |= {"percentage": int(payload), "preset": "", "state": "ON" if int(payload) else "OFF"}
        elif end == "preset/set":
            state |= {"preset": payload, "state": "ON"}
        else:
            key = end.removesuffix("/set")
            old = state[key]
            state[key] = _ON[payload] if isinstance(old, str) and old in _ON else payload if key == "fan_mode" else float(payload)

    def _mode(self, mode: str) -> None:
        if mode != "off":
            self._mode_when_on = mode
        self._state["mode"] = mode

    def _move(self, command: str | int) -> None:
        position = self._state["position"]
        goal = {"OPEN": 100, "CLOSE": 0, "STOP": position}[command] if isinstance(command, str) else command
        self._goal = goal if goal != position else None
        self._state["state"] = "opening" if goal > position else "closing" if goal < position else self._rest()

    def _rest(self) -> str:
        return "open" if self._state["position"] else "closed"

    def tick_cover(self) -> None:
        """A curtain goes on by one step."""
        if self._goal is None:
            return
        way = self._goal - self._state["position"]
        self._state["position"] += max(-_TRAVEL_STEP, min(_TRAVEL_STEP, way))
        if self._state["position"] == self._goal:
            self._goal = None
            self._state["state"] = self._rest()

    def tick_climate(self) -> bool:
        """The room drifts towards the set-point; True when the thermometer shows another half degree."""
        state = self._state
        if self.device.kind != "ac" or state["mode"] in ("off", "fan_only"):
            return False
        before = state["current_temperature"]
        way = state["temperature"] - before
        state["current_temperature"] = round(before + max(-_DEGREES_A_TICK, min(_DEGREES_A_TICK, way)), 1)
        return bool(round(before * 2) != round(state["current_temperature"] * 2))


class Simulator:
    """The devices of ``spaces`` (None: all). ``refuse`` and ``silent`` hold (space id, device id)."""

    def __init__(
        self,
        property: Property,
        address: MqttAddress,
        *,
        spaces: Collection[str] | None = None,
        refuse: Iterable[tuple[str, str]] = (),
        silent: Iterable[tuple[str, str]] = (),
        delay_ms: tuple[float, float] = (50, 150),
        seed: int | None = None,
    ) -> None:
        self._property = property
        self._address = address
        self._delay_ms = delay_ms
        self._random = random.Random(seed)
        self.devices = {
            (space.id, device.id): SimulatedDevice(device)
            for space in property.spaces.values()
            if spaces is None or space.id in spaces
            for device in space.devices.values()
        }
        self._by_topic = {simulated.device.topic: key for key, simulated in self.devices.items()}
        self.refuse = set(refuse)
        self.silent = set(silent)
        for space, name in self.refuse | self.silent:
            property.device(space, name)
        self.ready = asyncio.Event()
        """Set when all devices have announced themselves."""

    async def run(self) -> None:
        """Until it is cancelled, through every loss of the broker."""
        while True:
            try:
                address = self._address
                async with aiomqtt.Client(
                    address.host,
                    address.port,
                    username=address.user,
                    password=address.password,
                    tls_params=aiomqtt.TLSParameters() if address.tls else None,
                    timeout=5,
                    keepalive=15,
                ) as client:
                    await self._serve(client)
            except* aiomqtt.MqttError as group:
                _log.warning("simulated devices: %s", group.exceptions[0])
            self.ready.clear()
            await asyncio.sleep(_RETRY_S)

    async def _serve(self, client: aiomqtt.Client) -> None:
        prefix = f"{self._property.mqtt.base}/{self._property.id}"
        status = f"{self._property.mqtt.discovery}/status"
        await client.subscribe(status)
        await client.subscribe(f"{prefix}/+/+/set")
        await client.subscribe(f"{prefix}/+/+/+/set")
        for topic in self._by_topic:
            if not topic.startswith(f"{prefix}/"):
                await client.subscribe(f"{topic}/#")
        async with asyncio.TaskGroup() as group:
            group.create_task(self._announce(client))
            group.create_task(self._climate(client))
            async for message in client.messages:
                topic = str(message.topic)
                payload = message.payload.decode() if isinstance(message.payload, bytes) else ""
                if topic == status:
                    if payload == "online":
                        group.create_task(self._announce(client))
                    continue
                base = next((base for base in _bases(topic) if base in self._by_topic), None)
                if base and topic.endswith("/set"):
                    group.create_task(self._answer(client, self._by_topic[base], topic[len(base) + 1 :], payload))

    async def _announce(self, client: aiomqtt.Client) -> None:
        for key, simulated in self.devices.items():
            if key in self.silent:
                continue
            for topic, config in discovery(self._property, key[0], simulated.device):
                await client.publish(topic, json.dumps(config), retain=True)
            await self._tell(client, simulated)
        self.ready.set()

    async def _answer(self, client: aiomqtt.Client, key: tuple[str, str], end: str, payload: str) -> None:
        if key in self.silent:
            return
        simulated = self.devices[key]
        await asyncio.sleep(self._random.uniform(*self._delay_ms) / 1000)
        if key not in self.refuse:
            moving = simulated.moving
            try:
                simulated.take(end, payload)
            except (ValueError, KeyError, TypeError) as error:
                _log.warning("%s/%s does not understand %s %r (%r)", *key, end, payload[:80], error)
            await self._tell(client, simulated)
            if not moving:
                await self._travel(client, simulated)
        else:
            await self._tell(client, simulated)

    async def _travel(self, client: aiomqtt.Client, simulated: SimulatedDevice) -> None:
        while simulated.moving:
            await asyncio.sleep(_TRAVEL_STEP_S)
            simulated.tick_cover()
            await self._tell(client, simulated)

    async def _climate(self, client: aiomqtt.Client) -> None:
        while True:
            await asyncio.sleep(_CLIMATE_S)
            for key, simulated in self.devices.items():
                if simulated.tick_climate() and key not in self.silent:
                    await self._tell(client, simulated)

    async def _tell(self, client: aiomqtt.Client, simulated: SimulatedDevice) -> None:
        await client.publish(f"{simulated.device.topic}/state", simulated.payload(), retain=True)


def _bases(topic: str) -> Iterable[str]:
    """``a/b/mode/set`` → ``a/b/mode``, ``a/b``, ``a``: a device's topic ends at one of them."""
    while "/" in topic:
        topic = topic.rpartition("/")[0]
        yield topic
