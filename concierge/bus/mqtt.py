"""The device edge: commands out over MQTT, states in, and a command is done when the device's state says so."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiomqtt

from concierge.bus.address import MqttAddress
from concierge.domain.device import Change, State, confirmed
from concierge.domain.hotel import Device, Property
from concierge.domain.wire import PARTS, Part, announced_topics, decode, discovery_topic, encode

_log = logging.getLogger(__name__)

CONFIRM_S = 1.5
_RETRY_S = 0.1

Key = tuple[str, str]
"""(space id, device id)."""
OnState = Callable[[str, str, State], Awaitable[None]]
"""Awaited with (space id, device id, state) for each state that differs from the one before."""


@dataclass(frozen=True)
class Confirmation:
    """Whether a device did what was asked. ``ms``: from the command to the state that says so, or to the giving up.

    ``answered``: it told a state after the command, be it another one; False: it stayed silent.
    """

    device: str
    ok: bool
    ms: float
    state: State | None
    answered: bool


@dataclass(eq=False)
class _Waiting:
    change: Change
    sent_by: aiomqtt.Client | None = None
    done: asyncio.Event = field(default_factory=asyncio.Event)
    answered: bool = False


class DeviceEdge:
    """All devices of a property. ``address`` None: there is no MQTT broker, and nothing is ever confirmed.

    ``on_state`` may be set until :meth:`run` is called. A slow one delays no confirmation; it is then given each
    device's newest state.
    """

    def __init__(self, property: Property, address: MqttAddress | None, on_state: OnState | None = None) -> None:
        self._property = property
        self._address = address
        self.on_state = on_state
        self._devices = {(space.id, device.id): device for space in property.spaces.values() for device in space.devices.values()}
        self._parts: dict[str, tuple[Key, Part]] = {
            discovery_topic(property, key[0], device, part): (key, part)
            for key, device in self._devices.items()
            for part in PARTS[device.kind]
        }
        self._state_topics = {f"{device.topic}/state": key for key, device in self._devices.items()}
        self._announced: dict[Key, dict[str, str]] = {}
        self._states: dict[Key, dict[str, Any]] = {}
        self._waiting: dict[Key, set[_Waiting]] = {}
        self._unrecorded: dict[Key, None] = {}
        self._news = asyncio.Event()
        self._client: aiomqtt.Client | None = None
        self._online = asyncio.Event()

    @property
    def connected(self) -> bool:
        return self._online.is_set()

    def state(self, space: str, device: str) -> dict[str, Any] | None:
        """The last state that the device told; None: it has not been heard of."""
        found = self._states.get((space, device))
        return dict(found) if found is not None else None

    def states(self, space: str) -> dict[str, dict[str, Any]]:
        """Device id → state, of the devices of ``space`` that have been heard of."""
        return {key[1]: dict(state) for key, state in self._states.items() if key[0] == space}

    async def run(self) -> None:
        """Serves until it is cancelled, through every loss of the broker."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._record(), name="device states")
            while True:
                if self._address is None:
                    await asyncio.Event().wait()
                    return
                try:
                    async with _client(self._address) as client:
                        await self._listen(client)
                except aiomqtt.MqttError as error:
                    _log.warning("devices: %s", error)
                finally:
                    self._client = None
                    self._online.clear()
                await asyncio.sleep(_RETRY_S)

    async def set(self, space: str, change: Mapping[str, Change], *, timeout_s: float = CONFIRM_S) -> list[Confirmation]:
        """Sets several devices at once (device id → change) and waits until each says it is so, or ``timeout_s``.

        The answers are in the order of ``change``. Raises NotFound for a device that is not there.
        """
        for device in change:
            self._property.device(space, device)
        tries = (self._set_one((space, device), wanted, timeout_s) for device, wanted in change.items())
        return list(await asyncio.gather(*tries))

    async def command(self, space: str, device: str, change: Change) -> None:
        """Sends without waiting for the state. Waits for a connection."""
        found = self._property.device(space, device)
        await self._online.wait()
        assert self._client is not None
        topics = self._announced.get((space, device), {})
        for end, payload in encode(found, change):
            # QoS 0: nothing but the device's state tells that it has heard.
            await self._client.publish(topics.get(end, f"{found.topic}/{end}"), payload)

    async def _set_one(self, key: Key, change: Change, timeout_s: float) -> Confirmation:
        """Only a state that comes after the command counts: a dead lamp that was on already confirms nothing."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        waiting = _Waiting(change)
        self._waiting.setdefault(key, set()).add(waiting)
        ok = True
        try:
            async with asyncio.timeout(timeout_s):
                await self._send(key, waiting)
                await waiting.done.wait()
        except TimeoutError:
            ok = False
        finally:
            self._waiting[key].discard(waiting)
        return Confirmation(key[1], ok, (loop.time() - started) * 1000, self.state(*key), waiting.answered)

    async def _send(self, key: Key, waiting: _Waiting) -> None:
        await self._online.wait()
        waiting.sent_by = self._client
        with contextlib.suppress(aiomqtt.MqttError):  # the broker has just died: sent again, see _heard
            await self.command(*key, waiting.change)

    async def _listen(self, client: aiomqtt.Client) -> None:
        topics = self._property.mqtt
        own = f"{topics.base}/{self._property.id}/"
        await client.subscribe(f"{topics.discovery}/+/+/+/config")
        await client.subscribe(f"{own}+/+/state")
        for topic in self._state_topics:
            if not topic.startswith(own):
                await client.subscribe(topic)
        self._client = client
        self._online.set()
        # Home Assistant's birth message: devices announce themselves and their states anew.
        await client.publish(f"{topics.discovery}/status", "online")
        async for message in client.messages:
            topic = str(message.topic)
            payload = message.payload if isinstance(message.payload, bytes) else b""
            if topic in self._parts:
                await self._announce(client, topic, payload)
            elif topic in self._state_topics:
                await self._heard(self._state_topics[topic], payload, retained=bool(message.retain))

    async def _announce(self, client: aiomqtt.Client, topic: str, payload: bytes) -> None:
        """A device's discovery config: topics that differ from our rule are used from now on."""
        key, part = self._parts[topic]
        try:
            config = json.loads(payload) if payload else {}
            topics = announced_topics(part, config)
        except (ValueError, AttributeError):
            _log.warning("%s: not a discovery config", topic)
            return
        self._announced.setdefault(key, {}).update(topics)
        state_topic = topics.get("state")
        if state_topic and state_topic not in self._state_topics:
            self._state_topics[state_topic] = key
            await client.subscribe(state_topic)

    async def _heard(self, key: Key, payload: bytes, *, retained: bool) -> None:
        device: Device = self._devices[key]
        try:
            news = decode(device, payload)
        except (ValueError, AttributeError) as error:
            _log.warning("%s/%s: %s", *key, error)
            return
        before = self._states.get(key)
        state = {**(before or {}), **news}
        if state.get("power") == "off":
            state.pop("mode", None)  # an air conditioner that is off has none
        self._states[key] = state
        if state != before:
            self._unrecorded[key] = None
            self._news.set()
        for waiting in tuple(self._waiting.get(key, ())) if not retained else ():
            waiting.answered = True
            if confirmed(device, waiting.change, state):
                waiting.done.set()
            elif waiting.sent_by is not self._client:
                # The broker died with the command on its way; the device is back, for it has just spoken.
                await self._send(key, waiting)

    async def _record(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            while self._unrecorded:
                key = next(iter(self._unrecorded))
                del self._unrecorded[key]
                if self.on_state is None:
                    continue
                try:
                    await self.on_state(*key, dict(self._states[key]))
                except Exception:
                    _log.exception("%s/%s: its state was not recorded", *key)


def _client(address: MqttAddress) -> aiomqtt.Client:
    return aiomqtt.Client(
        address.host,
        address.port,
        username=address.user,
        password=address.password,
        tls_params=aiomqtt.TLSParameters() if address.tls else None,
        timeout=5,
        keepalive=15,
    )
