"""Whatever a client sends: an error frame or a close with a code; never a broken task, never anything strange on the log."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import struct
from typing import Any
from urllib.parse import urlsplit

import pytest
from hotel_site import House, Site
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_socket import Socket, joined
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from concierge.service.commands import CheckedIn

TYPES = ("send", "edit", "withdraw", "read", "got", "typing", "voice", "ping", "hello", "event")
ANSWERS = {"error", "ack", "cursor", "event", "typing", "delivered", "pong"}
# As JSON on the wire may have them, half surrogates and numbers beyond any integer included.
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20) | st.sampled_from(TYPES)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)
seqs = st.integers(-2, 12) | st.sampled_from([2**31, 2**53, 2**53 + 1, 2**64, 10**40]) | anything


def near_frames(conversation: str) -> st.SearchStrategy[dict[str, Any]]:
    """Frames that are nearly right, of which many are quite right."""
    where = st.just(conversation) | st.sampled_from(["dept-housekeeping", "direct-a--b", "group-x", "stay-", ""]) | anything
    return st.fixed_dictionaries(
        {"type": st.sampled_from(TYPES) | anything},
        optional={
            "client_id": st.text(st.characters(), max_size=12) | anything,
            "conversation": where,
            "text": st.text(st.characters(), max_size=50) | anything,
            "lang": st.sampled_from(["zh", "en", None]) | anything,
            "seq": seqs,
            "message": seqs,
            "reply_to": seqs,
            "file": st.sampled_from(["0" * 64, "../../token.key"]) | anything,
            "card": st.just({"type": "order", "id": "o1"}) | anything,
            "mentions": st.lists(st.sampled_from(["li_na", "nobody", "*", ">"]), max_size=3) | anything,
            "state": st.sampled_from(["start", "stop"]) | anything,
            "token": anything,
        },
    )


def frames(conversation: str) -> st.SearchStrategy[str | bytes]:
    as_json = (near_frames(conversation) | anything).map(json.dumps)
    deep = st.integers(1, 5000).map(lambda depth: '{"a":' * depth) | st.integers(1, 5000).map(
        lambda depth: "[" * depth + "]" * depth
    )
    return as_json | st.text(max_size=200) | st.binary(max_size=200) | deep


async def test_any_frame_is_answered_and_the_socket_and_the_log_stay_well(
    site: Site, house: House, stay: CheckedIn, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    start, talk = await house.log.end(), f"stay-{stay.id}"
    async with joined(site, token=await site.room("301")) as client:
        await client.until("ready")
        for raw in examples(frames(talk), 400):
            await client.ws.send(raw)
            await client.send(type="ping")
            got = await client.until("pong")
            assert {frame["type"] for frame in got} <= ANSWERS, raw
            assert not any(frame.get("code") == "internal" for frame in got), raw
    async for entry in house.log.read("h.demo.>", start):
        assert (entry.subject, entry.by) == (f"h.demo.im.{talk}", f"guest:{stay.id}")
        assert entry.event in ("said", "edited", "withdrawn", "read")
    await house.views.caught_up(await house.log.end())
    assert [record.getMessage() for record in caplog.records] == []


async def test_half_a_surrogate_pair_is_answered_as_it_came(site: Site, stay: CheckedIn) -> None:
    async with joined(site, token=await site.room("301")) as client:
        await client.until("ready")
        await client.ws.send('{"type": "nonsense", "client_id": "\\ud852÷"}')
        *_, answer = await client.until("error")
        assert (answer["code"], answer["client_id"]) == ("bad_frame", "\ud852÷")


def examples(strategy: st.SearchStrategy[str | bytes], count: int) -> list[str | bytes]:
    """Drawn before anything runs: hypothesis allows no other use of chance beside it, and a server has some."""
    found: list[str | bytes] = []

    @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(strategy.filter(sendable))
    def collect(raw: str | bytes) -> None:
        found.append(raw)

    collect()
    return found


def sendable(raw: str | bytes) -> bool:
    """Text that is no UTF-8 cannot be sent by this library; that is what :func:`test_broken_frames…` is for."""
    try:
        return isinstance(raw, bytes) or bool(raw.encode())
    except UnicodeEncodeError:
        return False


async def test_any_first_frame_closes_with_a_code(site: Site, stay: CheckedIn, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.ERROR)
    for raw in examples(frames("stay-x"), 60):
        async with connect(site.socket, proxy=None) as ws:
            await ws.send(raw)
            assert await Socket(ws).closed() in (4400, 4401), raw
    assert [record.getMessage() for record in caplog.records] == []


@pytest.mark.parametrize(
    ("opcode", "payload", "code"),
    [(0x1, b"\xff\xfe", 1007), (0x3, b"?", 1002), (0x1, b"x" * (2 << 20), 1009), (0x8, b"\x00", 1002), (0x0, b"?", 1002)],
)
async def test_broken_frames_close_the_one_socket_with_a_code(
    site: Site, stay: CheckedIn, caplog: pytest.LogCaptureFixture, opcode: int, payload: bytes, code: int
) -> None:
    token = await site.room("301")
    async with joined(site, token=token) as well, joined(site, token=token) as client:
        await client.until("ready")
        client.ws.transport.write(struct.pack("!BBQI", 0x80 | opcode, 0x80 | 127, len(payload), 0) + payload)
        assert await client.closed() == code
        await well.until("ready")
        await well.send(type="ping")
        assert (await well.next())["type"] == "pong"


async def test_a_client_that_falls_silent_in_the_middle_is_let_go(site: Site, stay: CheckedIn) -> None:
    """Half a handshake, half a frame, then nothing and a reset."""
    at = urlsplit(site.url)
    for half in (b"GET /v1/socket HTTP/1.1\r\nHost: x\r\n", b"\x81\xfe"):
        with socket.create_connection((at.hostname, at.port)) as line:
            line.sendall(half)
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    async with connect(site.socket, proxy=None) as ws:
        ws.transport.abort()
        with pytest.raises(ConnectionClosed):
            await ws.recv()
    async with asyncio.timeout(10):
        while "concierge_sockets 0.0" not in (await site.http.get("/metrics")).text:  # noqa: ASYNC110 - told by nobody
            await asyncio.sleep(0.05)
