"""Where one of the staff wants to be notified: browsers' Web Push subscriptions, whole on ``h.<property>.push.<staff>`` (ADR 20)."""

from __future__ import annotations

import hashlib
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from concierge.domain.errors import BadRequest

MOST = 20
"""Devices a person; the next one takes the oldest one's place."""
MAX_ENDPOINT = 1000
_NAME = re.compile(r"([a-z0-9_-]+\.)+[a-z][a-z0-9-]*")


@dataclass(frozen=True)
class Subscription:
    """``p256dh``, ``auth``: the browser's keys (RFC 8291), base64url. ``session``, ``made``, ``until``: of the log-in that it
    came with, and with which it ends."""

    endpoint: str = field(repr=False)
    p256dh: str
    auth: str = field(repr=False)
    lang: str
    session: str | None
    made: str
    until: str

    @property
    def id(self) -> str:
        """Names it without telling the endpoint: who has that can send to the browser."""
        return hashlib.sha256(self.endpoint.encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Subscriptions:
    """Of one of the staff, the oldest first."""

    id: str
    items: tuple[Subscription, ...] = ()

    def with_one(self, new: Subscription) -> Subscriptions:
        others = tuple(one for one in self.items if one.id != new.id and one.until > new.made)
        return replace(self, items=(*others, new)[-MOST:])

    def without(self, id: str) -> Subscriptions:
        return replace(self, items=tuple(one for one in self.items if one.id != id))

    def data(self) -> dict[str, Any]:
        return {"id": self.id, "items": [asdict(one) for one in self.items]}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Subscriptions:
        return cls(data["id"], tuple(Subscription(**one) for one in data["items"]))


def check_endpoint(endpoint: str) -> None:
    """The service will post to it, so it must not lead into the house. What its name leads to is judged when something is
    sent. Raises :class:`BadRequest`."""
    try:
        parts = urlsplit(endpoint)
        good = parts.scheme == "https" and bool(_NAME.fullmatch(parts.hostname or "")) and "@" not in parts.netloc
        good = good and parts.port != 0 and len(endpoint) <= MAX_ENDPOINT
    except ValueError:
        good = False
    if not good:
        raise BadRequest("endpoint: expected a push service's https address, by its name")


def is_public(address: str) -> bool:
    """Whether an IP address is one of the internet."""
    found = ipaddress.ip_address(address)
    return (getattr(found, "ipv4_mapped", None) or found).is_global and not found.is_multicast
