"""What went over the line in a call, both ways, on one clock: the measurements and the recording are read from it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import Any

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000
FRAME_S = 0.02
SILENCE_PEAK = 104  # -50 dBFS: what an Opus packet of silence decodes to stays far below
SPEECH_PEAK = 328  # -40 dBFS
STOPPED_S = 0.2  # a voice that pauses for so long has stopped
_REANCHOR_S = 0.06

Pcm = NDArray[np.int16]


class CallRecord:
    """``zero`` is the loop's time at which the call's clock begins; all times here are the loop's, in seconds."""

    def __init__(self, zero: float) -> None:
        self.zero = zero
        self.events: list[tuple[float, dict[str, Any]]] = []
        self._sent: list[tuple[float, Pcm]] = []
        self._received: list[tuple[float, int, Pcm]] = []
        self._loud: list[float] = []  # arrivals of the reply's packets that are not silent

    def sent(self, frame: Pcm, at: float) -> None:
        self._sent.append((at, frame))

    def received(self, pcm: Pcm, arrived: float, timestamp: int) -> None:
        self._received.append((arrived, timestamp, pcm))
        if peak(pcm) > SILENCE_PEAK:
            self._loud.append(arrived)

    def event(self, event: dict[str, Any], at: float) -> None:
        self.events.append((at, event))

    def first_sound(self, after: float) -> float | None:
        """When the first packet that is not silent arrived at or after a moment."""
        index = bisect_left(self._loud, after)
        return self._loud[index] if index < len(self._loud) else None

    def last_sound(self, before: float) -> float | None:
        index = bisect_right(self._loud, before)
        return self._loud[index - 1] if index else None

    def stopped(self, after: float) -> float | None:
        """The last packet that is not silent before at least 200 ms of silence, of a voice that sounded ``after``.

        None if nothing sounded then.
        """
        last = self.first_sound(after - FRAME_S)
        if last is None or last > after + STOPPED_S:
            return None
        for arrived in self._loud[bisect_left(self._loud, last) :]:
            if arrived - last >= STOPPED_S + FRAME_S:
                break
            last = arrived
        return last

    def stereo(self) -> NDArray[np.int16]:
        """Both sides as (samples, 2) at 48 kHz: left what the guest said as it left, right the reply as it arrived.

        The reply is laid out by its RTP time stamps, so that the line's jitter is not heard, from its first arrival on.
        """
        places: list[tuple[int, int, Pcm]] = [(self._place(at), 0, pcm) for at, pcm in self._sent]
        anchor: float | None = None
        for arrived, timestamp, pcm in self._received:
            expected = timestamp / RATE_HZ
            if anchor is None or abs(anchor + expected - arrived) > _REANCHOR_S:
                anchor = arrived - expected
            places.append((self._place(anchor + expected), 1, pcm))
        end = max((at + len(pcm) for at, _, pcm in places), default=0)
        track = np.zeros((max(end, 0), 2), np.int16)
        for at, side, pcm in places:
            if at >= 0:
                track[at : at + len(pcm), side] = pcm
        return track

    def _place(self, at: float) -> int:
        return round((at - self.zero) * RATE_HZ)


def peak(pcm: Pcm) -> int:
    return int(np.abs(pcm.astype(np.int32)).max(initial=0))


def spoken(pcm: Pcm) -> tuple[int, int] | None:
    """The first and the last sample above -40 dBFS; None if there is none."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > SPEECH_PEAK)
    return (int(loud[0]), int(loud[-1])) if len(loud) else None
