"""What the web asks of the rest of the service. :mod:`concierge.main` has the concrete house."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from concierge.bus.log import Log
from concierge.domain.event import Entry
from concierge.domain.hotel import Property
from concierge.domain.people import Actor
from concierge.service.handlers import Service
from concierge.settings import Settings
from concierge.views.views import Views

Emit = Callable[[Mapping[str, Any]], Awaitable[None]]


class DeviceStates(Protocol):
    """The device edge (:class:`concierge.bus.mqtt.DeviceEdge`)."""

    def state(self, space: str, device: str) -> Mapping[str, Any] | None:
        """The device's confirmed state; None: it has not been heard of."""


class Chat(Protocol):
    async def said(self, actor: Actor, conversation: str, text: str, lang: str | None, client_id: str, **more: Any) -> Entry:
        """Puts the message on the log and returns its entry; what the concierge answers follows on its own. ``more``: what
        else a :class:`concierge.service.commands.Say` has."""


class Call(Protocol):
    """A call in progress (:class:`media.rtc.RtcCall`). ``sdp`` is the answer; ``closed`` is set when the line is down."""

    @property
    def sdp(self) -> str: ...
    @property
    def closed(self) -> asyncio.Event: ...

    async def close(self) -> None:
        """Hangs up. A second time does nothing."""


class PushToTalk(Protocol):
    """One utterance of a client without WebRTC."""

    def feed(self, pcm: bytes) -> None:
        """PCM16 little-endian, 16 kHz, mono; any even number of bytes."""

    async def stop(self) -> None:
        """The button was let go: what was said is carried out. Answers go to the ``emit`` it was started with."""

    def cancel(self) -> None:
        """The client is gone or begins anew: half an utterance is not carried out."""


class House(Protocol):
    """One property with all that serves it."""

    @property
    def settings(self) -> Settings: ...
    @property
    def log(self) -> Log: ...
    @property
    def service(self) -> Service: ...
    @property
    def views(self) -> Views: ...
    @property
    def devices(self) -> DeviceStates: ...
    @property
    def chat(self) -> Chat: ...

    async def start_call(self, offer_sdp: str, actor: Actor, lang: str | None) -> Call:
        """Answers a WebRTC offer. Raises ``media.rtc.BadSdp`` or :class:`~concierge.domain.errors.Unavailable`."""

    async def unready(self) -> Sequence[str]:
        """What keeps the house from serving guests now, each in a few words; empty: it is ready."""

    @property
    def property(self) -> Property:  # last: it hides the decorator
        ...


class Talkative(Protocol):
    """A house that also takes push-to-talk over the socket offers this beside :class:`House`."""

    async def start_push_to_talk(self, actor: Actor, lang: str | None, emit: Emit) -> PushToTalk:
        """``emit`` sends one frame to the client: ``heard``, ``reply``, ``decision``, ``confirmed``, ``ledger``…"""


class Listens(Protocol):
    """A house that also puts voice notes into words offers this beside :class:`House`."""

    async def transcribe(self, sound: NDArray[np.float32], lang: str | None) -> str:
        """Mono at 16 kHz; ``lang`` None: found out."""
