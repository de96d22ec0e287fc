"""One utterance: a text, a voice, and how fast and how high it is said → samples and the units that were said."""

from dataclasses import dataclass

import numpy as np

from media.train.espeak import RATE_HZ as ESPEAK_RATE_HZ
from media.train.espeak import Espeak
from media.train.flite import Flite
from media.train.flite import available as flite_available
from media.train.pronounce import pinyin, zh_units
from media.train.voices import Voice

_QUIET = 0.004  # about -48 dBFS: below it the synthesizer only pauses


@dataclass(frozen=True)
class Spoken:
    """Samples (float32 mono at `rate_hz`, silence at both ends trimmed) and the sound units of the text."""

    text: str
    lang: str
    samples: np.ndarray
    rate_hz: int
    sounds: list[str]


class Speaker:
    """All engines of this process. `say` raises EspeakError, OSError (no flite) or KeyError (an unreadable word)."""

    def __init__(self) -> None:
        self._espeak = Espeak()
        self._flite = Flite() if flite_available() else None

    @property
    def engines(self) -> frozenset[str]:
        return frozenset({"espeak", "flite"} if self._flite else {"espeak"})

    def say(self, text: str, voice: Voice, *, tempo: float = 1.0, pitch: int = 50, pitch_range: int = 50) -> Spoken:
        """`tempo` above 1 is faster; `pitch` and `pitch_range` 0..99, espeak only."""
        if voice.lang == "zh":
            syllables = pinyin(text)
            spoken, sounds = " ".join(syllables), zh_units(syllables)
        else:
            spoken, sounds = text, self._espeak.phonemes(text, "en-us")
        if voice.engine == "espeak":
            volume = 45  # several variants clip above
            samples = self._espeak.say(
                spoken, voice.name, words_per_minute=round(175 * tempo), pitch=pitch, pitch_range=pitch_range, volume=volume
            )
            rate_hz = ESPEAK_RATE_HZ
        elif self._flite is None:
            raise OSError("flite is not installed")
        else:
            samples, rate_hz = self._flite.say(spoken, voice.name, stretch=1.0 / tempo)
        return Spoken(text, voice.lang, _trim(samples), rate_hz, sounds)


def _trim(samples: np.ndarray) -> np.ndarray:
    loud = np.flatnonzero(np.abs(samples) > _QUIET)
    if len(loud) == 0:
        return samples[:0]
    return samples[max(0, loud[0] - 300) : loud[-1] + 600]
