"""Keeps the views in step with the log."""

from __future__ import annotations

import asyncio
import logging

from sqlalchemy.exc import OperationalError

from concierge.domain.event import Entry
from concierge.service.ports import LogPort
from concierge.views.store import Store

log_ = logging.getLogger(__name__)
BATCH = 500
LOCKED_RETRY_S = 0.2


class Projector:
    """``await run()`` in a task of its own; it ends only by being cancelled."""

    def __init__(self, store: Store, log: LogPort, property_id: str) -> None:
        self._store = store
        self._log = log
        self._filter = f"h.{property_id}.>"

    async def run(self) -> None:
        await self._store.prepare(self._log.incarnation)
        # While one batch is being written the next gathers: a backlog goes in large batches, live events at once.
        waiting: asyncio.Queue[Entry] = asyncio.Queue(2 * BATCH)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._read(waiting))
            group.create_task(self._write(waiting))

    async def _read(self, waiting: asyncio.Queue[Entry]) -> None:
        async for entry in self._log.follow(self._filter, self._store.seq):
            await waiting.put(entry)

    async def _write(self, waiting: asyncio.Queue[Entry]) -> None:
        while True:
            batch = [await waiting.get()]
            while len(batch) < BATCH and not waiting.empty():
                batch.append(waiting.get_nowait())
            await self._write_batch(batch)

    async def _write_batch(self, batch: list[Entry]) -> None:
        while True:
            try:
                return await self._store.store(batch)
            except OperationalError as error:  # a rebuild holds the lock, or the database server is away
                log_.warning("views: %s; trying again", error.orig)
                await asyncio.sleep(LOCKED_RETRY_S)
