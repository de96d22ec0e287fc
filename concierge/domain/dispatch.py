"""To whom an order goes: a pure choice among the people who are on duty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from concierge.domain.order import Order


@dataclass(frozen=True)
class Worker:
    """One of the department who is on duty. No ``floors``, no ``skills``: of all floors, for whatever comes.

    ``open_orders``: held by or dispatched to them. ``busy_until``: the sequence of their last order's last event, 0: they
    had none. A sequence orders events better than a clock does.
    """

    id: str
    floors: frozenset[int] = frozenset()
    skills: frozenset[str] = frozenset()
    open_orders: int = 0
    busy_until: int = 0


def choose(order: Order, workers: Sequence[Worker]) -> str | None:
    """The staff id; None: nobody is on duty, the order is the whole department's.

    Who declined is passed over until everybody has. Then skill, then floor, where anybody has them; then the fewest open
    orders, then the longest idle.
    """
    declined = Counter(note.by.removeprefix("staff:") for note in order.refusals)
    least = min((declined[one.id] for one in workers), default=0)
    left: Sequence[Worker] = [one for one in workers if declined[one.id] == least]
    if order.skill:
        left = _those(left, lambda one: order.skill in one.skills) or _those(left, lambda one: not one.skills)
    left = _those(left, lambda one: order.floor in one.floors) or _those(left, lambda one: not one.floors) or left
    best = min(left, key=lambda one: (one.open_orders, one.busy_until, one.id), default=None)
    return best.id if best else None


def _those(workers: Sequence[Worker], fit: Callable[[Worker], bool]) -> Sequence[Worker]:
    return [one for one in workers if fit(one)]
