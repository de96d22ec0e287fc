"""The broker is killed (-9) while guests speak and staff press: it comes back by itself, and nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from uuid import uuid4

import httpx
import pytest

from concierge.bus.address import running
from concierge.bus.log import Log
from concierge.call_turns import Turn
from concierge.caller import place_call

pytestmark = pytest.mark.timeout(240)
ORDERS = 120
KILLS = 3


async def place(client: httpx.AsyncClient, key: str, words: str) -> str:
    """As a client with an outbox does: the same key until it is acknowledged."""
    body = {"intent": "request.items", "slots": {"items": [{"item": "towel"}]}, "words": words, "lang": "en"}
    for _ in range(100):
        try:
            response = await client.post("/v1/orders", json=body, headers={"Idempotency-Key": key})
            if response.status_code == 201:
                return str(response.json()["id"])
            assert response.status_code == 503, response.text
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
    raise AssertionError(f"{words} was never acknowledged")


async def test_broker_killed_under_load_loses_and_doubles_nothing(hotel, said):
    async with hotel.devices("301"), hotel.client(await hotel.room_token("305")) as guest:
        call = asyncio.create_task(
            place_call(hotel.url, await hotel.room_token("301"), [Turn(said["zh-towels"].wav), Turn(said["zh-ac"].wav)])
        )
        killed: list[int] = []

        async def kill() -> None:
            for _ in range(KILLS):
                await asyncio.sleep(1.5)
                pid = hotel.broker_pid()
                os.kill(pid, signal.SIGKILL)
                killed.append(pid)
                await ready(hotel.url)

        async def orders() -> list[str]:
            acknowledged = []
            for number in range(ORDERS):
                acknowledged.append(await place(guest, uuid4().hex, f"order {number}"))
                await asyncio.sleep(0.03)
            return acknowledged

        killing = asyncio.create_task(kill())
        acknowledged = await orders()
        await killing
        report = await call
    assert len(set(killed)) == KILLS, "each kill hit a broker that had been started again"
    assert all(result.reply_audio_ms for result in report.results), "the call went on"
    log = await Log.open(running(hotel.state), "demo")
    try:
        placed = Counter([entry.data["words"] async for entry in log.read("h.demo.order.*.*") if entry.event == "placed"])
        ids = {entry.data["id"] async for entry in log.read("h.demo.order.*.*")}
    finally:
        await log.close()
    ours = {words: count for words, count in placed.items() if words.startswith("order ")}
    assert ours == {f"order {number}": 1 for number in range(ORDERS)}
    assert set(acknowledged) <= ids


async def ready(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client, asyncio.timeout(30):
        while True:
            response = await client.get("/readyz")
            if response.status_code == 200:
                return
            await asyncio.sleep(0.1)
