"""What the vendors' callbacks have in common: read a bounded body, answer in time, go on working after the answer."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from fastapi import Request
from starlette.exceptions import HTTPException

from concierge.connectors.presses import Outcome

_log = logging.getLogger(__name__)

MAX_BODY = 256 * 1024
"""Bytes of a callback; the largest that a vendor sends is a card of 30 KB and what it wraps around it."""
ANSWER_WITHIN_S = 2.0
"""Vendors wait 3 s (WeCom 5 s), the way there and back included."""


async def body_of(request: Request) -> bytes:
    """The whole body, not yet believed. Raises HTTP 413 before more than :data:`MAX_BODY` is held."""
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise HTTPException(413, f"at most {MAX_BODY} bytes are taken")
    return bytes(body)


def refused(why: str) -> HTTPException:
    """One answer for every callback that cannot be believed; the reason is for our log, not for whoever tries."""
    _log.warning("a callback was refused: %s", why)
    return HTTPException(401, "this callback is not signed as it should be, or came before")


class Afterwards:
    """Work that goes on after the vendor has its answer."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    def go_on(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._done)
        return task

    async def in_time(self, work: Coroutine[Any, Any, Outcome]) -> Outcome | None:
        """Its outcome; None if the vendor must be answered first. It goes on in either case."""
        task = self.go_on(work)
        done, _ = await asyncio.wait({task}, timeout=ANSWER_WITHIN_S)
        return task.result() if done else None

    async def drained(self, timeout_s: float = 5.0) -> None:
        if self._running:
            await asyncio.wait(set(self._running), timeout=timeout_s)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("a callback's work failed", exc_info=error)
