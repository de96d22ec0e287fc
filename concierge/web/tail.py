"""The one tail of the log that this process follows, fanned out in memory to everyone who listens.

A consumer a socket would serve the same entries over and over; here the broker sends each entry once a process, and an
entry wakes only those who may see it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from concierge.bus.log import Log
from concierge.domain import conversation as talks
from concierge.domain.event import Entry
from concierge.domain.people import Actor
from concierge.domain.sight import seen
from concierge.web.frames import Shared

log = logging.getLogger(__name__)

LISTENER_LIMIT = 512
"""Frames that may wait for one client, be it while its backlog is read or because it is slow: a sleeping phone cannot fill the memory."""
RETRY_S = 0.5


class Feed:
    """One client's way through the log: first :meth:`backlog`, then, from :meth:`go_live` on, each entry as it comes.

    ``reconsider`` is called when the log says something new of the actor as one of the staff.
    """

    def __init__(
        self, tail: Tail, actor: Actor, filters: str | list[str], since: int | None, reconsider: Callable[[], None]
    ) -> None:
        self._tail = tail
        self._filters = filters
        self._wanted = since is not None
        self._held: list[tuple[Shared, Entry]] = []
        self._overflowed = False
        self._take: Callable[[Shared, Entry], None] | None = None
        self.actor = actor
        self.reconsider = reconsider
        self.position = tail.position if since is None else since
        """Everything up to here has been handed out."""

    async def backlog(self) -> AsyncIterator[Entry]:
        """What is on the log already. The tail was listened to before this read began, so the two overlap, with no gap."""
        while self._wanted:
            end = await self._tail.source.end()
            async for entry in self._tail.source.read(self._filters, self.position):
                self.position = entry.seq
                yield entry
            self.position = max(self.position, end)
            self._wanted, self._overflowed = self._overflowed, False  # more came than may wait: read on from where we are

    def go_live(self, take: Callable[[Shared, Entry], None]) -> None:
        """``take`` gets each entry that the actor may see, without what :meth:`backlog` gave already."""
        self._take = take
        held, self._held = self._held, []
        for shared, visible in held:
            self.offer(shared, visible)

    def offer(self, shared: Shared, visible: Entry) -> None:
        if self._take is None:
            if len(self._held) >= LISTENER_LIMIT:
                self._held.clear()
                self._overflowed = True
            self._held.append((shared, visible))
        elif shared.entry.seq > self.position:
            self.position = shared.entry.seq
            self._take(shared, visible)


class Tail:
    """Follows the log from its end while it is entered: ``async with Tail(log, "demo") as tail``."""

    def __init__(self, source: Log, property_id: str) -> None:
        self.source = source
        self._all = f"h.{property_id}.>"
        self._feeds: dict[Actor, set[Feed]] = defaultdict(set)
        self._guests: dict[str, set[Actor]] = defaultdict(set)
        """By stay and by space: an entry of another room touches nobody here."""
        self._staff: set[Actor] = set()
        self._task: asyncio.Task[None] | None = None
        self.position = 0
        """The sequence of the last entry that was fanned out."""

    async def __aenter__(self) -> Tail:
        self.position = await self.source.end()
        self._task = asyncio.create_task(self._follow(), name="tail of the log")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._task is not None
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task

    @contextmanager
    def feed(self, actor: Actor, filters: str | list[str], since: int | None, reconsider: Callable[[], None]) -> Iterator[Feed]:
        """The log after ``since`` (None: from now on) and then live, with no gap and nothing twice."""
        # No await stands between the two: whatever has not been handed out yet goes to this feed.
        feed = Feed(self, actor, filters, since, reconsider)
        self._enter(feed)
        try:
            yield feed
        finally:
            self._leave(feed)

    def move(self, feed: Feed, actor: Actor) -> None:
        """From now on the feed is for ``actor``: the same person, who may see something else."""
        self._leave(feed)
        feed.actor = actor
        self._enter(feed)

    def taking_part(self, conversation: str, members: Collection[str] = ()) -> Iterator[Feed]:
        """The feeds of those who take part in a conversation."""
        for actor in [*self._staff, *self._guests.get(talks.stay_of(conversation) or "", ())]:
            if talks.takes_part(actor, conversation, members):
                yield from self._feeds[actor]

    def staff(self) -> Iterator[Feed]:
        for actor in self._staff:
            yield from self._feeds[actor]

    def of(self, who: str) -> Iterator[Feed]:
        """The feeds of one person or stay: ``staff:li_na``, ``guest:<stay>``."""
        kind, _, id = who.partition(":")
        for actor in list(self._guests.get(id, ())) if kind == "guest" else list(self._staff):
            if actor.who == who:
                yield from self._feeds[actor]

    def _enter(self, feed: Feed) -> None:
        actor = feed.actor
        self._feeds[actor].add(feed)
        for names in self._named(actor):
            names.add(actor)

    def _leave(self, feed: Feed) -> None:
        actor = feed.actor
        self._feeds[actor].discard(feed)
        if self._feeds[actor]:
            return
        del self._feeds[actor]
        for names in self._named(actor):
            names.discard(actor)
        for name in (actor.stay, actor.space):
            if not self._guests.get(name, True):
                del self._guests[name]

    def _named(self, actor: Actor) -> list[set[Actor]]:
        return [self._guests[actor.stay], self._guests[actor.space]] if actor.kind == "guest" else [self._staff]

    async def _follow(self) -> None:
        while True:
            try:
                async for entry in self.source.follow(self._all, self.position):
                    self.position = entry.seq
                    self._hand_out(entry)
            except Exception:
                # The clients' sockets stay open: they get everything once the broker is back.
                log.warning("the tail of the log broke at %d; following again", self.position, exc_info=True)
            await asyncio.sleep(RETRY_S)

    def _hand_out(self, entry: Entry) -> None:
        shared = Shared(entry)
        kind, *names = entry.subject.split(".")[2:]
        guests = {actor for name in names for actor in self._guests.get(name.removeprefix(talks.STAY), ())}
        for actor in [*self._staff, *guests]:
            visible = seen(entry, actor)
            if visible is not None:
                for feed in self._feeds[actor]:
                    feed.offer(shared, visible)
            if kind in ("staff", "session") and actor.id == names[0]:
                for feed in self._feeds[actor]:
                    feed.reconsider()
