"""A button that was pressed on a card: who pressed it, what the service says to it, and what the person is told."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from concierge.connectors.cards import Card
from concierge.connectors.staff_directory import Directory
from concierge.domain.account import Account
from concierge.domain.errors import BadToken, Conflict, DomainError, Forbidden, IllegalStep, NotFound, Unavailable
from concierge.domain.event import Entry
from concierge.domain.hotel import Property
from concierge.service import commands as c
from concierge.service.handlers import Service
from concierge.service.ports import Texts
from concierge.service.reading import Reading

_log = logging.getLogger(__name__)

COMMANDS: Mapping[str, Callable[[str], c.Command[Entry]]] = {
    "accept": c.AcceptOrder,
    "start": c.StartOrder,
    "done": c.DoneOrder,
}
"""A button's verb → the command. What else a callback may name is no verb of ours."""


@dataclass(frozen=True)
class Press:
    """``users``: the ids by which the vendor names who pressed; ``event``: the vendor's own id of this press, by which a repeat
    is known. All of it is as untrusted as the vendor's signature makes it: rights are the service's to check."""

    vendor: str
    users: tuple[str, ...]
    order: str
    verb: str
    event: str


@dataclass(frozen=True)
class Outcome:
    """``text``: what the person is told, in their language. ``entry``: how the order stands now; None: not known."""

    ok: bool
    text: str
    entry: Entry | None = None


class Presses:
    """``draw``: (entry, language) → the card. ``stale``: told when somebody pressed what their card should not have offered."""

    def __init__(
        self,
        service: Service,
        directory: Directory,
        texts: Texts,
        draw: Callable[[Entry, str], Card],
        stale: Callable[[str, Entry], None],
    ) -> None:
        self._service = service
        self._directory = directory
        self._texts = texts
        self._draw = draw
        self._stale = stale

    async def press(self, press: Press, lang: str) -> Outcome:
        """``lang``: what is read there; who does not read it is answered in their own. Does not raise."""
        person = self._directory.find(press.vendor, *press.users)
        if person is None:
            return Outcome(False, self._texts("press.unknown", lang, user=next(filter(None, press.users), "?")))
        if person.languages and lang not in person.languages:
            lang = person.languages[0]
        try:
            return await self._carry_out(press, person, lang)
        except (Unavailable, Conflict):
            return Outcome(False, self._texts("press.later", lang))
        except Exception:
            _log.exception("%s: %s of %s by %s failed", press.vendor, press.verb, press.order, person.id)
            return Outcome(False, self._texts("press.later", lang))

    async def _carry_out(self, press: Press, person: Account, lang: str) -> Outcome:
        command = COMMANDS.get(press.verb)
        if command is None:
            return Outcome(False, self._texts("press.gone", lang))
        client_id = hashlib.sha256(f"{press.vendor}\x00{press.event}".encode()).hexdigest()
        try:
            entry = await self._service.do(command(press.order), person.actor, client_id)
            return Outcome(True, self._texts(f"press.{press.verb}", lang, what=self._draw(entry, lang).what), entry)
        except (BadToken, NotFound):
            return Outcome(False, self._texts("press.gone", lang))
        except (Forbidden, IllegalStep) as refusal:
            _, entry = await Reading(self._service.world).order(press.order)
            self._stale(press.vendor, entry)
            return Outcome(False, self._refusal(refusal, entry, person, lang), entry)

    def _refusal(self, refusal: DomainError, entry: Entry, person: Account, lang: str) -> str:
        property: Property = self._service.world.property
        data: Mapping[str, Any] = entry.data
        if isinstance(refusal, Forbidden):
            department = property.departments.get(data["department"])
            name = department.name.get(lang) or next(iter(department.name.values())) if department else data["department"]
            return self._texts("press.department", lang, department=name)
        status = self._draw(entry, lang).status
        holder = data.get("holder")
        if holder == person.id:
            return self._texts("press.mine", lang, status=status)
        if holder and data["state"] in ("accepted", "started"):
            return self._texts("press.taken", lang, name=self._directory.name(holder, lang) or holder)
        return self._texts("press.state", lang, status=status)
