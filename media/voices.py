"""Which voice speaks which language: Piper where a model is set, espeak-ng for the rest."""

from collections.abc import Mapping
from pathlib import Path

from media.tts import CachedVoice, Speech, Voice
from media.tts_espeak import EspeakVoice
from media.tts_piper import PiperVoice


class Voices:
    def __init__(self, by_language: Mapping[str, Voice], other: Voice) -> None:
        self._by_language, self._other = dict(by_language), other

    def say(self, clause: str, lang: str) -> Speech:
        return self._by_language.get(lang, self._other).say(clause, lang)


def load_voices(piper: Mapping[str, Path] | None = None) -> CachedVoice:
    """`piper`: language → model file. One for the process; its cache is shared by all calls. Raises VoiceError."""
    return CachedVoice(Voices({lang: PiperVoice(model, lang) for lang, model in (piper or {}).items()}, EspeakVoice()))
