"""Live sync by sequence: nothing missing, nothing twice, nothing that is not one's own."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from hotel_site import House, Site, bearer
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from concierge.bus.server import Broker
from concierge.domain.event import Draft, now, subject
from concierge.domain.people import SERVICE, Actor
from concierge.domain.sight import seen
from concierge.service.commands import CheckedIn, CheckIn, CheckOut, PlaceOrder, RecordDeviceState, Say
from concierge.web import socket as web_socket
from concierge.web import tail as tails
from concierge.web.house import Emit

TOWELS = {"items": [{"item": "towel", "quantity": 2}]}
PATIENCE_S = 10


class Socket:
    def __init__(self, ws: ClientConnection) -> None:
        self.ws = ws

    async def send(self, **frame: Any) -> None:
        await self.ws.send(json.dumps(frame))

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(PATIENCE_S):
            frame: dict[str, Any] = json.loads(await self.ws.recv())
        return frame

    async def until(self, type: str) -> list[dict[str, Any]]:
        """Frames up to the first of ``type``, which is the last of them."""
        frames = [await self.next()]
        while frames[-1]["type"] != type:
            frames.append(await self.next())
        return frames

    async def closed(self) -> int:
        with suppress(ConnectionClosed):
            while True:
                await self.next()
        assert self.ws.close_code is not None
        return self.ws.close_code


@asynccontextmanager
async def joined(site: Site, **hello: Any) -> AsyncIterator[Socket]:
    async with connect(site.socket, proxy=None) as ws:
        client = Socket(ws)
        await client.send(type="hello", **hello)
        yield client


def seqs(frames: list[dict[str, Any]]) -> list[int]:
    return [frame["seq"] for frame in frames if frame["type"] == "event"]


async def test_the_backlog_comes_in_order_then_ready_then_live(site: Site, house: House, stay: CheckedIn) -> None:
    guest = await house.service.open_stay("301")
    assert guest is not None
    await house.service.do(Say(f"stay-{stay.id}", "你好", "zh"), guest.guest, "1")
    async with joined(site, token=await site.room("301"), since=0) as client:
        backlog = await client.until("ready")
        assert [frame.get("event") for frame in backlog] == ["checked_in", "occupied", "said", None]
        assert backlog[-1] == {"type": "ready", "seq": await house.log.end(), "log": house.log.incarnation}
        placed = await house.service.do(PlaceOrder("request.items", TOWELS, "两条毛巾", "zh"), guest.guest, "2")
        live = [await client.next(), await client.next()]
        assert [frame["event"] for frame in live] == ["placed", "dispatched"]
        assert live[1]["seq"] == placed.seq
        assert live[1].keys() == {"type", "seq", "subject", "event", "at", "by", "data"}


async def test_without_since_only_what_comes_from_now_on(site: Site, house: House, stay: CheckedIn) -> None:
    async with joined(site, token=await site.staff("lin_manager")) as client:
        ready = await client.next()
        assert (ready["type"], ready["seq"]) == ("ready", await house.log.end())
        await house.service.do(CheckIn("302", "en"), SERVICE, "2")
        assert (await client.next())["event"] == "checked_in"


async def test_joining_under_load_leaves_no_gap_and_nothing_twice(site: Site, house: House, stay: CheckedIn) -> None:
    """Sockets join and come back while others write: whatever the moment of the hand-over, the log is whole."""
    where = f"stay-{stay.id}"

    async def write(writer: int) -> None:
        for number in range(60):
            await house.service.do(Say(where, f"{writer}/{number}", "en"), SERVICE, f"{writer}-{number}")

    async def read(token: str, delay_s: float) -> list[int]:
        await asyncio.sleep(delay_s)
        got: list[int] = []
        while True:  # leaves after a while and comes back with its last sequence, as a phone does
            async with joined(site, token=token, since=got[-1] if got else 0) as client:
                for _ in range(70):
                    frame = await client.next()
                    got += seqs([frame])
                    if got and frame["type"] in ("event", "ready") and len(got) >= 240:
                        return got

    token = await site.room("301")
    readers = [asyncio.create_task(read(token, delay / 20)) for delay in range(8)]
    await asyncio.gather(*(write(writer) for writer in range(4)))
    await house.service.do(Say(where, "last", "en"), SERVICE, "last")
    expected = [entry.seq async for entry in house.log.read(f"h.demo.im.{where}")]
    for got in await asyncio.gather(*readers):
        said = [seq for seq in got if seq >= expected[0]]
        assert said == expected[: len(said)]
        assert len(said) >= 230


async def test_an_entry_during_the_hand_over_is_neither_lost_nor_doubled(
    site: Site, house: House, stay: CheckedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry is appended between the end of the read and ``ready``, the narrowest moment there is."""
    backlog = tails.Feed.backlog

    async def late(self: tails.Feed) -> AsyncIterator[Any]:
        async for entry in backlog(self):
            yield entry
        await house.service.do(Say(f"stay-{stay.id}", "in between", "en"), SERVICE, "late")
        await asyncio.sleep(0.05)

    monkeypatch.setattr(tails.Feed, "backlog", late)
    async with joined(site, token=await site.room("301"), since=0) as client:
        await client.until("ready")
        frame = await client.next()
        assert frame["data"]["text"] == "in between"
        await client.send(type="ping")
        assert (await client.next())["type"] == "pong"


async def test_a_guest_gets_nothing_from_before_the_stay_or_of_another_room(site: Site, house: House) -> None:
    await house.service.do(RecordDeviceState("301", "bedside", {"power": "on"}), SERVICE, "before")
    await house.service.do(CheckIn("301", "zh", "王芳"), SERVICE, "1")
    await house.service.do(CheckIn("302", "en", "Alice"), SERVICE, "2")
    await house.service.do(RecordDeviceState("302", "bedside", {"power": "on"}), SERVICE, "3")
    await house.service.do(RecordDeviceState("301", "desk", {"power": "on"}), SERVICE, "4")
    async with joined(site, token=await site.room("301"), since=0) as client:
        events = (await client.until("ready"))[:-1]
        assert [frame["subject"].split(".", 2)[2].split(".")[0] for frame in events] == ["stay", "space", "device"]
        assert events[-1]["subject"] == "h.demo.device.301.desk"
        await house.service.do(RecordDeviceState("302", "desk", {"power": "on"}), SERVICE, "5")
        await house.service.do(RecordDeviceState("301", "ac", {"power": "on"}), SERVICE, "6")
        assert (await client.next())["subject"] == "h.demo.device.301.ac"
    assert "code_hash" not in json.dumps(events)


async def test_staff_get_what_their_department_may_see(site: Site, house: House, stay: CheckedIn) -> None:
    guest = await house.service.open_stay("301")
    assert guest is not None
    await house.service.do(PlaceOrder("request.items", TOWELS, "毛巾", "zh"), guest.guest, "1")
    await house.service.do(PlaceOrder("request.repair", {"asset": "shower"}, "淋浴坏了", "zh"), guest.guest, "2")
    for user, departments in (("wang_wei", {"engineering"}), ("lin_manager", {"housekeeping", "engineering"})):
        async with joined(site, token=await site.staff(user), since=0) as client:
            events = (await client.until("ready"))[:-1]
            orders = [frame for frame in events if frame["subject"].startswith("h.demo.order.")]
            assert {frame["data"]["department"] for frame in orders} == departments


@pytest.mark.parametrize("token", ["", "nonsense", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0."])
async def test_a_bad_token_closes_with_4401(site: Site, token: str) -> None:
    async with joined(site, token=token) as client:
        assert await client.closed() == 4401


async def test_something_else_than_hello_closes_with_4400(site: Site) -> None:
    for text in ("{nope", "[]", '{"type":"send"}', '{"type":"hello"}', '{"type":"hello","token":"x","since":-1}'):
        async with connect(site.socket, proxy=None) as ws:
            await ws.send(text)
            assert await Socket(ws).closed() == 4400, text


async def test_check_out_ends_the_guests_socket(site: Site, house: House, stay: CheckedIn) -> None:
    token = await site.room("301")
    async with joined(site, token=token) as client:
        await client.until("ready")
        await house.service.do(CheckOut(stay.id), SERVICE, "out")
        assert (await client.next())["event"] == "checked_out"
        assert await client.closed() == 4401
    async with joined(site, token=token, since=0) as again:
        assert await again.closed() == 4401


async def test_a_message_is_acknowledged_once_it_is_on_the_log(site: Site, house: House, stay: CheckedIn) -> None:
    talk = f"stay-{stay.id}"
    async with joined(site, token=await site.room("301")) as client:
        await client.until("ready")
        acks = []
        for _ in range(2):  # the second is a repeat after a lost answer
            await client.send(type="send", client_id="m1", conversation=talk, text="再来两条毛巾", lang="zh")
            acks.append((await client.until("ack"))[-1])
        assert acks[0] == acks[1]
        assert acks[0]["client_id"] == "m1"
        entries = [entry async for entry in house.log.read(f"h.demo.im.{talk}")]
        assert [(entry.seq, entry.data["text"]) for entry in entries] == [(acks[0]["seq"], "再来两条毛巾")]


async def test_a_read_cursor_is_an_event_beside_the_messages(site: Site, house: House, stay: CheckedIn) -> None:
    talk = f"stay-{stay.id}"
    async with joined(site, token=await site.room("301")) as client:
        await client.until("ready")
        for _ in range(2):
            await client.send(type="read", conversation=talk, seq=7)
        event = await client.next()
        assert (event["subject"], event["event"], event["data"]) == (f"h.demo.im.{talk}", "read", {"seq": 7})
        await client.send(type="read", conversation="stay-other", seq=7)
        assert (await client.next())["code"] == "forbidden"  # and the repeat left no second event


async def test_a_check_out_during_the_log_in_ends_it(
    site: Site, house: House, stay: CheckedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    token, admit = await site.room("301"), web_socket.admit

    async def slow(*args: Any) -> Any:
        found = await admit(*args)
        monkeypatch.setattr(web_socket, "admit", admit)
        await house.service.do(CheckOut(stay.id), SERVICE, "out")
        await asyncio.sleep(0.2)  # the tail has it by then: this socket will not get to see it
        return found

    monkeypatch.setattr(web_socket, "admit", slow)
    async with joined(site, token=token) as client:
        assert await client.closed() == 4401


async def test_what_cannot_be_done_is_an_error_frame_and_the_socket_stays(site: Site, stay: CheckedIn) -> None:
    async with joined(site, token=await site.room("301")) as client:
        await client.until("ready")
        for frame, code in (
            ({"type": "send", "client_id": "a", "conversation": "stay-other", "text": "hi"}, "forbidden"),
            ({"type": "send", "client_id": "b", "conversation": "x"}, "bad_frame"),
            ({"type": "dance"}, "bad_frame"),
            ({"type": "voice", "state": "start"}, "not_available"),
        ):
            await client.send(**frame)
            error = await client.next()
            assert (error["type"], error["code"], error.get("client_id")) == ("error", code, frame.get("client_id"))
        for raw in ("{nope", "[1]", b"\x00\x01"):
            await client.ws.send(raw)
            assert (await client.next())["code"] == "bad_frame"
        await client.send(type="ping")
        assert (await client.next())["type"] == "pong"


@dataclass
class Utterance:
    emit: Emit
    pcm: bytes = b""
    cancelled: bool = False

    def feed(self, pcm: bytes) -> None:
        self.pcm += pcm

    async def stop(self) -> None:
        await self.emit({"type": "heard", "turn": 1, "text": f"{len(self.pcm)} bytes", "final": True})

    def cancel(self) -> None:
        self.cancelled = True


async def test_push_to_talk_is_carried_out_when_the_button_is_let_go(site: Site, house: House, stay: CheckedIn) -> None:
    spoken: list[Utterance] = []

    async def start(actor: Actor, lang: str | None, emit: Emit) -> Utterance:
        spoken.append(Utterance(emit))
        return spoken[-1]

    house.start_push_to_talk = start  # type: ignore[attr-defined]
    async with joined(site, token=await site.room("301")) as client:
        await client.until("ready")
        await client.send(type="voice", state="start", lang="zh")
        for _ in range(3):
            await client.ws.send(bytes(640))
        await client.send(type="voice", state="stop")
        assert (await client.next())["text"] == "1920 bytes"
        await client.send(type="voice", state="start")
        await client.send(type="ping")
        await client.next()
    async with asyncio.timeout(PATIENCE_S):
        while not spoken[1].cancelled:  # noqa: ASYNC110 - the server notices by itself, with nothing to wait on
            await asyncio.sleep(0.01)
    assert not spoken[0].cancelled


async def test_a_client_of_another_log_is_reset(site: Site, house: House, stay: CheckedIn) -> None:
    token = await site.room("301")
    for hello in ({"since": 10_000_000}, {"since": 1, "log": "another incarnation"}):
        async with joined(site, token=token, **hello) as client:
            frames = await client.until("ready")
            assert frames[0] == {"type": "reset", "log": house.log.incarnation}
            assert [frame.get("event") for frame in frames[1:]] == ["checked_in", "occupied", None]
    async with joined(site, token=token, since=await house.log.end(), log=house.log.incarnation) as client:
        assert (await client.next())["type"] == "ready"


async def test_a_client_that_does_not_read_is_cut_and_the_others_go_on(
    site: Site, house: House, stay: CheckedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tails, "LISTENER_LIMIT", 50)
    token, at = await site.room("301"), urlsplit(site.url)
    asleep = socket.socket()
    asleep.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    asleep.connect((at.hostname, at.port))
    asleep.setblocking(False)
    # Without compression, so that what is not read does fill the buffers on the way.
    async with connect(site.socket, sock=asleep, max_queue=1, compression=None, close_timeout=0.5, proxy=None) as ws:
        await ws.send(json.dumps({"type": "hello", "token": token}))
        async with joined(site, token=token) as awake:
            await awake.until("ready")
            where, data = subject("demo", "im", f"stay-{stay.id}"), {"text": "长" * 16_000, "lang": "zh", "via": "text"}
            for number in range(200):
                await house.log.append(Draft(where, "said", data, "service:test", None, f"{number}", at=now()))
                assert (await awake.next())["type"] == "event"
    assert "concierge_slow_clients_total 1.0" in (await site.http.get("/metrics")).text


async def test_the_sockets_go_on_through_a_kill_of_the_broker(site: Site, house: House, stay: CheckedIn, broker: Broker) -> None:
    async with joined(site, token=await site.room("301"), since=0) as client:
        await client.until("ready")
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)
        said = [
            (await house.service.do(Say(f"stay-{stay.id}", f"{n}", "en"), SERVICE, f"k{n}")).seq for n in range(20)
        ]  # fmt: skip
        assert [(await client.next())["seq"] for _ in said] == said


async def test_what_the_socket_shows_is_what_the_domain_allows(site: Site, house: House, stay: CheckedIn) -> None:
    """The same rule for catch-up and live: both are compared with the whole log seen through the domain's rule."""
    guest = await house.service.open_stay("301")
    assert guest is not None
    token = await site.room("301")
    async with joined(site, token=token) as live:
        await live.until("ready")
        start = await house.log.end()
        order = await house.service.do(PlaceOrder("request.items", TOWELS, "毛巾", "zh"), guest.guest, "1")
        for verb in ("accept", "note", "done"):
            body = {"text": "VIP"} if verb == "note" else None
            headers = bearer(await site.staff("li_na"))
            assert (await site.http.post(f"/v1/orders/{order.data['id']}/{verb}", json=body, headers=headers)).is_success
        expected = [
            shown async for entry in house.log.read("h.demo.>", since=start) if (shown := seen(entry, guest.guest)) is not None
        ]
        got = [await live.next() for _ in expected]
    async with joined(site, token=token, since=start) as late:
        caught_up = (await late.until("ready"))[:-1]
    wanted = [(entry.seq, entry.data) for entry in expected]
    assert [(frame["seq"], frame["data"]) for frame in got] == wanted
    assert [(frame["seq"], frame["data"]) for frame in caught_up] == wanted
    assert "VIP" not in json.dumps(got + caught_up)
