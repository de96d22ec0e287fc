"""Fixtures of all tests: the example hotel, a real broker, and its log."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import nats
import pytest

from concierge.bus.log import Log, stream_name
from concierge.bus.server import Broker
from concierge.domain.hotel import Property
from concierge.property import load


@pytest.fixture(scope="session")
def property_() -> Property:
    """The example hotel."""
    return load()


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A real nats-server on free ports. It is supervised from a thread of its own: each test has its own event loop."""
    state_dir: Path = tmp_path_factory.mktemp("state")
    started: list[Broker | BaseException] = []
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def serve() -> None:
        try:
            async with Broker(state_dir) as running:
                started.append(running)
                ready.set()
                await stop.wait()
        except BaseException as error:
            started.append(error)
            raise
        finally:
            ready.set()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(30)
    assert isinstance(started[0], Broker), started
    yield started[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)
    loop.close()


@pytest.fixture
async def log(broker: Broker, property_: Property) -> AsyncIterator[Log]:
    """The example hotel's log, empty at the start of each test."""
    address = broker.address
    assert address.credentials is not None
    client = await nats.connect(address.url, user=address.credentials.user, password=address.credentials.password)
    with contextlib.suppress(nats.js.errors.NotFoundError):
        await client.jsm().delete_stream(stream_name(property_.id))
    await client.close()
    opened = await Log.open(address, property_.id)
    yield opened
    await opened.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where all that a test may need was installed, a skipped one is a hole that nobody would see."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("CONCIERGE_CI") and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped although everything is installed: {report.longrepr}"


@pytest.hookimpl(hookwrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """Likewise for a whole file, but for the trainer's: what it needs is an extra of its own."""
    outcome = yield
    report = outcome.get_result()  # type: ignore[attr-defined]
    if report.skipped and os.environ.get("CONCIERGE_CI") and "tests/train" not in collector.nodeid:
        report.outcome = "failed"
        report.longrepr = f"skipped although everything is installed: {report.longrepr}"
