"""The house that these tests serve: real log, service and views; its devices and its chat are small stand-ins."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from concierge.bus.log import Log
from concierge.domain.event import Entry, now
from concierge.domain.hotel import Property
from concierge.domain.people import SERVICE, Actor
from concierge.service.commands import RecordDeviceState, Say
from concierge.service.handlers import Service
from concierge.settings import Settings
from concierge.views.views import Views
from media.playout import Playout
from media.rtc import RtcCall, answer


@dataclass
class Confirmation:
    device: str
    ok: bool
    ms: float
    state: Mapping[str, Any] | None


@dataclass
class ObedientDevices:
    """Confirms everything but what is named in ``silent``, once ``may_confirm`` is set."""

    silent: set[str] = field(default_factory=set)
    may_confirm: asyncio.Event = field(default_factory=asyncio.Event)
    states: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    service: Service | None = None

    def state(self, space: str, device: str) -> dict[str, Any] | None:
        return self.states.get((space, device))

    async def set(self, space: str, change: dict[str, dict[str, Any]]) -> list[Confirmation]:
        await self.may_confirm.wait()
        confirmations = []
        for device, wanted in change.items():
            ok = device not in self.silent
            if ok:
                state = self.states.setdefault((space, device), {})
                state.update(wanted)
                if self.service:
                    await self.service.do(RecordDeviceState(space, device, dict(state)), SERVICE, f"{now()}")
            confirmations.append(Confirmation(device, ok, 80.0, self.state(space, device)))
        return confirmations


@dataclass
class House:
    property: Property
    settings: Settings
    log: Log
    service: Service
    views: Views
    devices: ObedientDevices
    missing: list[str] = field(default_factory=list)
    calls: list[RtcCall] = field(default_factory=list)
    frames: int = 0
    """Audio frames that callers sent."""

    @property
    def chat(self) -> House:
        return self

    async def said(self, actor: Actor, conversation: str, text: str, lang: str | None, client_id: str, **more: Any) -> Entry:
        return await self.service.do(Say(conversation, text, lang or "zh", **more), actor, client_id)

    async def start_call(self, offer_sdp: str, actor: Actor, lang: str | None) -> RtcCall:
        call = await answer(offer_sdp, on_audio=self._heard, playout=Playout())
        self.calls.append(call)
        return call

    def _heard(self, *_: object) -> None:
        self.frames += 1

    async def unready(self) -> list[str]:
        return self.missing


@dataclass
class Site:
    """The running server. ``http`` asks it without a token."""

    url: str
    http: httpx.AsyncClient
    app: Any

    @property
    def socket(self) -> str:
        return self.url.replace("http", "ws", 1) + "/v1/socket"

    async def staff(self, user: str) -> str:
        answer = await self.http.post("/v1/login", json={"user": user, "password": f"demo-{user}"})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])

    async def room(self, room: str) -> str:
        answer = await self.http.post("/v1/room-token", json={"room": room})
        assert answer.status_code == 200, answer.text
        return str(answer.json()["token"])


def bearer(token: str, key: str | None = None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
