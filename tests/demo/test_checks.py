"""What the demo counts as done: a device that was confirmed in that turn, and got there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from concierge.call_turns import TurnResult
from concierge.demo import checks
from concierge.demo.checks import Verdict, judge
from concierge.demo.script import Line
from concierge.demo.staff import Desk
from concierge.domain.hotel import Property

SHUT = {"intent": "device.set", "slots": {"device": "curtain", "position": 0}}
SHUT_LINE = Line("shut", "en", "305", "close the curtains", [SHUT], {"device": {"curtain": {"position": 0}}}, Path("shut.wav"))


async def verdict(property_: Property, confirmed: Sequence[Mapping[str, Any]], positions: Sequence[int]) -> Verdict:
    """Of a curtain that is asked for its position again and again."""
    left = list(positions)

    def states(_: httpx.Request) -> httpx.Response:
        position = left.pop(0) if len(left) > 1 else left[0]
        return httpx.Response(200, json={"items": [{"id": "curtain", "state": {"position": position}}]})

    result = TurnResult(1, "shut.wav", heard="close the curtains", reply_audio_ms=900.0, decisions=[SHUT])
    result.confirmed = [dict(one) for one in confirmed]
    async with httpx.AsyncClient(base_url="http://hotel", transport=httpx.MockTransport(states)) as guest:
        return await judge(SHUT_LINE, result, property_, guest, Desk("http://hotel", "token"))


async def test_a_curtain_that_was_shut_all_along_proves_nothing(property_: Property) -> None:
    judged = await verdict(property_, [], [0])
    assert judged.missing == ["curtain was not confirmed"]


async def test_a_curtain_on_its_way_is_waited_for(property_: Property) -> None:
    judged = await verdict(property_, [{"device": "curtain", "ok": True}], [60, 30, 0])
    assert judged.passed
    assert judged.effects == ["curtain position=0"]


async def test_a_curtain_that_stops_half_way_fails(property_: Property, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "TRAVEL_S", 0.3)
    judged = await verdict(property_, [{"device": "curtain", "ok": True}], [60, 40])
    assert judged.missing == ["curtain position=40"]
