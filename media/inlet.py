"""RTP audio in → 20 ms frames of 16 kHz out, at once where nothing is missing. Time is an argument.

Loss is filled in: the last packet of a gap from the copy that the next one carries (in-band FEC), what is before it
by concealment that fades out, and after 100 ms by silence, so that the frames' time is always the sender's.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from media.jitter import JitterBuffer, Piece
from media.opus import WIRE_HZ, Decoder, OpusError, Pcm, packet_samples

RATE_HZ = 16_000
FRAME_SAMPLES = 320
_TO_WIRE = WIRE_HZ // RATE_HZ
_MAX_CONCEAL = RATE_HZ // 10


class Inlet:
    """``on_audio(pcm, pts_s)``: int16 of 320 samples, and the frame's place in seconds from the first sample."""

    def __init__(self, on_audio: Callable[[Pcm, float], None]) -> None:
        self.jitter = JitterBuffer()
        self.damaged = 0  # packets that were no Opus
        self._on_audio = on_audio
        self._decoder = Decoder(RATE_HZ)
        self._rest = np.empty(0, np.int16)
        self._emitted = 0
        self._ssrc: int | None = None

    @property
    def deadline(self) -> float | None:
        """When ``give_up`` is to be called, in the clock of ``packet``'s ``now``."""
        return self.jitter.deadline

    def packet(self, ssrc: int, seq: int, timestamp: int, payload: bytes, now: float) -> None:
        if self._ssrc not in (None, ssrc):
            self._hear(self.jitter.restart())
        self._ssrc = ssrc
        samples = packet_samples(payload)
        if not samples:
            self.damaged += 1
            return
        self._hear(self.jitter.push(seq, timestamp, samples, payload, now))

    def give_up(self, now: float) -> None:
        """Do without what is still missing, if its time is over."""
        self._hear(self.jitter.pop(now))

    def _hear(self, pieces: list[Piece]) -> None:
        for piece in pieces:
            self._emit(self._sound(piece))

    def _sound(self, piece: Piece) -> Pcm:
        wanted = piece.samples // _TO_WIRE
        if piece.payload is None:
            return self._fill(wanted, piece.following)
        try:
            return self._decoder.decode(piece.payload)
        except OpusError:
            self.damaged += 1
            return self._fill(wanted, None)

    def _fill(self, wanted: int, following: bytes | None) -> Pcm:
        copied = min(wanted, packet_samples(following or b"") // _TO_WIRE)
        concealed = min(wanted - copied, _MAX_CONCEAL)
        try:
            parts = [self._decoder.conceal(concealed), np.zeros(wanted - copied - concealed, np.int16)]
            if following and copied:
                parts.append(self._decoder.recover(following, copied))
        except OpusError:  # a gap that is no multiple of 2.5 ms cannot be concealed
            return np.zeros(wanted, np.int16)
        return np.concatenate(parts)

    def _emit(self, pcm: Pcm) -> None:
        pcm = np.concatenate((self._rest, pcm)) if len(self._rest) else pcm
        whole = len(pcm) // FRAME_SAMPLES * FRAME_SAMPLES
        for start in range(0, whole, FRAME_SAMPLES):
            self._on_audio(pcm[start : start + FRAME_SAMPLES], self._emitted / RATE_HZ)
            self._emitted += FRAME_SAMPLES
        self._rest = pcm[whole:]
