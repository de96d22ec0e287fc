"""What the service needs of the world, as ports. :mod:`concierge.main` fits the concrete ones."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from concierge.domain.conversation import File
from concierge.domain.event import Draft, Entry
from concierge.domain.hotel import Property
from concierge.domain.people import Actor


class LogPort(Protocol):
    """The property's stream (:class:`concierge.bus.log.Log`)."""

    @property
    def incarnation(self) -> str:
        """Names this stream: another one means that sequences began anew."""

    async def end(self) -> int:
        """The last sequence of the whole stream, 0 while it is empty."""

    async def last(self, subject: str) -> Entry | None: ...

    async def at(self, seq: int) -> Entry | None:
        """The entry at a sequence; None: there is none, or none of ours."""

    async def append(self, *drafts: Draft) -> list[Entry]:
        """All of them or none. The second and later drafts of one subject carry ``expected=None``.

        Raises :class:`~concierge.domain.errors.Conflict` or :class:`~concierge.domain.errors.Unavailable`.
        """

    def read(self, filters: str | list[str], since: int = 0) -> AsyncGenerator[Entry, None]:
        """What comes after ``since``, to the end as of the call."""

    def follow(self, filters: str | list[str], since: int = 0) -> AsyncGenerator[Entry, None]:
        """What comes after ``since``, then live."""


class ConfirmationPort(Protocol):
    """Whether a device did what was asked: ``ok`` is what its state says, ``ms`` how long it took."""

    @property
    def device(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def ms(self) -> float: ...
    @property
    def answered(self) -> bool:
        """It told a state after the command, be it another one."""

    @property
    def state(self) -> Mapping[str, Any] | None: ...


class DevicesPort(Protocol):
    """The device edge (:class:`concierge.bus.mqtt.DeviceEdge`)."""

    def state(self, space: str, device: str) -> Mapping[str, Any] | None:
        """The device's last confirmed state; None: it has not been heard of."""

    async def set(self, space: str, change: Mapping[str, dict[str, Any]]) -> Sequence[ConfirmationPort]:
        """``change``: device id → what it should be. Waits until the states say so, or 1.5 s."""


class TalksPort(Protocol):
    """The views of conversations (:class:`concierge.views.talks.Talks`)."""

    async def unanswered(self, since: str) -> list[dict[str, Any]]: ...

    async def cursor(self, conversation: str, who: str) -> int: ...

    async def is_withdrawn(self, message: int) -> bool: ...

    async def may_see_file(self, actor: Actor, hash: str) -> bool: ...


class FilesPort(Protocol):
    """What was sent in, by hash."""

    def find(self, hash: str) -> tuple[File, Mapping[str, str]] | None:
        """The file, and who has sent it in, each with the name it had there."""


class NoFiles:
    """A service without a place for files."""

    def find(self, hash: str) -> None:
        return None


class ViewsPort(Protocol):
    """What a decision looks up (:class:`concierge.views.views.Views`). A view may lag; the log decides."""

    @property
    def talks(self) -> TalksPort: ...

    async def find_command(self, command: str) -> list[tuple[int, str]]:
        """(sequence, subject) of each event that this command left, in order; empty: not seen yet."""

    async def order_subject(self, order: str) -> str | None: ...

    async def orders(self, *, stay: str, open: bool) -> tuple[Sequence[Mapping[str, Any]], int | None]:
        """A stay's orders, the newest first, and the next page's mark."""

    async def staff(self) -> Sequence[Mapping[str, Any]]:
        """The accounts that the log has: what the property file says of somebody stands until there is one."""

    async def workload(self, staff: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """Of each of ``staff``: (open orders held or dispatched to them, the last sequence of any order of theirs)."""

    async def caught_up(self, seq: int, timeout_s: float = 5.0) -> None:
        """Waits until the views hold ``seq``. Raises :class:`~concierge.domain.errors.Unavailable` if they don't get there."""


class Texts(Protocol):
    def __call__(self, key: str, lang: str, **values: object) -> str: ...


@dataclass(frozen=True)
class World:
    """All that a handler can reach.

    ``secret`` makes room codes: 32 random bytes from the state folder. ``check_slots``: the catalogue's word on an intent
    and its slots, None if they are good (:func:`intents.catalogue.check`).
    """

    log: LogPort
    property: Property
    devices: DevicesPort
    views: ViewsPort
    texts: Texts
    secret: bytes
    clock: Callable[[], datetime]
    check_slots: Callable[[str, Mapping[str, Any]], str | None] = lambda intent, slots: None
    files: FilesPort = field(default_factory=NoFiles)
