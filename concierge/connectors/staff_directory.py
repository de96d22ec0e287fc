"""Who is who: a vendor's user id → one of our staff, as the property file and the log's ``staff`` entities have it."""

from __future__ import annotations

from concierge.domain.account import Account
from concierge.domain.event import Entry
from concierge.domain.hotel import Property


class Directory:
    """The property file gives everybody's first state; :meth:`learn` takes what the log says since."""

    def __init__(self, property: Property) -> None:
        self._people = {one.id: Account.first(one) for one in property.staff.values()}

    def learn(self, entry: Entry) -> None:
        """An entry of ``h.<property>.staff.<id>``."""
        account = Account.of(entry.data)
        self._people[account.id] = account

    def find(self, vendor: str, *users: str) -> Account | None:
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
