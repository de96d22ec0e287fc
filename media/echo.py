"""Our own voice coming back through the guest's microphone: known by its sound, and failing that by its words."""

import re
from collections import deque

import numpy as np
import numpy.typing as npt

from media.playout import Playout

LOOK_MS = 128
"""Stretch of the microphone that is compared with what we sent."""
_DELAY_MS = 800  # the longest way out through the guest's buffers, across the room and back
_ALIKE = 0.6  # of 1; speech of two people reaches 0.3, an echo through Opus and a room 0.7 and more
_AUDIBLE = 30.0  # int16 RMS below which nothing was sent
_LOUDER = 2.0  # a voice this much louder than the known echo (6 dB) is not the echo
_REMEMBERED = 12  # stretches with speech in them, some 0.4 s
_TOKEN = re.compile(r"[\u3400-\u9fff]|[^\W_\u3400-\u9fff]+")
_MIN_TOKENS = 3
_SHARE = 0.75


class EchoGate:
    """Tells the guest's voice from our echo, given what the playout sent.

    An echo is the same wave, later and softer: the normalised cross-correlation shows it in 128 ms, whatever the delay. How loud it comes back is
    remembered, so that stretches which a room has smeared are known by being no louder than that. Call it for stretches with speech in them only.
    """

    def __init__(self, playout: Playout) -> None:
        self._playout = playout
        self._silent_ms = float(_DELAY_MS + LOOK_MS)
        self._coupling: deque[float] = deque(maxlen=_REMEMBERED)

    def passed(self, ms: float) -> None:
        """So much time has passed on the line."""
        self._silent_ms = 0.0 if self._playout.speaking else self._silent_ms + ms

    def is_echo(self, mic: npt.NDArray[np.int16]) -> bool:
        """`mic`: the last 128 ms, int16 at 16 kHz."""
        if self._silent_ms >= _DELAY_MS + LOOK_MS:
            return False
        far = self._playout.recent((_DELAY_MS + LOOK_MS) / 1000).astype(np.float32)
        if len(far) < len(mic) or not len(mic):
            return False
        loudest = _loudest(far, len(mic))
        if loudest < _AUDIBLE:
            return False
        near = mic.astype(np.float32)
        level = float(np.sqrt(np.mean(near**2)))
        alike = _likeness(near, far) >= _ALIKE
        known = float(np.median(self._coupling)) if self._coupling else 0.0
        self._coupling.append(level / loudest if alike else 0.0)
        return alike or level < _LOUDER * known * loudest


def _likeness(near: npt.NDArray[np.float32], far: npt.NDArray[np.float32]) -> float:
    """The highest normalised cross-correlation over all delays, 0..1. Pre-emphasis keeps two voices of one pitch from looking alike."""
    near, far = np.diff(near), np.diff(far)
    size = 1 << (len(far) + len(near) - 1).bit_length()
    product = np.fft.irfft(np.fft.rfft(far, size) * np.conj(np.fft.rfft(near, size)), size)[: len(far) - len(near) + 1]
    power = np.concatenate([[0.0], np.cumsum(far.astype(np.float64) ** 2)])
    energy = power[len(near) :] - power[: -len(near)]
    scale = np.sqrt(np.maximum(energy, 1e-3 * energy.max() + 1.0) * max(float(np.sum(near.astype(np.float64) ** 2)), 1.0))
    return float(np.max(np.abs(product) / scale))


def _loudest(far: npt.NDArray[np.float32], length: int) -> float:
    """RMS of the loudest stretch of this length."""
    power = np.concatenate([[0.0], np.cumsum(far.astype(np.float64) ** 2)])
    return float(np.sqrt(np.max(power[length:] - power[:-length]) / length))


def same_words(heard: str, saying: str) -> bool:
    """Whether what was heard, three Chinese characters or words at least, is nearly all one stretch of what was being said. A stretch, because
    "turn off the lamp" shares all but one word with "turn on the lamp"."""
    tokens, ours = _TOKEN.findall(heard.lower()), _TOKEN.findall(saying.lower())
    return len(tokens) >= _MIN_TOKENS and _longest_stretch(tokens, ours) >= _SHARE * len(tokens)


def _longest_stretch(left: list[str], right: list[str]) -> int:
    longest = 0
    row = [0] * (len(right) + 1)
    for token in left:
        row = [0] + [row[at] + 1 if token == other else 0 for at, other in enumerate(right)]
        longest = max(longest, *row)
    return longest
