"""The views' database: what the projector writes, and how far it has come.

SQLAlchemy Core; SQLite in the state folder, or any URL of PostgreSQL. All statements run in worker threads.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, delete, event, insert, inspect, select, update

from concierge.domain.errors import Unavailable
from concierge.domain.event import Entry
from concierge.service.ports import LogPort
from concierge.views import schema
from concierge.views.project import apply

REBUILD_BATCH = 1000


class Store:
    """One database. ``seq`` is how far this process has seen it come."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.seq = 0
        self._moved: asyncio.Event = asyncio.Event()

    @classmethod
    def open(cls, where: Path | str) -> Store:
        """``where``: a file (made if absent; its folder must be there) or an SQLAlchemy URL.

        Makes the tables, anew if they are of another version. This blocks for some milliseconds.
        """
        engine = create_engine(f"sqlite:///{where}" if isinstance(where, Path) else where)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _sqlite_settings)
        with engine.begin() as conn:
            _make_tables(conn)
        return cls(engine)

    async def close(self) -> None:
        await asyncio.to_thread(self.engine.dispose)

    async def prepare(self, incarnation: str) -> None:
        """Finds how far the views have come; empties them if they are of another log."""
        self.seq = await asyncio.to_thread(self._prepare, incarnation)

    async def store(self, entries: Sequence[Entry]) -> None:
        """Applies entries, in order, and the new position in one transaction."""
        await asyncio.to_thread(self._store, entries)
        self.seq = max(self.seq, entries[-1].seq)
        self._moved.set()
        self._moved = asyncio.Event()

    async def caught_up(self, seq: int, timeout_s: float = 5.0) -> None:
        """Waits until the views hold ``seq``. Raises :class:`Unavailable`."""
        try:
            async with asyncio.timeout(timeout_s):
                while self.seq < seq:
                    await self._moved.wait()
        except TimeoutError:
            raise Unavailable(f"the views are at {self.seq} and have not reached {seq}: is the projector running?") from None

    async def rebuild(self, log: LogPort, property_id: str) -> int:
        """All of it anew from the log, in one transaction: readers see the old views until it is done.

        Returns the number of entries read.
        """
        await self.prepare(log.incarnation)
        count, at, batch = 0, 0, list[Entry]()
        conn = await asyncio.to_thread(self.engine.connect)
        try:
            await asyncio.to_thread(_empty, conn)
            async for entry in log.read(f"h.{property_id}.>"):
                batch.append(entry)
                count, at = count + 1, entry.seq
                if len(batch) == REBUILD_BATCH:
                    await asyncio.to_thread(_apply_all, conn, batch)
                    batch = []
            await asyncio.to_thread(_apply_all, conn, batch)
            await asyncio.to_thread(_finish, conn, at)
        finally:
            await asyncio.to_thread(conn.close)
        self.seq = at
        return count

    def _prepare(self, incarnation: str) -> int:
        with self.engine.begin() as conn:
            row = conn.execute(select(schema.position)).one()
            if row.incarnation == incarnation:
                return int(row.seq)
            _empty(conn)
            conn.execute(update(schema.position).values(seq=0, incarnation=incarnation))
            return 0

    def _store(self, entries: Sequence[Entry]) -> None:
        with self.engine.begin() as conn:
            # Writing first takes the write lock, so that no other process moves the position after we read it.
            conn.execute(update(schema.position).values(seq=schema.position.c.seq))
            at = conn.execute(select(schema.position.c.seq)).scalar_one()
            _apply_all(conn, [entry for entry in entries if entry.seq > at])
            conn.execute(update(schema.position).values(seq=max(at, entries[-1].seq)))


def _make_tables(conn: Connection) -> None:
    if inspect(conn).has_table(schema.position.name):
        if conn.execute(select(schema.position.c.version)).scalar() == schema.VERSION:
            return
        schema.metadata.drop_all(conn)
    schema.metadata.create_all(conn)
    conn.execute(insert(schema.position).values(id=1, seq=0, incarnation="", version=schema.VERSION))


def _apply_all(conn: Connection, entries: Sequence[Entry]) -> None:
    for entry in entries:
        apply(conn, entry)


def _empty(conn: Connection) -> None:
    for table in schema.metadata.sorted_tables:
        if table is not schema.position:
            conn.execute(delete(table))


def _finish(conn: Connection, at: int) -> None:
    conn.execute(update(schema.position).values(seq=at))
    conn.commit()


def _sqlite_settings(connection: Any, _: object) -> None:
    # Views can be made anew, so a power cut may cost the last transactions; position and rows go together.
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
