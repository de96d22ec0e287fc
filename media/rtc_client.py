"""The guest's end of a call: for ``concierge call``, the demo, tests and measurements.

Packets are handed on as they arrive, with the time of their arrival, each decoded for itself: behind aiortc's own
receive buffer the same moment is seen 86 ms later, and 300 ms under loss.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any

from aiortc import RTCSessionDescription
from aiortc.rtp import is_rtcp

from media.opus import WIRE_HZ, Decoder, OpusError, Pcm
from media.playout import Playout
from media.rtc_peer import (
    EVENTS,
    EventChannel,
    Ice,
    PacedTrack,
    RtpPacket,
    choose_addresses,
    opus_only,
    peer_connection,
    tap,
    with_voice_settings,
)


class RtcClient:
    """``outgoing`` is the microphone: what it plays is sent in real time, silence else.

    ``on_audio(pcm, arrived, timestamp)``: one packet's int16 mono at 48 kHz, the loop's time at which it arrived, and
    its RTP time stamp (48 kHz). ``on_sent(pcm, at)``: each frame as it leaves. ``on_event(event, at)``: from the data
    channel. ``loss_pct`` of the outgoing packets are dropped.
    """

    def __init__(
        self,
        outgoing: Playout,
        *,
        on_audio: Callable[[Pcm, float, int], None] | None = None,
        on_sent: Callable[[Pcm, float], None] | None = None,
        on_event: Callable[[dict[str, Any], float], None] | None = None,
        loss_pct: float = 0.0,
        seed: int = 1,
        ice: Ice | None = None,
    ) -> None:
        self.connected = asyncio.Event()
        self.closed = asyncio.Event()
        self.packets_received = 0
        self.packets_dropped = 0
        self._on_audio = on_audio
        self._on_event = on_event
        self._loss = loss_pct / 100
        self._chance = random.Random(seed)
        self._ice = ice or Ice()
        self._decoder = Decoder(WIRE_HZ)
        self._loop = asyncio.get_running_loop()
        self._connection = peer_connection(self._ice)
        self._connection.on("connectionstatechange", self._state_changed)
        self._events = EventChannel(self._event)
        self._voice = self._connection.addTransceiver(PacedTrack(outgoing.next_frame, on_sent), direction="sendrecv")

    async def offer(self) -> str:
        """The SDP to send to the service."""
        self._voice.setCodecPreferences(opus_only())
        tap(self._voice.receiver, self._packet)
        self._events.attach(self._connection.createDataChannel(EVENTS))
        choose_addresses(self._connection, self._ice)
        await self._connection.setLocalDescription()
        return with_voice_settings(self._connection.localDescription.sdp)

    async def accept(self, answer_sdp: str, *, timeout: float = 10.0) -> None:
        """Take the service's answer and wait until sound can flow. Raises :class:`ConnectionError`."""
        try:
            await self._connection.setRemoteDescription(RTCSessionDescription(sdp=answer_sdp, type="answer"))
        except Exception as problem:  # aiortc asserts and indexes its way through: any kind of error may come
            raise ConnectionError(f"the service's answer is no SDP that fits the offer: {answer_sdp[:80]!r}") from problem
        self._lose_packets()
        try:
            async with asyncio.timeout(timeout):
                await self.connected.wait()
        except TimeoutError:
            raise ConnectionError(f"no connection to the service within {timeout:.0f} s (UDP blocked?)") from None
        if self.closed.is_set():
            raise ConnectionError("the service ended the call before it was connected")

    def send_event(self, event: dict[str, Any]) -> None:
        self._events.send(event)

    async def close(self) -> None:
        await self._connection.close()
        self.closed.set()

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state in ("failed", "closed"):
            self.closed.set()
        if state in ("connected", "failed", "closed"):
            self.connected.set()

    def _packet(self, packet: RtpPacket) -> None:
        arrived = self._loop.time()
        self.packets_received += 1
        try:
            pcm = self._decoder.decode(packet.payload)
        except OpusError:
            return
        if self._on_audio:
            self._on_audio(pcm, arrived, packet.timestamp)

    def _event(self, event: dict[str, Any]) -> None:
        if self._on_event:
            self._on_event(event, self._loop.time())

    def _lose_packets(self) -> None:
        transport = self._voice.sender.transport
        send = transport._send_rtp

        async def lossy(data: bytes) -> None:
            if not is_rtcp(data) and self._chance.random() < self._loss:
                self.packets_dropped += 1
            else:
                await send(data)

        if self._loss:
            transport._send_rtp = lossy  # type: ignore[method-assign]
