"""Packets in any order → pieces of sound in the order of their time. Pure: the time is an argument.

A listener that recognises speech needs no even clock, so nothing is held back: a packet that follows the last one
goes through at once, and only a gap makes its followers wait, in case the missing packet was overtaken. When the wait
is over the gap becomes a :class:`Piece` without payload. So a lost packet costs only itself, delay cannot build up,
and two clocks that run apart cannot matter: the sound is counted in the sender's time stamps.
(aiortc's own buffer stalls 320 ms at a lost packet, drops four healthy ones and keeps 280 ms of delay.)
"""

from __future__ import annotations

from dataclasses import dataclass

WIRE_KHZ = 48
START_WAIT_MS = 40.0
MIN_WAIT_MS = 20.0
MAX_WAIT_MS = 100.0
_MAX_GAP_MS = 1_000  # a longer gap is a sender that slept, not a loss: the rest of it is skipped
_RESTART_PACKETS = 500  # a sequence number this far off is a new stream
_CALM_MS_PER_PACKET = 0.02  # 1 ms a second


@dataclass(frozen=True, slots=True)
class Piece:
    """``samples`` of 48 kHz. ``payload`` None: nothing arrived for this time; ``following`` is then the packet that
    came after it, which may carry a copy (in-band FEC) of the end of the gap."""

    samples: int
    payload: bytes | None
    following: bytes | None = None


@dataclass
class Counts:
    received: int = 0
    lost: int = 0  # given up
    late: int = 0  # came after they were given up
    reordered: int = 0  # overtaken, and still in time
    repeated: int = 0
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class _Packet:
    timestamp: int
    samples: int
    payload: bytes
    arrived: float


class JitterBuffer:
    """``push`` each packet as it arrives; ``pop`` when ``deadline`` has come. Both return what may be heard now."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.wait_ms = START_WAIT_MS
        self._held: dict[int, _Packet] = {}  # by extended sequence number
        self._next: int | None = None  # the extended sequence number that is due
        self._time = 0  # the extended time stamp that is due
        self._gap_since: float | None = None  # when the packet behind the gap arrived
        self._given_up: dict[int, float] = {}  # sequence number → when it was noticed missing

    @property
    def deadline(self) -> float | None:
        """When (in the caller's clock, seconds) ``pop`` has something to give; None: not before the next packet."""
        return None if self._gap_since is None else self._gap_since + self.wait_ms / 1000

    def push(self, seq: int, timestamp: int, samples: int, payload: bytes, now: float) -> list[Piece]:
        """``seq`` 16 bits, ``timestamp`` 32 bits of 48 kHz, ``samples`` how long the payload sounds, ``now`` seconds."""
        if self._next is None:
            self._next, self._time = seq, timestamp
        number = self._next + _signed(seq - self._next, 16)
        if abs(number - self._next) > _RESTART_PACKETS:
            return self._restart(seq, timestamp, samples, payload, now)
        self.counts.received += 1
        if number < self._next:
            self._late(number, now)
            return []
        if number in self._held:
            self.counts.repeated += 1
            return []
        if self._held and number < max(self._held):
            self.counts.reordered += 1
        self._held[number] = _Packet(self._time + _signed(timestamp - self._time, 32), samples, payload, now)
        self.wait_ms = max(MIN_WAIT_MS, self.wait_ms - _CALM_MS_PER_PACKET)
        return self._in_order() + self.pop(now)

    def pop(self, now: float) -> list[Piece]:
        """Give up what is missing if its time is over."""
        pieces: list[Piece] = []
        while self._next is not None and (deadline := self.deadline) is not None and now >= deadline:
            first = min(self._held)
            self.counts.lost += first - self._next
            for number in range(self._next, first):
                self._given_up[number] = self._held[first].arrived
            while len(self._given_up) > _RESTART_PACKETS:
                del self._given_up[next(iter(self._given_up))]
            self._next = first
            pieces += self._in_order()
        return pieces

    def restart(self) -> list[Piece]:
        """The stream ends here (a new one may follow): everything that is held, gaps as gaps."""
        pieces: list[Piece] = []
        while self._held:
            self._next = min(self._held)
            pieces += self._in_order()
        self._next, self._gap_since = None, None
        self._given_up.clear()
        return pieces

    def _in_order(self) -> list[Piece]:
        pieces: list[Piece] = []
        while self._next is not None and (packet := self._held.pop(self._next, None)):
            missing = min(packet.timestamp - self._time, _MAX_GAP_MS * WIRE_KHZ)
            if missing > 0:
                pieces.append(Piece(missing, None, packet.payload))
            pieces.append(Piece(packet.samples, packet.payload))
            self._time = packet.timestamp + packet.samples
            self._next += 1
        self._gap_since = min((packet.arrived for packet in self._held.values()), default=None)
        return pieces

    def _late(self, number: int, now: float) -> None:
        missed_at = self._given_up.pop(number, None)
        if missed_at is None:
            self.counts.repeated += 1
            return
        self.counts.late += 1
        # A little more than this one would have needed. A packet later than the most we wait is not worth a change.
        needed = (now - missed_at) * 1000 + 5
        if needed <= MAX_WAIT_MS:
            self.wait_ms = max(self.wait_ms, needed)

    def _restart(self, seq: int, timestamp: int, samples: int, payload: bytes, now: float) -> list[Piece]:
        self.counts.restarts += 1
        return self.restart() + self.push(seq, timestamp, samples, payload, now)


def _signed(difference: int, bits: int) -> int:
    """The shortest way round a counter of so many bits: 65,535 → 0 is one step forward."""
    half = 1 << (bits - 1)
    return (difference + half) % (1 << bits) - half
