"""A guest's stay in a space, from check-in to check-out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from concierge.domain.errors import IllegalStep
from concierge.domain.event import Entry
from concierge.domain.instant import stamp
from concierge.domain.people import Actor, guest

SECRET = ("code_hash",)
"""What no view of a stay shows."""


@dataclass(frozen=True)
class Stay:
    """``code_hash``: of the room code that a room token is given for. ``checked_in``: the sequence of the check-in."""

    id: str
    space: str
    name: str
    language: str
    code_hash: str
    state: str = "open"
    vip: bool = False
    """Their orders have priority. The guest sees nothing of it."""
    checked_in: int = 0
    times: Mapping[str, str] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, entry: Entry) -> Stay:
        """From the log."""
        return cls.read(entry.data, entry.seq)

    @classmethod
    def read(cls, data: Mapping[str, Any], seq: int) -> Stay:
        """``seq``: of the entry with ``data``. The check-in's own sequence is known only once it is on the log."""
        stay = cls(**{f.name: data[f.name] for f in fields(cls) if f.name in data})
        return stay if stay.checked_in else replace(stay, checked_in=seq)

    @property
    def guest(self) -> Actor:
        return guest(self.id, self.space, self.checked_in)


def check_in(stay: Stay, at: datetime) -> Stay:
    return replace(stay, times={"checked_in": stamp(at)})


def check_out(stay: Stay, at: datetime) -> Stay:
    """Raises :class:`IllegalStep` if it has ended already."""
    if stay.state != "open":
        raise IllegalStep(f"stay {stay.id} has ended already", state=stay.state)
    return replace(stay, state="closed", times={**stay.times, "checked_out": stamp(at)})


def public_view(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in SECRET}


def guest_view(data: Mapping[str, Any]) -> dict[str, Any]:
    """As the guest sees their own: whom the house makes much of is the house's."""
    return {key: value for key, value in public_view(data).items() if key != "vip"}


def code_hash(code: str) -> str:
    """SHA-256 of a room code, however it was typed. With the code's 80 random bits a plain hash gives nothing away."""
    return hashlib.sha256(code.replace("-", "").replace(" ", "").upper().encode()).hexdigest()
