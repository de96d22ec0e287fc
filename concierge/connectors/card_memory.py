"""What is where: which card shows an order in which chat, on the log, so that a restart goes on where it was."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from concierge.domain.errors import Conflict, Unavailable
from concierge.domain.event import Draft, subject
from concierge.domain.people import SERVICE
from concierge.service.ports import LogPort

Posts = Mapping[str, Mapping[str, Any]]
"""Chat → what the vendor needs to change its card there, with ``seq`` (the entry it shows) and ``face``."""
_RETRY_S = 0.5


class CardMemory:
    """Events ``shown`` on ``h.<property>.card.<order>``: ``{order, seq, vendors: {vendor: {chat: {…}}}}``. How far a vendor has
    come lies beside them, ``reached`` on ``h.<property>.card.at-<vendor>``: no order's id has a ``-``."""

    def __init__(self, log: LogPort, property_id: str) -> None:
        self._log = log
        self._property = property_id

    async def posts(self, order: str, vendor: str) -> Posts:
        entry = await self._log.last(self._subject(order))
        found: Posts = entry.data["vendors"].get(vendor, {}) if entry else {}
        return found

    async def keep(self, order: str, vendor: str, chat: str, posted: Mapping[str, Any]) -> None:
        """Does not give up: a card whose place is forgotten would be sent a second time."""
        where = self._subject(order)
        while True:
            try:
                entry = await self._log.last(where)
                before = entry.data["vendors"] if entry else {}
                vendors = {**before, vendor: {**before.get(vendor, {}), chat: dict(posted)}}
                seq = max(posted["seq"], entry.data["seq"] if entry else 0)
                data = {"order": order, "seq": seq, "vendors": vendors}
                await self._log.append(Draft(where, "shown", data, SERVICE.who, entry.seq if entry else 0))
                return
            except Conflict:
                continue  # another vendor's card of the same order
            except Unavailable:
                await asyncio.sleep(_RETRY_S)

    async def reached(self, vendor: str) -> int:
        """Up to which sequence everything is shown at ``vendor``; 0: nothing ever was."""
        entry = await self._log.last(self._subject(f"at-{vendor}"))
        return int(entry.data["seq"]) if entry else 0

    async def has_reached(self, vendor: str, seq: int) -> None:
        """Raises :class:`Unavailable`. Less than a whole truth does no harm: what is shown already is found so again."""
        data = {"vendor": vendor, "seq": seq}
        await self._log.append(Draft(self._subject(f"at-{vendor}"), "reached", data, SERVICE.who, None))

    def _subject(self, token: str) -> str:
        return subject(self._property, "card", token)
