"""The whole service as a process of its own, as an operator starts it, and a guest's and staff's ways to it."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from concierge.bus.address import running
from concierge.commands.token import mint
from concierge.property import load as load_property
from concierge.settings import Settings
from concierge.simulator import Simulator

READY_S = 60


@dataclass(frozen=True)
class Hotel:
    """A running ``concierge serve``."""

    url: str
    state: Path
    process: subprocess.Popen[bytes]

    async def room_token(self, room: str) -> str:
        return await mint(Settings(state=self.state), room=room)

    async def staff_token(self, name: str = "lin_manager") -> str:
        return await mint(Settings(state=self.state), staff=name)

    def client(self, token: str) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.url, headers={"Authorization": f"Bearer {token}"}, timeout=20)

    def broker_pid(self) -> int:
        """The nats-server that is the service's child."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                    if parent == self.process.pid and b"nats-server" in (entry / "cmdline").read_bytes():
                        return int(entry.name)
                except OSError:
                    continue  # it ended while we looked
        raise AssertionError("the service has no broker")

    @asynccontextmanager
    async def devices(
        self, *rooms: str, silent: tuple[str, ...] = (), delay_ms: tuple[float, float] = (50, 150)
    ) -> AsyncIterator[Simulator]:
        """Simulated devices of the rooms; ``silent``: ``301/bedside``. They run until the block ends."""
        mqtt = running(self.state).mqtt
        assert mqtt is not None
        dead = [(space, device) for space, _, device in (one.partition("/") for one in silent)]
        simulator = Simulator(load_property(None), mqtt, spaces=rooms, silent=dead, delay_ms=delay_ms)
        task = asyncio.create_task(simulator.run())
        try:
            await asyncio.wait_for(simulator.ready.wait(), 20)
            yield simulator
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def stop(process: subprocess.Popen[bytes]) -> int:
    process.terminate()
    code = process.wait(20)
    assert process.stdout is not None
    process.stdout.close()
    return code


def serve(*args: str, **variables: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "concierge.cli", "serve", *args]
    return subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **variables})


def address(process: subprocess.Popen[bytes]) -> str:
    """Its root URL, once it is ready."""
    assert process.stdout is not None
    url = next(line.split()[1].decode().removesuffix("/room") for line in process.stdout if line.startswith(b"room "))
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{url}/readyz").status_code == 200:
                return url
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("the service did not get ready")
