"""What was heard and when: frames in, moments of the endpoint out, and the audio of the utterance with a little before it. Audio time in ms."""

import numpy as np
import numpy.typing as npt

from media.echo import LOOK_MS, EchoGate
from media.endpoint import Completeness, Endpoint, Moment
from media.vad import RATE_HZ, WINDOW_MS, Vad

_PREROLL_MS = 300
"""A soft beginning of a word lies before the first window that counts as speech."""
_KEEP_MS = 18_000


class Ear:
    """`echo`, if given, keeps what we ourselves say from counting as the guest's speech."""

    def __init__(self, vad: Vad, echo: EchoGate | None = None) -> None:
        self._vad = vad
        self._echo = echo
        self._endpoint = Endpoint()
        self._pieces: list[npt.NDArray[np.int16]] = []
        self._samples = 0
        self._dropped = 0  # samples of the call that are no longer kept

    @property
    def now_ms(self) -> int:
        return (self._dropped + self._samples) * 1000 // RATE_HZ

    @property
    def run_ms(self) -> int:
        """Speech without a break until now."""
        return self._endpoint.run_ms

    @property
    def speech_start_ms(self) -> int:
        return self._endpoint.speech_start_ms

    @property
    def speech_end_ms(self) -> int:
        return self._endpoint.speech_end_ms

    def feed(self, pcm: npt.NDArray[np.int16]) -> list[Moment]:
        """16 kHz mono of any length."""
        self._pieces.append(pcm)
        self._samples += len(pcm)
        while self._samples - len(self._pieces[0]) > _KEEP_MS * RATE_HZ // 1000:
            gone = self._pieces.pop(0)
            self._samples -= len(gone)
            self._dropped += len(gone)
        if self._echo:
            self._echo.passed(len(pcm) * 1000 / RATE_HZ)
        moments: list[Moment] = []
        for frame in self._vad.feed(pcm):
            is_speech = frame.is_speech and not (self._echo and self._echo.is_echo(self._last(LOOK_MS)))
            moments += self._endpoint.feed(WINDOW_MS, is_speech, frame.tail_ms)
        if self._vad.pending_quiet:
            moments += self._endpoint.tick(self.now_ms)
        return moments

    def judge(self, completeness: Completeness) -> list[Moment]:
        return self._endpoint.judge(completeness)

    def drop(self) -> None:
        self._endpoint.drop()

    def _last(self, ms: int) -> npt.NDArray[np.int16]:
        wanted = ms * RATE_HZ // 1000
        pieces: list[npt.NDArray[np.int16]] = []
        for piece in reversed(self._pieces):
            pieces.insert(0, piece)
            if sum(map(len, pieces)) >= wanted:
                break
        return np.concatenate(pieces)[-wanted:]

    def utterance(self) -> npt.NDArray[np.float32]:
        """From shortly before the speech began until now, in -1..1."""
        audio = np.concatenate(self._pieces)
        start = max(0, (self._endpoint.speech_start_ms - _PREROLL_MS) * RATE_HZ // 1000 - self._dropped)
        return audio[start:].astype(np.float32) / 32768.0
