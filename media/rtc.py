"""A guest's call, answered: SDP in, SDP out, 16 kHz frames and events from then on. Only this file, ``rtc_peer`` and
``rtc_client`` know aiortc."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from aiortc import RTCDataChannel, RTCSessionDescription
from aiortc.sdp import MediaDescription, SessionDescription

from media.inlet import Inlet
from media.opus import Pcm
from media.playout import SILENCE, Playout
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
    without_waiting_for_names,
)

log = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 15.0
SILENT_PEER_S = 5.0  # aiortc itself needs about 30 s to notice that a peer is gone
_WATCH_S = 0.5
_MAX_OFFER_CHARS = 65_536


class BadSdp(Exception):
    """The offer cannot be answered; the message says what is wrong with it."""


class RtcCall:
    """One call. ``sdp`` is the answer for the peer; ``connected`` is set when sound can flow both ways."""

    def __init__(
        self,
        *,
        on_audio: Callable[[Pcm, float], None],
        playout: Playout,
        on_closed: Callable[[str], None] | None,
        on_message: Callable[[dict[str, Any]], None] | None,
        ice: Ice,
    ) -> None:
        self.sdp = ""
        self.connected = asyncio.Event()
        self.closed = asyncio.Event()
        self.inlet = Inlet(on_audio)
        self._on_closed = on_closed
        self._ice = ice
        self._playout = playout
        self._track = PacedTrack(self._next_frame)
        self._events = EventChannel(on_message)
        self._connection = peer_connection(ice)
        self._loop = asyncio.get_running_loop()
        self._last_packet: float | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None

    def send_event(self, event: dict[str, Any]) -> None:
        """To the peer, on its data channel "events"; kept until that is open."""
        if not self.closed.is_set():
            self._events.send(event)

    async def close(self, reason: str = "hung up here") -> None:
        """Hang up. May be called more than once; ``on_closed`` is told once, when the line is down."""
        self._end(reason)
        if self._closing is not None:
            await asyncio.shield(self._closing)

    async def start(self, offer_sdp: str) -> None:
        connection = self._connection
        connection.on("connectionstatechange", self._state_changed)
        connection.on("datachannel", self._channel_opened)
        voice = connection.addTransceiver(self._track, direction="sendrecv")
        voice.setCodecPreferences(opus_only())
        tap(voice.receiver, self._packet)
        choose_addresses(connection, self._ice)
        await connection.setRemoteDescription(RTCSessionDescription(sdp=offer_sdp, type="offer"))
        for other in connection.getTransceivers():
            if other is not voice:
                other.direction = "inactive"
        await connection.setLocalDescription()
        self.sdp = with_voice_settings(connection.localDescription.sdp)
        self._watcher = self._loop.create_task(self._watch())

    def _channel_opened(self, channel: RTCDataChannel) -> None:
        if channel.label == EVENTS:
            self._events.attach(channel)

    def _packet(self, packet: RtpPacket) -> None:
        if self._closing is not None:
            return
        now = self._last_packet = self._loop.time()
        self._hear(lambda: self.inlet.packet(packet.ssrc, packet.sequence_number, packet.timestamp, packet.payload, now))

    def _next_frame(self) -> Pcm:
        try:
            return self._playout.next_frame()
        except Exception:  # of the speaker's: aiortc would stop sending and leave the call up, silent
            log.exception("the call's voice failed")
            self._end("a fault in the service")
            return SILENCE

    def _give_up(self) -> None:
        if self._closing is None:
            self._hear(lambda: self.inlet.give_up(self._loop.time()))

    def _hear(self, take: Callable[[], None]) -> None:
        try:
            take()
        except Exception:  # of the listener's: aiortc would take it for a broken line and end without a word
            log.exception("the call's listener failed")
            self._end("a fault in the service")
            return
        if self._timer:
            self._timer.cancel()
        deadline = self.inlet.deadline
        self._timer = self._loop.call_at(deadline, self._give_up) if deadline is not None else None

    def _end(self, reason: str) -> None:
        if self._closing is None:
            self._closing = self._loop.create_task(self._close(reason))

    def _state_changed(self) -> None:
        state = self._connection.connectionState
        if state == "connected":
            self.connected.set()
        elif state in ("failed", "closed"):
            self._end("the peer hung up" if state == "closed" else "the connection failed")

    async def _watch(self) -> None:
        """Ends a call that never connected, or whose peer has gone without a word."""
        started = self._loop.time()
        while True:
            await asyncio.sleep(_WATCH_S)
            if self._last_packet is None:
                over = self._loop.time() - started > CONNECT_TIMEOUT_S
                reason = f"no sound came within {CONNECT_TIMEOUT_S:.0f} s"
            else:
                over = self._loop.time() - self._last_packet > SILENT_PEER_S
                reason = f"no sound came for {SILENT_PEER_S:.0f} s"
            if over:
                self._end(reason)
                return

    async def _close(self, reason: str) -> None:
        if self._timer:
            self._timer.cancel()
        if self._watcher:
            self._watcher.cancel()
        try:
            await self._connection.close()
        finally:
            self.closed.set()
            log.info("call ended: %s", reason)
            if self._on_closed:
                self._on_closed(reason)


async def answer(
    offer_sdp: str,
    *,
    on_audio: Callable[[Pcm, float], None],
    playout: Playout,
    on_closed: Callable[[str], None] | None = None,
    on_message: Callable[[dict[str, Any]], None] | None = None,
    ice: Ice | None = None,
) -> RtcCall:
    """Answer a WebRTC offer that has audio both ways (WHIP, RFC 9725).

    ``on_audio(pcm, pts_s)``: 320 samples of int16 at 16 kHz, in the order of their time, as soon as the packet is here;
    ``pts_s`` seconds since the call's first sample. ``on_closed(reason)`` once. ``on_message(event)`` for what the
    peer sends on its data channel "events". All are called on the event loop and must not block.
    Raises :class:`BadSdp`.
    """
    _check(offer_sdp)
    call = RtcCall(on_audio=on_audio, playout=playout, on_closed=on_closed, on_message=on_message, ice=ice or Ice())
    try:
        await call.start(without_waiting_for_names(offer_sdp))
    except BaseException as problem:
        call._on_closed = None
        await call.close("the offer could not be answered")
        if isinstance(problem, Exception):
            raise BadSdp(f"the offer cannot be answered: {problem or type(problem).__name__}") from problem
        raise
    return call


def _check(offer_sdp: str) -> None:
    if len(offer_sdp) > _MAX_OFFER_CHARS:
        raise BadSdp(f"the offer has {len(offer_sdp)} characters; {_MAX_OFFER_CHARS} are allowed")
    if not offer_sdp.lstrip().startswith("v=0"):
        raise BadSdp('this is no SDP: a WebRTC offer that begins with "v=0" is expected (Content-Type application/sdp)')
    try:
        offer = SessionDescription.parse(offer_sdp.lstrip())
    except Exception as problem:  # aiortc asserts and indexes its way through: any kind of error may come
        raise BadSdp(f"the SDP cannot be read: {problem or 'a line is malformed'}") from problem
    voice = next((media for media in offer.media if media.kind == "audio"), None)
    if voice is None:
        raise BadSdp("the offer has no audio (no m=audio line): offer one audio track, sendrecv")
    _check_voice(voice)


def _check_voice(voice: MediaDescription) -> None:
    if (voice.direction or "sendrecv") != "sendrecv":
        raise BadSdp(f"the offer's audio is {voice.direction}: it must be sendrecv, so that both can be heard")
    if not any(codec.mimeType.lower() == "audio/opus" for codec in voice.rtp.codecs):
        raise BadSdp("the offer's audio has no Opus (a=rtpmap:… opus/48000/2)")
    if not voice.ice or not voice.ice.usernameFragment or not voice.ice.password:
        raise BadSdp("the offer has no ICE credentials (a=ice-ufrag, a=ice-pwd)")
    if not voice.dtls or not voice.dtls.fingerprints:
        raise BadSdp("the offer has no DTLS fingerprint (a=fingerprint): plain RTP is not taken")
