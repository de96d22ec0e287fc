"""Room 301 as it is served: real log, views and MQTT, simulated devices, a clock that tests can move on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from voice_room import Clock, Room

from concierge.bus.log import Log
from concierge.bus.mqtt import DeviceEdge
from concierge.bus.server import Broker
from concierge.domain.event import now
from concierge.domain.hotel import Property
from concierge.domain.people import SERVICE
from concierge.service.commands import CheckIn
from concierge.service.handlers import Service
from concierge.service.ports import World
from concierge.service.texts import Phrases
from concierge.simulator import Simulator
from concierge.views.projector import Projector
from concierge.views.store import Store
from concierge.views.views import Views
from concierge.voice.chat import Chat
from concierge.voice.commit import Committer
from concierge.voice.dialogues import Dialogues
from concierge.voice.plan import Planner
from concierge.voice.replies import Replies
from concierge.voice.steps import Steps
from intents import Understander
from intents.dialogue import Resolver


@pytest.fixture(scope="session")
def understander_() -> Understander:
    return Understander.load()


@pytest.fixture(scope="session")
def resolver_(understander_: Understander) -> Resolver:
    return Resolver.load(understand=understander_.understand)


@pytest.fixture
async def room(
    log: Log, broker: Broker, property_: Property, tmp_path: Path, understander_: Understander, resolver_: Resolver
) -> AsyncIterator[Room]:
    store = Store.open(tmp_path / "views.db")
    views = Views(store)
    assert broker.address.mqtt is not None
    edge = DeviceEdge(property_, broker.address.mqtt)
    simulator = Simulator(property_, broker.address.mqtt, spaces=["301"], delay_ms=(5, 15), seed=1)
    tasks = [asyncio.create_task(one.run()) for one in (Projector(store, log, property_.id), edge, simulator)]
    service = Service(World(log, property_, edge, views, Phrases.load(), b"a secret of these tests", now))
    await service.do(CheckIn("301", "zh", "王芳"), SERVICE, "check-in")
    stay = await service.open_stay("301")
    assert stay is not None
    replies, clock = Replies(property_), Clock()
    committer = Committer(Steps(service, edge, views, property_, replies), replies, service)
    planner, dialogues = Planner(resolver_, property_, replies), Dialogues(property_, clock)
    chat = Chat(service=service, committer=committer, understander=understander_, planner=planner, dialogues=dialogues)
    async with asyncio.timeout(20):
        while len(edge.states("301")) < len(simulator.devices):  # noqa: ASYNC110 - a state read from outside sets no event
            await asyncio.sleep(0.01)
    yield Room(
        property_, log, service, views, edge, simulator, stay.guest, chat, planner, dialogues, understander_, committer, clock
    )
    for task in tasks:
        task.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*tasks, return_exceptions=True)
    await store.close()
