"""Speech for a text: the port that each voice implements, clauses, a phrase cache, and what of a clause was heard."""

import re
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt


class VoiceError(RuntimeError):
    """A voice could not be loaded or could not speak."""


@dataclass(frozen=True, slots=True)
class Speech:
    """A clause spoken: int16 mono. `marks`: (characters of `text` said, by which sample), ascending, where the voice knows it."""

    text: str
    pcm: npt.NDArray[np.int16]
    rate_hz: int
    marks: tuple[tuple[int, int], ...] | None = None

    @property
    def ms(self) -> float:
        return len(self.pcm) * 1000 / self.rate_hz

    def heard(self, fraction: float) -> str:
        """The text of which the first `fraction` (0..1) of the sound was heard: whole words, in Chinese whole characters."""
        if fraction >= 1:
            return self.text
        if self.marks is not None:
            sample = fraction * len(self.pcm)
            return self.text[: max((chars for chars, by in self.marks if by <= sample), default=0)].rstrip()
        ends = unit_ends(self.text)
        whole = int(fraction * len(ends))
        return self.text[: ends[whole - 1]] if whole else ""


class Voice(Protocol):
    def say(self, clause: str, lang: str) -> Speech:
        """Blocking; callable from any thread. Raises VoiceError."""
        ...


_UNIT = re.compile(r"[\u3400-\u9fff][^\w\s]*|[^\W\u3400-\u9fff]+(?:[^\w\s]+|[^\W\u3400-\u9fff]+)*")
# After these a clause ends; after a comma or colon only when it has some length, since each clause starts its own melody.
_FULL_STOP = re.compile(r"[。！？；]+[”」』）]?|[!?;]+(?=\s|$)|(?<![A-Z])(?<!\b[A-Za-z])\.+(?=\s|$)")
_COMMA = re.compile(r"[，：]|,(?=\s)|:(?=\s)")
_MIN_COMMA_UNITS = 4
_SENTENCE_PAUSE_MS = 220
_COMMA_PAUSE_MS = 110


def unit_ends(text: str) -> list[int]:
    """Where each Chinese character and each word of another script ends, with the punctuation that clings to it."""
    return [match.end() for match in _UNIT.finditer(text)]


def units(text: str) -> int:
    """Length in Chinese characters plus other words."""
    return len(unit_ends(text))


def clauses(text: str) -> list[str]:
    """The text in pieces that are spoken one by one; joined they are the text again, less white space."""
    pieces: list[str] = []
    start = 0
    cuts = sorted(
        [(match.end(), True) for match in _FULL_STOP.finditer(text)] + [(match.end(), False) for match in _COMMA.finditer(text)]
    )
    for end, full in cuts:
        piece = text[start:end]
        if piece.strip() and (full or (units(piece) >= _MIN_COMMA_UNITS and units(text[end:]) >= _MIN_COMMA_UNITS)):
            pieces.append(piece.strip())
            start = end
    if units(text[start:]) or not pieces:
        pieces.append(text[start:].strip())
    return [piece for piece in pieces if piece]


def speak(voice: Voice, text: str, lang: str) -> Iterator[Speech]:
    """Clause by clause."""
    for clause in clauses(text):
        yield voice.say(clause, lang)


class CachedVoice:
    """A voice that keeps what it said last. Speaking a probable reply ahead of time makes it ready at once when it is needed."""

    def __init__(self, voice: Voice, limit: int = 512) -> None:
        self._voice = voice
        self._limit = limit
        self._lock = threading.Lock()
        self._said: OrderedDict[tuple[str, str], Speech] = OrderedDict()

    def ready(self, clause: str, lang: str) -> Speech | None:
        """What is at hand without any work."""
        with self._lock:
            speech = self._said.get((lang, clause))
            if speech is not None:
                self._said.move_to_end((lang, clause))
            return speech

    def say(self, clause: str, lang: str) -> Speech:
        speech = self.ready(clause, lang)
        if speech is None:
            speech = self._voice.say(clause, lang)
            with self._lock:
                self._said[lang, clause] = speech
                while len(self._said) > self._limit:
                    self._said.popitem(last=False)
        return speech

    def warm(self, phrases: Iterable[tuple[str, str]]) -> None:
        """Speak (text, language) pairs into the cache."""
        for text, lang in phrases:
            for clause in clauses(text):
                self.say(clause, lang)


def sounding(pcm: npt.NDArray[np.int16], rate_hz: int, *, lead_ms: int = 5, trail_ms: int = 20) -> slice:
    """The part without the silence that a synthesizer puts around a clause, but for a little: the guest would wait for each millisecond in front."""
    loud = np.flatnonzero(np.abs(pcm.astype(np.int32)) > 150)
    if not len(loud):
        return slice(0, 0)
    return slice(max(0, int(loud[0]) - rate_hz * lead_ms // 1000), int(loud[-1]) + rate_hz * trail_ms // 1000)


def pause_after(clause: str, rate_hz: int) -> npt.NDArray[np.int16]:
    """The silence between this clause and the next."""
    full = clause.rstrip("”」』）)\"'")[-1:] in "。！？；.!?;"
    return np.zeros(rate_hz * (_SENTENCE_PAUSE_MS if full else _COMMA_PAUSE_MS) // 1000, np.int16)
