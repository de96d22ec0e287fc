"""A guest on a call hears of their order what they did not ask for: it was accepted, it is done."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from concierge.call_turns import Turn
from concierge.caller import place_call

pytestmark = pytest.mark.timeout(120)


async def test_who_accepted_it_and_that_it_is_done_is_spoken_on_the_line(hotel, said):
    room = "303"
    async with hotel.client(await hotel.staff_token("li_na")) as staff:

        async def serve() -> None:
            while True:
                orders = (await staff.get("/v1/orders", params={"space": room})).json()["items"]
                if orders:
                    break
                await asyncio.sleep(0.1)
            for verb in ("accept", "done"):
                await staff.post(f"/v1/orders/{orders[0]['id']}/{verb}", headers={"Idempotency-Key": uuid4().hex})
                await asyncio.sleep(6)

        serving = asyncio.create_task(serve())
        report = await place_call(
            hotel.url,
            await hotel.room_token(room),
            [Turn(said["zh-towels"].wav)],
            linger_s=11,
        )
        await serving
    assert report.results[0].error is None
    news = [(at, event) for at, event in report.record.events if event.get("kind") == "news"]
    assert all("turn" not in event for _, event in news), "it belongs to no turn"
    accepted, done = (event["text"] for _, event in news)
    assert "李娜" in accepted
    assert "两条毛巾" in accepted
    assert "办好" in done
    for at, _ in news:
        assert report.record.first_sound(at) is not None, "it is heard, not only shown"
