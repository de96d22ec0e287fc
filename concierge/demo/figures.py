"""The demo's spans against the budgets: p50 and p95 over its turns."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from concierge.demo.checks import Verdict
from media.budget import BUDGETS

AT_CLIENT = {"voice_to_voice": "voice_to_voice (client)", "barge_in_stop": "barge_in_stop (client)"}


@dataclass(frozen=True)
class SpanFigure:
    """``budget_ms`` is the 95th percentile's, ``median_ms`` the median's; None where there is none."""

    span: str
    n: int
    p50: float
    p95: float
    budget_ms: int | None
    median_ms: int | None
    on_overrun: str

    @property
    def over(self) -> bool:
        return (self.budget_ms is not None and self.p95 > self.budget_ms) or (
            self.median_ms is not None and self.p50 > self.median_ms
        )


def spans(verdicts: Sequence[Verdict]) -> list[SpanFigure]:
    """Client figures first (measured at RTP arrival), then the service's own ledger, in the budgets' order."""
    values: dict[str, list[float]] = defaultdict(list)
    for verdict in verdicts:
        result = verdict.result
        if result.voice_to_voice_ms is not None and not result.filler:
            values[AT_CLIENT["voice_to_voice"]].append(result.voice_to_voice_ms)
        if result.barge_in_stop_ms is not None:
            values[AT_CLIENT["barge_in_stop"]].append(result.barge_in_stop_ms)
        for span, ms in result.spans.items():
            values[span].append(ms)
    order = [*AT_CLIENT.values(), *BUDGETS]
    names = sorted(values, key=lambda name: (order.index(name) if name in order else len(order), name))
    return [_figure(name, values[name]) for name in names]


def _figure(name: str, values: list[float]) -> SpanFigure:
    p50, p95 = (float(value) for value in np.percentile(values, [50, 95]))
    budget = BUDGETS.get(name.removesuffix(" (client)"))
    return SpanFigure(
        name,
        len(values),
        p50,
        p95,
        budget.p95_ms if budget else None,
        budget.median_ms if budget else None,
        budget.on_overrun if budget else "",
    )
