"""Who is who: a vendor's user id → one of our staff, as the property file and the log's ``staff`` entities have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from concierge.domain.event import Entry
from concierge.domain.hotel import Property
from concierge.domain.people import Actor, staff


@dataclass(frozen=True)
class Person:
    """``im``: vendor → user id there."""

    id: str
    name: Mapping[str, str]
    role: str
    department: str
    languages: tuple[str, ...] = ()
    im: Mapping[str, str] = field(default_factory=dict)
    active: bool = True

    @property
    def actor(self) -> Actor:
        return staff(self.id, self.role, self.department)


class Directory:
    """The property file gives everybody's first state; :meth:`learn` takes what the log says since."""

    def __init__(self, property: Property) -> None:
        self._people = {
            one.id: Person(one.id, one.name, one.role, one.department, one.languages, one.im) for one in property.staff.values()
        }

    def learn(self, entry: Entry) -> None:
        """An entry of ``h.<property>.staff.<id>``; what it does not name stays as it was."""
        data: Mapping[str, Any] = entry.data
        before = self._people.get(data["id"]) or Person(data["id"], {}, "", "")
        known = {key: data[key] for key in ("name", "role", "department", "im", "active") if data.get(key) is not None}
        if data.get("languages"):
            known["languages"] = tuple(data["languages"])
        if isinstance(known.get("name"), str):
            known["name"] = {"zh": known["name"], "en": known["name"]}
        self._people[before.id] = replace(before, **known)

    def find(self, vendor: str, *users: str) -> Person | None:
        """Who has one of ``users`` as their id at ``vendor``; None: nobody who works here now."""
        wanted = {user for user in users if user}
        return next((one for one in self._people.values() if one.active and one.im.get(vendor) in wanted), None)

    def user(self, vendor: str, staff_id: str | None) -> str | None:
        """The vendor's id of one of the staff."""
        one = self._people.get(staff_id or "")
        return one.im.get(vendor) if one and one.active else None

    def name(self, staff_id: str, lang: str) -> str | None:
        one = self._people.get(staff_id)
        return (one.name.get(lang) or next(iter(one.name.values()), None)) if one else None
