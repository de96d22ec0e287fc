"""The demo's staff: they see tickets on the live feed as the staff page does, and press Accept, Start, Done."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx
from websockets.asyncio.client import connect

PAUSE_S = 0.15
"""A quick thumb."""


@dataclass
class Desk:
    """One member of staff who takes every ticket of the house. ``seen``: order or incident id → when the feed had it."""

    url: str
    token: str
    seen: dict[str, float] = field(default_factory=dict)
    orders: dict[str, dict[str, Any]] = field(default_factory=dict)
    incidents: dict[str, dict[str, Any]] = field(default_factory=dict)
    _steps: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self) -> None:
        """Until cancelled."""
        address = self.url.replace("http", "ws", 1) + "/v1/socket"
        try:
            async with (
                httpx.AsyncClient(base_url=self.url, headers={"Authorization": f"Bearer {self.token}"}) as http,
                connect(address) as socket,
            ):
                await socket.send(json.dumps({"type": "hello", "token": self.token}))
                async for text in socket:
                    self._frame(json.loads(text), http)
        finally:
            for step in self._steps:
                step.cancel()

    def _frame(self, frame: dict[str, Any], http: httpx.AsyncClient) -> None:
        if frame.get("type") != "event":
            return
        kind, data = frame["subject"].split(".")[2], frame["data"]
        if kind == "order":
            self._keep(self.orders, data)
            if frame["event"] == "dispatched":
                self._press(http, f"/v1/orders/{data['id']}", ("accept", "start", "done"))
        elif kind == "incident":
            self._keep(self.incidents, data)
            if frame["event"] == "raised":
                self._press(http, f"/v1/incidents/{data['id']}", ("ack",))

    def _keep(self, where: dict[str, dict[str, Any]], data: dict[str, Any]) -> None:
        self.seen.setdefault(data["id"], time.time())
        where[data["id"]] = data

    def _press(self, http: httpx.AsyncClient, path: str, verbs: tuple[str, ...]) -> None:
        task = asyncio.create_task(_press(http, path, verbs))
        self._steps.add(task)
        task.add_done_callback(self._steps.discard)


async def _press(http: httpx.AsyncClient, path: str, verbs: tuple[str, ...]) -> None:
    for verb in verbs:
        await asyncio.sleep(PAUSE_S)
        with contextlib.suppress(httpx.HTTPError):
            await http.post(f"{path}/{verb}", headers={"Idempotency-Key": uuid4().hex})
