"""The staff IMs that the property file configures: opened, fed from the log, and closed together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter

from concierge.connectors.card_memory import CardMemory
from concierge.connectors.cards import Card, alarm_card, order_card
from concierge.connectors.courier import Courier
from concierge.connectors.desk import Desk, StaffImError
from concierge.connectors.presses import Presses
from concierge.connectors.staff_apprise import AppriseFanOut
from concierge.connectors.staff_dingtalk import Dingtalk
from concierge.connectors.staff_directory import Directory
from concierge.connectors.staff_feishu import Feishu
from concierge.connectors.staff_slack import Slack
from concierge.connectors.staff_wecom import Wecom
from concierge.domain.event import Entry
from concierge.domain.hotel import Chat, Property
from concierge.domain.hotel import StaffIm as Config
from concierge.service.handlers import Service
from concierge.service.texts import Phrases

_log = logging.getLogger(__name__)

VENDORS: Mapping[str, Callable[[Config, Desk], Any]] = {
    "slack": Slack,
    "feishu": Feishu,
    "wecom": Wecom,
    "dingtalk": Dingtalk,
    "apprise": AppriseFanOut,
}


class StaffIm:
    """Use :meth:`open`, then :meth:`run` for as long as the house is open, then :meth:`close`."""

    def __init__(self, service: Service) -> None:
        self._property: Property = service.world.property
        self._service = service
        self._log = service.world.log
        self._clock = service.world.clock
        self._texts = Phrases.load("card")
        self._configs = {config.vendor: config for config in self._property.staff_im}
        self._directory = Directory(self._property)
        self._memory = CardMemory(self._log, self._property.id)
        self._connectors: dict[str, Any] = {}
        self._couriers: dict[str, Courier] = {}
        self._desks: list[Desk] = []
        self.seen = 0
        """Up to which sequence the couriers were told of everything."""
        self.router = APIRouter()
        """Where vendors call: ``/im/<vendor>``."""

    @classmethod
    async def open(cls, service: Service) -> StaffIm:
        """Raises :class:`~concierge.connectors.desk.StaffImError`: what is configured and cannot be used."""
        opened = cls(service)
        for config in opened._configs.values():
            desk = opened._desk(config)
            try:
                # In a thread: some of the vendors' packages take seconds to import.
                connector = await asyncio.to_thread(VENDORS[config.vendor], config, desk)
            except StaffImError:
                await opened.close()
                raise
            opened._desks.append(desk)
            opened._connectors[config.vendor] = connector
            opened._couriers[config.vendor] = Courier(
                connector, opened._memory, opened._chats_of(config, connector.direct), opened._drawn(config)
            )
            if connector.routes:
                opened.router.include_router(connector.routes)
        return opened

    async def run(self) -> None:
        """For ever; cancel it to stop. Nothing to do if no staff IM is configured."""
        if not self._couriers:
            return
        for courier in self._couriers.values():
            await courier.open()
        h = f"h.{self._property.id}"
        filters = [f"{h}.order.*.*", f"{h}.incident.*", f"{h}.staff.*"]
        self.seen = await self._catch_up(filters, min(courier.since for courier in self._couriers.values()))
        async with asyncio.TaskGroup() as group:
            for vendor, courier in self._couriers.items():
                group.create_task(courier.run(), name=f"{vendor} cards")
                if stream := getattr(self._connectors[vendor], "run", None):
                    group.create_task(stream(), name=f"{vendor} stream")
            async for entry in self._log.follow(filters, self.seen):
                self._take(entry)

    async def close(self) -> None:
        """What was begun is finished, what is shown is noted."""
        await self.drained()
        for courier in self._couriers.values():
            await courier.note()
        for connector in self._connectors.values():
            if closing := getattr(connector, "close", None):
                await closing()

    async def drained(self) -> None:
        """What presses set in motion is done."""
        for desk in self._desks:
            await desk.afterwards.drained()

    def knows(self, vendor: str, user: str) -> bool:
        """Whether the vendor's user is one of our staff."""
        return self._directory.find(vendor, user) is not None

    def waiting(self) -> Mapping[str, int]:
        """Vendor → cards that are not yet as they should be."""
        return {vendor: courier.waiting for vendor, courier in self._couriers.items()}

    async def _catch_up(self, filters: Sequence[str], since: int) -> int:
        """What came while we were away, before anything is shown: only how things stand now is worth a card."""
        async for entry in self._log.read(f"h.{self._property.id}.staff.*"):
            self._directory.learn(entry)
        async for entry in self._log.read(list(filters), since):
            self._take(entry)
            since = entry.seq
        return since

    def _take(self, entry: Entry) -> None:
        self.seen = entry.seq
        if entry.subject.split(".")[2] == "staff":
            self._directory.learn(entry)
            return
        for courier in self._couriers.values():
            if entry.seq > courier.since:
                courier.take(entry)

    def _desk(self, config: Config) -> Desk:
        drawn = self._drawn(config)

        def in_language(entry: Entry, lang: str) -> Card:
            return self._draw(entry, lang)

        def stale(vendor: str, entry: Entry) -> None:
            self._couriers[vendor].take(entry, again=True)

        presses = Presses(self._service, self._directory, self._texts, in_language, stale)
        return Desk(
            press=lambda press: presses.press(press, config.language),
            draw=drawn,
            user=lambda staff: self._directory.user(config.vendor, staff),
            says=lambda key: self._texts(key, config.language),
        )

    def _drawn(self, config: Config) -> Callable[[Entry, str], Card]:
        known = (config.chat, config.escalations, config.alarms, *config.departments.values())
        languages = {chat.id: chat.language for chat in known if chat}
        return lambda entry, chat: self._draw(entry, languages.get(chat, config.language))

    def _draw(self, entry: Entry, lang: str) -> Card:
        def named(staff: str | None, lang: str) -> str:
            return (self._directory.name(staff, lang) if staff else None) or self._service.world.texts("colleague", lang)

        if entry.subject.split(".")[2] == "incident":
            return alarm_card(entry, self._property, self._texts, named, lang)
        return order_card(entry, self._property, self._texts, self._service.world.texts, named, lang, self._clock())

    def _chats_of(self, config: Config, direct: str) -> Callable[[Entry], Sequence[str]]:
        def chats(entry: Entry) -> Sequence[str]:
            found: list[Chat | None] = []
            if entry.subject.split(".")[2] == "incident":
                found = [config.alarms]
            else:
                found = [config.departments.get(entry.data["department"], config.chat)]
                if entry.data.get("level"):
                    found.append(config.escalations)
                user = self._directory.user(config.vendor, entry.data.get("assignee"))
                if found == [None] and user and direct:
                    found = [Chat(direct.format(user), config.language)]
            return [chat.id for chat in found if chat]

        return chats
