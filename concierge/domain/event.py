"""What the log holds: an event carries the entity's whole resulting state (event-carried state transfer).

The last entry of a subject *is* the state of the entity; all of its entries are the audit trail.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from concierge.domain.errors import BadToken

_TOKEN_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
MAX_TOKEN = 64


def token(text: str) -> str:
    """Check one subject token: 1-64 of letters, digits, ``-``, ``_``.

    A ``*`` or ``>`` in a token would become a NATS wildcard, a dot a further token, so nothing else passes.
    Raises :class:`BadToken`.
    """
    if not text or len(text) > MAX_TOKEN or not _TOKEN_CHARS.issuperset(text):
        raise BadToken(f"{text[:80]!r} is no subject token: 1 to {MAX_TOKEN} letters, digits, '-' or '_'")
    return text


def subject(property_id: str, *tokens: str) -> str:
    """``subject("demo", "order", "s1", "o1")`` → ``h.demo.order.s1.o1``; each token is checked."""
    return ".".join(("h", token(property_id), *(token(part) for part in tokens)))


def command_id(sender: str, client_id: str) -> str:
    """The id of a command, 32 hex digits. A bare client id would swallow another sender's message."""
    return hashlib.sha256(f"{sender}\x00{client_id}".encode()).hexdigest()[:32]


def now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Draft:
    """An event that was decided and is not yet on the log.

    ``expected`` is the sequence of the subject's last entry that the decision was made from (0: there was none;
    None: the event stands for itself, as a chat message does). ``number`` counts the events of one command.
    """

    subject: str
    event: str
    data: Mapping[str, Any]
    by: str
    expected: int | None
    command: str = ""
    number: int = 0
    at: datetime = field(default_factory=now)


@dataclass(frozen=True)
class Entry:
    """An event on the log. ``seq`` is the stream's sequence: unique and rising over the whole property."""

    seq: int
    subject: str
    event: str
    data: dict[str, Any]
    by: str
    at: datetime
    command: str = ""
