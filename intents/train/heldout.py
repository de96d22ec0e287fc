"""Lines of training that are nearly a held-out line are left out: by the pairs of characters both have."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from intents.classifier.pieces import simplified
from intents.corpus import Sentence
from intents.text import plain

NEAR = 0.72
"""Dice's coefficient of the character pairs from which two lines are nearly the same (English; Chinese a little lower)."""


def pairs(text: str, lang: str) -> Counter[str]:
    letters = plain(simplified(text) if lang == "zh" else text)
    size = 2 if lang == "zh" else 3
    padded = f"^{letters}$"
    return Counter(padded[i : i + size] for i in range(max(1, len(padded) - size + 1)))


def without_near(train: Sequence[Sentence], held: Iterable[Sentence]) -> list[Sentence]:
    """``train`` less every line that is nearly one of ``held``."""
    near = {id(one) for one, _ in near_pairs(train, held)}
    return [one for one in train if id(one) not in near]


def near_pairs(train: Sequence[Sentence], held: Iterable[Sentence]) -> list[tuple[Sentence, Sentence]]:
    """(training line, held-out line) that are nearly the same."""
    grams = [pairs(one.text, one.lang) for one in train]
    index: dict[str, list[int]] = defaultdict(list)
    for number, gram in enumerate(grams):
        for piece in gram:
            index[piece].append(number)
    found = []
    for one in held:
        own = pairs(one.text, one.lang)
        shared: Counter[int] = Counter()
        for piece, count in own.items():
            for number in index.get(piece, ()):
                shared[number] += min(count, grams[number][piece])
        limit = NEAR - (0.04 if one.lang == "zh" else 0)
        size = own.total()
        found += [(train[n], one) for n, both in shared.items() if 2 * both / (size + grams[n].total()) >= limit]
    return found
