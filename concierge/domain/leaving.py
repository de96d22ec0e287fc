"""What becomes of a guest's open orders when they check out."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from concierge.domain import order as orders
from concierge.domain.instant import stamp
from concierge.domain.order import STEPS, Order
from concierge.domain.people import SERVICE

ENDS_WITH_THE_STAY = frozenset({
    "request.items", "request.cleaning", "request.wakeup", "order.food",
    "stay.extend", "stay.late_checkout", "stay.checkout", "stay.change_room", "stay.key",
})  # fmt: skip
"""Intents of no use to anybody once the guest is gone: called off, unless somebody has begun. All the rest goes on: the room's
repair, their luggage, laundry and taxi, the bill, and a person they asked for, be it to complain."""


def left(order: Order, note: str, at: datetime) -> tuple[Order, str]:
    """An open order of a guest who has just left, and the event that says so. Whoever works on it sees ``note``; the stamp
    ``guest_left`` is for what is shown."""
    known = orders.noted(order, SERVICE, at, note)
    known = replace(known, times={**known.times, "guest_left": stamp(at)})
    if order.intent in ENDS_WITH_THE_STAY and "cancel" in STEPS[order.state]:
        return orders.step(known, "cancel", SERVICE, at), orders.EVENTS["cancel"]
    return known, "noted"
