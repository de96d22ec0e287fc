"""The voice of a machine without a Piper model: espeak-ng in this process, by the library and data that `espeakng-loader` brings.

A sentence of two seconds takes some 5 ms. Mandarin is spoken from phrase-based pinyin (`cmn-latn-pinyin`), because espeak's own `cmn` reads 空调 and
调到 character by character and wrong. Latin words inside a Chinese text are spoken by the English voice.
"""

import ctypes
import functools
import re
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

from media.spoken import speakable
from media.tts import Speech, VoiceError, pause_after, sounding

_RATE_HZ = 22_050
_SYNCHRONOUS = 2
_UTF8 = 1
_PARAM_RATE, _PARAM_VOLUME, _PARAM_RANGE = 1, 2, 4
_VOICES = {"zh": "cmn-latn-pinyin", "en": "en-us"}
_WORDS_PER_MINUTE = {"zh": 205, "en": 180}
_VOLUME = 80  # of 100: some variants clip at the default
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)
_SCRIPTS = re.compile(r"[A-Za-z][A-Za-z0-9 '&./-]*|[^A-Za-z]+")
# pypinyin's phrases read 调到 as "transferred to" (diào); in a room it is "set to".
_READINGS = {
    **{
        f"调{char}": [["tiáo"], [reading]]
        for char, reading in {
            "到": "dào",
            "成": "chéng",
            "高": "gāo",
            "低": "dī",
            "大": "dà",
            "小": "xiǎo",
            "亮": "liàng",
            "暗": "àn",
            "热": "rè",
            "冷": "lěng",
            "回": "huí",
            "至": "zhì",
        }.items()
    },
    "调一下": [["tiáo"], ["yí"], ["xià"]],
    "一会儿": [["yí"], ["huì"], ["er"]],
}


class EspeakVoice:
    """Speaks Chinese and English. The library is one global state: one lock for the process, whatever the number of voices."""

    def say(self, clause: str, lang: str) -> Speech:
        library = _library()
        pieces = [
            library.speak(part if tongue == "en" else pinyin(part), tongue)
            for tongue, part in _by_script(speakable(clause, lang), lang)
            if any(char.isalnum() for char in part)
        ]
        if not pieces:
            return Speech(clause, np.zeros(0, np.int16), _RATE_HZ)
        sounds = [piece[sounding(piece, _RATE_HZ)] for piece in pieces]
        return Speech(clause, np.concatenate([*sounds, pause_after(clause, _RATE_HZ)]), _RATE_HZ)


def _by_script(text: str, lang: str) -> list[tuple[str, str]]:
    if lang != "zh":
        return [("en", text)]
    return [("en" if part[0].isascii() and part[0].isalpha() else "zh", part) for part in _SCRIPTS.findall(text)]


def pinyin(text: str) -> str:
    """Chinese → toned syllables with the punctuation kept ("kong1 tiao2 tiao2 dao4, …")."""
    lazy_pinyin, style = _pypinyin()
    syllables = lazy_pinyin(text, style=style, neutral_tone_with_five=True, v_to_u=False, tone_sandhi=False)
    return " ".join(syllables).translate(str.maketrans("，。！？；：、", ",.!?;:,"))


@functools.cache
def _pypinyin() -> tuple[Any, Any]:
    from pypinyin import Style, lazy_pinyin, load_phrases_dict

    load_phrases_dict(_READINGS)
    return lazy_pinyin, Style.TONE3


class _Library:
    def __init__(self) -> None:
        import espeakng_loader

        path = espeakng_loader.get_library_path()
        try:
            self._lib: Any = ctypes.CDLL(path)
        except OSError as error:
            raise VoiceError(f"{path}: espeak-ng does not load ({error}); install espeakng-loader again") from error
        rate = self._lib.espeak_Initialize(_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
        if rate != _RATE_HZ:
            raise VoiceError(f"espeak-ng starts with {rate} Hz, expected {_RATE_HZ}; install espeakng-loader>=0.2.4")
        self._lock = threading.Lock()
        self._pieces: list[npt.NDArray[np.int16]] = []
        self._callback = _CALLBACK(self._collect)  # kept here: the library holds only its address
        self._lib.espeak_SetSynthCallback(self._callback)

    def _collect(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._pieces.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
        return 0

    def speak(self, text: str, tongue: str) -> npt.NDArray[np.int16]:
        with self._lock:
            if self._lib.espeak_SetVoiceByName(_VOICES[tongue].encode()) != 0:
                raise VoiceError(f"espeak-ng has no voice {_VOICES[tongue]!r}; install espeakng-loader>=0.2.4")
            self._lib.espeak_SetParameter(_PARAM_RATE, _WORDS_PER_MINUTE[tongue], 0)
            self._lib.espeak_SetParameter(_PARAM_VOLUME, _VOLUME, 0)
            self._pieces = []
            raw = text.encode()
            if self._lib.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, _UTF8, None, None) != 0:
                raise VoiceError(f"espeak-ng could not speak {text!r}")
            self._lib.espeak_Synchronize()
            return np.concatenate(self._pieces) if self._pieces else np.zeros(0, np.int16)


@functools.cache
def _library() -> _Library:
    return _Library()
