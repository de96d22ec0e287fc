"""What an order is waiting for time to do. Derived from its state alone: no timer is kept anywhere (ADR 16)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from concierge.domain.hotel import Deadline
from concierge.domain.instant import instant
from concierge.domain.order import Order

CLOSE_AFTER = timedelta(hours=24)
_WAITING = {"dispatched": ("accept", "done"), "accepted": ("done",), "started": ("done",)}
"""State → the deadlines that run in it."""


@dataclass(frozen=True)
class Due:
    """``deadline``: the one that is missed at ``at``; empty where something missed before is told again."""

    at: datetime
    what: Literal["dispatch", "escalate", "close"]
    deadline: str = ""


def due(order: Order, deadline: Deadline) -> Sequence[Due]:
    """All that the order waits for, in no order; by stamps, so in the time of the clock that wrote them."""
    match order.state:
        case "placed" if order.planned:  # the rest is dispatched in the same breath
            return [Due(dispatch_at(order, deadline), "dispatch")]
        case "done" | "rated":
            return [Due(instant(order.times["done"]) + CLOSE_AFTER, "close")]
    running = [name for name in _WAITING.get(order.state, ()) if name in order.deadlines]
    found = [Due(instant(order.deadlines[name]), "escalate", name) for name in running if name not in order.missed]
    if any(name in order.missed for name in running):
        found.append(Due(instant(order.times["escalated"]) + timedelta(seconds=deadline.again_s), "escalate"))
    return found


def dispatch_at(order: Order, deadline: Deadline) -> datetime:
    """When an order that waits goes to somebody: at once, or so long before it is wanted that it can be there in time."""
    if order.planned is None:
        return instant(order.times["placed"])
    return instant(order.planned) - timedelta(seconds=deadline.lead_s)
