"""How far apart English words sound, by a rough spelling of their sounds."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import groupby

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


@lru_cache(maxsize=50_000)
def distance(left: str, right: str, limit: float) -> float:
    """Weighted edit distance between two rows of sounds; anything above ``limit`` may come out as more than it is."""
    gaps = [_GAP[b] for b in right]
    row = [0.0]
    for gap in gaps:
        row.append(row[-1] + gap)
    for a in left:
        lost = _GAP[a]
        diagonal, last = row[0], row[0] + lost
        after = [last]
        swaps = _SWAP[a]
        for j, b in enumerate(right):
            up = row[j + 1]
            best = diagonal + swaps[b]
            if up + lost < best:
                best = up + lost
            if last + gaps[j] < best:
                best = last + gaps[j]
            after.append(best)
            diagonal, last = up, best
        row = after
        if min(row) > limit:
            return min(row)
    return row[-1]


def _gap(sound: str) -> float:
    return 0.4 if sound in "aeohw" else 0.8


def _swap(a: str, b: str) -> float:
    if a == b:
        return 0.0
    if a in "aeo" and b in "aeo":
        return 0.25
    return 0.35 if frozenset((a, b)) in _CLOSE else 1.0


_GAP = {sound: _gap(sound) for sound in _CLASS}
_SWAP = {a: {b: _swap(a, b) for b in _CLASS} for a in _CLASS}
