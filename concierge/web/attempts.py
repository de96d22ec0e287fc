"""How often somebody may try to log in and fail. Pure: time is an argument."""

from __future__ import annotations

from collections import OrderedDict, deque

WINDOW_S = 60.0
FAILURES = 8
REMEMBERED = 10_000
"""Names and addresses that are kept count of; past that, those that failed longest ago are forgotten."""


class Attempts:
    """Failures by key (an address, a user's name) over the last minute."""

    def __init__(self, failures: int = FAILURES, window_s: float = WINDOW_S) -> None:
        self._limit = failures
        self._window_s = window_s
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()

    def wait_s(self, key: str, now_s: float) -> float:
        """How long ``key`` must wait before it may try again; 0: not at all."""
        times = self._failed.get(key, deque())
        while times and times[0] <= now_s - self._window_s:
            times.popleft()
        return times[0] + self._window_s - now_s if len(times) >= self._limit else 0.0

    def failed(self, key: str, now_s: float) -> None:
        self._failed.setdefault(key, deque(maxlen=self._limit)).append(now_s)
        self._failed.move_to_end(key)
        while len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)

    def forgive(self, key: str) -> None:
        self._failed.pop(key, None)
