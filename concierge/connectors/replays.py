"""Signed callbacks are taken once: a bounded memory of those that came within the window in which they are valid."""

from __future__ import annotations

from collections import OrderedDict

WINDOW_S = 300.0
"""How far a callback's time stamp may be from ours: Slack's own rule, taken for the others too."""
REMEMBERED = 10_000
"""Only correctly signed callbacks get in, so only the vendor could fill it. What falls out early still acts once: the
event's id is the command's client id."""


class Replays:
    def __init__(self, window_s: float = WINDOW_S, limit: int = REMEMBERED) -> None:
        self._window_s = window_s
        self._limit = limit
        self._seen: OrderedDict[str, float] = OrderedDict()

    def fresh(self, stamped: str | None, now: float) -> bool:
        """Whether a time stamp (seconds since 1970, as a text) is within the window."""
        try:
            return abs(float(stamped or "") - now) <= self._window_s
        except (ValueError, OverflowError):
            return False

    def first(self, key: str, now: float) -> bool:
        """Whether ``key`` comes for the first time; it is remembered for as long as its signature could be valid."""
        while self._seen and next(iter(self._seen.values())) < now - 2 * self._window_s:
            self._seen.popitem(last=False)
        if key in self._seen:
            return False
        if len(self._seen) >= self._limit:
            self._seen.popitem(last=False)
        self._seen[key] = now
        return True
