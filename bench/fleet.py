"""Clients of ``/v1/socket`` that lose nothing: an outbox, the same client id until it is acknowledged, sync by sequence."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import random
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

WINDOW = 16
"""Messages that a client has under way at once."""
RECONNECT_S = (0.1, 0.4)


@dataclass
class Sent:
    """One message or order from the first try to its acknowledgement; ``at`` and ``acked`` by the monotonic clock."""

    id: str
    text: str
    at: float
    acked: float = 0.0
    seq: int = 0


@dataclass
class Client:
    """One socket. ``seen``: (sequence, digest) of each event in the order of arrival; ``events`` is kept only if ``keep``."""

    url: str
    token: str
    conversation: str
    keep: bool = False
    seen: list[tuple[int, bytes]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    sent: dict[str, Sent] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    connects: int = 0
    last: int = 0
    log: str | None = None

    def __post_init__(self) -> None:
        self._waiting: deque[Sent] = deque()
        self._under_way: dict[str, Sent] = {}
        self._go = asyncio.Event()
        self.ready = asyncio.Event()

    def say(self, id: str, text: str) -> None:
        message = Sent(id, text, time.monotonic())
        self.sent[id] = message
        self._waiting.append(message)
        self._go.set()

    @property
    def unacknowledged(self) -> int:
        return len(self._waiting) + len(self._under_way)

    async def run(self) -> None:
        """Until it is cancelled: connected, and connected again."""
        while True:
            with contextlib.suppress(OSError, WebSocketException, TimeoutError, json.JSONDecodeError):
                async with connect(self.url, compression=None, max_size=1 << 22, open_timeout=5, ping_interval=5) as ws:
                    self.connects += 1
                    await self._serve(ws)
            self.ready.clear()
            await asyncio.sleep(random.uniform(*RECONNECT_S))

    async def _serve(self, ws: ClientConnection) -> None:
        hello = {"type": "hello", "token": self.token, "since": self.last}
        await ws.send(json.dumps(hello | ({"log": self.log} if self.log else {})))
        # What had no answer goes first, under the id that it had: the service knows whether it was there.
        self._waiting.extendleft(reversed(self._under_way.values()))
        self._under_way.clear()
        sending = asyncio.create_task(self._send(ws))
        try:
            async for text in ws:
                self._take(json.loads(text))
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, ws: ClientConnection) -> None:
        while True:
            while self._waiting and len(self._under_way) < WINDOW:
                message = self._waiting.popleft()
                self._under_way[message.id] = message
                frame = {"type": "send", "client_id": message.id, "conversation": self.conversation, "text": message.text}
                await ws.send(json.dumps(frame))
            self._go.clear()
            await self._go.wait()

    def _take(self, frame: dict[str, Any]) -> None:
        match frame["type"]:
            case "event":
                if frame["seq"] <= self.last:
                    self.errors.append(f"event {frame['seq']} after {self.last}")
                self.last = frame["seq"]
                self.seen.append((frame["seq"], digest(frame)))
                if self.keep:
                    self.events.append(frame)
            case "ack":
                if message := self._under_way.pop(frame["client_id"], None):
                    message.acked, message.seq = time.monotonic(), frame["seq"]
                self._go.set()
            case "ready":
                self.log = frame["log"]
                self.ready.set()
            case "error" if (message := self._under_way.pop(frame.get("client_id", ""), None)) is not None:
                if frame["code"] != "unavailable":
                    self.errors.append(f"{frame['code']}: {frame['detail']}")
                self._waiting.append(message)  # the broker was away: once more, under the same id
                self._go.set()
            case "reset":
                self.errors.append("reset: the log is another one")


def digest(frame: dict[str, Any]) -> bytes:
    """Of what an event says, so that two clients' copies can be compared."""
    said = [frame[name] for name in ("subject", "event", "at", "by", "data")]
    return hashlib.blake2b(json.dumps(said, sort_keys=True).encode(), digest_size=8).digest()


async def place_order(http: httpx.AsyncClient, order: Sent, space: str) -> None:
    """As a client with an outbox does: the same key until it is acknowledged."""
    body = {"intent": "request.items", "slots": {"items": [{"item": "towel"}]}, "words": order.text, "lang": "en", "space": space}
    while not order.acked:
        with contextlib.suppress(httpx.TransportError):
            answer = await http.post("/v1/orders", json=body, headers={"Idempotency-Key": order.id})
            if answer.status_code == 201:
                order.acked, order.seq = time.monotonic(), answer.json()["seq"]
                return
            if answer.status_code not in (429, 503):
                raise RuntimeError(f"{order.text}: {answer.status_code} {answer.text}")
        await asyncio.sleep(random.uniform(*RECONNECT_S))


def rank(sorted_values: list[float], share: float) -> float | None:
    """The value below which ``share`` of them lie; None of nothing."""
    return round(sorted_values[min(len(sorted_values) - 1, int(share * len(sorted_values)))], 1) if sorted_values else None
