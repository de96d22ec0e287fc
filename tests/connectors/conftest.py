"""A hotel whose staff work in another IM: real log, service and views, the connectors, and a real server for callbacks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from im_hotel import USERS, Hotel, NoDevices, Open, serving

from concierge.bus.log import Log
from concierge.connectors import courier
from concierge.connectors.staff_im import StaffIm
from concierge.domain.event import now
from concierge.domain.hotel import Property
from concierge.domain.hotel import StaffIm as Config
from concierge.domain.people import SERVICE
from concierge.service.commands import CheckIn
from concierge.service.handlers import Service
from concierge.service.ports import World
from concierge.service.texts import Phrases
from concierge.views.projector import Projector
from concierge.views.store import Store
from concierge.views.views import Views


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeats come soon: what is tested is that they come."""
    monkeypatch.setattr(courier, "FIRST_PAUSE_S", 0.05)


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
def hotel(log: Log, property_: Property, views: Views) -> Open:
    """``async with hotel(config, …) as opened``; a second time is a restart."""
    people = {key: replace(one, im=USERS.get(key, {})) for key, one in property_.staff.items()}

    @asynccontextmanager
    async def opened(*configs: Config) -> AsyncIterator[Hotel]:
        property = replace(property_, staff=people, staff_im=configs)
        service = Service(World(log, property, NoDevices(), views, Phrases.load(), b"a secret of these tests", now))
        im = await StaffIm.open(service)
        running = asyncio.create_task(im.run())
        app = FastAPI()
        app.include_router(im.router)
        try:
            async with serving(app) as url:
                await service.do(CheckIn("301", "zh", "王芳"), SERVICE, "check-in")
                stay = await service.open_stay("301")
                assert stay is not None
                yield Hotel(url, im, log, service, stay.guest)
                assert not configs or not running.done(), running
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running
            await im.close()

    return opened
