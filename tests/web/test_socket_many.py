"""Many sockets: nobody waits for a slow one, an entry is put into JSON once, an idle one costs no task beside its own."""

from __future__ import annotations

import asyncio
import json
import socket
from contextlib import AsyncExitStack, suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from hotel_site import House, Site
from test_socket import Socket, joined
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from concierge.domain.event import Draft, now, subject
from concierge.service.commands import CheckedIn
from concierge.web import frames
from concierge.web import tail as tails
from concierge.web.app import SERVER

LONG = "长" * 16_000


async def append(house: House, stay: CheckedIn, text: str, number: int) -> int:
    where, data = subject("demo", "im", f"stay-{stay.id}"), {"text": text, "lang": "zh", "via": "text"}
    (entry,) = await house.log.append(Draft(where, "said", data, "service:test", None, f"n{number}", at=now()))
    return entry.seq


async def test_who_was_cut_catches_up_by_sequence_and_the_others_got_everything_meanwhile(
    site: Site, house: House, stay: CheckedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "LISTENER_LIMIT", 20)
    token, at = await site.room("301"), urlsplit(site.url)
    asleep = socket.socket()
    asleep.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    asleep.connect((at.hostname, at.port))
    asleep.setblocking(False)
    got: list[int] = []
    async with connect(site.socket, sock=asleep, max_queue=1, compression=None, close_timeout=0.5, proxy=None) as ws:
        await ws.send(json.dumps({"type": "hello", "token": token, "since": 0}))
        slow = Socket(ws)
        got += [frame["seq"] for frame in await slow.until("ready") if frame["type"] == "event"]
        async with joined(site, token=token) as awake, joined(site, token=await site.staff("emma")) as emma:
            await awake.until("ready")
            await emma.until("ready")
            said = []
            for number in range(120):  # it sleeps from here on
                said.append(await append(house, stay, LONG, number))
                assert ((await awake.next())["seq"], (await emma.next())["seq"]) == (said[-1], said[-1])
        with suppress(ConnectionClosed):  # awake again it finds what had left already, and the end
            while True:
                got += [frame["seq"] for frame in [await slow.next()] if frame["type"] == "event"]
    assert got[-1] < said[-1]
    async with joined(site, token=token, since=got[-1]) as again:
        got += [frame["seq"] for frame in await again.until("ready") if frame["type"] == "event"]
    assert [seq for seq in got if seq >= said[0]] == said
    assert "concierge_slow_clients_total 1.0" in (await site.http.get("/metrics")).text


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ws_ping_interval", "ws_ping_timeout"):
        monkeypatch.setitem(SERVER, name, 0.3)  # type: ignore[arg-type]  # a dict, though nobody should change it


async def test_a_dead_peer_is_found_though_nothing_is_said(impatient: None, site: Site, stay: CheckedIn) -> None:
    token = await site.room("301")
    async with joined(site, token=token) as well, joined(site, token=token) as dead:
        await well.until("ready")
        await dead.until("ready")
        dead.ws.transport.pause_reading()  # as one whose battery is empty: no pong, no close
        async with asyncio.timeout(10):
            while "concierge_sockets 1.0" not in (await site.http.get("/metrics")).text:  # noqa: ASYNC110 - told by nobody
                await asyncio.sleep(0.1)
        await well.send(type="ping")
        assert (await well.next())["type"] == "pong"
        dead.ws.transport.abort()


async def test_an_entry_is_put_into_json_once_for_all_who_see_the_same(
    site: Site, house: House, stay: CheckedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    text_of = frames.text_of

    def counted(frame: Any) -> str:
        made.append(frame["type"])
        return text_of(frame)

    monkeypatch.setattr(frames, "text_of", counted)
    guest, emma = await site.room("301"), await site.staff("emma")
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(joined(site, token=token)) for token in [guest] * 20 + [emma] * 20]
        for client in clients:
            await client.until("ready")
        await append(house, stay, "hi", 1)
        assert {(await client.next())["data"]["text"] for client in clients} == {"hi"}
        assert made.count("event") == 1


async def test_an_idle_socket_has_one_task_and_a_busy_house_does_not_wake_another_rooms_guest(
    site: Site, house: House, stay: CheckedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    def serving() -> list[str]:
        names = (getattr(task.get_coro(), "__qualname__", "") for task in asyncio.all_tasks())
        return sorted(name for name in names if name.partition(".")[0] in ("WebSocketsSansIOProtocol", "Line"))

    woken: dict[int, list[int]] = {}
    offer = tails.Feed.offer

    def noted(self: tails.Feed, shared: Any, visible: Any) -> None:
        woken.setdefault(id(self), []).append(shared.entry.seq)
        offer(self, shared, visible)

    monkeypatch.setattr(tails.Feed, "offer", noted)
    token = await site.room("301")
    async with AsyncExitStack() as stack:
        clients = [await stack.enter_async_context(joined(site, token=token)) for _ in range(30)]
        for client in clients:
            await client.until("ready")
        await asyncio.sleep(0.05)
        assert serving() == ["WebSocketsSansIOProtocol.run_asgi"] * 30
        where = subject("demo", "im", "stay-another")
        await house.log.append(Draft(where, "said", {"text": "hi"}, "service:test", None, "another", at=now()))
        mine = await append(house, stay, "hi", 1)
        for client in clients:
            assert (await client.next())["seq"] == mine
        assert [seqs for seqs in woken.values() if seqs == [mine]] == [[mine]] * 30
        assert len(woken) == 31, "and the house's own ear, for notifications"
