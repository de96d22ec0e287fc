"""The clockwork: carries out what orders are due for. It keeps nothing but what it has read: the log is the only truth, and
:func:`concierge.domain.due.due` says what follows from an order's state (ADR 16).

Stamps on the log are of a wall clock, and wall clocks are set, forward and back. So the wall clock is read once, at the start,
to tell how much time went by while nobody was here; from then on time is counted by a clock that nobody can set and that goes on
while the machine is suspended. What a live entry is due for is counted from the entry's own stamp: both are of the same clock.
"""

from __future__ import annotations

import asyncio
import heapq
import logging
import time
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Protocol

from concierge.domain.due import Due, due
from concierge.domain.errors import Unavailable
from concierge.domain.event import Entry, now
from concierge.domain.instant import instant
from concierge.domain.order import Order
from concierge.domain.people import SERVICE
from concierge.service.commands import CloseOrder, DispatchOrder, EscalateOrder
from concierge.service.handlers import Service
from concierge.service.orders import deadline_of

log_ = logging.getLogger(__name__)
TICK_S = 0.5
"""How often the clock is looked at: asyncio's own stands still while the machine is suspended."""
RETRY_S, BROKEN_RETRY_S = 2.0, 60.0
"""When the log is away; when an order cannot be carried on, which is for an operator to see."""


class Waiting(Protocol):
    """What the clockwork begins from (:class:`concierge.views.views.Views`)."""

    async def waiting(self, incarnation: str) -> tuple[Sequence[tuple[Mapping[str, Any], int]], int]:
        """All orders that time still has something to do with, as (data, sequence), and how far the views had come on the log
        of this incarnation."""


class Orders(Protocol):
    """The log, read and then followed (:class:`concierge.service.ports.LogPort`)."""

    @property
    def incarnation(self) -> str: ...
    def read(self, filters: str | list[str], since: int = 0) -> AsyncGenerator[Entry, None]: ...
    def follow(self, filters: str | list[str], since: int = 0) -> AsyncGenerator[Entry, None]: ...


def elapsed_s() -> float:
    """Seconds of a clock that cannot be set and counts a suspended machine's time too, where the system has one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class Clockwork:
    """``await run()`` in a task of its own; it ends only by being cancelled. ``wall`` is read once a run."""

    def __init__(
        self,
        service: Service,
        views: Waiting,
        log: Orders,
        *,
        wall: Callable[[], datetime] = now,
        elapsed: Callable[[], float] = elapsed_s,
    ) -> None:
        self._service = service
        self._views = views
        self._log = log
        self._wall = wall
        self._elapsed = elapsed
        self._known: dict[str, tuple[int, Mapping[Due, float]]] = {}
        """Order → (sequence of its last entry, what it is due for → when by our clock)."""
        self._heap: list[tuple[float, int, str, int, Due]] = []
        self._number = count()
        self._changed = asyncio.Event()

    async def run(self) -> None:
        wall, began = self._wall(), self._elapsed()
        while True:
            try:
                elapsed = self._elapsed()
                await self._run(wall + timedelta(seconds=elapsed - began), elapsed)
            except* Unavailable as away:
                log_.warning("timers: %s; beginning anew", away.exceptions[0])
                await asyncio.sleep(RETRY_S)

    async def _run(self, wall: datetime, began: float) -> None:
        rows, at = await self._views.waiting(self._log.incarnation)
        for data, seq in rows:
            self._see_old(Order.of(data), seq, wall, began)
        subjects = f"h.{self._service.world.property.id}.order.>"
        async with aclosing(self._log.read(subjects, at)) as entries:
            async for entry in entries:
                self._see_old(Order.of(entry.data), entry.seq, wall, began)
                at = max(at, entry.seq)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow(subjects, at))
            group.create_task(self._fire())

    async def _follow(self, subjects: str, since: int) -> None:
        async with aclosing(self._log.follow(subjects, since)) as entries:
            async for entry in entries:
                self._see(Order.of(entry.data), entry.seq, entry.at, self._elapsed())

    def _see_old(self, order: Order, seq: int, wall: datetime, began: float) -> None:
        """It is at least as late as the order's own last stamp: a clock that is behind that is known to be wrong."""
        self._see(order, seq, max(wall, *map(instant, order.times.values())), began)

    def _see(self, order: Order, seq: int, at: datetime, elapsed: float) -> None:
        """``at`` and ``elapsed``: the same instant by the clock that stamped the order and by ours. What was seen before keeps
        its time, whatever became of the stamps' clock since."""
        last, known = self._known.get(order.id, (0, {}))
        if seq <= last:
            return
        found = due(order, deadline_of(order, self._service.world.property))
        waits = {one: known.get(one, elapsed + (one.at - at).total_seconds()) for one in found}
        self._known.pop(order.id, None)
        if waits:
            self._known[order.id] = seq, waits
        for one, until in waits.items():
            self._wait(until, order.id, seq, one)
        self._changed.set()

    def _wait(self, until: float, order: str, seq: int, what: Due) -> None:
        heapq.heappush(self._heap, (until, next(self._number), order, seq, what))

    async def _fire(self) -> None:
        while True:
            ready: dict[tuple[str, int], list[Due]] = {}
            while self._heap and self._heap[0][0] <= self._elapsed():
                _, _, order, seq, what = heapq.heappop(self._heap)
                if self._known.get(order, (0,))[0] == seq:  # what was due by an earlier entry is void
                    ready.setdefault((order, seq), []).append(what)
            for (order, seq), due_now in ready.items():
                await self._do(order, seq, due_now)
            self._changed.clear()
            left = self._heap[0][0] - self._elapsed() if self._heap else TICK_S
            with suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), max(0.0, min(left, TICK_S)))

    async def _do(self, order: str, seq: int, due_now: Sequence[Due]) -> None:
        """The client id follows from the entry: twice, or from two processes, is once."""
        try:
            await self._service.do(_command(order, seq, due_now), SERVICE, f"timer-{order}-{seq}")
        except Unavailable as error:
            log_.warning("timers: order %s is due, and cannot be written now: %s", order, error)
            self._again(RETRY_S, order, seq, due_now)
        except Exception:  # one order's trouble is not the others'
            log_.exception("timers: order %s is due, and failed", order)
            self._again(BROKEN_RETRY_S, order, seq, due_now)

    def _again(self, after_s: float, order: str, seq: int, due_now: Sequence[Due]) -> None:
        for one in due_now:
            self._wait(self._elapsed() + after_s, order, seq, one)


def _command(order: str, seq: int, due_now: Sequence[Due]) -> DispatchOrder | EscalateOrder | CloseOrder:
    match due_now[0].what:
        case "dispatch":
            return DispatchOrder(order, seq)
        case "close":
            return CloseOrder(order, seq)
    return EscalateOrder(order, seq, tuple(one.deadline for one in due_now if one.deadline))
