"""The demo's other processes: the service and the simulated devices, each as a user would start it."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

READY_S = 60.0
STOP_S = 10.0


class NotStarted(Exception):
    """The service did not get ready."""


@asynccontextmanager
async def service(state: Path) -> AsyncIterator[tuple[str, float]]:
    """``concierge serve`` on a free port, ready. Yields (its root URL, seconds until it was ready)."""
    started = time.monotonic()
    async with _child("serve", "--state", str(state), "--port", "0") as process:
        url = await _address(process)
        async with httpx.AsyncClient(base_url=url) as http:
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get("/readyz")).status_code == 200:
                        break
                if process.returncode is not None:
                    raise NotStarted(f"the service ended with {process.returncode}")
                if time.monotonic() - started > READY_S:
                    raise NotStarted(f"the service was not ready after {READY_S:.0f} s")
                await asyncio.sleep(0.05)
        yield url, time.monotonic() - started


@asynccontextmanager
async def devices(state: Path, *options: str) -> AsyncIterator[None]:
    """``concierge devices simulate``: every room's devices, answering after 50–150 ms. Ready when it says so."""
    async with _child("devices", "simulate", "--state", str(state), *options) as process:
        assert process.stdout is not None
        async with asyncio.timeout(READY_S):
            if not await process.stdout.readline():
                raise NotStarted("the simulated devices ended at once; their own words are above")
        yield


@asynccontextmanager
async def _child(*args: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "concierge.cli", *args), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
            try:
                async with asyncio.timeout(STOP_S):
                    await process.communicate()
            except TimeoutError:
                process.kill()
                await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(READY_S):
        async for line in process.stdout:
            if line.startswith(b"room "):
                return line.split()[1].decode().removesuffix("/room")
    raise NotStarted("the service ended before it said where it is; its own words are above")
