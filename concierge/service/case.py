"""One command on its way to the log: who asks, under which id, when, and what stands there now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from concierge.domain import conversation
from concierge.domain.conversation import File
from concierge.domain.errors import BadRequest, NotFound
from concierge.domain.event import Draft
from concierge.domain.people import SERVICE, Actor, require
from concierge.service.ports import World
from concierge.service.reading import Reading


@dataclass(frozen=True)
class Case:
    """``key``: the command's id on the log, a hash of sender and client id."""

    world: World
    read: Reading
    actor: Actor
    key: str
    at: datetime

    def draft(self, subject: str, event: str, data: Mapping[str, Any], expected: int | None, by: Actor | None = None) -> Draft:
        return Draft(subject, event, data, (by or self.actor).who, expected, self.key, at=self.at)

    def space(self, named: str | None) -> str:
        """The space that the command is about: a guest's own, whatever the command says; else the one it names."""
        if self.actor.kind == "guest":
            require(named in (None, self.actor.space), f"space {named!r} is not yours")
            return self.actor.space
        if not named:
            raise BadRequest("which space? staff and services name one")
        return self.world.property.space(named).id

    def message(self, stay: str, text: str, lang: str, about: Mapping[str, Any]) -> Draft:
        """The service's own message into the stay's conversation."""
        where = self.read.subject("im", conversation.of_stay(stay))
        return self.draft(where, "said", conversation.message(text, lang, "service", about), None, SERVICE)

    async def file(self, hash: str) -> File:
        """A file that the actor has sent in or may see: who only knows a hash has no file. Raises :class:`NotFound`."""
        found = self.world.files.find(hash)
        if found and (self.actor.who in found[1] or await self.world.views.talks.may_see_file(self.actor, hash)):
            return replace(found[0], name=found[1].get(self.actor.who, ""))
        raise NotFound(f"there is no file {hash!r}")
