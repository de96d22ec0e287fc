"""A house over the real broker behind a real server on a free port."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import uvicorn
from hotel_site import House, ObedientDevices, Site

from concierge.bus.log import Log
from concierge.domain.event import now
from concierge.domain.hotel import Property
from concierge.domain.people import SERVICE
from concierge.files import Files
from concierge.service.commands import CheckedIn, CheckIn
from concierge.service.handlers import Service
from concierge.service.ports import World
from concierge.service.texts import Phrases
from concierge.settings import Settings
from concierge.views.projector import Projector
from concierge.views.store import Store
from concierge.views.views import Views
from concierge.web.app import SERVER, create_app


@pytest.fixture
async def house(log: Log, property_: Property, tmp_path: Path) -> AsyncIterator[House]:
    store = Store.open(tmp_path / "views.db")
    projector = asyncio.create_task(Projector(store, log, property_.id).run())
    views, devices = Views(store), ObedientDevices()
    files = Files(tmp_path / "files")
    service = Service(World(log, property_, devices, views, Phrases.load(), b"a secret of these tests", now, files=files))
    devices.service = service
    devices.may_confirm.set()
    yield House(property_, Settings(state=tmp_path), log, service, views, devices)
    projector.cancel()
    with suppress(asyncio.CancelledError):
        await projector
    await store.close()


@pytest.fixture
async def site(house: House) -> AsyncIterator[Site]:
    app = create_app(house)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning", **SERVER))
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), task
        await asyncio.sleep(0.01)
    url = f"http://127.0.0.1:{port}"
    async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as http:
        yield Site(url, http, app)
    server.should_exit = True
    await task


@pytest.fixture
async def stay(house: House) -> CheckedIn:
    """A guest in 301 who speaks Chinese."""
    return await house.service.do(CheckIn("301", "zh", "王芳"), SERVICE, "check-in 301")
