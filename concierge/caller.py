"""A guest who calls: places a call by WHIP (RFC 9725), says sound files as turns, hears and measures the replies."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np

from concierge.call_record import FRAME_S, CallRecord
from concierge.call_turns import REPLY_TIMEOUT_S, Talk, Turn, TurnResult
from media.playout import Playout
from media.rtc_client import RtcClient
from media.rtc_peer import Ice

CALLS_PATH = "/v1/calls"
_HTTP_TIMEOUT_S = 10.0


class CallError(Exception):
    """The call could not be placed."""


@dataclass(frozen=True)
class CallReport:
    """``connect_ms``: from the offer to sound both ways."""

    results: list[TurnResult]
    connect_ms: float
    packets_dropped: int
    record: CallRecord

    @property
    def failed(self) -> bool:
        return any(result.error for result in self.results)

    def summary(self) -> dict[str, Any]:
        """The last JSON line of ``concierge call``."""
        return {
            "summary": True,
            "turns": len(self.results),
            "errors": sum(1 for result in self.results if result.error),
            "connect_ms": round(self.connect_ms, 1),
            "voice_to_voice_ms": percentiles([result.voice_to_voice_ms for result in self.results]),
            "barge_in_stop_ms": percentiles([result.barge_in_stop_ms for result in self.results]),
            "packets_dropped": self.packets_dropped,
        }


def percentiles(values: Sequence[float | None]) -> dict[str, float | int | None]:
    """``{"n", "p50", "p95"}`` of the values that are known."""
    known = [value for value in values if value is not None]
    p50, p95 = np.percentile(known, [50, 95]) if known else (None, None)
    return {
        "n": len(known),
        "p50": None if p50 is None else round(float(p50), 1),
        "p95": None if p95 is None else round(float(p95), 1),
    }


async def place_call(
    url: str,
    token: str,
    turns: Sequence[Turn],
    *,
    lang: str | None = None,
    loss_pct: float = 0.0,
    reply_timeout_s: float = REPLY_TIMEOUT_S,
    linger_s: float = 0.0,
    on_result: Callable[[TurnResult], None] | None = None,
    ice: Ice | None = None,
) -> CallReport:
    """Call the service at ``url`` (its root, or the address that takes offers), say each turn, stay on the line for
    ``linger_s`` more, and hang up.

    A file that cannot be read, or that gets no reply, is an ``error`` in its turn's result, and the rest goes on.
    ``on_result`` hears of each turn when it is over. Raises :class:`CallError` when there is no call at all.
    """
    loop = asyncio.get_running_loop()
    record = CallRecord(loop.time())
    microphone = Playout(recent_s=FRAME_S)
    talk = Talk(microphone, record, reply_timeout_s=reply_timeout_s)
    address = _address(url, lang)
    client = RtcClient(microphone, on_audio=record.received, on_sent=talk.sent, on_event=talk.event, loss_pct=loss_pct, ice=ice)
    async with httpx.AsyncClient(headers={"Authorization": f"Bearer {token}"}, timeout=_HTTP_TIMEOUT_S) as http:
        location: httpx.URL | None = None
        try:
            started = loop.time()
            answer, location = await _post_offer(http, address, await client.offer())
            try:
                await client.accept(answer)
            except ConnectionError as problem:
                raise CallError(f"{url}: {problem}") from problem
            record.zero = loop.time()
            results = await talk.run(turns, client.closed, on_result)
            await asyncio.sleep(linger_s)
        finally:
            if location is not None:
                await _hang_up(http, location)
            await client.close()
    return CallReport(results, (record.zero - started) * 1000, client.packets_dropped, record)


async def demo_token(url: str, room: str) -> str | None:
    """The token of a room of the example hotel, which the service gives to its own machine; None anywhere else."""
    async with httpx.AsyncClient(timeout=_HTTP_TIMEOUT_S) as http:
        try:
            response = await http.post(_address(url, None).join("/v1/room-token"), json={"room": room})
            return str(response.json()["token"]) if response.is_success else None
        except (httpx.HTTPError, ValueError, KeyError):
            return None


def _address(url: str, lang: str | None) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL()
    if address.scheme not in ("http", "https") or not address.host:
        raise CallError(f"{url}: no address; one such as http://127.0.0.1:8080 is expected")
    if address.path in ("", "/"):
        address = address.join(CALLS_PATH)
    return address.copy_merge_params({"lang": lang}) if lang else address


async def _post_offer(http: httpx.AsyncClient, address: httpx.URL, offer: str) -> tuple[str, httpx.URL | None]:
    try:
        response = await http.post(address, content=offer, headers={"Content-Type": "application/sdp"})
    except httpx.HTTPError as problem:
        why = str(problem) or type(problem).__name__
        raise CallError(f"{address}: nothing answers there ({why}); is `concierge serve` running?") from problem
    if response.status_code != httpx.codes.CREATED:
        raise CallError(f"{address}: {response.status_code}: {_detail(response)}")
    location = response.headers.get("Location")
    return response.text, address.join(location) if location else None


def _detail(response: httpx.Response) -> str:
    try:
        problem = response.json()
    except ValueError:
        return response.text[:200] or response.reason_phrase
    return str(problem.get("detail") or problem.get("title") or problem) if isinstance(problem, dict) else str(problem)


async def _hang_up(http: httpx.AsyncClient, location: httpx.URL) -> None:
    try:
        await http.delete(location)
    except httpx.HTTPError:
        return  # the service is gone, and the call with it
