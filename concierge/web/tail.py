"""The one tail of the log that this process follows, fanned out in memory to everyone who listens.

A consumer a socket would serve the same entries over and over; here the broker sends each entry once a process.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from concierge.bus.log import Log
from concierge.domain.event import Entry

log = logging.getLogger(__name__)

LISTENER_LIMIT = 512
"""Entries that may wait for one listener. It is bounded so that one sleeping phone cannot fill the memory."""
RETRY_S = 0.5


class Listener:
    """What waits for one client. Past the limit it is ``cut``: everything is dropped, and it must read the log again."""

    def __init__(self) -> None:
        self._waiting: deque[Entry] = deque()
        self._arrived = asyncio.Event()
        self.cut = asyncio.Event()

    def offer(self, entry: Entry) -> None:
        if self.cut.is_set():
            return
        if len(self._waiting) >= LISTENER_LIMIT:
            self._waiting.clear()
            self.cut.set()
            return
        self._waiting.append(entry)
        self._arrived.set()

    def restart(self) -> None:
        """Listen again after a cut; what was missed must be read from the log."""
        self._waiting.clear()
        self.cut.clear()

    async def next(self) -> Entry:
        while not self._waiting:
            self._arrived.clear()
            await self._arrived.wait()
        return self._waiting.popleft()


class Tail:
    """Follows the log from its end while it is entered: ``async with Tail(log, "demo") as tail``."""

    def __init__(self, source: Log, property_id: str) -> None:
        self._source = source
        self._all = f"h.{property_id}.>"
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self.position = 0
        """The sequence of the last entry that was fanned out."""

    async def __aenter__(self) -> Tail:
        self.position = await self._source.end()
        self._task = asyncio.create_task(self._follow(), name="tail of the log")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    @contextmanager
    def listening(self) -> Iterator[Listener]:
        listener = Listener()
        self._listeners.add(listener)
        try:
            yield listener
        finally:
            self._listeners.discard(listener)

    @property
    def listeners(self) -> int:
        return len(self._listeners)

    async def _follow(self) -> None:
        while True:
            try:
                async for entry in self._source.follow(self._all, self.position):
                    self.position = entry.seq
                    for listener in self._listeners:
                        listener.offer(entry)
            except Exception:
                # The clients' sockets stay open: they get everything once the broker is back.
                log.warning("the tail of the log broke at %d; following again", self.position, exc_info=True)
            await asyncio.sleep(RETRY_S)


@contextmanager
def feed(source: Log, tail: Tail, filters: str | list[str], since: int | None) -> Iterator[Feed]:
    """The log after ``since`` (None: from now on) and then live, with no gap and nothing twice."""
    with tail.listening() as listener:
        # No await stands between the two: whatever the tail has not handed out yet goes to this listener.
        yield Feed(source, listener, filters, tail.position if since is None else since, backlog=since is not None)


class Feed:
    """One client's way through the log: first :meth:`backlog`, then :meth:`live`."""

    def __init__(self, source: Log, listener: Listener, filters: str | list[str], since: int, *, backlog: bool) -> None:
        self._source = source
        self._listener = listener
        self._filters = filters
        self._backlog = backlog
        self._live = asyncio.Event()
        self.position = since
        """Everything up to here has been handed out."""

    async def backlog(self) -> AsyncIterator[Entry]:
        """What is on the log already. The listener was there before this read began, so the two overlap, with no gap."""
        if not self._backlog:
            return
        end = await self._source.end()
        while True:
            async for entry in self._source.read(self._filters, self.position):
                self.position = entry.seq
                yield entry
            self.position = max(self.position, end)
            if not self._listener.cut.is_set():
                return
            self._listener.restart()  # more came than may wait while we read: read on from where we are
            end = await self._source.end()

    async def live(self) -> AsyncIterator[Entry]:
        """What comes from now on, without what :meth:`backlog` gave already. Ends only by being cancelled."""
        self._live.set()
        while True:
            entry = await self._listener.next()
            if entry.seq > self.position:
                self.position = entry.seq
                yield entry

    async def cut(self) -> None:
        """Returns when the client was too slow for :meth:`live` and has lost entries."""
        await self._live.wait()
        await self._listener.cut.wait()
