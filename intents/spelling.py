"""How far apart English words sound, by a rough spelling of their sounds."""

from __future__ import annotations

import re
from functools import lru_cache

_RULES = [
    (r"^kn", "n"), (r"^wr", "r"), (r"tion", "Sn"), (r"ph", "f"), (r"gh", ""), (r"ck", "k"), (r"sh", "S"), (r"t?ch", "C"),
    (r"th", "T"), (r"wh", "w"), (r"qu", "kw"), (r"x", "ks"), (r"c(?=[eiy])", "s"), (r"c", "k"), (r"dg", "j"), (r"z", "s"),
    (r"(?<=[a-z]{2})e$", ""), (r"[aeiouyw]*[aeiouy][aeiouyw]*", "V"),
]  # fmt: skip
_COMPILED = [(re.compile(pattern), sound) for pattern, sound in _RULES]
_CLOSE = {frozenset(p) for p in ("td", "pb", "kg", "fv", "Tf", "Tt", "Td", "mn", "SC", "sS", "Cj", "sT", "lr", "jS", "sC")}
_VOWEL = {"a": "a", "e": "e", "i": "e", "o": "o", "u": "o", "y": "e"}


@lru_cache(maxsize=20_000)
def sounds(letters: str) -> str:
    """``letters`` (no spaces) as a rough row of sounds; runs of vowels are one, by the first of them."""
    text = letters
    for pattern, sound in _COMPILED[:-1]:
        text = pattern.sub(sound, text)
    text = _COMPILED[-1][0].sub(lambda m: _vowel(m[0]), text)
    return re.sub(r"(.)\1+", r"\1", text)


def _vowel(run: str) -> str:
    first = next((char for char in run if char in _VOWEL), "e")
    return ("w" if run[0] == "w" else "") + _VOWEL[first]


def distance(left: str, right: str, limit: float) -> float:
    """Weighted edit distance between two rows of sounds; anything above ``limit`` may come out as more than it is."""
    row = [0.0]
    for char in right:
        row.append(row[-1] + _gap(char))
    for i, a in enumerate(left):
        before, row = row, [row[0] + _gap(a)]
        for j, b in enumerate(right):
            row.append(min(before[j] + _swap(a, b), before[j + 1] + _gap(a), row[j] + _gap(b)))
        if i < len(left) - 1 and min(row) > limit:
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
