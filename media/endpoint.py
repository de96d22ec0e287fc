"""When does a turn end? Pure: windows of speech or silence in, moments out. Time is audio time, counted from what was fed.

Words that make a complete request end after 200 ms of silence, a trailing "and…" or a lone number waits up to 900 ms, anything else 450 ms. What
the words are is known from the hypothesis made at the pause (`judge`), so the turn may end in the very call that brings it.
"""

from dataclasses import dataclass
from enum import Enum

PAUSE_MS = 100
"""Silence after which the speculative chain runs."""
MIN_VOICED_MS = 110
"""Less voice than this is a click or a knock, never a word (the shortest, 嗯, has some 200 ms)."""
MAX_SPEECH_MS = 15_000
"""A turn ends here even without a pause: a television never pauses, and a guest who talks on is heard in parts."""


class Completeness(Enum):
    """How finished the words so far are; the value is the silence in ms that ends the turn."""

    COMPLETE = 200
    OPEN = 450
    UNFINISHED = 880  # with the frame that notices it, within 900

    @property
    def silence_ms(self) -> int:
        return self.value


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    at_ms: int


@dataclass(frozen=True, slots=True)
class Noise:
    """What had begun as speech was too short to be a word."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Paused:
    at_ms: int
    speech_end_ms: int


@dataclass(frozen=True, slots=True)
class WentOn:
    """Speech goes on after a pause: what was concluded at the pause is void."""

    at_ms: int


@dataclass(frozen=True, slots=True)
class Ended:
    at_ms: int
    speech_end_ms: int
    silence_ms: int


Moment = SpeechStarted | Noise | Paused | WentOn | Ended


class Endpoint:
    """`feed` each window in order; `judge` when a hypothesis covers all speech so far. Both return the moments that came."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.speech_start_ms = 0
        self.speech_end_ms = 0
        self.voiced_ms = 0
        self.run_ms = 0
        """Speech without a break until now."""
        self._speaking = False
        self._paused = False
        self._completeness: Completeness | None = None

    def feed(self, frame_ms: int, is_speech: bool, tail_ms: int = 0) -> list[Moment]:
        """`tail_ms`: how much of a speech window's end was silent already (a VAD's verdict lags behind the voice)."""
        self.now_ms += frame_ms
        return self._speech(frame_ms, min(tail_ms, frame_ms)) if is_speech else self._silence()

    def tick(self, now_ms: int) -> list[Moment]:
        """So much has been heard by now; what was not judged yet sounds as silent as the last window. The next window tells for sure."""
        if self.run_ms or now_ms <= self.now_ms:
            return []
        judged_ms, self.now_ms = self.now_ms, now_ms
        moments = self._silence()
        self.now_ms = judged_ms
        return moments

    def judge(self, completeness: Completeness) -> list[Moment]:
        self._completeness = completeness
        return self._end_if_due() if self._paused else []

    def drop(self) -> None:
        """Forget the speech so far: it was a backchannel, an echo or a cough, and will end no turn."""
        self._speaking = self._paused = False
        self._completeness = None
        self.run_ms = 0

    def _speech(self, frame_ms: int, tail_ms: int) -> list[Moment]:
        moments: list[Moment] = []
        self.run_ms += frame_ms
        if not self._speaking:
            self._speaking = True
            self.speech_start_ms = self.now_ms - frame_ms
            self.voiced_ms = 0
            moments.append(SpeechStarted(self.now_ms))
        elif self._paused:
            self._paused = False
            self._completeness = None
            moments.append(WentOn(self.now_ms))
        self.voiced_ms += frame_ms - tail_ms
        if tail_ms < frame_ms:
            self.speech_end_ms = self.now_ms - tail_ms
        if self.now_ms - self.speech_start_ms >= MAX_SPEECH_MS:
            moments += [Paused(self.now_ms, self.speech_end_ms), self._end()]
        return moments

    def _silence(self) -> list[Moment]:
        self.run_ms = 0
        if not self._speaking:
            return []
        if not self._paused:
            if self.now_ms - self.speech_end_ms < PAUSE_MS:
                return []
            if self.voiced_ms < MIN_VOICED_MS:
                self.drop()
                return [Noise(self.now_ms)]
            self._paused = True
            return [Paused(self.now_ms, self.speech_end_ms)]
        return self._end_if_due()

    def _end_if_due(self) -> list[Moment]:
        wait_ms = (self._completeness or Completeness.OPEN).silence_ms
        return [self._end()] if self.now_ms - self.speech_end_ms >= wait_ms else []

    def _end(self) -> Ended:
        self.drop()
        return Ended(self.now_ms, self.speech_end_ms, self.now_ms - self.speech_end_ms)
