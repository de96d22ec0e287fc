"""A vendor's HTTP interface where its library has none that serves: JSON both ways, a token that runs out, faults by name."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from concierge.connectors.cards import Busy, Down

TIMEOUT_S = 10.0
_EARLY_S = 300.0
"""A token is renewed so long before it runs out."""


class VendorHttp:
    """One client of ``base_url``. Proxies are those of the environment."""

    def __init__(self, base_url: str) -> None:
        self._client = httpx.AsyncClient(base_url=base_url, timeout=TIMEOUT_S)

    async def close(self) -> None:
        await self._client.aclose()

    async def ask(self, method: str, path: str, **more: Any) -> tuple[int, dict[str, Any]]:
        """(HTTP status, the JSON object that came). Raises :class:`Busy` or :class:`Down`; never with a token in its text."""
        try:
            answer = await self._client.request(method, path, **more)
        except httpx.HTTPError as error:
            raise Down(f"{path}: {type(error).__name__}") from None
        if answer.status_code == 429:
            raise Busy(f"{path}: too many requests", retry_after_s(answer.headers.get("Retry-After")))
        if answer.status_code >= 500:
            raise Down(f"{path}: HTTP {answer.status_code}")
        try:
            found = answer.json()
        except ValueError:
            found = None
        if not isinstance(found, dict):
            raise Down(f"{path}: HTTP {answer.status_code}, no JSON object")
        return answer.status_code, found


class Token:
    """An access token. ``fetch`` gives (token, seconds that it is good for)."""

    def __init__(self, fetch: Callable[[], Awaitable[tuple[str, float]]]) -> None:
        self._fetch = fetch
        self._value = ""
        self._until = 0.0
        self._lock = asyncio.Lock()

    async def get(self) -> str:
        async with self._lock:
            if time.monotonic() >= self._until:
                self._value, good_s = await self._fetch()
                self._until = time.monotonic() + max(good_s - _EARLY_S, good_s / 2)
            return self._value

    def forget(self) -> None:
        """The vendor says that it is no longer good."""
        self._until = 0.0


def retry_after_s(text: str | None, otherwise: float = 5.0) -> float:
    """A Retry-After in seconds, as all of these vendors write it."""
    try:
        return max(float(text or ""), 0.1)
    except ValueError:
        return otherwise
