"""Questions to the views of conversations. What SQL narrows down, :func:`concierge.domain.sight.seen` decides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from concierge.domain import conversation as talks
from concierge.domain.event import Entry
from concierge.domain.instant import instant
from concierge.domain.people import Actor
from concierge.domain.sight import seen
from concierge.views import schema
from concierge.views.talk_tables import conversations, cursors, files, members, messages, terms
from concierge.views.terms import terms_asked

MAX_PAGE = 200
Page = tuple[list[dict[str, Any]], int | None]
"""(items, what ``before`` is for the following page or None at the end)."""


class Talks:
    def __init__(self, all: Callable[[Any], Awaitable[list[Any]]]) -> None:
        """``all``: runs a query and gives its rows."""
        self._all = all

    async def cursor(self, conversation: str, who: str) -> int:
        """How far ``who`` has read; 0: nothing yet."""
        rows = await self._all(select(cursors.c.seq).where(cursors.c.conversation == conversation, cursors.c.who == who))
        return int(rows[0].seq) if rows else 0

    async def withdrawn(self, since: int = 0) -> set[int]:
        """The messages after ``since`` whose words are no longer to be shown."""
        rows = await self._all(select(messages.c.seq).where(messages.c.withdrawn.is_(True), messages.c.seq > since))
        return {row.seq for row in rows}

    async def is_withdrawn(self, message: int) -> bool:
        return bool(await self._all(select(messages.c.seq).where(messages.c.seq == message, messages.c.withdrawn.is_(True))))

    async def messages(self, actor: Actor, conversation: str, *, before: int | None = None, limit: int = 50) -> Page:
        """What the actor may see of a conversation, newest first."""
        return await self._page(actor, select(messages).where(messages.c.conversation == conversation), before, limit)

    async def search(
        self, actor: Actor, text: str, *, conversation: str | None = None, before: int | None = None, limit: int = 50
    ) -> Page:
        """The messages that the actor may see and that have every word of ``text``, newest first."""
        wanted = terms_asked(text)
        if not wanted:
            return [], None
        query = select(messages).where(_within(actor, messages.c.conversation))
        for term in sorted(wanted):
            query = query.where(messages.c.seq.in_(select(terms.c.seq).where(terms.c.term == term)))
        if conversation is not None:
            query = query.where(messages.c.conversation == conversation)
        return await self._page(actor, query, before, limit)

    async def unanswered(self, since: str) -> list[dict[str, Any]]:
        """What guests said in their own conversations from the stamp ``since`` on and nobody of the house has answered, the
        oldest first. An answer names what it is ``to``; words that were spoken have it in the same turn of the same call."""
        m = messages
        rows = await self._all(
            select(m).where(m.c.conversation.startswith(talks.STAY), m.c.at >= since, m.c.withdrawn.is_(False)).order_by(m.c.seq)
        )
        guests = [row for row in rows if row.by.startswith("guest:")]
        answered = {row.data.get("to") or talks.words_key(row.data, row.seq) for row in rows if not row.by.startswith("guest:")}
        return [_shown(row) for row in guests if talks.words_key(row.data, row.seq) not in answered]

    async def conversations(self, actor: Actor, *, limit: int = MAX_PAGE) -> list[dict[str, Any]]:
        """Where the actor takes part and something was said or a group was made, the latest first: ``id``, ``name`` and
        ``members`` (of groups), ``last`` (the last message), ``unread``, ``cursors`` (who → seq)."""
        of_two = select(members.c.conversation).where(members.c.member == actor.id, members.c.gone.is_(False))
        query = select(conversations, messages).outerjoin(messages, messages.c.seq == conversations.c.last_seq)
        within = _within(actor, conversations.c.id, of_two)
        rows = await self._all(query.where(within).order_by(conversations.c.last_seq.desc()).limit(limit))
        ids = [row.id for row in rows]
        unread = {row.conversation: row.unread for row in await self._all(_unread(actor, ids))}
        read: dict[str, dict[str, int]] = {id: {} for id in ids}
        for row in await self._all(select(cursors).where(cursors.c.conversation.in_(ids))):
            read[row.conversation][row.who] = row.seq
        return [
            {
                "id": row.id,
                "name": row.name,
                "members": row.members or list(talks.two_of(row.id)),
                "last": _shown(row) if row.last_seq else None,
                "unread": unread.get(row.id, 0),
                "cursors": read[row.id],
            }
            for row in rows
        ]

    async def may_see_file(self, actor: Actor, hash: str) -> bool:
        """Whether a message or an order that the actor may see refers to the file."""
        o = schema.orders
        query = (
            select(files.c.subject, files.c.seq, messages.c.data.label("said"), o.c.data.label("order"), o.c.seq.label("at"))
            .outerjoin(messages, messages.c.seq == files.c.seq)
            .outerjoin(o, and_(o.c.subject == files.c.subject, files.c.seq == 0))
            .where(files.c.hash == hash)
        )
        rows = await self._all(query)
        return any(
            (data := row.said or row.order) is not None and seen(_entry(row.subject, row.seq or row.at, data), actor) is not None
            for row in rows
        )

    async def _page(self, actor: Actor, query: Any, before: int | None, limit: int) -> Page:
        limit = max(1, min(limit, MAX_PAGE))
        found: list[dict[str, Any]] = []
        while True:
            older = query if before is None else query.where(messages.c.seq < before)
            rows = await self._all(older.order_by(messages.c.seq.desc()).limit(limit + 1))
            for row in rows:
                if seen(_entry(f"h.-.im.{row.conversation}", row.seq, row.data, row.by, row.at), actor) is None:
                    continue
                if row.withdrawn and actor.kind == "guest":
                    continue  # staff see that something was withdrawn
                if len(found) == limit:
                    return found, found[-1]["seq"]
                found.append(_shown(row))
            if len(rows) <= limit:
                return found, None
            before = rows[-1].seq


def _within(actor: Actor, column: ColumnElement[str], joined: Any = None) -> ColumnElement[bool]:
    """The conversations in which the actor takes part; ``joined``: those of groups and of two, else also those of before."""
    if actor.kind == "guest":
        return column == talks.of_stay(actor.stay)
    if joined is None:
        joined = select(members.c.conversation).where(members.c.member == actor.id)
    mine = column.in_(joined)
    private = or_(column.startswith(talks.DIRECT), column.startswith(talks.GROUP))
    if actor.leads:
        return or_(not_(private), mine)
    own = [talks.of_department(actor.department), *map(talks.of_floor, actor.floors), talks.of_shift(actor.shift)]
    return or_(column.in_(own), column.startswith(talks.INCIDENT), mine)


def _unread(actor: Actor, ids: list[str]) -> Any:
    """How many messages of others lie beyond the actor's cursor, and, in a group, after the joining."""
    m = messages
    mine = and_(cursors.c.conversation == m.c.conversation, cursors.c.who == actor.who)
    joined = and_(members.c.conversation == m.c.conversation, members.c.member == actor.id)
    return (
        select(m.c.conversation, func.count().label("unread"))
        .outerjoin(cursors, mine)
        .outerjoin(members, joined)
        .where(
            m.c.conversation.in_(ids),
            m.c.by != actor.who,
            m.c.withdrawn.is_(False),
            m.c.seq > func.coalesce(cursors.c.seq, 0),
            m.c.seq >= func.coalesce(members.c.since, 0),
        )
        .group_by(m.c.conversation)
    )


def _entry(subject: str, seq: int, data: dict[str, Any], by: str = "", at: str = "1970-01-01T00:00:00Z") -> Entry:
    return Entry(seq, subject, "said", data, by, instant(at))


def _shown(row: Any) -> dict[str, Any]:
    edited = {"edited": row.edited} if row.edited else {}
    return {**row.data, "seq": row.seq, "conversation": row.conversation, "by": row.by, "at": row.at, **edited}
