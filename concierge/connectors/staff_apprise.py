"""Everything else, one way: Apprise tells some 150 services (e-mail, SMS, Telegram, Teams…) of tickets and alarms. No buttons."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from concierge.connectors.cards import Card, Down
from concierge.connectors.desk import Desk, StaffImError, missing, variable
from concierge.domain.hotel import StaffIm

_log = logging.getLogger(__name__)

PAUSES_S = (1.0, 5.0)
"""Before a receiver's second and third try. One that is dead for long must not hold up the others' next message."""


def message(card: Card) -> tuple[str, str]:
    """(title, text) as plain text."""
    facts = " · ".join(f"{name} {value}" for name, value in card.facts)
    lines = (card.what, card.status, f"“{card.words}”" if card.words else "", facts)
    return card.headline, "\n".join(line for line in lines if line)


class AppriseFanOut:
    """A chat is the name of an environment variable with Apprise's URLs, parted by spaces: there are keys in them.

    Raises :class:`~concierge.connectors.desk.StaffImError` if the package or a variable is missing, or no URL in it is one.
    """

    vendor = "apprise"
    direct = ""
    routes = None

    def __init__(self, config: StaffIm, desk: Desk) -> None:
        try:
            import apprise
        except ImportError as error:
            raise missing(self.vendor, error) from None
        self._kinds = {False: apprise.NotifyType.INFO, True: apprise.NotifyType.FAILURE}
        self._places: dict[str, Any] = {}
        chats = (config.chat, config.escalations, config.alarms, *config.departments.values())
        for name in {chat.id for chat in chats if chat}:
            self._places[name] = apprise.Apprise()
            for url in variable(self.vendor, name).split():
                if not self._places[name].add(url):  # which one is not said: it holds a key
                    raise StaffImError(f"[staff_im.apprise]: {name} holds something that is no Apprise URL")

    async def post(self, chat: str, card: Card, key: str) -> dict[str, Any]:
        title, body = message(card)
        kind = self._kinds[card.alarm or bool(card.marks)]
        said = {"body": body, "title": title, "notify_type": kind}
        told = await asyncio.gather(*(self._tell(receiver, said, card.id) for receiver in self._places[chat]))
        if not any(told):
            raise Down(f"nobody of {chat} could be told")
        return {"marks": list(card.marks)}

    async def _tell(self, receiver: Any, said: dict[str, Any], card_id: str) -> bool:
        """Each on its own: what one has read is not sent again because another is away."""
        for pause_s in (*PAUSES_S, None):
            try:
                if await receiver.async_notify(**said):
                    return True
            except Exception:
                _log.exception("apprise: %s failed", receiver.service_name)
            if pause_s is not None:
                await asyncio.sleep(pause_s)
        _log.error("apprise: %s was not told of %s", receiver.service_name, card_id)
        return False

    async def change(self, chat: str, posted: Mapping[str, Any], card: Card) -> dict[str, Any]:
        """A message that went out cannot be changed; that it became late or urgent is worth another one."""
        return {**posted} if set(card.marks) <= set(posted["marks"]) else await self.post(chat, card, card.id)
