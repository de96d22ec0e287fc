"""What the guest hears: a paced stream of 20 ms frames, silence where nothing is to be said.

Pure: no clock in it. The line pulls ``next_frame()`` every 20 ms, so what was pulled is what was sent, and the
position in each piece of speech is exact. Calls and pulls come from one thread (the event loop).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from media.opus import FRAME_SAMPLES, WIRE_HZ, Pcm
from media.resample import resample

FRAME_MS = 20
DUCKED_GAIN = 0.2  # -14 dB: plainly softer, still there
RECENT_HZ = 16_000
_RAMP_MS = 20
_REMEMBERED_MARKS = 256
SILENCE = np.zeros(FRAME_SAMPLES, np.int16)


@dataclass(frozen=True)
class Progress:
    """How far a mark's speech has got. ``sent`` and ``total`` are samples at ``rate``, the rate it was given in."""

    sent: int
    total: int
    rate: int

    @property
    def done(self) -> bool:
        return self.sent >= self.total


@dataclass
class _Clip:
    mark: Hashable
    pcm: Pcm  # at 48 kHz
    at: int = 0


@dataclass
class _Count:
    rate: int
    total: int = 0  # at its own rate
    sent: int = 0  # at 48 kHz
    started: bool = False


class Playout:
    """Speech in, frames out. ``recent_s`` is how long the sent audio is remembered (for knowing our own echo).

    ``on_started(mark)`` is called when a mark's first frame is pulled, ``on_drained()`` when the last queued sample is.
    """

    def __init__(
        self,
        *,
        on_started: Callable[[Hashable], None] | None = None,
        on_drained: Callable[[], None] | None = None,
        recent_s: float = 10.0,
    ) -> None:
        self.on_started = on_started
        self.on_drained = on_drained
        self.generation = 0
        self.frames_sent = 0
        self._clips: deque[_Clip] = deque()
        self._counts: dict[Hashable, _Count] = {}
        self._recent: deque[Pcm] = deque(maxlen=max(1, round(recent_s * 1000 / FRAME_MS)))
        self._gain = self._target = 1.0
        self._ramp_samples = FRAME_SAMPLES
        self._paused = False
        self._fading: Pcm | None = None

    @property
    def speaking(self) -> bool:
        """There is speech to be sent (also while it is ducked or paused)."""
        return bool(self._clips)

    @property
    def paused(self) -> bool:
        return self._paused

    @property
    def queued_ms(self) -> float:
        return sum(len(clip.pcm) - clip.at for clip in self._clips) * 1000 / WIRE_HZ

    def play(self, pcm: NDArray[np.int16], rate: int, generation: int | None = None, mark: Hashable = None) -> bool:
        """Queue int16 mono at ``rate``. False, and nothing is heard, if ``generation`` is no longer the current one.

        Several calls with one mark are one piece of speech; they must have one rate. Without a mark nothing is counted.
        """
        if generation is not None and generation != self.generation:
            return False
        if mark is not None:
            count = self._counts.setdefault(mark, _Count(rate))
            if count.rate != rate:
                raise ValueError(f"mark {mark!r} was begun at {count.rate} Hz and goes on at {rate} Hz")
            count.total += len(pcm)
            while len(self._counts) > _REMEMBERED_MARKS:
                del self._counts[next(iter(self._counts))]
        if len(pcm):
            self._clips.append(_Clip(mark, resample(pcm, rate, WIRE_HZ)))
        return True

    def duck(self, gain: float = DUCKED_GAIN) -> None:
        """Go on softly: somebody may be speaking. ``resume`` brings the voice back."""
        self._ramp(gain)

    def pause(self, fade_ms: int = _RAMP_MS) -> None:
        """Fall silent and keep the place. Silent at the latest one frame and ``fade_ms`` from now."""
        self._paused = True
        self._ramp(0.0, fade_ms)

    def resume(self) -> None:
        """Back to full voice, from the place where it was paused."""
        self._paused = False
        self._ramp(1.0)

    def stop(self, fade_ms: int = _RAMP_MS) -> int:
        """Fall silent, forget the rest, and refuse speech of the generation so far. Returns the new generation.

        The line is silent within 40 ms: at most 20 ms to the next frame, which fades out. Speech played after this
        call begins in the frame behind it, at full voice. ``on_drained`` is not called.
        """
        self.generation += 1
        if self.speaking and not self._held:
            self._ramp(0.0, min(fade_ms, FRAME_MS))
            self._fading = self._take()
        self._clips.clear()
        self._paused = False
        self._gain = self._target = 1.0
        return self.generation

    def position(self, mark: Hashable) -> Progress | None:
        """How much of the mark's speech the line has taken; None for a mark never played (or long ago)."""
        count = self._counts.get(mark)
        if count is None:
            return None
        return Progress(min(round(count.sent * count.rate / WIRE_HZ), count.total), count.total, count.rate)

    def heard_samples(self, mark: Hashable) -> int:
        """Samples of the mark's speech that were sent, at the rate it was given in."""
        progress = self.position(mark)
        return progress.sent if progress else 0

    def recent(self, seconds: float) -> Pcm:
        """The last ``seconds`` that were sent, silence included: int16 mono at 16 kHz, for recognising our echo."""
        frames = list(self._recent)[-max(1, round(seconds * 1000 / FRAME_MS)) :]
        return resample(np.concatenate(frames), WIRE_HZ, RECENT_HZ) if frames else np.empty(0, np.int16)

    def next_frame(self) -> Pcm:
        """The next 20 ms: 960 samples of int16 mono at 48 kHz. Not to be written to."""
        was_speaking = self.speaking
        if self._fading is not None:
            frame, self._fading = self._fading, None
        else:
            frame = self._take()
        self._recent.append(frame)
        self.frames_sent += 1
        if was_speaking and not self.speaking and self.on_drained:
            self.on_drained()
        return frame

    @property
    def _held(self) -> bool:
        return self._paused and self._gain == 0.0

    def _take(self) -> Pcm:
        if not self._clips or self._held:
            self._gain = self._target
            return SILENCE
        frame = np.zeros(FRAME_SAMPLES, np.int16)
        filled = 0
        while self._clips and filled < FRAME_SAMPLES:
            clip = self._clips[0]
            part = clip.pcm[clip.at : clip.at + FRAME_SAMPLES - filled]
            frame[filled : filled + len(part)] = part
            self._sent(clip, len(part))
            filled += len(part)
            if clip.at >= len(clip.pcm):
                self._clips.popleft()
        self._apply_gain(frame)
        return frame

    def _sent(self, clip: _Clip, samples: int) -> None:
        clip.at += samples
        count = self._counts.get(clip.mark)
        if count is None:
            return
        count.sent += samples
        if not count.started:
            count.started = True
            if self.on_started:
                self.on_started(clip.mark)

    def _ramp(self, target: float, ramp_ms: int = _RAMP_MS) -> None:
        self._target = target
        self._ramp_samples = max(1, ramp_ms * WIRE_HZ // 1000)

    def _apply_gain(self, frame: Pcm) -> None:
        if self._gain == self._target == 1.0:
            return
        step = (1.0 if self._target > self._gain else -1.0) / self._ramp_samples
        low, high = sorted((self._gain, self._target))
        gains = np.clip(self._gain + step * np.arange(1, FRAME_SAMPLES + 1), low, high)
        frame[:] = (frame * gains).astype(np.int16)
        self._gain = float(gains[-1])
        if abs(self._gain - self._target) < 1e-6:
            self._gain = self._target
