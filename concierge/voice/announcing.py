"""What a guest on a call is told without having asked: their order was accepted, started, done, or takes longer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol

from concierge.domain.conversation import of_stay
from concierge.domain.event import Entry, subject
from concierge.domain.people import SERVICE
from concierge.service.handlers import Service
from concierge.service.reading import Reading
from concierge.voice.replies import Replies
from concierge.voice.standing import subject_of
from media.brain import Say

LULL_S = 1.5
"""So long nobody has spoken and nothing is being done before we speak unasked."""
LOOK_S = 0.1


class Following(Protocol):
    """The log, from its end on (:class:`concierge.bus.log.Log`)."""

    async def end(self) -> int: ...
    def follow(self, filters: str | list[str], since: int = 0) -> AsyncGenerator[Entry, None]: ...


class Line(Protocol):
    """The call's voice (:class:`media.session.VoiceSession`)."""

    @property
    def busy(self) -> bool: ...
    def say(self, say: Say) -> None: ...


async def announce(log: Following, service: Service, replies: Replies, stay: str, line: Line) -> None:
    """Says the service's news of the stay's orders as they come, until it is cancelled. Whether a step is news to the guest, and
    in which language, was settled where the message for their screen was written.

    It waits for a lull in the talk; of what came to one order meanwhile, only the last is told.
    """
    where = subject(service.world.property.id, "im", of_stay(stay))
    news: dict[str, Entry] = {}
    came = asyncio.Event()

    async def tell() -> None:
        while True:
            await came.wait()
            await _lull(line)
            order, entry = next(iter(news.items()))
            del news[order]
            if not news:
                came.clear()
            line.say(await _said(service, replies, order, entry))

    async with asyncio.TaskGroup() as group, aclosing(log.follow(where, await log.end())) as entries:
        group.create_task(tell())
        async for entry in entries:
            if entry.event == "said" and entry.by == SERVICE.who and replies.has(_key(entry), "en"):
                order = str(entry.data["order"])
                news.pop(order, None)
                news[order] = entry
                came.set()


async def _lull(line: Line) -> None:
    quiet_s = 0.0
    while quiet_s < LULL_S:
        await asyncio.sleep(LOOK_S)
        quiet_s = 0.0 if line.busy else quiet_s + LOOK_S


def _key(entry: Entry) -> str:
    return f"told.{entry.data.get('event')}" if "order" in entry.data else ""


async def _said(service: Service, replies: Replies, id: str, entry: Entry) -> Say:
    lang = str(entry.data["lang"])
    order, _ = await Reading(service.world).order(id)
    what = subject_of(order.data(), service.world, replies, lang)
    holder = await Reading(service.world).staff_name(order.holder)
    name = (holder or {}).get(lang) or replies.text("colleague", lang)
    return Say(replies.sentence([replies.text(_key(entry), lang, what=what, name=name)], lang), lang, "news", obligation=True)
