"""What is due while the service is down happens once after it is up again; what is due later, not before."""

from __future__ import annotations

import asyncio
from importlib import resources

import pytest
from hotel_process import Hotel, address, serve, stop

from concierge.bus.address import running
from concierge.bus.log import Log
from concierge.domain.event import Entry, now

pytestmark = pytest.mark.timeout(180)
ACCEPT_S = 2
SHORT = {
    '"request.items" = { accept_s = 180, done_s = 900 }': f'"request.items" = {{ accept_s = {ACCEPT_S}, done_s = 600 }}',
    '"request.cleaning" = { accept_s = 180, done_s = 2700 }': '"request.cleaning" = { accept_s = 60, done_s = 600 }',
}


async def place(hotel: Hotel, intent: str, slots: dict[str, object]) -> str:
    async with hotel.client(await hotel.room_token("305")) as guest:
        answer = await guest.post("/v1/orders", json={"intent": intent, "slots": slots, "words": intent, "lang": "en"})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])


async def history(hotel: Hotel, order: str) -> list[Entry]:
    log = await Log.open(running(hotel.state), "demo")
    try:
        return [entry async for entry in log.read(f"h.demo.order.*.{order}")]
    finally:
        await log.close()


async def test_timer_due_while_the_service_was_down_fires_once_after_the_start(tmp_path):
    text = (resources.files("concierge") / "example" / "property.toml").read_text("utf-8")
    for old, new in SHORT.items():
        assert old in text
        text = text.replace(old, new)
    file = tmp_path / "property.toml"
    file.write_text(text, "utf-8")
    arguments = ("--state", str(tmp_path / "state"), "--port", "0", "--property", str(file))
    first = serve(*arguments)
    try:
        hotel = Hotel(address(first), tmp_path / "state", first)
        towels = await place(hotel, "request.items", {"items": [{"item": "towel"}]})
        cleaning = await place(hotel, "request.cleaning", {})
        assert [entry.event for entry in await history(hotel, towels)] == ["placed", "dispatched"]
    finally:
        first.kill()  # -9
        first.wait(10)
        first.stdout.close()
    await asyncio.sleep(ACCEPT_S + 1)
    up = now()
    second = serve(*arguments)
    try:
        hotel = Hotel(address(second), tmp_path / "state", second)
        async with asyncio.timeout(20):
            while len(await history(hotel, towels)) < 4:  # noqa: ASYNC110 - another process' log sets no event here
                await asyncio.sleep(0.2)
        await asyncio.sleep(2)
        entries = await history(hotel, towels)
        assert [entry.event for entry in entries] == ["placed", "dispatched", "escalated", "late"]
        assert entries[2].at > up
        assert entries[3].data["escalated_to"] == "supervisor"
        assert [entry.event for entry in await history(hotel, cleaning)] == ["placed", "dispatched"]
    finally:
        stop(second)
