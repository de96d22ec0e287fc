"""How often somebody may try to log in and fail. Pure: time is an argument."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Mapping

WINDOW_S = 60.0
FAILURES = {"user": 8, "address": 40, "device": 8}
"""Kind of key → failures allowed in the window. Behind one address may be a whole hotel's Wi-Fi. A device that the person has
logged in from before counts for itself: strangers who try their name lock nobody out who comes from there."""
CODE_WINDOW_S = 900.0
CODE_FAILURES = {"user": 5, "address": 40, "device": 5}
"""Likewise for second factors, which are short: 480 tries a day, of which three codes in a million would fit, take two years."""
REMEMBERED = 10_000
"""Names and addresses that are kept count of; past that, those that failed longest ago are forgotten. All of it is in this
process's memory: a restart forgives a minute's failures, or a quarter of an hour's."""


Key = tuple[str, str]
"""(kind, name): ``("user", "li_na")``, ``("address", "192.0.2.7")``."""


class Attempts:
    """Failures over the last ``window_s``. ``failures``: kind of key → how many are allowed."""

    def __init__(self, failures: Mapping[str, int] = FAILURES, window_s: float = WINDOW_S) -> None:
        self._limits = failures
        self._window_s = window_s
        self._failed: OrderedDict[Key, deque[float]] = OrderedDict()

    def wait_s(self, key: Key, now_s: float) -> float:
        """How long ``key`` must wait before it may try again; 0: not at all."""
        times = self._failed.get(key, deque())
        while times and times[0] <= now_s - self._window_s:
            times.popleft()
        return times[0] + self._window_s - now_s if len(times) >= self._limits[key[0]] else 0.0

    def failed(self, key: Key, now_s: float) -> None:
        self._failed.setdefault(key, deque(maxlen=self._limits[key[0]])).append(now_s)
        self._failed.move_to_end(key)
        while len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)

    def forgive(self, key: Key) -> None:
        self._failed.pop(key, None)
