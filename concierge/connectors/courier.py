"""Brings tickets to one vendor: a queue of its own, so that one that is slow or down delays no other and loses nothing."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Callable, Sequence

from concierge.connectors.card_memory import CardMemory
from concierge.connectors.cards import Busy, Card, Connector, Down, Refused
from concierge.domain.errors import Unavailable
from concierge.domain.event import Entry

_log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
LONGEST_WAIT_S = 600.0
"""What a vendor's Retry-After is believed up to."""
NOTED_EVERY_S = 60.0

Draw = Callable[[Entry, str], Card]
"""(entry, chat) → the card in the chat's language, as of now."""
Chats = Callable[[Entry], Sequence[str]]
"""The chats that an order or an incident goes to at this vendor."""


class Courier:
    """Of an order that waits only the latest state is brought: who was away does not read what is over."""

    def __init__(self, connector: Connector, memory: CardMemory, chats: Chats, draw: Draw) -> None:
        self.vendor = connector.vendor
        self._connector = connector
        self._memory = memory
        self._chats = chats
        self._draw = draw
        self._waiting: dict[str, Entry] = {}
        self._again: set[str] = set()
        self._news = asyncio.Event()
        self._seen = 0
        self._noted = 0
        self._pause_s = 0.0
        self.since = 0
        """Everything up to this sequence was shown before this start. Set by :meth:`open`."""

    async def open(self) -> None:
        self.since = self._noted = await self._memory.reached(self.vendor)

    def take(self, entry: Entry, *, again: bool = False) -> None:
        """``again``: also if nothing changed since it was shown, because somebody looks at an old card."""
        self._seen = max(self._seen, entry.seq)
        key = entry.data["id"]
        if again:
            self._again.add(key)
        if key not in self._waiting or self._waiting[key].seq < entry.seq:
            self._waiting[key] = entry
        self._news.set()

    @property
    def waiting(self) -> int:
        """Orders whose card is not as it should be."""
        return len(self._waiting)

    async def run(self) -> None:
        """For ever; cancel it to stop."""
        noting = asyncio.create_task(self._note_now_and_then())
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                while self._waiting:
                    await self._bring(next(iter(self._waiting)))
        finally:
            noting.cancel()

    async def _bring(self, key: str) -> None:
        entry, again = self._waiting[key], key in self._again
        self._again.discard(key)
        try:
            await self._show(entry, again)
        except Busy as busy:
            _log.warning("%s: %s", self.vendor, busy)
            self._again |= {key} if again else set()
            await asyncio.sleep(min(busy.retry_after_s, LONGEST_WAIT_S))
            return
        except (Down, Unavailable) as error:
            self._again |= {key} if again else set()
            self._pause_s = min(max(self._pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            _log.warning("%s: %s; again in %.0f s", self.vendor, error, self._pause_s)
            self._waiting[key] = self._waiting.pop(key)  # to the end: it may be this card alone that it chokes on
            await asyncio.sleep(self._pause_s * random.uniform(0.5, 1.0))
            return
        except Exception:
            _log.exception("%s: the card of %s could not be made", self.vendor, key)
        self._pause_s = 0.0
        if self._waiting[key] is entry and key not in self._again:  # else somebody went on with it meanwhile
            del self._waiting[key]

    async def _show(self, entry: Entry, again: bool) -> None:
        posts = await self._memory.posts(entry.data["id"], self.vendor)
        wanted = self._chats(entry)
        for chat in dict.fromkeys((*wanted, *posts)):
            card = self._draw(entry, chat)
            posted = posts.get(chat)
            try:
                if posted is None:
                    if not card.open or card.state == "placed":
                        continue  # over before it was shown, or not due yet
                    answer = await self._connector.post(chat, card, f"{card.id}-{chat}")
                elif posted["seq"] > entry.seq or (posted["face"] == card.face and not again):
                    continue
                else:
                    answer = await self._connector.change(chat, posted, card)
            except Refused as error:
                _log.error("%s: the card of %s is not taken in %s: %s", self.vendor, card.id, chat, error)
                continue
            await self._memory.keep(card.id, self.vendor, chat, {**answer, "seq": entry.seq, "face": card.face})

    async def _note_now_and_then(self) -> None:
        while True:
            await asyncio.sleep(NOTED_EVERY_S)
            await self.note()

    async def note(self) -> None:
        """Writes down how far it has come; what is missing there is only read again at the next start."""
        reached = min((entry.seq - 1 for entry in self._waiting.values()), default=self._seen)
        if reached > self._noted:
            try:
                await self._memory.has_reached(self.vendor, reached)
                self._noted = reached
            except Unavailable:
                _log.warning("%s: how far it has come is not noted: the log does not answer", self.vendor)
