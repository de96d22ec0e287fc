"""What is worth nothing a moment later (somebody types, somebody is here): told to the property's other processes by core
NATS, ``hx.<property>.live``, which no stream keeps."""

from __future__ import annotations

import contextlib
import json
import uuid
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError

from concierge.domain.event import token


class Live:
    def __init__(self, client: Client, property_id: str) -> None:
        self._client = client
        self._subject = f"hx.{token(property_id)}.live"
        self._me = uuid.uuid4().hex

    async def tell(self, frame: Mapping[str, Any]) -> None:
        """To every other process; lost while the broker is away."""
        with contextlib.suppress(NatsError, OSError):
            await self._client.publish(self._subject, json.dumps({**frame, "process": self._me}).encode())

    @contextlib.asynccontextmanager
    async def hearing(self, took: Callable[[dict[str, Any]], None]) -> AsyncIterator[None]:
        """Calls ``took`` with each frame of another process, ``process`` naming it, for as long as the block lasts."""

        async def arrived(message: Msg) -> None:
            frame = json.loads(message.data)
            if frame.get("process") != self._me:
                took(frame)

        subscription = await self._client.subscribe(self._subject, cb=arrived)
        try:
            yield
        finally:
            with contextlib.suppress(NatsError):
                await subscription.unsubscribe()
