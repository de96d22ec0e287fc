"""Reads a stream in order, without gap or double, through the broker's death.

nats-py's own ordered consumer needs two missed heartbeats to notice that a broker was killed. Here a new consumer starts
after the last message given out as soon as the connection is back, and at any hole in the consumer's own count.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy

IDLE_HEARTBEAT_S = 1.0
_SILENCE_S = 2.5 * IDLE_HEARTBEAT_S
_RETRY_S = 0.1


@dataclass(frozen=True)
class Stored:
    """A message of the stream. ``pending``: how many more the filter had when it was delivered."""

    seq: int
    subject: str
    payload: bytes
    headers: dict[str, str]
    pending: int


class _AtEnd(Exception):
    """There is nothing more to read."""


_Inbox = asyncio.Queue[Msg | None]
"""Messages as they come; None: the connection was lost and is back."""


class Feed:
    """Consumers of one stream over one connection, whose owner calls :meth:`connection_is_back`."""

    def __init__(self, client: Client, stream: str) -> None:
        self._client = client
        self._js = client.jetstream(timeout=2)
        self._stream = stream
        self._inboxes: set[_Inbox] = set()

    def connection_is_back(self) -> None:
        for inbox in self._inboxes:
            inbox.put_nowait(None)

    async def follow(self, filters: list[str], since: int, until: int | None = None) -> AsyncGenerator[Stored, None]:
        """What comes after the sequence ``since``, then live; to ``until``, or for ever."""
        while not self._client.is_closed and (until is None or since < until):
            try:
                async with contextlib.aclosing(self._once(filters, since, until)) as messages:
                    async for message in messages:
                        since = message.seq
                        yield message
                        if until is not None and message.pending == 0:
                            return
                        if until is not None and since >= until:
                            return
            except _AtEnd:
                return
            except (NatsError, TimeoutError):
                await asyncio.sleep(_RETRY_S)  # the broker is away; the client reconnects by itself

    async def _once(self, filters: list[str], since: int, until: int | None) -> AsyncGenerator[Stored, None]:
        """One consumer's life: ends at a hole, at a silence, and when the connection was lost."""
        inbox: _Inbox = asyncio.Queue()

        async def arrived(message: Msg) -> None:
            inbox.put_nowait(message)

        subject = self._client.new_inbox()
        subscription = await self._client.subscribe(subject, cb=arrived)
        self._inboxes.add(inbox)
        consumer = ""
        try:
            task = asyncio.current_task()
            cancels = task.cancelling() if task else 0
            made = await self._js.add_consumer(self._stream, _consumer(filters, since, subject))
            consumer = made.name
            if task and task.cancelling() > cancels:
                raise asyncio.CancelledError  # asyncio.wait_for in nats-py loses it before Python 3.12 (gh-86296)
            if until is not None and not made.num_pending and inbox.empty():
                raise _AtEnd
            given = 0
            while (message := await _next(inbox)) is not None:
                headers = message.headers or {}
                if "Status" not in headers:
                    found = message.metadata
                    if found.sequence.consumer != given + 1:
                        return
                    given += 1
                    yield Stored(found.sequence.stream, message.subject, message.data, headers, found.num_pending)
                elif waiting := message.reply or headers.get("Nats-Consumer-Stalled"):
                    await self._client.publish(waiting)  # flow control: the server sends on when we have come this far
                elif int(headers.get("Nats-Last-Consumer", given)) != given:
                    return
        finally:
            self._inboxes.discard(inbox)
            with contextlib.suppress(NatsError, TimeoutError):
                await subscription.unsubscribe()
                if consumer and self._client.is_connected:
                    await self._js.delete_consumer(self._stream, consumer)


async def _next(inbox: _Inbox) -> Msg | None:
    """The next message; None where heartbeats should have come and did not, or the connection was lost."""
    with contextlib.suppress(asyncio.QueueEmpty):
        return inbox.get_nowait()
    try:
        async with asyncio.timeout(_SILENCE_S):
            return await inbox.get()
    except TimeoutError:
        return None


def _consumer(filters: list[str], since: int, deliver_subject: str) -> ConsumerConfig:
    return ConsumerConfig(
        filter_subjects=filters,
        deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
        opt_start_seq=since + 1,
        deliver_subject=deliver_subject,
        ack_policy=AckPolicy.NONE,
        max_deliver=1,
        flow_control=True,
        idle_heartbeat=IDLE_HEARTBEAT_S,
        inactive_threshold=30,
        mem_storage=True,
        num_replicas=1,
    )
