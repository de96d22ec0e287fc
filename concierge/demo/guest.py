"""A guest of the demo: calls from a room, says its lines, and sees what came of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from concierge.call_record import CallRecord
from concierge.call_turns import Turn, TurnResult
from concierge.caller import place_call
from concierge.demo.checks import Verdict, judge
from concierge.demo.script import Line
from concierge.demo.staff import Desk
from concierge.domain.hotel import Property

DEVICES_S = 10.0


@dataclass(frozen=True)
class Call:
    """``connect_ms``: from the offer to sound both ways."""

    room: str
    verdicts: list[Verdict]
    record: CallRecord
    connect_ms: float


class Guest:
    """``async with Guest(…) as guest``: has an HTTP client with the room's token."""

    def __init__(self, url: str, token: str, room: str, property: Property, desk: Desk) -> None:
        self._url = url
        self._token = token
        self._room = room
        self._property = property
        self._desk = desk
        self._http = httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        await self._http.aclose()

    async def devices_there(self) -> None:
        """Returns once every device of the room has told its first state. Raises TimeoutError."""
        async with asyncio.timeout(DEVICES_S):
            while True:
                items = (await self._http.get(f"/v1/devices/{self._room}")).json()["items"]
                if all(item["state"] for item in items):
                    return
                await asyncio.sleep(0.05)

    async def call(self, lines: Sequence[Line], show: Callable[[Verdict], None]) -> Call:
        """One call with the lines as its turns. Raises :class:`concierge.caller.CallError`."""
        waiting = iter(lines)
        judging: list[asyncio.Task[Verdict]] = []

        def over(result: TurnResult) -> None:
            judging.append(asyncio.create_task(self._judge(next(waiting), result, show)))

        turns = [Turn(line.wav, line.barge_in_at_ms) for line in lines]
        report = await place_call(self._url, self._token, turns, on_result=over)
        return Call(self._room, [await verdict for verdict in judging], report.record, report.connect_ms)

    async def _judge(self, line: Line, result: TurnResult, show: Callable[[Verdict], None]) -> Verdict:
        verdict = await judge(line, result, self._property, self._http, self._desk)
        show(verdict)
        return verdict
