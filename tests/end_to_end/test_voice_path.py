"""A guest calls by WebRTC, with real speech, real recognition, a real broker and devices that answer for themselves."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from concierge.call_turns import Turn
from concierge.caller import place_call

pytestmark = pytest.mark.timeout(180)


async def eventually(look: Any, seconds: float = 5.0) -> Any:
    deadline = asyncio.get_running_loop().time() + seconds
    while (found := await look()) is None:
        assert asyncio.get_running_loop().time() < deadline, "it did not come"
        await asyncio.sleep(0.05)
    return found


async def test_a_lamp_that_was_asked_for_is_on_before_it_is_said_to_be(hotel, said):
    line = said["zh-lamp-on"]
    async with hotel.devices("301"):
        report = await place_call(hotel.url, await hotel.room_token("301"), [Turn(line.wav)])
        (result,) = report.results
        assert result.error is None
        assert result.decisions == line.decisions
        assert result.reply_audio_ms > 300
        (confirmed,) = result.confirmed
        assert confirmed["ok"]
        assert confirmed["state"]["power"] == "on"
        at = {event["type"]: event["at_s"] for event in result.events if event.get("kind") != "filler"}
        assert at["confirmed"] <= at["reply"]


async def test_a_silent_lamp_is_told_and_engineering_has_a_ticket(hotel, said):
    line = said["zh-lamp-on"]
    async with hotel.devices("302", silent=("302/bedside",)):
        report = await place_call(hotel.url, await hotel.room_token("302"), [Turn(line.wav)])
        (result,) = report.results
        assert "没有反应" in result.reply
        assert "开了" not in result.reply
        assert result.filler, "the guest hears a word while we wait"
        assert not result.confirmed[0]["ok"]
        async with hotel.client(await hotel.staff_token()) as staff:
            orders = (await staff.get("/v1/orders", params={"space": "302"})).json()["items"]
        (ticket,) = orders
        assert (ticket["intent"], ticket["department"]) == ("request.repair", "engineering")
        assert ticket["words"] == result.heard


async def test_a_request_is_a_ticket_with_room_floor_department_and_words(hotel, said):
    report = await place_call(hotel.url, await hotel.room_token("305"), [Turn(said["en-towels"].wav)])
    (result,) = report.results
    assert result.error is None
    async with hotel.client(await hotel.staff_token()) as staff:
        orders = (await staff.get("/v1/orders", params={"space": "305"})).json()["items"]
    (ticket,) = orders
    assert ticket["slots"] == {"items": [{"item": "towel", "quantity": 2}]}
    assert (ticket["space"], ticket["floor"], ticket["department"]) == ("305", 3, "housekeeping")
    assert ticket["words"] == result.heard
    assert set(ticket["times"]) >= {"placed", "dispatched"}


async def test_an_interruption_silences_the_voice_and_is_served(hotel, said):
    async with hotel.devices("303"):
        turns = [Turn(said["zh-breakfast"].wav), Turn(said["zh-barge-in"].wav, barge_in_ms=900)]
        report = await place_call(hotel.url, await hotel.room_token("303"), turns)
        long, cut_in = report.results
        assert long.error is None
        assert cut_in.error is None
        assert cut_in.barge_in_stop_ms is not None
        assert cut_in.decisions == said["zh-barge-in"].decisions
        stopped = [event for event in long.events + cut_in.events if event["type"] == "stopped"]
        assert stopped[0]["reason"] == "barge_in"


async def test_what_was_said_by_voice_and_by_text_is_in_the_stays_conversation(hotel, said):
    token = await hotel.room_token("306")
    report = await place_call(hotel.url, token, [Turn(said["en-breakfast"].wav)])
    (spoken,) = report.results
    import json

    from websockets.asyncio.client import connect

    heard: list[dict[str, Any]] = []
    async with connect(hotel.url.replace("http", "ws", 1) + "/v1/socket") as socket:
        await socket.send(json.dumps({"type": "hello", "token": token, "since": 0}))
        stay = None
        async with asyncio.timeout(15):
            async for text in socket:
                frame = json.loads(text)
                if frame["type"] == "event" and ".stay." in frame["subject"]:
                    stay = frame["subject"].split(".")[3]
                if frame["type"] == "ready":
                    assert stay
                    conversation = f"stay-{stay}"
                    await socket.send(
                        json.dumps({"type": "send", "client_id": "t1", "conversation": conversation, "text": "two towels"})
                    )
                if frame["type"] == "event" and ".im." in frame["subject"]:
                    heard.append(frame)
                    if len(heard) >= 4 and heard[-1]["by"].startswith("service") and heard[-1]["data"]["via"] != "voice":
                        break
    words = [(frame["by"].split(":")[0], frame["data"]["via"], frame["data"]["text"]) for frame in heard]
    assert ("guest", "voice", spoken.heard) in words
    assert any(by == "service" and via == "voice" and "breakfast" in text.lower() for by, via, text in words)
    assert ("guest", "text", "two towels") in words
    assert any(by == "service" and "towels" in text for by, via, text in words if via != "voice")


async def test_the_turn_and_its_time_ledger_are_on_the_log(hotel, said):
    from concierge.bus.address import running
    from concierge.bus.log import Log

    report = await place_call(hotel.url, await hotel.room_token("307"), [Turn(said["en-curtain"].wav)])
    assert report.results[0].heard
    log = await Log.open(running(hotel.state), "demo")
    try:

        async def turn() -> Any:
            async for entry in log.read("h.demo.turn.*.*"):
                if entry.data["heard"] == report.results[0].heard:
                    return entry
            return None

        entry = await eventually(turn)
        assert {"voice_to_voice", "endpoint_silence", "asr"} <= set(entry.data["spans_ms"])
        assert entry.data["reply_heard"]
    finally:
        await log.close()
