"""Conversations: each message stands for itself; a stay has one of its own, so has a department."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from concierge.domain.errors import BadRequest
from concierge.domain.people import Actor

MAX_TEXT = 4000
STAY, DEPARTMENT = "stay-", "dept-"


def of_stay(stay: str) -> str:
    return STAY + stay


def of_department(department: str) -> str:
    return DEPARTMENT + department


def stay_of(conversation: str) -> str | None:
    """The stay whose conversation it is, if it is a stay's."""
    return conversation.removeprefix(STAY) if conversation.startswith(STAY) else None


def takes_part(actor: Actor, conversation: str) -> bool:
    """Whether the actor may read and write there."""
    if actor.kind == "guest":
        return conversation == of_stay(actor.stay)
    return actor.leads or conversation == of_department(actor.department)


def message(text: str, lang: str, via: str, about: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A message's data: ``text``, ``lang``, ``via`` (text, voice, service), and what it is about (order, call, turn…).

    Raises :class:`BadRequest`.
    """
    text = text.strip()
    if not text:
        raise BadRequest("the message is empty")
    if len(text) > MAX_TEXT:
        raise BadRequest(f"the message has {len(text)} characters, at most {MAX_TEXT} are taken")
    return {**(about or {}), "text": text, "lang": lang, "via": via}
