"""How far apart Chinese syllables sound, by initial and final; tones do not count."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pypinyin import Style, lazy_pinyin

_INITIALS = ["", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x", "zh", "ch", "sh", "r", "z", "c", "s", "y", "w"]  # fmt: skip
_FINALS = ["", "a", "ai", "an", "ang", "ao", "e", "ei", "en", "eng", "er", "i", "ia", "ian", "iang", "iao", "ie", "in", "ing",
           "iong", "iu", "o", "ong", "ou", "u", "ua", "uai", "uan", "uang", "ue", "ui", "un", "uo", "v", "ve", "ueng"]  # fmt: skip
_CLOSE_INITIALS = ["zh z", "ch c", "sh s", "n l", "f h", "r l", "b p", "d t", "g k", "j q", "q x", "zh ch", "z c", "c s",
                   "j zh", "q ch", "x sh", "k h", "m n"]  # fmt: skip
_CLOSE_FINALS = ["an ang", "en eng", "in ing", "ian iang", "uan uang", "un ong", "e er", "uo o", "ou o", "ai ei", "ao ou",
                 "ie ue", "e uo", "i in", "ia a", "iao ao", "ian an", "ong eng", "iu ou", "u v", "ui ei", "ai uai", "en un",
                 "ie ian", "uan an", "uo ou", "a ai", "ang eng", "a an", "u ou", "i ei", "ue ve", "e en"]  # fmt: skip
UNLIKE = 1.0
SAME_SOUND = 0.08
"""Another character with the same syllable."""


def syllables(text: str, *, tones: bool = False) -> list[str]:
    """The syllable of each character of ``text``, read in its phrase; what is not Han stands as it is."""
    found: list[str] = lazy_pinyin(text, style=Style.TONE3 if tones else Style.NORMAL, errors=_each)
    return found


def _each(other: str) -> Any:
    return list(other)  # pypinyin takes a list, though it declares str


def parts(sounds: Iterable[str]) -> NDArray[np.int16]:
    """Syllables → their (initial, final) numbers; (-1, -1) for what is none."""
    return np.array([_parts(sound) for sound in sounds], dtype=np.int16).reshape(-1, 2)


def _parts(sound: str) -> tuple[int, int]:
    initial = next((i for i in ("zh", "ch", "sh") if sound.startswith(i)), sound[:1])
    if initial not in _INITIALS:
        initial = ""
    final = sound[len(initial) :]
    if final not in _FINALS or not sound:
        return (-1, -1)
    return _INITIALS.index(initial), _FINALS.index(final)


def _table(names: list[str], close: list[str], near: float, far: float) -> NDArray[np.float32]:
    table = np.full((len(names) + 1, len(names) + 1), far, dtype=np.float32)  # the last row is for -1: no syllable
    for i in range(len(names)):
        table[i, i] = 0.0
    for pair in close:
        left, right = (names.index(name) for name in pair.split())
        table[left, right] = table[right, left] = near
    table[-1, :] = table[:, -1] = UNLIKE
    return table


_INITIAL_DISTANCE = _table(_INITIALS, _CLOSE_INITIALS, 0.25, 0.5)
_FINAL_DISTANCE = _table(_FINALS, _CLOSE_FINALS, 0.2, 0.6)


def distances(left: NDArray[np.int16], right: NDArray[np.int16]) -> NDArray[np.float32]:
    """Between each of ``left`` (n×2) and each of ``right`` (m×2): n×m, from 0 to 1."""
    apart = _INITIAL_DISTANCE[left[:, None, 0], right[None, :, 0]] + _FINAL_DISTANCE[left[:, None, 1], right[None, :, 1]]
    return np.asarray(np.clip(apart, SAME_SOUND, UNLIKE), dtype=np.float32)
