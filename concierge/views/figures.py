"""Response times and ratings: facts of the log, counted."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from concierge.domain.order import OPEN


def of_orders(rows: Sequence[Any]) -> dict[str, Any]:
    """``rows`` of the table ``orders``. Times are in seconds from ``placed``; a share is of those that got so far, but
    ``late`` is of all: those that missed a deadline, be they done or not."""
    by_department: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        by_department[row.department].append(row)
    return {
        "orders": _figures(rows),
        "departments": {name: _figures(some) for name, some in sorted(by_department.items())},
        "intents": dict(Counter(row.intent for row in rows).most_common()),
    }


def _figures(rows: Sequence[Any]) -> dict[str, Any]:
    ratings = [row.rating for row in rows if row.rating is not None]
    return {
        "placed": len(rows),
        "open": sum(row.state in OPEN for row in rows),
        "cancelled": sum(row.state == "cancelled" for row in rows),
        "accept_s": spread([row.accept_s for row in rows if row.accept_s is not None]),
        "done_s": spread([row.done_s for row in rows if row.done_s is not None]),
        "accepted_on_time": _share([not row.accept_late for row in rows if row.accept_late is not None]),
        "done_on_time": _share([not row.done_late for row in rows if row.done_late is not None]),
        "accepted_late": _share([row.accept_late for row in rows if row.accept_late is not None]),
        "done_late": _share([row.done_late for row in rows if row.done_late is not None]),
        "late": _share([row.late for row in rows]),
        "ratings": len(ratings),
        "rating": round(sum(ratings) / len(ratings), 2) if ratings else None,
    }


def spread(seconds: Sequence[float]) -> dict[str, float] | None:
    """Mean, median, 90th and 95th percentile (nearest rank); None of nothing."""
    if not seconds:
        return None
    ranked = sorted(seconds)

    def rank(share: float) -> float:
        return round(ranked[math.ceil(share * len(ranked)) - 1], 3)

    return {"mean": round(sum(ranked) / len(ranked), 3), "p50": rank(0.5), "p90": rank(0.9), "p95": rank(0.95)}


def _share(met: Sequence[bool]) -> float | None:
    return round(sum(met) / len(met), 4) if met else None
