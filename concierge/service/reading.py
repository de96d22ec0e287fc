"""What stands on the log now. The last entry of a subject is the state, so each answer is one direct get."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing

from concierge.domain.account import Account
from concierge.domain.errors import NotFound
from concierge.domain.event import Entry, subject, token
from concierge.domain.incident import Incident
from concierge.domain.order import OPEN, Order
from concierge.domain.room import Room
from concierge.domain.session import Sessions
from concierge.domain.stay import Stay
from concierge.service.ports import World


class Reading:
    """``seen``: the highest sequence that came up, that is, how much of the log a decision made here rests on."""

    def __init__(self, world: World, seen: int = 0) -> None:
        self._world = world
        self.seen = seen

    def subject(self, *tokens: str) -> str:
        return subject(self._world.property.id, *tokens)

    async def last(self, subject: str) -> Entry | None:
        entry = await self._world.log.last(subject)
        if entry:
            self.seen = max(self.seen, entry.seq)
        return entry

    async def room(self, space: str) -> tuple[Room, int]:
        """The space's state and its sequence (0: nothing was said of it yet). Raises :class:`NotFound`."""
        self._world.property.space(space)
        entry = await self.last(self.subject("space", space))
        return (Room.of(entry.data), entry.seq) if entry else (Room(space), 0)

    async def stay(self, stay: str) -> tuple[Stay, int]:
        """Raises :class:`NotFound`."""
        entry = await self.last(self.subject("stay", stay))
        if entry is None:
            raise NotFound(f"there is no stay {stay!r}")
        return Stay.of(entry), entry.seq

    async def open_stay(self, space: str) -> Stay | None:
        room, _ = await self.room(space)
        return (await self.stay(room.stay))[0] if room.stay else None

    async def order(self, order: str) -> tuple[Order, Entry]:
        """Raises :class:`NotFound`."""
        token(order)
        where = await self._world.views.order_subject(order)
        entry = await self.last(where) if where else None
        if entry is None:  # so new that the view has not seen it
            async for entry in self._world.log.read(f"h.{self._world.property.id}.order.*.{order}"):
                self.seen = max(self.seen, entry.seq)
        if entry is None:
            raise NotFound(f"there is no order {order!r}")
        return Order.of(entry.data), entry

    async def open_orders(self, stay: str) -> list[tuple[Order, Entry]]:
        """Those of a stay, as the log has them: a view may not have heard of the newest."""
        found = {}
        async with aclosing(self._world.log.read(self.subject("order", token(stay)) + ".*")) as entries:
            async for entry in entries:
                found[entry.subject] = entry
                self.seen = max(self.seen, entry.seq)
        return [(order, entry) for entry in found.values() if (order := Order.of(entry.data)).state in OPEN]

    async def account(self, staff: str) -> tuple[Account, int]:
        """One of the staff, and the sequence (0: still as the property file has them). Raises :class:`NotFound`."""
        entry = await self.last(self.subject("staff", token(staff)))
        if entry:
            return Account.of(entry.data), entry.seq
        try:
            return Account.first(self._world.property.staff[staff]), 0
        except KeyError:
            raise NotFound(f"there is no staff {staff!r}") from None

    async def staff_name(self, staff: str | None) -> Mapping[str, str] | None:
        """By language; None: nobody of the staff."""
        try:
            return (await self.account(staff))[0].name if staff else None
        except NotFound:
            return None

    async def accounts(self) -> list[Account]:
        """All who work here, or did."""
        known = {id: Account.first(one) for id, one in self._world.property.staff.items()}
        known |= {account.id: account for account in map(Account.of, await self._world.views.staff())}
        return list(known.values())

    async def sessions(self, staff: str) -> tuple[Sessions, int]:
        """Whoever it is: who never logged in has none."""
        entry = await self.last(self.subject("session", token(staff)))
        return (Sessions.of(entry.data), entry.seq) if entry else (Sessions(staff), 0)

    async def incident(self, incident: str) -> tuple[Incident, Entry]:
        """Raises :class:`NotFound`."""
        entry = await self.last(self.subject("incident", incident))
        if entry is None:
            raise NotFound(f"there is no incident {incident!r}")
        return Incident.of(entry.data), entry
