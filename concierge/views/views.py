"""Questions to the views."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, case, func, select

from concierge.domain import incident as incidents
from concierge.domain import order as orders
from concierge.domain import stay as stays
from concierge.domain.hotel import Property
from concierge.domain.instant import stamp
from concierge.domain.stay import Stay
from concierge.views import figures, schema
from concierge.views.store import Store
from concierge.views.talks import Talks

T = TypeVar("T")
MAX_PAGE = 200


class Views:
    """Reads a :class:`Store`; rows come back as the entities' data with their ``seq``."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.talks = Talks(self._all)

    async def caught_up(self, seq: int, timeout_s: float = 5.0) -> None:
        await self.store.caught_up(seq, timeout_s)

    async def find_command(self, command: str) -> list[tuple[int, str]]:
        """(sequence, subject) of each event that the command left, in order."""
        t = schema.commands
        rows = await self._all(select(t.c.seq, t.c.subject).where(t.c.command == command).order_by(t.c.seq))
        return [(row.seq, row.subject) for row in rows]

    async def deeds(
        self,
        *,
        who: str | None = None,
        under: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[list[int], int | None]:
        """The sequences of what ``who`` did to the subjects that begin with ``under``, at ``[since, until)``; newest first, and
        the next page's mark."""
        t = schema.commands
        where: list[ColumnElement[bool]] = []
        if who is not None:
            where.append(t.c.who == who)
        if under is not None:
            where.append(t.c.subject.startswith(under, autoescape=True))
        if since is not None:
            where.append(t.c.at >= stamp(since))
        if until is not None:
            where.append(t.c.at < stamp(until))
        if before is not None:
            where.append(t.c.seq < before)
        limit = max(1, min(limit, MAX_PAGE))
        rows = await self._all(select(t.c.seq).where(*where).order_by(t.c.seq.desc()).limit(limit + 1))
        page = [row.seq for row in rows[:limit]]
        return page, page[-1] if len(rows) > limit else None

    async def order_subject(self, order: str) -> str | None:
        rows = await self._all(select(schema.orders.c.subject).where(schema.orders.c.id == order))
        return rows[0].subject if rows else None

    async def orders(
        self,
        *,
        stay: str | None = None,
        space: str | None = None,
        department: str | None = None,
        holder: str | None = None,
        worker: str | None = None,
        state: str | None = None,
        open: bool | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> tuple[list[dict[str, Any]], int | None]:
        """Orders, newest first, as (items, next): ``next`` is the following page's ``before``, None at the end.

        ``worker``: who holds it, or has it dispatched to them while nobody holds it."""
        t = schema.orders
        equal = {
            t.c.stay: stay,
            t.c.space: space,
            t.c.department: department,
            t.c.holder: holder,
            t.c.worker: worker,
            t.c.state: state,
        }
        where: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
        if open is not None:
            where.append(t.c.state.in_(orders.OPEN) if open else t.c.state.not_in(orders.OPEN))
        if before is not None:
            where.append(t.c.first_seq < before)
        limit = max(1, min(limit, MAX_PAGE))
        rows = await self._all(
            select(t.c.data, t.c.seq, t.c.first_seq).where(*where).order_by(t.c.first_seq.desc()).limit(limit + 1)
        )
        page = rows[:limit]
        return [{**row.data, "seq": row.seq} for row in page], page[-1].first_seq if len(rows) > limit else None

    async def order(self, order: str) -> dict[str, Any] | None:
        rows = await self._all(select(schema.orders.c.data, schema.orders.c.seq).where(schema.orders.c.id == order))
        return {**rows[0].data, "seq": rows[0].seq} if rows else None

    async def staff(self) -> list[dict[str, Any]]:
        """The accounts that the log has."""
        return [row.data for row in await self._all(select(schema.staff.c.data))]

    async def workload(self, staff: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """Of each of ``staff`` that ever had an order: (open ones held or dispatched to them, the last one's sequence)."""
        t = schema.orders
        now = func.sum(case((t.c.state.in_(orders.OPEN), 1), else_=0))
        query = select(t.c.worker, now, func.max(t.c.seq)).where(t.c.worker.in_(staff)).group_by(t.c.worker)
        return {worker: (open, last) for worker, open, last in await self._all(query)}

    async def waiting(self, incarnation: str) -> tuple[list[tuple[dict[str, Any], int]], int]:
        """All orders that time still has something to do with, as (data, sequence), and how far the views had come at least;
        nothing, and 0, if they are still those of another log."""
        t = schema.orders

        def read(conn: Connection) -> tuple[list[tuple[dict[str, Any], int]], int]:
            at = conn.execute(select(schema.position)).one()
            if at.incarnation != incarnation:
                return [], 0
            rows = conn.execute(select(t.c.data, t.c.seq).where(t.c.state.in_(orders.OPEN | {"done", "rated"})))
            return [(row.data, row.seq) for row in rows], at.seq

        return await self._run(read)

    async def open_stay(self, space: str) -> Stay | None:
        """As of the view; :meth:`concierge.service.handlers.Service.open_stay` asks the log."""
        t = schema.stays
        rows = await self._all(select(t.c.data, t.c.seq).where(t.c.space == space, t.c.state == "open").order_by(t.c.seq.desc()))
        return Stay.read(rows[0].data, rows[0].seq) if rows else None

    async def stay_by_code(self, code: str) -> Stay | None:
        """The open stay that a room code belongs to."""
        t = schema.stays
        rows = await self._all(select(t.c.data, t.c.seq).where(t.c.code_hash == stays.code_hash(code), t.c.state == "open"))
        return Stay.read(rows[0].data, rows[0].seq) if rows else None

    async def stays(self, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Id → the stay's public data."""
        t = schema.stays
        return {row.id: stays.public_view(row.data) for row in await self._all(select(t.c.id, t.c.data).where(t.c.id.in_(ids)))}

    async def incidents(self, *, open: bool | None = None, limit: int = 50) -> list[dict[str, Any]]:
        """Newest first."""
        t = schema.incidents
        query = select(t.c.data, t.c.seq).order_by(t.c.raised.desc()).limit(max(1, min(limit, MAX_PAGE)))
        if open is not None:
            query = query.where(t.c.state.in_(incidents.OPEN) if open else t.c.state.not_in(incidents.OPEN))
        return [{**row.data, "seq": row.seq} for row in await self._all(query)]

    async def board(self, property: Property) -> list[dict[str, Any]]:
        """Every space with its status, who is in it, and how many orders are open; for staff."""
        t, s, o = schema.spaces, schema.stays, schema.orders
        rows = await self._all(select(t.c.id, t.c.seq, t.c.data, s.c.data.label("guest")).outerjoin(s, s.c.id == t.c.stay))
        known = {row.id: row for row in rows}
        waiting = {
            row.space: row.count
            for row in await self._all(
                select(o.c.space, func.count().label("count")).where(o.c.state.in_(orders.OPEN)).group_by(o.c.space)
            )
        }
        board = []
        for space in property.spaces.values():
            row = known.get(space.id)
            line = {"id": space.id, "floor": space.floor, "kind": space.kind, "seq": row.seq if row else 0}
            line |= row.data if row else {"status": "clean", "stay": None, "dnd": False}
            line["guest"] = stays.public_view(row.guest) if row and row.guest else None
            line["open_orders"] = waiting.get(space.id, 0)
            board.append(line)
        return board

    async def figures(self, since: datetime, until: datetime) -> dict[str, Any]:
        """Counts, response times and ratings of the orders placed in ``[since, until)``: see :mod:`.figures`."""
        t = schema.orders
        placed = await self._all(select(t).where(t.c.placed >= stamp(since), t.c.placed < stamp(until)))
        return {"since": stamp(since), "until": stamp(until), **figures.of_orders(placed)}

    async def _all(self, query: Any) -> list[Any]:
        return await self._run(lambda conn: list(conn.execute(query)))

    async def _run(self, work: Callable[[Connection], T]) -> T:
        def run() -> T:
            with self.store.engine.connect() as conn:
                return work(conn)

        return await asyncio.to_thread(run)
