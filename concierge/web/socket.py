"""``GET /v1/socket``: live sync by sequence, and messages up (DESIGN 8b).

Up: ``hello``, ``send``, ``read``, ``voice`` (binary PCM between its start and stop), ``ping``. Down: ``reset``, ``event``,
``ready``, ``ack``, ``pong``, ``error``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, cast

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, ValidationError

from concierge.domain.errors import DomainError
from concierge.domain.event import Entry, now
from concierge.domain.instant import stamp
from concierge.domain.people import Actor
from concierge.domain.sight import guest_filters, seen
from concierge.service.commands import MarkRead
from concierge.web.auth import Bearer, Unauthorized, admit
from concierge.web.house import House, PushToTalk, Talkative
from concierge.web.metrics import Metrics
from concierge.web.problem import of_domain
from concierge.web.request import require_language
from concierge.web.tail import Feed, Tail, feed

HELLO_S = 10.0
CLOSE_S = 1.0
UNAUTHORIZED, BAD_HELLO, TOO_SLOW = 4401, 4400, 1013
MAX_TEXT_FRAME = 64 * 1024
MAX_VOICE_BYTES = 2 * 16_000 * 60
"""A minute of PCM16 at 16 kHz for one utterance."""

router = APIRouter()


class Hello(BaseModel):
    """``log`` is the incarnation that ``since`` belongs to, as the last ``ready`` named it."""

    token: str
    since: int | None = Field(None, ge=0)
    log: str | None = None


class Send(BaseModel):
    client_id: str = Field(min_length=1, max_length=200)
    conversation: str = Field(min_length=1, max_length=80)
    text: str = Field(min_length=1, max_length=4000)
    lang: str | None = None


class Read(BaseModel):
    """Everything in the conversation up to ``seq`` has been read; others see it as the event ``read``."""

    conversation: str = Field(min_length=1, max_length=80)
    seq: int = Field(ge=1)


class Voice(BaseModel):
    state: str = Field(pattern="^(start|stop)$")
    lang: str | None = None


@router.websocket("/v1/socket")
async def socket(ws: WebSocket) -> None:
    house: House = ws.app.state.house
    metrics: Metrics = ws.app.state.metrics
    await ws.accept()
    try:
        hello = Hello.model_validate(await _first_frame(ws))
        bearer = await admit(hello.token, ws.app.state.tokens, house)
    except Unauthorized as error:
        await ws.close(UNAUTHORIZED, str(error))
    except (ValidationError, ValueError, TimeoutError):
        await ws.close(BAD_HELLO, 'the first frame is {"type":"hello","token":…,"since":…}')
    except WebSocketDisconnect:
        pass
    else:
        with metrics.sockets.track_inprogress():
            await Client(ws, house, bearer, metrics).serve(hello, ws.app.state.tail)


async def _first_frame(ws: WebSocket) -> dict[str, Any]:
    async with asyncio.timeout(HELLO_S):
        frame = json.loads(await ws.receive_text())
    if not isinstance(frame, dict) or frame.get("type") != "hello":
        raise ValueError("no hello")
    return frame


class Goodbye(Exception):
    """The service ends this connection."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class Client:
    """One connection: a task that sends the log, a task that takes frames, and what ends it."""

    def __init__(self, ws: WebSocket, house: House, bearer: Bearer, metrics: Metrics) -> None:
        self._ws = ws
        self._house = house
        self._actor: Actor = bearer.actor
        self._expires = bearer.expires
        self._metrics = metrics
        self._sending = asyncio.Lock()
        self._voice: PushToTalk | None = None
        self._voice_bytes = 0

    async def serve(self, hello: Hello, tail: Tail) -> None:
        try:
            since = await self._start(hello)
            with feed(self._house.log, tail, self._filters(), since) as entries:
                # A check-out between the log-in and here would not be seen any more, and the next guest's room would be.
                await self._still_admitted(hello.token)
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._down(entries))
                    tasks.create_task(self._up())
                    tasks.create_task(self._until_expired())
                    tasks.create_task(self._until_cut(entries))
        except* WebSocketDisconnect:
            pass
        except* Goodbye as goodbyes:
            goodbye = cast(Goodbye, goodbyes.exceptions[0])
            with suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
                async with asyncio.timeout(CLOSE_S):  # a client that does not read would not let us close
                    await self._ws.close(goodbye.code, goodbye.reason)

    async def _still_admitted(self, token: str) -> None:
        try:
            await admit(token, self._ws.app.state.tokens, self._house)
        except Unauthorized as error:
            raise Goodbye(UNAUTHORIZED, str(error)) from None

    async def _until_expired(self) -> None:
        await asyncio.sleep(max(0.0, (self._expires - now()).total_seconds()))
        raise Goodbye(UNAUTHORIZED, "the token has expired: log in again")

    async def _until_cut(self, entries: Feed) -> None:
        await entries.cut()
        self._metrics.slow_clients.inc()
        raise Goodbye(TOO_SLOW, "too slow: connect again with the last seq that you have")

    # down

    async def _start(self, hello: Hello) -> int | None:
        """Where the client's backlog begins; None: it wants none. A place that this log does not have is a reset."""
        log, since = self._house.log, hello.since
        if since is None:
            return None
        if (hello.log and hello.log != log.incarnation) or since > await log.end():
            await self._send({"type": "reset", "log": log.incarnation})
            since = 0
        return max(since, self._actor.since - 1) if self._actor.kind == "guest" else since

    def _filters(self) -> str | list[str]:
        property_id = self._house.property.id
        return guest_filters(property_id, self._actor) if self._actor.kind == "guest" else f"h.{property_id}.>"

    async def _down(self, entries: Feed) -> None:
        async for entry in entries.backlog():
            await self._event(entry)
        await self._send({"type": "ready", "seq": entries.position, "log": self._house.log.incarnation})
        async for entry in entries.live():
            await self._event(entry)

    async def _event(self, entry: Entry) -> None:
        visible = seen(entry, self._actor)
        if visible is None:
            return
        await self._send(frame(visible))
        if entry.event == "checked_out" and entry.subject.endswith(f".stay.{self._actor.stay}"):
            raise Goodbye(UNAUTHORIZED, "the stay has ended")

    async def _send(self, message: Mapping[str, Any]) -> None:
        async with self._sending:
            await self._ws.send_text(json.dumps(message, ensure_ascii=False, separators=(",", ":")))

    # up

    async def _up(self) -> None:
        try:
            while True:
                message = await self._ws.receive()
                if message["type"] == "websocket.disconnect":
                    raise WebSocketDisconnect(message.get("code", 1006))
                if (pcm := message.get("bytes")) is not None:
                    await self._pcm(pcm)
                elif (text := message.get("text")) is not None:
                    await self._take(text)
        finally:
            if self._voice:
                self._voice.cancel()

    async def _take(self, text: str) -> None:
        client_id: str | None = None
        try:
            if len(text) > MAX_TEXT_FRAME:
                raise ValueError(f"the frame has {len(text)} characters, at most {MAX_TEXT_FRAME} are taken")
            given = json.loads(text)
            if not isinstance(given, dict):
                raise ValueError("a frame is a JSON object")
            client_id = given.get("client_id") if isinstance(given.get("client_id"), str) else None
            match given.get("type"):
                case "ping":
                    await self._send({"type": "pong"})
                case "send":
                    await self._say(Send.model_validate(given))
                case "read":
                    await self._mark_read(Read.model_validate(given))
                case "voice":
                    await self._push_to_talk(Voice.model_validate(given))
                case other:
                    raise ValueError(f"frame type {other!r}: expected send, read, voice or ping")
        except DomainError as error:
            problem = of_domain(error)
            await self._error(problem.code, problem.detail, client_id)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            await self._error("bad_frame", wrong, client_id)
        except ValueError as error:
            await self._error("bad_frame", str(error), client_id)

    async def _say(self, said: Send) -> None:
        require_language(self._house, said.lang)
        entry = await self._house.chat.said(
            self._actor, said.conversation, said.text, said.lang, said.client_id
        )  # fmt: skip
        await self._send({"type": "ack", "client_id": said.client_id, "seq": entry.seq})

    async def _mark_read(self, read: Read) -> None:
        await self._house.service.do(MarkRead(read.conversation, read.seq), self._actor, f"read-{read.conversation}-{read.seq}")

    async def _push_to_talk(self, voice: Voice) -> None:
        if voice.state == "stop":
            talk, self._voice = self._voice, None
            if talk:
                await talk.stop()
            return
        if not hasattr(self._house, "start_push_to_talk"):
            await self._error("not_available", "push-to-talk is not available here")
            return
        if self._voice:
            self._voice.cancel()
        self._voice_bytes = 0
        self._voice = await cast(Talkative, self._house).start_push_to_talk(self._actor, voice.lang, self._send)

    async def _pcm(self, pcm: bytes) -> None:
        self._voice_bytes += len(pcm)
        if self._voice is None or len(pcm) % 2 or self._voice_bytes > MAX_VOICE_BYTES:
            await self._error("bad_frame", "binary frames are PCM16 between voice start and voice stop, a minute at most")
            return
        self._voice.feed(pcm)

    async def _error(self, code: str, detail: str, client_id: str | None = None) -> None:
        about = {"client_id": client_id} if client_id else {}
        await self._send({"type": "error", "code": code, "detail": detail, **about})


def frame(entry: Entry) -> dict[str, Any]:
    """An entry as the wire has it."""
    return {
        "type": "event",
        "seq": entry.seq,
        "subject": entry.subject,
        "event": entry.event,
        "at": stamp(entry.at),
        "by": entry.by,
        "data": entry.data,
    }
