"""Follows the log and notifies the staff whom it concerns. A push is a hint and no record: what is lost, the page and the
escalation still tell."""

from __future__ import annotations

import asyncio
import logging
import random
from contextlib import aclosing, suppress

import httpx

from concierge.domain.errors import DomainError
from concierge.domain.event import Entry, now
from concierge.domain.instant import instant, stamp
from concierge.domain.people import SERVICE
from concierge.domain.push import Subscription, Subscriptions
from concierge.service.commands import Unsubscribe
from concierge.service.duty import rota
from concierge.web.frames import Shared
from concierge.web.house import House
from concierge.web.push_news import News, Newsroom
from concierge.web.push_post import NotOutside, Poster
from concierge.web.tail import Tail

log = logging.getLogger(__name__)
TTL_S = 900
"""A ticket that nobody was told of for so long was escalated."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 120.0
AT_ONCE = 16
MOST_WAITING = 1000
RETRY_S = 1.0
GONE = (404, 410)


class Sender:
    """``await run(tail)`` in a task of its own; it ends only by being cancelled."""

    def __init__(self, house: House, poster: Poster) -> None:
        self._house = house
        self._poster = poster
        self._newsroom = Newsroom(house.property, house.service.world.texts)
        self._known: dict[str, Subscriptions] = {}
        self._whose: dict[str, str] = {}
        """Subscription → who took it last: on a device that several use, only the last is told."""
        self._waiting: asyncio.Queue[Entry] = asyncio.Queue(MOST_WAITING)
        self._sending: set[asyncio.Task[None]] = set()
        self._slots = asyncio.Semaphore(AT_ONCE)

    async def run(self, tail: Tail) -> None:
        try:
            with tail.feed(SERVICE, [], None, lambda: None) as feed:
                feed.go_live(self._hear)
                await self._remember()
                while True:
                    entry = await self._waiting.get()
                    try:
                        await self._take(entry)
                    except Exception:  # one entry's trouble is not the others'
                        log.warning("notifications: nobody is told of %s at %d", entry.subject, entry.seq, exc_info=True)
        finally:
            for task in self._sending:
                task.cancel()
            await asyncio.gather(*self._sending, return_exceptions=True)

    def _hear(self, _: Shared, entry: Entry) -> None:
        with suppress(asyncio.QueueFull):
            if entry.subject.split(".")[2] == "push" or self._newsroom.may_be(entry):
                self._waiting.put_nowait(entry)

    async def _remember(self) -> None:
        """What the log has of subscriptions already; newer ones wait behind it."""
        while True:
            try:
                async with aclosing(self._house.log.read(f"h.{self._house.property.id}.push.*")) as entries:
                    async for entry in entries:
                        self._learn(entry)
                return
            except DomainError as error:
                log.warning("notifications: %s; trying again", error)
                await asyncio.sleep(RETRY_S)

    def _learn(self, entry: Entry) -> None:
        found = Subscriptions.of(entry.data)
        self._known[found.id] = found
        if entry.event == "subscribed":
            self._whose[found.items[-1].id] = found.id

    async def _take(self, entry: Entry) -> None:
        if entry.subject.split(".")[2] == "push":
            self._learn(entry)
            return
        if not self._known or (now() - entry.at).total_seconds() > TTL_S:
            return
        news = self._newsroom.of(entry, await rota(self._house.service.world))
        if news is None:
            return
        for staff in sorted(news.to & self._known.keys()):
            for one in self._known[staff].items:
                if self._whose.get(one.id) == staff and await self._lasts(staff, one) and len(self._sending) < MOST_WAITING:
                    task = asyncio.create_task(self._send(staff, one, news))
                    self._sending.add(task)
                    task.add_done_callback(self._sending.discard)

    async def _lasts(self, staff: str, one: Subscription) -> bool:
        """Whether the log-in that it came with does."""
        sessions, _ = await self._house.service.reading.sessions(staff)
        return one.until > stamp(now()) and sessions.admits(one.session, instant(one.made))

    async def _send(self, staff: str, one: Subscription, news: News) -> None:
        title, text = news.words(one.lang)
        message = {"title": title, "body": text, "tag": news.tag, "url": f"/staff#{news.page}", "urgent": news.urgent}
        loop = asyncio.get_running_loop()
        until, pause_s = loop.time() + TTL_S, FIRST_PAUSE_S
        while True:
            status, retry_after = await self._try(one, message, news, max(1, int(until - loop.time())))
            if status in GONE:
                await self._forget(staff, one)
            if 200 <= status < 300 or status in GONE:
                return
            if 0 < status < 500 and status != 429:
                log.error("notifications: the push service of %s/%s refuses with %d", staff, one.id, status)
                return
            wait_s = max(pause_s * random.uniform(0.5, 1.0), _seconds(retry_after))
            if loop.time() + wait_s > until:
                log.warning("notifications: %s/%s could not be reached for %d s", staff, one.id, TTL_S)
                return
            await asyncio.sleep(wait_s)
            pause_s = min(pause_s * 2, LONGEST_PAUSE_S)

    async def _try(self, one: Subscription, message: dict[str, object], news: News, ttl_s: int) -> tuple[int, str | None]:
        """(status, Retry-After); status 0: the push service did not answer."""
        async with self._slots:
            try:
                return await self._poster.post(one, message, topic=news.tag[-32:], ttl_s=ttl_s, urgent=news.urgent)
            except NotOutside as error:
                log.error("notifications: %s", error)
                return GONE[0], None
            except (httpx.HTTPError, TimeoutError) as error:
                log.warning("notifications: %s: %s", one.id, type(error).__name__)
                return 0, None

    async def _forget(self, staff: str, one: Subscription) -> None:
        try:
            await self._house.service.do(Unsubscribe(staff, one.id), SERVICE, f"push-gone-{one.id}-{one.made}")
        except DomainError as error:
            log.warning("notifications: %s/%s is gone, and cannot be removed now: %s", staff, one.id, error)


def _seconds(retry_after: str | None) -> float:
    """A Retry-After in seconds; a date is left to the pause of our own."""
    return float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
