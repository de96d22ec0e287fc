"""Opus by libopus itself: the copy that PyAV's wheel carries (so nothing more to install), else the system's.

PyAV's own codec can't do what a lossy line needs: it never decodes in-band FEC, conceals nothing, and decodes to
48 kHz stereo only. libopus decodes straight to 16 kHz mono, rebuilds a lost frame from the copy in the next packet
(FEC), and conceals the rest. Measured: decode 0.02 ms a frame, encode 0.2 ms.
Source: https://opus-codec.org/docs/opus_api-1.5/, RFC 6716 section 3.1 (the TOC byte), RFC 7587 (Opus in RTP).
"""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from pathlib import Path
from typing import TypeAlias

import av
import numpy as np
from numpy.typing import NDArray

Pcm: TypeAlias = NDArray[np.int16]

WIRE_HZ = 48_000  # Opus in RTP always counts in 48 kHz, whatever the audio holds (RFC 7587 section 4.1)
FRAME_SAMPLES = 960  # the 20 ms frame that we send
_MAX_PACKET_MS = 120
_MAX_PACKET_BYTES = 1275  # of one 20 ms frame
_PLC_STEP_MS = 20

_APPLICATION_VOIP = 2048
_SET_BITRATE, _SET_COMPLEXITY, _SET_INBAND_FEC, _SET_PACKET_LOSS_PERC = 4002, 4010, 4012, 4014
_TOC_MS = (10, 20, 40, 60) * 3 + (10, 20) * 2 + (2.5, 5, 10, 20) * 4


class OpusError(Exception):
    """libopus refused the data or the setting."""


def packet_samples(payload: bytes) -> int:
    """How long an Opus packet sounds, in samples of 48 kHz; 0 if it is none. Read from its first bytes only."""
    if not payload:
        return 0
    code = payload[0] & 3
    if code == 3 and len(payload) < 2:
        return 0
    frames = payload[1] & 63 if code == 3 else (1, 2, 2)[code]
    samples = int(_TOC_MS[payload[0] >> 3] * 48) * frames
    return samples if samples <= _MAX_PACKET_MS * 48 else 0


class Encoder:
    """48 kHz mono speech to Opus, 20 ms a packet.

    32 kbit/s is plenty for a voice; each packet carries a coarse copy of the one before it (``expected_loss_pct``
    above 0 makes libopus spend bits on that).
    """

    def __init__(self, *, bitrate: int = 32_000, complexity: int = 5, expected_loss_pct: int = 10) -> None:
        self._lib = _libopus()
        error = ctypes.c_int()
        self._state = ctypes.c_void_p(self._lib.opus_encoder_create(WIRE_HZ, 1, _APPLICATION_VOIP, ctypes.byref(error)))
        _check(self._lib, error.value)
        for setting, value in (
            (_SET_BITRATE, bitrate),
            (_SET_COMPLEXITY, complexity),
            (_SET_INBAND_FEC, 1),
            (_SET_PACKET_LOSS_PERC, expected_loss_pct),
        ):
            _check(self._lib, self._lib.opus_encoder_ctl(self._state, setting, ctypes.c_int(value)))
        self._out = ctypes.create_string_buffer(_MAX_PACKET_BYTES)

    def encode(self, pcm: Pcm) -> bytes:
        """``pcm``: 960 samples of int16, 48 kHz mono."""
        frame = np.ascontiguousarray(pcm, dtype=np.int16)
        if frame.shape != (FRAME_SAMPLES,):
            raise OpusError(f"a frame of {frame.shape} samples cannot be sent: {FRAME_SAMPLES} are expected")
        size = self._lib.opus_encode(self._state, ctypes.c_void_p(frame.ctypes.data), FRAME_SAMPLES, self._out, _MAX_PACKET_BYTES)
        _check(self._lib, size)
        return self._out.raw[:size]

    def __del__(self) -> None:
        if state := getattr(self, "_state", None):
            self._lib.opus_encoder_destroy(state)


class Decoder:
    """Opus to int16 mono at ``rate_hz`` (8, 12, 16, 24 or 48 kHz); a stereo packet is mixed down."""

    def __init__(self, rate_hz: int = 16_000) -> None:
        self._lib = _libopus()
        error = ctypes.c_int()
        self._state = ctypes.c_void_p(self._lib.opus_decoder_create(rate_hz, 1, ctypes.byref(error)))
        _check(self._lib, error.value)
        self.rate_hz = rate_hz
        self._out = np.empty(rate_hz * _MAX_PACKET_MS // 1000, np.int16)

    def decode(self, payload: bytes) -> Pcm:
        """One packet's samples. Raises :class:`OpusError` if it is damaged."""
        return self._decode(payload, len(self._out), fec=False)

    def recover(self, next_payload: bytes, samples: int) -> Pcm:
        """The ``samples`` (at our rate) before a packet, from the copy inside it; concealed where it has none."""
        return self._decode(next_payload, samples, fec=True)

    def conceal(self, samples: int) -> Pcm:
        """``samples`` (at our rate) for which nothing arrived: the last sound, fading out."""
        step = self.rate_hz * _PLC_STEP_MS // 1000
        sizes = [step] * (samples // step) + ([samples % step] if samples % step else [])
        return np.concatenate([self._decode(b"", size, fec=False) for size in sizes] or [np.empty(0, np.int16)])

    def _decode(self, payload: bytes, room: int, *, fec: bool) -> Pcm:
        count = self._lib.opus_decode(
            self._state, payload or None, len(payload), ctypes.c_void_p(self._out.ctypes.data), room, int(fec)
        )
        _check(self._lib, count)
        return self._out[:count].copy()

    def __del__(self) -> None:
        if state := getattr(self, "_state", None):
            self._lib.opus_decoder_destroy(state)


def _check(lib: ctypes.CDLL, code: int) -> None:
    if code < 0:
        raise OpusError(f"libopus: {lib.opus_strerror(code).decode()}")


@cache
def _libopus() -> ctypes.CDLL:
    wheel = Path(av.__file__).parent
    bundled = [
        path
        for folder in (wheel.with_name("av.libs"), wheel / ".dylibs")  # auditwheel and delvewheel; delocate
        for path in sorted(folder.glob("*opus[-.]*"))
    ]
    name = str(bundled[0]) if bundled else ctypes.util.find_library("opus")
    if not name:
        raise OpusError("no libopus here: install PyAV from its wheel (pip install av), or the package libopus0")
    lib = ctypes.CDLL(name)
    pointer, number = ctypes.c_void_p, ctypes.c_int
    lib.opus_strerror.restype = ctypes.c_char_p
    lib.opus_encoder_create.restype = lib.opus_decoder_create.restype = pointer
    lib.opus_encoder_create.argtypes = [number, number, number, pointer]
    lib.opus_decoder_create.argtypes = [number, number, pointer]
    lib.opus_encoder_destroy.argtypes = lib.opus_decoder_destroy.argtypes = [pointer]
    lib.opus_encoder_ctl.argtypes = [pointer, number]  # variadic: ctypes passes what exceeds the list so
    lib.opus_encode.argtypes = [pointer, pointer, number, pointer, number]
    lib.opus_decode.argtypes = [pointer, ctypes.c_char_p, number, pointer, number, number]
    return lib
