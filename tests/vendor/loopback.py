"""**Stands for a vendor's HTTP interface** on the loopback: answers JSON, keeps what was asked, and fails as a test says.

It speaks HTTP/1.1 by hand, so that an answer can be cut, late or no JSON.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    """JSON, if it is any; else the text, or with ``errors="surrogateescape"`` the bytes."""


@dataclass(frozen=True)
class Fault:
    """What goes wrong, once. ``status``: instead of an answer, with ``body`` as it stands; ``cut``: the line breaks;
    ``done``: only after the request was carried out; ``silent_s``: before anything is said."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    cut: bool = False
    done: bool = False
    silent_s: float = 0.0


Answer = Callable[[Asked], Awaitable[tuple[int, Any]]]


class Loopback:
    """``async with Loopback(answer) as server``: on a free port of this machine, at :attr:`url`."""

    def __init__(self, answer: Answer) -> None:
        self.asked: list[Asked] = []
        self._answer = answer
        self._faults: dict[str, list[Fault]] = {}
        self._open: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def fails(self, path: str, *faults: Fault) -> None:
        """The next requests whose path ends so go wrong, one fault each."""
        self._faults.setdefault(path, []).extend(faults)

    def times(self, path: str) -> int:
        return sum(one.path.endswith(path) for one in self.asked)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                await self._one(reader, writer)
        finally:
            self._open.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        text = (await reader.readexactly(int(headers.get("content-length", 0)))).decode(errors="surrogateescape")
        method, target, _ = head[0].split()
        parts = urlsplit(target)
        try:
            body = json.loads(text) if text else None
        except ValueError:
            body = text
        asked = Asked(method, parts.path, dict(parse_qsl(parts.query)), headers, body)
        self.asked.append(asked)
        fault = next((faults.pop(0) for path, faults in self._faults.items() if faults and parts.path.endswith(path)), None)
        status, said, more = 200, None, {}
        if fault is None or fault.done:
            status, said = await self._answer(asked)
        if fault:
            await asyncio.sleep(fault.silent_s)
            if fault.cut:
                writer.transport.abort()
                return
            if fault.status:
                status, said, more = fault.status, fault.body, fault.headers
        payload = (said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)).encode()
        lines = [f"HTTP/1.1 {status} Loopback", "Content-Type: application/json; charset=utf-8", "Connection: close"]
        lines += [f"Content-Length: {len(payload)}", *(f"{name}: {value}" for name, value in more.items())]
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + payload)
        await writer.drain()
