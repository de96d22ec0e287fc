"""Messages delivered a second and how late, to 1, 100 and 1,000 sockets of one conversation; beside them the same through
NATS alone, in the same run: the same broker, the same durable stream settings, one NATS client a listener. And what an idle
socket costs: ``--idle`` of them are opened and held.

Both have one sender and its listeners in this process; the service and its broker are others. ``delivered_per_s`` is with a
window of messages under way, ``p95_ms`` with a message every 50 ms, from the sender's send to each listener's receipt.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import nats
from nats.aio.msg import Msg
from nats.js.api import StorageType, StreamConfig
from websockets.asyncio.client import ClientConnection, connect

from bench.delivery import Hotel, free_port
from bench.fleet import rank
from concierge.bus.address import BrokerAddress, running
from concierge.commands.token import mint
from concierge.settings import Settings

CONVERSATION = "dept-housekeeping"
LISTENER, SENDER = "chen_jing", "li_na"
DELIVERIES = 40_000
"""About so many in each measurement: fewer messages to more listeners."""
WINDOW = 32
PACED, PACE_S = 100, 0.05
TOGETHER = 50
"""Connections that are being opened at once."""
SUBJECT = "bench.messages"
FRAME = {"type": "event", "seq": 0, "subject": SUBJECT, "event": "said", "at": "2026-11-20T08:00:00.000Z", "by": "staff:li_na"}
"""As an event on the wire: both carry as much."""


@dataclass
class Heard:
    """When listeners heard: the number of deliveries, and their delays while ``timed``."""

    count: int = 0
    delays: list[float] = field(default_factory=list)
    timed: bool = False

    def heard(self, text: str) -> None:
        self.count += 1
        if self.timed:
            self.delays.append(time.monotonic() - float(text.split()[1]))

    async def until(self, count: int) -> None:
        async with asyncio.timeout(120):
            while True:
                if self.count >= count:
                    return
                await asyncio.sleep(0.005)


Send = Callable[[str], Awaitable[None]]
"""Returns when the message is durable."""
Way = Callable[[int, Heard], contextlib.AbstractAsyncContextManager[Send]]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench im", description=__doc__)
    parser.add_argument("--sockets", type=int, nargs="+", default=[1, 100, 1000])
    parser.add_argument("--idle", type=int, default=5000)
    args = parser.parse_args(argv)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    print(json.dumps(asyncio.run(_measure(args.sockets, args.idle)), indent=1))
    return 0


async def _measure(sizes: list[int], idle: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="concierge-bench-") as folder:
        hotel = Hotel(Path(folder), free_port())
        await hotel.start()
        try:
            await hotel.ready()
            settings = Settings(state=hotel.state)
            url = hotel.url.replace("http", "ws") + "/v1/socket"
            tokens = await mint(settings, staff=LISTENER), await mint(settings, staff=SENDER)
            rows = []
            for size in sizes:
                ours = await _figures(size, lambda n, heard: _sockets(url, *tokens, n, heard))
                raw = await _figures(size, lambda n, heard: _nats(running(hotel.state), n, heard))
                share = round(ours["delivered_per_s"] / raw["delivered_per_s"], 2)
                rows.append({"listeners": size, "sockets": ours, "nats_alone": raw, "share_of_nats": share})
                print(rows[-1], file=sys.stderr)
            return {"fan_out": rows, "idle": await _idle(hotel, url, tokens[0], idle)}
        finally:
            await hotel.stop()


async def _figures(size: int, way: Way) -> dict[str, Any]:
    heard = Heard()
    async with way(size, heard) as send:
        number = max(WINDOW, DELIVERIES // size // 10 if size == 1 else DELIVERIES // size)
        window = asyncio.Semaphore(WINDOW)

        async def one() -> None:
            async with window:
                await send(f"m {time.monotonic()}")

        began = time.monotonic()
        await asyncio.gather(*(one() for _ in range(number)))
        await heard.until(number * size)
        rate = number * size / (time.monotonic() - began)
        heard.count, heard.timed = 0, True
        for _ in range(PACED):
            await asyncio.gather(send(f"m {time.monotonic()}"), asyncio.sleep(PACE_S))
        await heard.until(PACED * size)
    delays = sorted(1000 * delay for delay in heard.delays)
    return {"delivered_per_s": round(rate), "p50_ms": rank(delays, 0.5), "p95_ms": rank(delays, 0.95)}


@asynccontextmanager
async def _sockets(url: str, listener: str, sender: str, size: int, heard: Heard) -> AsyncIterator[Send]:
    async with contextlib.AsyncExitStack() as stack:
        for ws in await _open(url, listener, size, stack):
            task = asyncio.create_task(_listen(ws, heard))
            stack.callback(task.cancel)
        ws = (await _open(url, sender, 1, stack))[0]
        acks: dict[str, asyncio.Future[None]] = {}
        task = asyncio.create_task(_acknowledge(ws, acks))
        stack.callback(task.cancel)

        async def send(text: str) -> None:
            id = uuid4().hex
            acked = acks[id] = asyncio.get_running_loop().create_future()
            await ws.send(json.dumps({"type": "send", "client_id": id, "conversation": CONVERSATION, "text": text}))
            await acked

        yield send


async def _open(url: str, token: str, size: int, stack: contextlib.AsyncExitStack) -> list[ClientConnection]:
    """``size`` sockets that have said hello and been told ``ready``; live only."""
    few = asyncio.Semaphore(TOGETHER)

    async def one() -> ClientConnection:
        async with few:
            ws = await connect(url, compression=None, open_timeout=60, ping_interval=None)
            await ws.send(json.dumps({"type": "hello", "token": token}))
            while json.loads(await ws.recv())["type"] != "ready":
                pass
            return ws

    opened = await asyncio.gather(*(one() for _ in range(size)))
    for ws in opened:
        stack.push_async_callback(ws.close)
    return opened


async def _listen(ws: ClientConnection, heard: Heard) -> None:
    async for text in ws:
        frame = json.loads(text)
        if frame["type"] == "event" and frame["event"] == "said":
            heard.heard(frame["data"]["text"])


async def _acknowledge(ws: ClientConnection, acks: dict[str, asyncio.Future[None]]) -> None:
    async for text in ws:
        frame = json.loads(text)
        if frame["type"] == "ack":
            acks.pop(frame["client_id"]).set_result(None)
        elif frame["type"] == "error":
            acks.pop(frame["client_id"]).set_exception(RuntimeError(frame["detail"]))


@asynccontextmanager
async def _nats(address: BrokerAddress, size: int, heard: Heard) -> AsyncIterator[Send]:
    """Core subscriptions of ``size`` clients, beside a stream that makes each message durable before the publisher's ack."""
    credentials = address.credentials
    login = {"user": credentials.user, "password": credentials.password} if credentials else {}

    async def on(message: Msg) -> None:
        heard.heard(json.loads(message.data)["data"]["text"])

    async with contextlib.AsyncExitStack() as stack:
        publisher = await nats.connect(address.url, **login)
        stack.push_async_callback(publisher.close)
        stream = publisher.jetstream(timeout=10)
        await stream.add_stream(StreamConfig(name="bench", subjects=[SUBJECT], storage=StorageType.FILE))
        stack.push_async_callback(stream.delete_stream, "bench")
        for _ in range(size):
            client = await nats.connect(address.url, **login)
            stack.push_async_callback(client.close)
            await client.subscribe(SUBJECT, cb=on)
            await client.flush()

        async def send(text: str) -> None:
            data = FRAME | {"data": {"text": text, "lang": "en", "via": "text", "kind": "text", "client_id": uuid4().hex}}
            await stream.publish(SUBJECT, json.dumps(data).encode(), headers={"Nats-Msg-Id": uuid4().hex})

        yield send


async def _idle(hotel: Hotel, url: str, token: str, size: int) -> dict[str, Any]:
    async with contextlib.AsyncExitStack() as stack:
        warm = await _open(url, token, 10, stack)
        before = hotel.memory_kib()
        began = time.monotonic()
        held = await _open(url, token, size, stack)
        opened_s = time.monotonic() - began
        await asyncio.sleep(2)
        after = hotel.memory_kib()
        # They are alive: one ping each, and a message that reaches every one of them.
        began = time.monotonic()
        heard = Heard()
        for ws in held:
            stack.callback(asyncio.create_task(_listen(ws, heard)).cancel)
        id = uuid4().hex
        frame = {"type": "send", "client_id": id, "conversation": CONVERSATION, "text": f"m {time.monotonic()}"}
        await warm[0].send(json.dumps(frame))
        await heard.until(size)
        return {
            "sockets": len(held),
            "opened_per_s": round(size / opened_s),
            "kib_a_socket": round((after - before) / size, 1),
            "one_message_to_all_s": round(time.monotonic() - began, 2),
        }
