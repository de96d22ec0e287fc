"""A client without WebRTC: sound over the socket, as the mini-program sends it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
import soundfile
from websockets.asyncio.client import connect

pytestmark = pytest.mark.timeout(120)


async def test_towels_asked_for_over_the_socket_become_a_ticket(hotel, said):
    pcm, _ = soundfile.read(said["en-towels"].wav, dtype="int16")
    frames: list[dict[str, Any]] = []
    async with connect(hotel.url.replace("http", "ws", 1) + "/v1/socket") as socket:
        await socket.send(json.dumps({"type": "hello", "token": await hotel.room_token("307")}))
        await socket.send(json.dumps({"type": "voice", "state": "start"}))
        for at in range(0, len(pcm), 512):
            await socket.send(pcm[at : at + 512].tobytes())
        await socket.send(json.dumps({"type": "voice", "state": "stop"}))
        async with asyncio.timeout(20):
            while not any(frame["type"] == "ledger" for frame in frames):
                frames.append(json.loads(await socket.recv()))
    heard, reply = (next(frame for frame in frames if frame["type"] == kind) for kind in ("heard", "reply"))
    decision = next(frame for frame in frames if frame["type"] == "decision")
    assert heard["final"]
    assert decision["decisions"] == said["en-towels"].decisions
    assert "towels" in reply["text"].lower()
    assert any(frame["type"] == "event" and ".order." in frame["subject"] for frame in frames)


async def test_an_empty_utterance_is_nothing_and_not_an_error(hotel):
    async with connect(hotel.url.replace("http", "ws", 1) + "/v1/socket") as socket:
        await socket.send(json.dumps({"type": "hello", "token": await hotel.room_token("308")}))
        await socket.send(json.dumps({"type": "voice", "state": "start"}))
        await socket.send(json.dumps({"type": "voice", "state": "stop"}))
        async with asyncio.timeout(10):
            while (frame := json.loads(await socket.recv()))["type"] != "heard":
                assert frame["type"] != "error"
    assert frame["text"] == ""
