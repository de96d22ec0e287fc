"""Calls by WHIP (RFC 9725), with audio both ways: an offer in, the answer and the call's address out."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Annotated
from uuid import uuid4

from fastapi import APIRouter, Query, Request, Response

from concierge.domain.errors import NotFound, Unavailable
from concierge.web.auth import Bearer, Unauthorized, still_admitted
from concierge.web.house import Call, House
from concierge.web.metrics import Metrics
from concierge.web.problem import Problem
from concierge.web.request import ActorOf, BearerOf, HouseOf, require_language
from concierge.web.tail import Tail
from media.rtc import BadSdp

SDP = "application/sdp"
MAX_OFFER_BYTES = 64 * 1024
CLOSE_S = 3.0
CALLS_EACH = 4
"""Calls that one guest, or one of the staff, may have up at once: all rooms share the lines."""

router = APIRouter(prefix="/v1/calls", tags=["calls"])


@dataclass(frozen=True)
class Ongoing:
    call: Call
    who: str
    ends: asyncio.Task[None]


class Calls:
    """The calls that are up, each under the address that hangs it up."""

    def __init__(self, metrics: Metrics) -> None:
        self._calls: dict[str, Ongoing] = {}
        self._metrics = metrics

    async def add(self, call: Call, bearer: Bearer, house: House, tail: Tail) -> str:
        """Its id. Somebody who has too many loses the oldest: it is the line that a phone forgot."""
        who = bearer.actor.who
        own = [ongoing.call for ongoing in self._calls.values() if ongoing.who == who]
        for forgotten in own[: max(0, len(own) + 1 - CALLS_EACH)]:
            await forgotten.close()
        id = uuid4().hex
        watching = asyncio.create_task(self._watch(id, call, bearer, house, tail), name=f"call {id}")
        self._calls[id] = Ongoing(call, who, watching)
        self._metrics.calls.inc()
        self._metrics.calls_started.inc()
        return id

    async def _watch(self, id: str, call: Call, bearer: Bearer, house: House, tail: Tail) -> None:
        """Until the line is down; a guest who checks out, or one of the staff whose session is ended, is hung up on."""
        woken = asyncio.Event()
        woken.set()  # something may have happened between the log-in and here
        closed = asyncio.create_task(call.closed.wait())
        closed.add_done_callback(lambda _: woken.set())
        try:
            with tail.feed(bearer.actor, [], None, woken.set) as feed:
                feed.go_live(lambda _, entry: woken.set() if entry.event == "checked_out" else None)
                while not call.closed.is_set():
                    await woken.wait()
                    woken.clear()
                    if not await _admitted(bearer, house):
                        await call.close()
        finally:
            closed.cancel()
        self._calls.pop(id, None)
        self._metrics.calls.dec()

    async def hang_up(self, id: str, who: str) -> None:
        """Raises :class:`NotFound` for a stranger's call as for none."""
        ongoing = self._calls.get(id)
        if ongoing is None or ongoing.who != who:
            raise NotFound("there is no such call; it may have ended already")
        await ongoing.call.close()

    async def close(self) -> None:
        """Hangs up all of them."""
        ongoing = list(self._calls.values())
        async with asyncio.timeout(CLOSE_S):
            await asyncio.gather(*(o.call.close() for o in ongoing), return_exceptions=True)
        for o in ongoing:
            o.ends.cancel()


@router.post(
    "",
    status_code=201,
    response_class=Response,
    responses={201: {"content": {SDP: {}}, "description": "The answer; Location hangs up by DELETE"}},
    openapi_extra={"requestBody": {"required": True, "content": {SDP: {"schema": {"type": "string"}}}}},
)
async def call(
    request: Request,
    house: HouseOf,
    bearer: BearerOf,
    lang: Annotated[str | None, Query(description="What the guest speaks; none: found out from the words")] = None,
) -> Response:
    """Answers an SDP offer with one audio track, sendrecv, and a data channel ``events``."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != SDP:
        raise Problem(415, "not_sdp", f"send the offer as {SDP}", headers={"Accept-Post": SDP})
    require_language(house, lang)
    offer = await _body(request)
    try:
        answered = await house.start_call(offer, bearer.actor, lang)
    except BadSdp as error:
        raise Problem(400, "bad_sdp", str(error)) from None
    id = await _calls(request).add(answered, bearer, house, request.app.state.tail)
    return Response(answered.sdp, 201, {"Location": f"/v1/calls/{id}"}, media_type=SDP)


@router.delete("/{id}", status_code=204)
async def hang_up(id: str, request: Request, actor: ActorOf) -> None:
    """Ends a call of one's own."""
    await _calls(request).hang_up(id, actor.who)


async def _admitted(bearer: Bearer, house: House) -> bool:
    try:
        await still_admitted(bearer, house)
    except Unauthorized:
        return False
    except Unavailable:
        pass  # the broker is away: what is being said goes on
    return True


async def _body(request: Request) -> str:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_OFFER_BYTES:
            raise Problem(413, "too_large", f"an offer has at most {MAX_OFFER_BYTES} bytes")
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Problem(400, "bad_sdp", "this is no SDP: it is not UTF-8") from None


def _calls(request: Request) -> Calls:
    calls: Calls = request.app.state.calls
    return calls
