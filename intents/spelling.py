"""How far apart English words sound, by a rough spelling of their sounds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

_RULES = [
    (r"^kn", "n"), (r"^wr", "r"), (r"tion", "Sn"), (r"ph", "f"), (r"gh", ""), (r"ck", "k"), (r"sh", "S"), (r"t?ch", "C"),
    (r"th", "T"), (r"wh", "w"), (r"qu", "kw"), (r"x", "ks"), (r"c(?=[eiy])", "s"), (r"c", "k"), (r"dg", "j"), (r"z", "s"),
    (r"(?<=[a-z]{2})e$", ""), (r"[aeiouyw]*[aeiouy][aeiouyw]*", "V"),
]  # fmt: skip
_COMPILED = [(re.compile(pattern), sound) for pattern, sound in _RULES]
_CLOSE = {frozenset(p) for p in ("td", "pb", "kg", "fv", "Tt", "Td", "mn", "SC", "sS", "Cj", "lr", "jS", "sC")}
_VOWEL = {"a": "a", "e": "e", "i": "e", "o": "o", "u": "o", "y": "e"}


@lru_cache(maxsize=20_000)
def sounds(letters: str) -> str:
    """``letters`` (no spaces) as a rough row of sounds; runs of vowels are one, by the first of them."""
    text = letters
    for pattern, sound in _COMPILED[:-1]:
        text = pattern.sub(sound, text)
    text = _COMPILED[-1][0].sub(lambda m: _vowel(m[0]), text)
    return "".join(sound for sound, _ in groupby(text) if sound in _CLASS)


def _vowel(run: str) -> str:
    first = next((char for char in run if char in _VOWEL), "e")
    return ("w" if run[0] == "w" else "") + _VOWEL[first]


_ALIKE = ("tdT", "pb", "kg", "fv", "mn", "sSCj", "lr", "aeo", "h", "w")
_CLASS = {sound: i for i, group in enumerate(_ALIKE) for sound in group}
TALLY_RATIO = 0.625
"""A distance is never below this share of the difference of the two tallies."""


def tally(key: str) -> list[float]:
    """How much each group of like sounds weighs in ``key``: a quick lower bound of a distance."""
    weights = [0.0] * len(_ALIKE)
    for sound in key:
        weights[_CLASS[sound]] += _gap(sound)
    return weights


def pack(keys: Sequence[str]) -> tuple[NDArray[np.int8], NDArray[np.int16]]:
    """Rows of sounds as numbers, filled up with -1, and their lengths."""
    lengths = np.array([len(key) for key in keys], dtype=np.int16)
    packed = np.full((len(keys), int(lengths.max(initial=0))), -1, dtype=np.int8)
    for row, key in enumerate(keys):
        packed[row, : len(key)] = [_NUMBER[sound] for sound in key]
    return packed, lengths


def distances(
    left: NDArray[np.int8], left_sizes: NDArray[np.int16], right: NDArray[np.int8], right_sizes: NDArray[np.int16]
) -> NDArray[np.float32]:
    """Weighted edit distance between each row of ``left`` and the same row of ``right`` (both packed), all at once."""
    pairs = np.arange(len(left))
    right_gaps = _GAPS[right]
    row = [np.zeros(len(left), dtype=np.float32)]
    for j in range(right.shape[1]):
        row.append(row[-1] + right_gaps[:, j])
    rows = [np.stack(row)]
    for i in range(left.shape[1]):
        sound = left[:, i]
        lost = _GAPS[sound]
        kept = rows[-1][:-1] + _SWAPS[sound[:, None], right].T
        kept = np.minimum(kept, rows[-1][1:] + lost)
        last = rows[-1][0] + lost
        after = [last]
        for j in range(right.shape[1]):
            last = np.minimum(kept[j], last + right_gaps[:, j])
            after.append(last)
        rows.append(np.stack(after))
    return np.asarray(np.stack(rows)[left_sizes, right_sizes, pairs], dtype=np.float32)


def _gap(sound: str) -> float:
    return 0.4 if sound in "aeohw" else 0.8


def _swap(a: str, b: str) -> float:
    if a == b:
        return 0.0
    if a in "aeo" and b in "aeo":
        return 0.25
    return 0.35 if frozenset((a, b)) in _CLOSE else 1.0


_SOUNDS = "".join(_ALIKE)
_NUMBER = {sound: i for i, sound in enumerate(_SOUNDS)}
_GAPS = np.array([*map(_gap, _SOUNDS), 0.0], dtype=np.float32)
_SWAPS = np.ones((len(_SOUNDS) + 1, len(_SOUNDS) + 1), dtype=np.float32)
for _a in _SOUNDS:
    for _b in _SOUNDS:
        _SWAPS[_NUMBER[_a], _NUMBER[_b]] = _swap(_a, _b)
