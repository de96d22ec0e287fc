"""espeak-ng in this process, through the library and data that espeakng-loader brings.

Speaks a two-second sentence in about five milliseconds. The library is global state: one `Espeak` a process, one thread.
"""

import ctypes
from typing import Any

import espeakng_loader
import numpy as np

RATE_HZ = 22_050

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_CHARS_UTF8 = 1
_PARAM_RATE, _PARAM_VOLUME, _PARAM_PITCH, _PARAM_RANGE = 1, 2, 3, 4
_CALLBACK = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class EspeakError(RuntimeError):
    """espeak-ng refused a voice or a text."""


class Espeak:
    """The library, opened once; `say` returns float32 mono at 22,050 Hz within -1..1."""

    def __init__(self) -> None:
        self._lib: Any = ctypes.CDLL(espeakng_loader.get_library_path())
        self._lib.espeak_TextToPhonemes.restype = ctypes.c_char_p
        rate = self._lib.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), 0)
        if rate != RATE_HZ:
            raise EspeakError(f"espeak_Initialize returned {rate}, expected {RATE_HZ}")
        self._pieces: list[np.ndarray] = []
        self._voice = ""
        self._callback = _CALLBACK(self._collect)  # kept alive: the library holds only the address
        self._lib.espeak_SetSynthCallback(self._callback)

    def _collect(self, samples: Any, count: int, _events: Any) -> int:
        if samples and count > 0:
            self._pieces.append(np.ctypeslib.as_array(samples, shape=(count,)).copy())
        return 0

    def _select(self, voice: str) -> None:
        if voice != self._voice:
            if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
                raise EspeakError(f"espeak-ng has no voice {voice!r}")
            self._voice = voice

    def say(
        self, text: str, voice: str, *, words_per_minute: int = 175, pitch: int = 50, pitch_range: int = 50, volume: int = 80
    ) -> np.ndarray:
        """`pitch` and `pitch_range` 0..99, `volume` 0..100 (100 clips with some variants). Raises EspeakError."""
        self._select(voice)
        for param, value in (
            (_PARAM_RATE, words_per_minute),
            (_PARAM_VOLUME, volume),
            (_PARAM_PITCH, pitch),
            (_PARAM_RANGE, pitch_range),
        ):
            self._lib.espeak_SetParameter(param, value, 0)
        self._pieces.clear()
        raw = text.encode()
        if self._lib.espeak_Synth(raw, len(raw) + 1, 0, 1, 0, _CHARS_UTF8, None, None) != 0:
            raise EspeakError(f"espeak-ng could not speak {text!r}")
        self._lib.espeak_Synchronize()
        if not self._pieces:
            return np.zeros(0, np.float32)
        return np.concatenate(self._pieces).astype(np.float32) / 32768.0

    def phonemes(self, text: str, voice: str) -> list[str]:
        """The phonemes of a text, espeak's own mnemonics without stress marks, words run together."""
        self._select(voice)
        pointer = ctypes.c_char_p(text.encode())
        parts = []
        while pointer.value:
            # mode: bits 8.. hold the separator, bit 4 clear = espeak mnemonics
            part = self._lib.espeak_TextToPhonemes(ctypes.byref(pointer), _CHARS_UTF8, ord("_") << 8)
            parts.append(part.decode() if part else "")
        joined = "_".join(parts).replace(" ", "_")
        return [p for p in (piece.strip("',%=|;:!") for piece in joined.split("_")) if p]
