"""What both ends of a call need of aiortc: the paced line out, packets at their arrival, events, addresses.

aiortc's parts that hurt a voice are left out: its jitter buffer (320 ms a lost packet) is replaced at its seam, its
decoder thread gets nothing, and its 96 kbit/s stereo encoder is bypassed by handing it packets that are encoded
already. Its RTCP stays, so a browser learns of losses and sends in-band FEC.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, Protocol

from aiortc import (
    MediaStreamTrack,
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpCodecCapability,
    RTCRtpReceiver,
    RTCRtpSender,
)
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcicetransport import parse_stun_turn_uri
from av.packet import Packet

from media.opus import FRAME_SAMPLES, WIRE_HZ, Encoder, Pcm

log = logging.getLogger(__name__)

EVENTS = "events"  # the data channel's label (DESIGN 8b)
_FRAME_S = FRAME_SAMPLES / WIRE_HZ
_MAX_BEHIND_S = 0.1  # up to here lateness is made up for in a burst, beyond it the line skips ahead
_MAX_WAITING_EVENTS = 1_000
_FMTP = "minptime=10;useinbandfec=1;stereo=0;usedtx=0;maxplaybackrate=16000;maxaveragebitrate=32000"


@dataclass(frozen=True)
class IceServer:
    """``stun:host:port``, or ``turn:host:port?transport=udp`` (udp, tcp; turns: tcp) with a user and a password."""

    url: str
    username: str | None = None
    credential: str | None = None

    @classmethod
    def of(cls, text: str) -> IceServer:
        """As an operator writes it, on one line: ``turn:user:password@host:port``. Raises :class:`ValueError`."""
        scheme, _, rest = text.partition(":")
        user, _, host = rest.rpartition("@")
        username, _, credential = user.partition(":")
        server = cls(f"{scheme}:{host}", username or None, credential or None)
        try:
            parse_stun_turn_uri(server.url)
        except ValueError:
            raise ValueError(f"{text!r}: stun:host:port or turn:user:password@host:port is expected") from None
        return server


@dataclass(frozen=True)
class Ice:
    """How a peer may be reached. By default only our own addresses: the answer waits for nobody, and nothing outside
    is asked. ``addresses``: offer only these (a machine with many networks); None: all but loopback."""

    servers: tuple[IceServer, ...] = ()
    addresses: tuple[str, ...] | None = None


class RtpPacket(Protocol):
    """What we read of aiortc's RTP packets."""

    ssrc: int
    sequence_number: int
    timestamp: int
    payload: bytes


class PacedTrack(MediaStreamTrack):
    """Pulls a frame every 20 ms and gives it to aiortc as a finished Opus packet.

    ``on_sent(frame, at)`` hears of each frame as it leaves, ``at`` on the loop's clock.
    """

    kind = "audio"

    def __init__(self, next_frame: Callable[[], Pcm], on_sent: Callable[[Pcm, float], None] | None = None) -> None:
        super().__init__()
        self._next_frame = next_frame
        self._on_sent = on_sent
        self._encoder = Encoder()
        self._due: float | None = None
        self._pts = 0

    async def recv(self) -> Packet[Any]:
        if self.readyState != "live":
            raise MediaStreamError
        loop = asyncio.get_running_loop()
        now = loop.time()
        if self._due is None:
            self._due = now
        if now < self._due:
            await asyncio.sleep(self._due - now)
        elif now - self._due > _MAX_BEHIND_S:
            skipped = int((now - self._due) / _FRAME_S)
            self._due += skipped * _FRAME_S
            self._pts += skipped * FRAME_SAMPLES
        self._due += _FRAME_S
        frame = self._next_frame()
        packet = Packet(self._encoder.encode(frame))
        packet.pts = self._pts
        packet.time_base = Fraction(1, WIRE_HZ)
        self._pts += FRAME_SAMPLES
        if self._on_sent:
            self._on_sent(frame, loop.time())
        return packet


class _AtArrival:
    """Stands where aiortc's receiver keeps its jitter buffer, and never gives it anything to decode."""

    def __init__(self, on_packet: Callable[[RtpPacket], None]) -> None:
        self._on_packet = on_packet

    def add(self, packet: RtpPacket) -> tuple[bool, None]:
        self._on_packet(packet)
        return False, None


def tap(receiver: RTCRtpReceiver, on_packet: Callable[[RtpPacket], None]) -> None:
    """Each RTP packet of the agreed codec to ``on_packet`` as it arrives."""
    seam = "_RTCRtpReceiver__jitter_buffer"
    if not hasattr(receiver, seam):
        raise RuntimeError(f"this aiortc has no {seam}: media/rtc_peer.py was written for aiortc 1.16")
    setattr(receiver, seam, _AtArrival(on_packet))


class EventChannel:
    """The data channel of JSON objects, one a message. What is sent before it opens waits."""

    def __init__(self, on_message: Callable[[dict[str, Any]], None] | None) -> None:
        self._on_message = on_message
        self._channel: RTCDataChannel | None = None
        self._waiting: list[str] = []

    def attach(self, channel: RTCDataChannel) -> None:
        self._channel = channel
        channel.on("message", self._received)
        channel.on("open", self._flush)
        self._flush()

    def send(self, event: dict[str, Any]) -> None:
        self._waiting.append(json.dumps(event, ensure_ascii=False))
        del self._waiting[:-_MAX_WAITING_EVENTS]
        self._flush()

    def _flush(self) -> None:
        if self._channel is not None and self._channel.readyState == "open":
            waiting, self._waiting = self._waiting, []
            for text in waiting:
                self._channel.send(text)

    def _received(self, data: str | bytes) -> None:
        try:
            message = json.loads(data)
        except ValueError:
            message = None
        if not isinstance(message, dict):
            log.warning("the peer sent something on the events channel that is no JSON object: %r", data[:80])
        elif self._on_message:
            self._on_message(message)


def peer_connection(ice: Ice) -> RTCPeerConnection:
    servers = [RTCIceServer(urls=s.url, username=s.username, credential=s.credential) for s in ice.servers]
    return RTCPeerConnection(RTCConfiguration(iceServers=servers, bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))


def opus_only() -> list[RTCRtpCodecCapability]:
    return [codec for codec in RTCRtpSender.getCapabilities("audio").codecs if codec.name == "opus"]


def choose_addresses(connection: RTCPeerConnection, ice: Ice) -> None:
    """To be called before candidates are gathered. On a machine without a network, loopback is offered:
    aiortc alone would have no candidate and never connect."""
    for transceiver in connection.getTransceivers():
        agent = transceiver.sender.transport.transport.iceGatherer._connection
        gather = partial(_gather, agent.get_component_candidates, ice.addresses)
        agent.get_component_candidates = gather  # type: ignore[method-assign]


async def _gather(gather: Callable[..., Any], chosen: tuple[str, ...] | None, *, component: int, addresses: list[str]) -> Any:
    return await gather(component=component, addresses=list(chosen or addresses or ["127.0.0.1"]))


def without_waiting_for_names(sdp: str) -> str:
    """The peer's SDP without candidates that are mDNS names, and without the promise that no more will come.

    Browsers hide their addresses behind names ending in .local. Looking one up takes a second when it fails, and is not
    needed: the browser reaches our addresses and is learned from its own packet (a peer reflexive candidate). But an
    agent that has no candidate and was promised no more gives up at once, so the promise goes too.
    """
    kept = [
        line
        for line in sdp.splitlines()
        if not re.match(r"a=candidate:.*\.local ", line, re.IGNORECASE) and line.strip() != "a=end-of-candidates"
    ]
    return "\r\n".join(kept) + "\r\n"


def with_voice_settings(sdp: str) -> str:
    """Our SDP, asking for what serves recognition best: 16 kHz mono with in-band FEC and no gaps in silence."""
    lines: list[str] = []
    for line in sdp.splitlines():
        lines.append(line)
        if opus := re.match(r"a=rtpmap:(\d+) opus/48000", line, re.IGNORECASE):
            lines.append(f"a=fmtp:{opus[1]} {_FMTP}")
    return "\r\n".join(lines) + "\r\n"
