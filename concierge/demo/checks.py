"""Whether a line of the demo gave what it must: decision, effect in the world, and an audible reply."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from concierge.call_turns import TurnResult
from concierge.demo.script import Line, same_decisions
from concierge.demo.staff import Desk
from concierge.domain.hotel import Property

AUDIBLE_MS = 200
SETTLE_S = 3.0
"""How long an effect may take to show at its receiver after the reply: the feed, a phone."""
TRAVEL_S = 8.0
"""How long a device may take after the reply: a curtain says at once that it opens, and arrives later."""


@dataclass
class Verdict:
    """``effects``: a few words for each effect that came; ``missing``: what did not."""

    line: Line
    result: TurnResult
    effects: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        return not self.missing


async def judge(line: Line, result: TurnResult, property: Property, guest: httpx.AsyncClient, desk: Desk) -> Verdict:
    """Looks at the devices, the staff's feed and the reply; ``guest`` is a client with the room's token."""
    verdict = Verdict(line, result)
    if result.error:
        verdict.missing.append(result.error)
    if not same_decisions(line.decisions, result.decisions):
        verdict.missing.append(f"decided {_short(result.decisions)}")
    if (result.reply_audio_ms or 0) < AUDIBLE_MS:
        verdict.missing.append("no audible reply")
    for kind, wanted in line.effect.items():
        match kind:
            case "device":
                await _devices(verdict, wanted, guest)
            case "order":
                await _orders(verdict, wanted, desk)
            case "incident":
                await _incident(verdict, wanted, desk)
            case "info":
                answer = property.topics[wanted].answer[line.lang].rstrip("。.")
                found = answer.lower() in result.reply.lower()
                (verdict.effects if found else verdict.missing).append(f"answer: {wanted}")
    return verdict


async def _devices(verdict: Verdict, wanted: Mapping[str, Mapping[str, Any]], guest: httpx.AsyncClient) -> None:
    """Each was confirmed in this turn and is now as wanted. The state alone proves nothing: it may have been so before."""
    confirmed = {one["device"] for one in verdict.result.confirmed if one["ok"]}
    for device, change in wanted.items():
        if device not in confirmed:
            verdict.missing.append(f"{device} was not confirmed")
            continue
        for _ in range(int(TRAVEL_S / 0.1)):
            items = (await guest.get(f"/v1/devices/{verdict.line.room}")).json()["items"]
            state = next((item["state"] or {} for item in items if item["id"] == device), {})
            now = {name: state.get(name) for name in change}
            if now == change:
                break
            await asyncio.sleep(0.1)
        said = f"{device} {' '.join(f'{name}={value}' for name, value in now.items())}"
        (verdict.effects if now == change else verdict.missing).append(said)


async def _orders(verdict: Verdict, wanted: list[Mapping[str, str]], desk: Desk) -> None:
    for one in wanted:
        found = await _seen(lambda one=one: _ticket(verdict, one, desk))
        if found is None:
            verdict.missing.append(f"no ticket {one['intent']} for {one['department']}")
        else:
            verdict.effects.append(f"ticket → {found['department']}, {found['state']}")


def _ticket(verdict: Verdict, wanted: Mapping[str, str], desk: Desk) -> Mapping[str, Any] | None:
    for order in desk.orders.values():
        same = order["space"] == verdict.line.room and order["words"] == verdict.result.heard
        if same and all(order[name] == value for name, value in wanted.items()):
            return order
    return None


async def _incident(verdict: Verdict, kind: str, desk: Desk) -> None:
    def raised() -> Mapping[str, Any] | None:
        for incident in desk.incidents.values():
            if incident["kind"] == kind and incident["space"] == verdict.line.room:
                return incident
        return None

    found = await _seen(raised)
    (verdict.missing if found is None else verdict.effects).append(f"incident: {kind}")


async def _seen(look: Any) -> Any:
    for _ in range(int(SETTLE_S / 0.05)):
        if (found := look()) is not None:
            return found
        await asyncio.sleep(0.05)
    return None


def _short(decisions: list[Any]) -> str:
    return ", ".join(f"{one['intent']} {one.get('slots') or ''}".strip() for one in decisions) or "nothing"
