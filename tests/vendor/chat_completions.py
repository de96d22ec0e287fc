"""**Stands for a vendor.** A loopback server that speaks Chat Completions as OpenAI and its compatible endpoints do.

It holds no model: each model *name* is a script of what an endpoint does well or badly, set with
:meth:`Vendor.plays`. It speaks HTTP/1.1 by hand, so that a stream can break exactly where a test wants it to. What was
asked is kept in :attr:`Vendor.requests`.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

Call = tuple[str, Any]
"""(tool's name, arguments: an object, or text that is sent as it stands)"""
PATH = "/v1/chat/completions"


@dataclass(frozen=True)
class Script:
    """What the endpoint does when it is asked. The defaults: an empty answer that ends well.

    ``silent_s``: before any answer, ``first_s``: before the first token, ``gap_s``: between two; ``cut_after``: the
    connection drops after so many pieces; ``usage``: (in, out) tokens, None: not told.
    """

    calls: Sequence[Call] = ()
    text: str = ""
    refusal: str = ""
    status: int = 200
    retry_after: str = ""
    silent_s: float = 0.0
    first_s: float = 0.0
    gap_s: float = 0.0
    cut_after: int | None = None
    garbage: str = ""
    """Sent instead of the first piece, as it stands."""
    finish: str | None = None
    usage: tuple[int, int] | None = (100, 20)
    obeys: Callable[[str], Sequence[Call]] | None = None
    """An accomplice: words of the user's message → the calls that they ask for."""


@dataclass
class Request:
    """One request as it came. ``gone``: the client hung up before the answer was whole."""

    headers: dict[str, str]
    body: dict[str, Any]
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    gone: bool = False

    @property
    def model(self) -> str:
        return str(self.body["model"])

    @property
    def said(self) -> str:
        """All text that the model was given."""
        return "\n".join(str(message["content"]) for message in self.body["messages"])

    @property
    def tools(self) -> dict[str, dict[str, Any]]:
        return {tool["function"]["name"]: tool["function"]["parameters"] for tool in self.body["tools"]}


class Vendor:
    """``async with Vendor() as vendor``: on a free port of this machine, at :attr:`url`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.streaming = asyncio.Event()
        """A first piece of an answer was sent."""
        self._scripts: dict[str, list[Script]] = {}
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
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/v1"

    def plays(self, model: str, *scripts: Script) -> None:
        """``model`` follows ``scripts``, one a request; the last of them for ever."""
        self._scripts[model] = list(scripts)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            if request := await _read(reader):  # one a connection: a broken stream must not be mistaken for the next answer
                self.requests.append(request)
                waiting = self._scripts.get(request.model, [Script(status=404)])
                script = waiting.pop(0) if len(waiting) > 1 else waiting[0]
                answering = asyncio.ensure_future(self._answer(script, request, writer))
                hung_up = asyncio.ensure_future(reader.read(1))  # no client sends more before it has its answer
                await asyncio.wait({answering, hung_up}, return_when=asyncio.FIRST_COMPLETED)
                request.gone = not answering.done()
                for each in (answering, hung_up):
                    each.cancel()
                request.ended.set()
                await asyncio.gather(answering, hung_up, return_exceptions=True)
        finally:
            self._open.discard(task)
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

    async def _answer(self, script: Script, request: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(script.silent_s)
        if script.status != 200:
            error = json.dumps({"error": {"message": f"scripted {script.status}", "type": "scripted", "code": None}})
            headers = {"Retry-After": script.retry_after} if script.retry_after else {}
            await _send(writer, _head(script.status, "application/json", len(error.encode()), headers) + error.encode())
            return
        await _send(writer, _head(200, "text/event-stream", None))
        await asyncio.sleep(script.first_s)
        count = 0
        async for piece in _pieces(script, request):
            if script.cut_after == count:
                writer.transport.abort()
                return
            data = script.garbage if script.garbage and count == 0 else json.dumps(piece)
            await _send(writer, _chunk(f"data: {data}\n\n"))
            self.streaming.set()
            await asyncio.sleep(script.gap_s)
            count += 1
        await _send(writer, _chunk("data: [DONE]\n\n") + b"0\r\n\r\n")


async def _pieces(script: Script, request: Request) -> AsyncIterator[dict[str, Any]]:
    """The stream's ``chat.completion.chunk`` objects; arguments come in small pieces, as vendors send them."""

    def chunk(delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": request.model, "choices": [choice]}

    yield chunk({"role": "assistant", "content": ""})
    calls = list(script.calls)
    if script.obeys is not None:
        calls += script.obeys(str(request.body["messages"][-1]["content"]))
    for index, (name, arguments) in enumerate(calls):
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        function = {"name": name, "arguments": ""}
        yield chunk({"tool_calls": [{"index": index, "id": f"call_{index}", "type": "function", "function": function}]})
        size = max(12, len(text) // 20)
        for at in range(0, len(text), size):
            yield chunk({"tool_calls": [{"index": index, "function": {"arguments": text[at : at + size]}}]})
    for at in range(0, len(script.text), 12):
        yield chunk({"content": script.text[at : at + 12]})
    if script.refusal:
        yield chunk({"refusal": script.refusal})
    yield chunk({}, script.finish or ("tool_calls" if calls else "stop"))
    if script.usage is not None and request.body.get("stream_options", {}).get("include_usage"):
        spent = {"prompt_tokens": script.usage[0], "completion_tokens": script.usage[1], "total_tokens": sum(script.usage)}
        yield {**chunk({}), "choices": [], "usage": spent}


async def _read(reader: asyncio.StreamReader) -> Request | None:
    with suppress(asyncio.IncompleteReadError, ConnectionError):
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = json.loads(await reader.readexactly(int(headers.get("content-length", 0))))
        assert head[0].startswith(f"POST {PATH} "), head[0]
        return Request(headers, body)
    return None


def _head(status: int, kind: str, length: int | None, headers: dict[str, str] | None = None) -> bytes:
    lines = [f"HTTP/1.1 {status} Scripted", f"Content-Type: {kind}", "Connection: close"]
    lines.append("Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}")
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def _chunk(text: str) -> bytes:
    data = text.encode()
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


async def _send(writer: asyncio.StreamWriter, data: bytes) -> None:
    writer.write(data)
    await writer.drain()
