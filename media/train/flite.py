"""flite in this process, through Debian's libflite1. Only English; `available()` says whether it is installed."""

import ctypes
import ctypes.util
from typing import Any

import numpy as np

#: flite's voice name → (library, registering function).
_VOICES = {
    "kal": ("libflite_cmu_us_kal.so.1", "register_cmu_us_kal"),
    "kal16": ("libflite_cmu_us_kal16.so.1", "register_cmu_us_kal16"),
    "awb": ("libflite_cmu_us_awb.so.1", "register_cmu_us_awb"),
    "slt": ("libflite_cmu_us_slt.so.1", "register_cmu_us_slt"),
    "rms": ("libflite_cmu_us_rms.so.1", "register_cmu_us_rms"),
}


class _Wave(ctypes.Structure):
    """flite's cst_wave, as in cst_wave.h."""

    _fields_ = [
        ("type", ctypes.c_char_p),
        ("sample_rate", ctypes.c_int),
        ("num_samples", ctypes.c_int),
        ("num_channels", ctypes.c_int),
        ("samples", ctypes.POINTER(ctypes.c_short)),
    ]


def available() -> bool:
    try:
        ctypes.CDLL("libflite.so.1")
    except OSError:
        return False
    return True


class Flite:
    """The library; voices are registered when first used. Raises OSError where it isn't installed."""

    def __init__(self) -> None:
        self._lib: Any = ctypes.CDLL("libflite.so.1", mode=ctypes.RTLD_GLOBAL)
        for name in ("libflite_usenglish.so.1", "libflite_cmulex.so.1"):
            ctypes.CDLL(name, mode=ctypes.RTLD_GLOBAL)
        self._lib.flite_init()
        self._lib.flite_text_to_wave.restype = ctypes.POINTER(_Wave)
        self._lib.flite_text_to_wave.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
        self._lib.delete_wave.argtypes = [ctypes.POINTER(_Wave)]
        self._lib.flite_feat_set_float.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_float]
        self._voices: dict[str, int] = {}

    def say(self, text: str, voice: str, *, stretch: float = 1.0) -> tuple[np.ndarray, int]:
        """float32 mono within -1..1 and its rate in Hz. `stretch` above 1 is slower."""
        if voice not in self._voices:
            library, register = _VOICES[voice]
            function = getattr(ctypes.CDLL(library, mode=ctypes.RTLD_GLOBAL), register)
            function.restype = ctypes.c_void_p
            self._voices[voice] = function(None)
        pointer = self._voices[voice]
        features = _voice_features(pointer)
        self._lib.flite_feat_set_float(features, b"duration_stretch", stretch)
        wave = self._lib.flite_text_to_wave(text.encode(), pointer)
        try:
            count = wave.contents.num_samples
            samples = np.ctypeslib.as_array(wave.contents.samples, shape=(count,)).astype(np.float32) / 32768.0
            return samples, wave.contents.sample_rate
        finally:
            self._lib.delete_wave(wave)


def _voice_features(voice: int) -> int:
    """cst_voice starts with `const char *name; cst_features *features;`."""
    return ctypes.cast(voice, ctypes.POINTER(ctypes.c_void_p))[1] or 0
