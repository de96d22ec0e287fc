"""``GET /v1/socket``: live sync by sequence, and messages up (DESIGN 8b).

Up: ``hello``, ``send``, ``edit``, ``withdraw``, ``read``, ``got``, ``typing``, ``voice`` (binary PCM between its start and
stop), ``ping``. Down: ``reset``, ``event``, ``ready``, ``ack``, ``cursor``, ``pong``, ``error``; and, kept nowhere, ``typing``,
``presence``, ``delivered``.

A connection is one task: its own, which takes frames. What goes down is put on its :class:`.line.Line`.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import Any, cast
from weakref import WeakValueDictionary

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, ValidationError
from starlette.routing import WebSocketRoute

from concierge.domain import conversation as talks
from concierge.domain.errors import DomainError
from concierge.domain.event import Entry, now, subject
from concierge.domain.people import require
from concierge.domain.sight import guest_filters, seen
from concierge.service.commands import EditMessage, MarkRead, WithdrawMessage
from concierge.web import frames as f
from concierge.web.auth import Bearer, Unauthorized, admit
from concierge.web.company import Company
from concierge.web.frames import Shared, text_of
from concierge.web.house import House, PushToTalk, Talkative
from concierge.web.line import Line
from concierge.web.metrics import Metrics
from concierge.web.problem import of_domain
from concierge.web.request import require_language
from concierge.web.tail import Feed, Tail

log = logging.getLogger(__name__)

HELLO_S = 10.0
UNAUTHORIZED, BAD_HELLO, AGAIN = 4401, 4400, 1013
MAX_TEXT_FRAME = 64 * 1024
MAX_VOICE_BYTES = 2 * 16_000 * 60
"""A minute of PCM16 at 16 kHz for one utterance."""
TYPING_S = 1.0
"""A client that tells more often that somebody types is not passed on."""

router = APIRouter()


async def socket(ws: WebSocket) -> None:
    house: House = ws.app.state.house
    metrics: Metrics = ws.app.state.metrics
    await ws.accept()
    try:
        hello = f.Hello.model_validate(await _first_frame(ws))
        bearer = await admit(hello.token, ws.app.state.tokens, house)
    except Unauthorized as error:
        await ws.close(UNAUTHORIZED, str(error))
    except (ValidationError, ValueError, RecursionError, TimeoutError):
        await ws.close(BAD_HELLO, 'the first frame is {"type":"hello","token":…,"since":…}')
    except DomainError:
        await ws.close(AGAIN, "not now: try again")
    except WebSocketDisconnect:
        pass
    else:
        with metrics.sockets.track_inprogress():
            await Client(ws, house, bearer, metrics).serve(hello)


# Starlette's own route: FastAPI's would hold stacks of what its handlers depend on for as long as a socket lives.
router.routes.append(WebSocketRoute("/v1/socket", socket))


async def _first_frame(ws: WebSocket) -> dict[str, Any]:
    async with asyncio.timeout(HELLO_S):
        message = await ws.receive()
    if message["type"] == "websocket.disconnect":
        raise WebSocketDisconnect(message.get("code", 1006))
    frame = json.loads(message.get("text") or "")
    if not isinstance(frame, dict) or frame.get("type") != "hello":
        raise ValueError("no hello")
    return frame


class Client:
    """One connection."""

    def __init__(self, ws: WebSocket, house: House, bearer: Bearer, metrics: Metrics) -> None:
        self._ws = ws
        self._house = house
        self._actor = bearer.actor
        self._expires = bearer.expires
        self._line = Line(ws, metrics.slow_clients.inc)
        self._tail: Tail = ws.app.state.tail
        self._company: Company = ws.app.state.company
        self._voice: PushToTalk | None = None
        self._voice_bytes = 0
        self._typed = 0.0
        self._reconsidering: asyncio.Task[None] | None = None

    async def serve(self, hello: f.Hello) -> None:
        """Until the client is gone, the token is worth nothing any more, or the client is too slow."""
        expires_s = max(0.0, (self._expires - now()).total_seconds())
        expiring = asyncio.get_running_loop().call_later(
            expires_s, self._line.end, UNAUTHORIZED, "the token has expired: log in again"
        )
        try:
            with ExitStack() as stack:
                await self._connect(hello, stack)
                await self._up()
        except WebSocketDisconnect:
            pass
        except asyncio.CancelledError:
            if not self._line.ended:  # else it is our own, of a client that would not let us close
                raise
        finally:
            expiring.cancel()
            if self._voice:
                self._voice.cancel()
            if self._reconsidering:
                self._reconsidering.cancel()
            await self._line.over()

    # down

    async def _connect(self, hello: f.Hello, stack: ExitStack) -> None:
        since = await self._start(hello)
        guest = self._actor.kind == "guest"
        property_id = self._house.property.id
        filters = guest_filters(property_id, self._actor) if guest else f"h.{property_id}.>"
        feed = stack.enter_context(self._tail.feed(self._actor, filters, since, lambda: self._reconsider(feed, hello.token)))
        # A check-out between the log-in and here would not be seen any more, and the next guest's room would be.
        await self._readmit(feed, hello.token)
        withdrawn = await self._house.views.talks.withdrawn(since) if since is not None else set[int]()
        async for entry in feed.backlog():
            if not self._line.ended and (visible := seen(_standing(entry, withdrawn), self._actor)):
                await self._line.send(text_of(f.frame(visible)))
                self._end_with(visible)
        self._put({"type": "ready", "seq": feed.position, "log": self._house.log.incarnation})
        feed.go_live(self._live)
        stack.enter_context(self._company.joined(feed, self._line, presence=hello.presence))

    async def _start(self, hello: f.Hello) -> int | None:
        """Where the client's backlog begins; None: it wants none. A place that this log does not have is a reset."""
        stream, since = self._house.log, hello.since
        if since is None:
            return None
        if (hello.log and hello.log != stream.incarnation) or since > await stream.end():
            await self._line.send(text_of({"type": "reset", "log": stream.incarnation}))
            since = 0
        return max(since, self._actor.since - 1) if self._actor.kind == "guest" else since

    def _live(self, shared: Shared, visible: Entry) -> None:
        self._line.put(shared.text(visible))
        self._end_with(visible)

    def _end_with(self, visible: Entry) -> None:
        if visible.event == "checked_out" and visible.subject.endswith(f".stay.{self._actor.stay}"):
            self._line.end(UNAUTHORIZED, "the stay has ended")

    def _reconsider(self, feed: Feed, token: str) -> None:
        """The log has something new of this member of staff: another role, other floors, or no work here any more."""
        if self._reconsidering:
            self._reconsidering.cancel()  # what it read is older
        self._reconsidering = asyncio.create_task(self._readmit(feed, token))

    async def _readmit(self, feed: Feed, token: str) -> None:
        try:
            self._actor = (await admit(token, self._ws.app.state.tokens, self._house)).actor
        except Unauthorized as error:
            self._line.end(UNAUTHORIZED, str(error))
        except DomainError:
            self._line.end(AGAIN, "not now: try again")
        else:
            self._tail.move(feed, self._actor)

    def _put(self, frame: Mapping[str, Any]) -> None:
        self._line.put(text_of(frame))

    # up

    async def _up(self) -> None:
        while True:
            message = await self._ws.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1006))
            if self._line.ended:
                continue  # who is no longer admitted is not heard either, however long the goodbye takes
            if (pcm := message.get("bytes")) is not None:
                self._pcm(pcm)
            elif (text := message.get("text")) is not None:
                await self._take(text)

    async def _take(self, text: str) -> None:
        client_id: str | None = None
        try:
            if len(text) > MAX_TEXT_FRAME:
                raise ValueError(f"the frame has {len(text)} characters, at most {MAX_TEXT_FRAME} are taken")
            given = json.loads(text)
            if not isinstance(given, dict):
                raise ValueError("a frame is a JSON object")
            client_id = given.get("client_id") if isinstance(given.get("client_id"), str) else None
            kind = given.get("type")
            if kind == "ping":
                # In order behind everything up to there: the client need not read it again.
                self._put({"type": "pong", "seq": self._tail.position})
            elif isinstance(kind, str) and kind in TAKES:
                shape, take = TAKES[kind]
                await take(self, shape.model_validate(given))
            else:
                raise ValueError(f"frame type {str(kind)[:40]!r}: expected ping or one of {', '.join(TAKES)}")
        except DomainError as error:
            problem = of_domain(error)
            self._error(problem.code, problem.detail, client_id)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            self._error("bad_frame", wrong, client_id)
        except (ValueError, RecursionError) as error:
            self._error("bad_frame", str(error), client_id)
        except Exception:
            log.exception("a frame was not carried out")
            self._error("internal", "something went wrong on our side", client_id)

    async def _say(self, said: f.Send) -> None:
        require_language(self._house, said.lang)
        more = said.more(said.client_id)
        entry = await self._house.chat.said(self._actor, said.conversation, said.text, said.lang, said.client_id, **more)
        self._ack(said.client_id, entry)

    async def _edit(self, edit: f.Edit) -> None:
        command = EditMessage(edit.conversation, edit.message, edit.text)
        self._ack(edit.client_id, await self._house.service.do(command, self._actor, edit.client_id))

    async def _withdraw(self, frame: f.Withdraw) -> None:
        command = WithdrawMessage(frame.conversation, frame.message)
        self._ack(frame.client_id, await self._house.service.do(command, self._actor, frame.client_id))

    def _ack(self, client_id: str, entry: Entry) -> None:
        self._put({"type": "ack", "client_id": client_id, "seq": entry.seq})

    async def _mark_read(self, read: f.Read) -> None:
        """What moves the cursor comes back as an event, what would move it back is answered with where it stands."""
        where, who = read.conversation, self._actor.who
        # Two devices of one person: each decides after the other.
        locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = self._ws.app.state.reading
        async with locks.setdefault((where, who), asyncio.Lock()):
            entry = await self._house.service.do(MarkRead(where, read.seq), self._actor, f"read-{where}-{read.seq}")
            if entry:
                await self._house.views.caught_up(entry.seq)
        if entry is None and (stands := await self._house.views.talks.cursor(where, who)) > read.seq:
            self._put({"type": "cursor", "conversation": where, "seq": stands})

    async def _got(self, got: f.Got) -> None:
        said = await self._house.log.at(got.seq)
        where = subject(self._house.property.id, "im", got.conversation)
        if said and said.subject == where and said.event == "said" and said.by != self._actor.who and seen(said, self._actor):
            self._company.got(self._actor, said)

    async def _type(self, typing: f.Typing) -> None:
        at = asyncio.get_running_loop().time()
        if at - self._typed < TYPING_S:
            return
        self._typed = at
        kind, of = talks.split(typing.conversation)
        group = await self._house.log.last(subject(self._house.property.id, "group", of)) if kind == talks.GROUP else None
        members = group.data["members"] if group else ()
        require(talks.takes_part(self._actor, typing.conversation, members), f"{typing.conversation!r} is not yours")
        self._company.typing(self._actor, typing.conversation, members)

    async def _push_to_talk(self, voice: f.Voice) -> None:
        if voice.state == "stop":
            talk, self._voice = self._voice, None
            if talk:
                await talk.stop()
            return
        if not hasattr(self._house, "start_push_to_talk"):
            self._error("not_available", "push-to-talk is not available here")
            return
        if self._voice:
            self._voice.cancel()
        self._voice_bytes = 0
        self._voice = await cast(Talkative, self._house).start_push_to_talk(self._actor, voice.lang, self._emit)

    async def _emit(self, frame: Mapping[str, Any]) -> None:
        self._put(frame)

    def _pcm(self, pcm: bytes) -> None:
        self._voice_bytes += len(pcm)
        if self._voice is None or len(pcm) % 2 or self._voice_bytes > MAX_VOICE_BYTES:
            self._error("bad_frame", "binary frames are PCM16 between voice start and voice stop, a minute at most")
            return
        self._voice.feed(pcm)

    def _error(self, code: str, detail: str, client_id: str | None = None) -> None:
        about = {"client_id": client_id} if client_id else {}
        self._put({"type": "error", "code": code, "detail": detail, **about})


TAKES: Mapping[str, tuple[type[BaseModel], Callable[[Client, Any], Awaitable[None]]]] = {
    "send": (f.Send, Client._say),
    "edit": (f.Edit, Client._edit),
    "withdraw": (f.Withdraw, Client._withdraw),
    "read": (f.Read, Client._mark_read),
    "got": (f.Got, Client._got),
    "typing": (f.Typing, Client._type),
    "voice": (f.Voice, Client._push_to_talk),
}
"""Type of a frame → its shape and what takes it."""


def _standing(entry: Entry, withdrawn: set[int]) -> Entry:
    """Without its words if they were withdrawn since: the log is not changed, what is shown is."""
    if withdrawn and entry.event in ("said", "edited") and entry.data.get("message", entry.seq) in withdrawn:
        return replace(entry, data=talks.without_words(entry.data))
    return entry
