"""A service over the real broker, with its views kept in step."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest
from example_people import NoDevices

from concierge.bus.log import Log
from concierge.domain.event import now
from concierge.domain.hotel import Property
from concierge.domain.people import SERVICE, Actor
from concierge.service.commands import CheckedIn, CheckIn
from concierge.service.handlers import Service
from concierge.service.ports import World
from concierge.service.texts import Phrases
from concierge.views.projector import Projector
from concierge.views.store import Store
from concierge.views.views import Views


@pytest.fixture
async def views(log: Log, property_: Property, tmp_path: Path) -> AsyncIterator[Views]:
    store = Store.open(tmp_path / "views.db")
    task = asyncio.create_task(Projector(store, log, property_.id).run())
    yield Views(store)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    await store.close()


@pytest.fixture
def devices() -> NoDevices:
    return NoDevices()


@pytest.fixture
def service(log: Log, property_: Property, views: Views, devices: NoDevices) -> Service:
    return Service(World(log, property_, devices, views, Phrases.load(), b"a secret of these tests", now))


@pytest.fixture
async def stay(service: Service) -> CheckedIn:
    """A guest in 301 who speaks Chinese."""
    return await service.do(CheckIn("301", "zh", "王芳"), SERVICE, "check-in")


@pytest.fixture
async def guest(service: Service, stay: CheckedIn) -> Actor:
    found = await service.open_stay("301")
    assert found is not None
    return found.guest
