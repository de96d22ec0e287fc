"""The property's log: one JetStream stream, one subject an entity, appends with the expected sequence."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import re
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Self, TypeVar

from nats.aio.client import Client
from nats.errors import ConnectionClosedError
from nats.errors import Error as NatsError
from nats.js.api import StorageType, StreamConfig, StreamInfo
from nats.js.errors import BadRequestError, NotFoundError

from concierge.bus.address import BrokerAddress
from concierge.bus.codec import BadMessage, decode, encode
from concierge.bus.feed import Feed, Stored
from concierge.bus.live import Live
from concierge.domain.errors import BadToken, Conflict, Unavailable
from concierge.domain.event import Draft, Entry, subject, token

_log = logging.getLogger(__name__)
_T = TypeVar("_T")

_WRONG_LAST_SEQUENCE = (10071, 10164)
_REPEATED_IN_BATCH = 10201
_TRY_S = 0.5
_RETRY_S = 0.05


class _Refused(Exception):
    """The stream's own answer to an append: ``code`` is JetStream's."""

    def __init__(self, code: int, description: str) -> None:
        super().__init__(f"{description} ({code})")
        self.code = code


class Log:
    """Implements :class:`concierge.service.ports.LogPort`.

    Everything waits for a broker that is away, up to ``timeout_s``, then raises :class:`Unavailable`; :meth:`follow`
    waits for ever. An append whose answer was lost is repeated under the same message id and is never doubled.
    """

    def __init__(self, client: Client, property_id: str, info: StreamInfo, timeout_s: float) -> None:
        """Use :meth:`open`."""
        self._client = client
        self._js = client.jetstream(timeout=_TRY_S)
        self._prefix = subject(property_id) + "."
        self._stream = stream_name(property_id)
        self._timeout_s = timeout_s
        self._feed = Feed(client, self._stream)
        self.live = Live(client, property_id)
        self.incarnation = f"{property_id}-{info.created:%Y%m%dT%H%M%S%f}"

    @classmethod
    async def open(cls, address: BrokerAddress, property_id: str, *, replicas: int = 1, timeout_s: float = 10.0) -> Self:
        """Connects, and makes the stream if it is not there yet. Raises :class:`Unavailable`."""
        feeds: list[Feed] = []

        async def back() -> None:
            for feed in feeds:
                feed.connection_is_back()

        client = await _connect(address, back, timeout_s)
        try:
            info = await _patiently(lambda: _ensure_stream(client, property_id, replicas), timeout_s)
        except BaseException:
            await client.close()
            raise
        log = cls(client, property_id, info, timeout_s)
        feeds.append(log._feed)
        return log

    async def close(self) -> None:
        await self._client.close()

    async def end(self) -> int:
        """The last sequence of the whole stream, 0 while it is empty."""
        return int((await self._patiently(lambda: self._js.stream_info(self._stream))).state.last_seq)

    async def last(self, subject: str) -> Entry | None:
        """The state of an entity: the last entry of its subject."""
        found = await self._get({"last_by_subj": self._checked(subject)})
        return _entry(found) if found else None

    async def at(self, seq: int) -> Entry | None:
        """The entry at a sequence; None: there is none, or none of ours."""
        found = await self._get({"seq": seq}) if seq > 0 else None
        return _readable(found) if found else None

    async def append(self, *drafts: Draft) -> list[Entry]:
        """All of ``drafts`` or none; the entries as they are on the log.

        Within one batch only the first draft of a subject carries ``expected``. A repeat of a command gives the entries
        of its first time. Raises :class:`Conflict` where another entry came first, :class:`Unavailable`, and
        :class:`ValueError` for a draft that cannot be written.
        """
        if not drafts:
            return []
        ids = [_message_id(draft) for draft in drafts]
        payloads = [encode(draft) for draft in drafts]
        for draft in drafts:
            self._checked(draft.subject)
        try:
            if len(drafts) == 1:
                return [await self._patiently(lambda: self._publish(drafts[0], payloads[0], ids[0]))]
            return await self._patiently(lambda: self._publish_batch(drafts, payloads, ids))
        except _Refused as refusal:
            if refusal.code not in (*_WRONG_LAST_SEQUENCE, _REPEATED_IN_BATCH):
                raise Unavailable(f"the log refused an entry: {refusal}") from refusal
            return await self._ours(drafts, ids, refusal)

    async def read(self, filters: str | list[str], since: int = 0) -> AsyncGenerator[Entry, None]:
        """What comes after ``since``, to the end as of the call. ``filters`` may hold wildcards."""
        until = await self.end()
        async with contextlib.aclosing(self._feed.follow(self._checked_filters(filters), since, until)) as messages:
            async for message in messages:
                if (entry := _readable(message)) is not None:
                    yield entry

    async def follow(self, filters: str | list[str], since: int = 0) -> AsyncGenerator[Entry, None]:
        """What comes after ``since``, then live, without gap or double, also through a kill of the broker."""
        async with contextlib.aclosing(self._feed.follow(self._checked_filters(filters), since)) as messages:
            async for message in messages:
                if (entry := _readable(message)) is not None:
                    yield entry
        raise Unavailable("the connection to the log was closed")

    # One try of each; what they raise is weighed by _patiently.

    async def _publish(self, draft: Draft, payload: bytes, message_id: str) -> Entry:
        headers = _headers(draft, message_id)
        answer = await self._client.request(draft.subject, payload, timeout=_TRY_S, headers=headers)
        ack = _answer(answer.data)
        if not ack.get("duplicate"):
            return decode(ack["seq"], draft.subject, payload)
        first = await self._get({"seq": ack["seq"]})
        if first is None or first.subject != draft.subject:
            raise Conflict(f"this command has already written to {first.subject if first else 'another subject'}")
        return _entry(first)

    async def _publish_batch(self, drafts: tuple[Draft, ...], payloads: list[bytes], ids: list[str]) -> list[Entry]:
        """One atomic batch (ADR-50 of NATS): all but the last only fly, the last commits; they lie side by side."""
        batch = uuid.uuid4().hex
        *early, commit = (
            (draft, payload, _headers(draft, message_id) | {"Nats-Batch-Id": batch, "Nats-Batch-Sequence": str(number)})
            for number, (draft, payload, message_id) in enumerate(zip(drafts, payloads, ids, strict=True), start=1)
        )
        for draft, payload, headers in early:
            await self._client.publish(draft.subject, payload, headers=headers)
        draft, payload, headers = commit
        headers["Nats-Batch-Commit"] = "1"
        answer = await self._client.request(draft.subject, payload, timeout=_TRY_S, headers=headers)
        first = int(_answer(answer.data)["seq"]) - len(drafts) + 1
        return [decode(first + number, drafts[number].subject, payloads[number]) for number in range(len(drafts))]

    async def _ours(self, drafts: tuple[Draft, ...], ids: list[str], refusal: _Refused) -> list[Entry]:
        """After a refusal: our own entries, which an earlier try wrote; where there are none, the conflict is real.

        The entries of a batch lie side by side, so one of them leads to all.
        """
        anchor = next((number for number, draft in enumerate(drafts) if draft.expected is not None), 0)
        draft = drafts[anchor]
        found = await self._find(draft.subject, ids[anchor], draft.expected or 0)
        entries: list[Entry] = []
        for number, message_id in enumerate(ids):
            message = await self._get({"seq": found.seq + number - anchor}) if found else None
            if message is None or message.headers.get("Nats-Msg-Id") != message_id:
                expected = ", ".join(f"{each.subject} at {each.expected}" for each in drafts if each.expected is not None)
                raise Conflict(f"somebody else was first: expected {expected or 'a new command'}") from refusal
            entries.append(_entry(message))
        return entries

    async def _find(self, subject: str, message_id: str, since: int) -> Stored | None:
        while (message := await self._get({"seq": since + 1, "next_by_subj": subject})) is not None:
            if message.headers.get("Nats-Msg-Id") == message_id:
                return message
            since = message.seq
        return None

    async def _get(self, request: dict[str, Any]) -> Stored | None:
        """Direct get: ``{"last_by_subj"}``, ``{"seq"}`` or ``{"seq", "next_by_subj"}``; None: there is none."""

        async def once() -> Stored | None:
            found = await self._client.request(f"$JS.API.DIRECT.GET.{self._stream}", json.dumps(request).encode(), timeout=_TRY_S)
            headers = found.headers or {}
            if headers.get("Status") == "404":
                return None
            if "Status" in headers:
                raise _Refused(int(headers["Status"]), headers.get("Description", "direct get"))
            return Stored(int(headers["Nats-Sequence"]), headers["Nats-Subject"], found.data, headers, 0)

        return await self._patiently(once)

    async def _patiently(self, operation: Callable[[], Awaitable[_T]]) -> _T:
        return await _patiently(operation, self._timeout_s)

    def _checked(self, subject: str) -> str:
        if not subject.startswith(self._prefix):
            raise BadToken(f"{subject[:80]!r} is no subject of this log; expected {self._prefix}…")
        for part in subject.removeprefix(self._prefix).split("."):
            token(part)
        return subject

    def _checked_filters(self, filters: str | list[str]) -> list[str]:
        found = [filters] if isinstance(filters, str) else list(filters)
        for each in found:
            if not each.startswith(self._prefix):
                raise BadToken(f"{each[:80]!r} is no filter of this log; expected {self._prefix}…")
        return found


def stream_name(property_id: str) -> str:
    return f"H_{token(property_id)}"


def _message_id(draft: Draft) -> str:
    """Unique in the whole stream. A draft of no command is its own: the id still keeps a repeated try from doubling."""
    source = f"{draft.command}\x00{draft.number}" if draft.command else uuid.uuid4().hex
    return hashlib.sha256(source.encode()).hexdigest()[:32]


def _headers(draft: Draft, message_id: str) -> dict[str, str]:
    headers = {"Nats-Msg-Id": message_id}
    if draft.expected is not None:
        headers["Nats-Expected-Last-Subject-Sequence"] = str(draft.expected)
    return headers


def _answer(payload: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(payload)
    if error := answer.get("error"):
        raise _Refused(error.get("err_code", 0), error.get("description", ""))
    return answer


def _entry(message: Stored) -> Entry:
    return decode(message.seq, message.subject, message.payload)


def _readable(message: Stored) -> Entry | None:
    """A message that is no event of ours (a later version's, a stranger's) stays on the log; who reads on is not stopped by it."""
    try:
        return _entry(message)
    except BadMessage as error:
        _log.error("bus: passed over: %s", error)
        return None


async def _patiently(operation: Callable[[], Awaitable[_T]], timeout_s: float) -> _T:
    """Tries again while the broker is away or not ready."""
    until = asyncio.get_running_loop().time() + timeout_s
    while True:
        try:
            return await operation()
        except (_Refused, NotFoundError, BadRequestError):
            raise
        except (NatsError, TimeoutError, OSError) as error:
            if isinstance(error, ConnectionClosedError) or asyncio.get_running_loop().time() > until:
                raise Unavailable(f"the log does not answer ({str(error) or type(error).__name__})") from error
            await asyncio.sleep(_RETRY_S)


async def _connect(address: BrokerAddress, back: Callable[[], Awaitable[None]], timeout_s: float) -> Client:
    problems: dict[str, None] = {}

    async def complain(error: Exception) -> None:
        problems[str(error) or type(error).__name__] = None
        _log.warning("bus: %s", str(error) or type(error).__name__)

    async def lost() -> None:
        if not client.is_closed:
            _log.warning("bus: connection lost")

    client = Client()
    try:
        async with asyncio.timeout(timeout_s):  # with reconnects allowed, the first connect tries for ever too
            await client.connect(
                address.url.split(","),
                name="concierge",
                user=address.credentials.user if address.credentials else None,
                password=address.credentials.password if address.credentials else None,
                allow_reconnect=True,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.1,  # type: ignore[arg-type]  # it is slept; only the annotation says int
                connect_timeout=2,
                ping_interval=5,
                max_outstanding_pings=2,
                error_cb=complain,
                disconnected_cb=lost,
                reconnected_cb=back,
            )
    except TimeoutError as error:
        await client.close()
        raise Unavailable(f"no log at {_without_password(address.url)} ({'; '.join(problems) or 'no answer'})") from error
    return client


def _without_password(url: str) -> str:
    return re.sub(r"//[^@/]*@", "//", url)


async def _ensure_stream(client: Client, property_id: str, replicas: int) -> StreamInfo:
    manager = client.jsm(timeout=2)
    config = StreamConfig(
        name=stream_name(property_id),
        subjects=[subject(property_id) + ".>"],
        storage=StorageType.FILE,
        num_replicas=replicas,
        allow_direct=True,
        allow_atomic=True,
        duplicate_window=120,
    )
    try:
        return await manager.stream_info(stream_name(property_id))
    except NotFoundError:
        return await manager.add_stream(config)
