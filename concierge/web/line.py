"""One socket's way out: frames in order, sent by a task that lives only while there is something to send.

An idle socket costs no task here, a slow one keeps nobody waiting: past its limit it is cut, and its client comes back with
the last sequence that it has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from fastapi import WebSocket, WebSocketDisconnect

from concierge.web import tail

CLOSE_S = 1.0
STALL_S = 30.0
"""A single frame that does not leave for so long: nobody reads at the other end."""
TOO_SLOW = 1013


class Line:
    def __init__(self, ws: WebSocket, on_cut: Callable[[], None]) -> None:
        self._ws = ws
        self._waiting: list[str] = []  # a deque would take 700 bytes of each idle socket
        self._writer: asyncio.Task[None] | None = None
        self._goodbye: tuple[int, str] | None = None
        self._owner = asyncio.current_task()
        self._on_cut = on_cut

    async def send(self, text: str) -> None:
        """At once; for the backlog, which is read no faster than it leaves. Raises :class:`WebSocketDisconnect`."""
        try:
            async with asyncio.timeout(STALL_S):
                await self._ws.send_text(text)
        except TimeoutError:
            self._cut()
            raise WebSocketDisconnect(TOO_SLOW) from None

    def put(self, text: str) -> None:
        """After everything that waits already."""
        if self._goodbye:
            return
        if len(self._waiting) >= tail.LISTENER_LIMIT:
            self._cut()
            return
        self._waiting.append(text)
        self._write()

    def end(self, code: int, reason: str) -> None:
        """Closes, after what waits; a second time does nothing."""
        if self._goodbye is None:
            self._goodbye = (code, reason)
            self._write()

    @property
    def idle(self) -> bool:
        return self._writer is None

    @property
    def ended(self) -> bool:
        return self._goodbye is not None

    async def over(self) -> None:
        """Nothing is left running: a goodbye is still said, to who is there to hear it."""
        self._owner = None
        if writer := self._writer:
            if self._goodbye:
                await asyncio.wait({writer}, timeout=2 * CLOSE_S)
            writer.cancel()
            await asyncio.wait({writer})

    def _cut(self) -> None:
        self._on_cut()
        self._waiting.clear()
        if self._writer:
            self._writer.cancel()  # it waits for a client that does not read
            self._writer = None
        self.end(TOO_SLOW, "too slow: connect again with the last seq that you have")

    def _write(self) -> None:
        if self._writer is None:
            self._writer = asyncio.create_task(self._drain())

    def _all(self) -> list[str]:
        waiting, self._waiting = self._waiting, []
        return waiting

    async def _drain(self) -> None:
        try:
            while self._waiting:
                for text in self._all():
                    await self.send(text)
            if self._goodbye:
                async with asyncio.timeout(CLOSE_S):  # a client that does not read would not let us close
                    await self._ws.close(*self._goodbye)
        except (WebSocketDisconnect, RuntimeError):
            pass  # it is gone: its own task hears of it
        except TimeoutError:
            if self._owner:
                self._owner.cancel()
        finally:
            if self._writer is asyncio.current_task():
                self._writer = None
