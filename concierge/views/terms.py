"""What a message is found by: English stems, numbers, Chinese characters and pairs of neighbours, all simplified.

One table of terms serves SQLite and PostgreSQL alike; neither's own full-text search splits Chinese.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from intents.terms import units

LONGEST = 40
"""Characters of a term that are kept: a longer word is found by its beginning."""


def terms_of(text: str) -> set[str]:
    """All terms of a message."""
    found = [unit[:LONGEST] for unit in units(text)]
    return {*found, *(a + b for a, b in itertools.pairwise(found) if not (a.isascii() or b.isascii()))}


def terms_asked(text: str) -> set[str]:
    """The terms that a message must all have to be found by ``text``: of Chinese the pairs, which say more than characters."""
    return {term for alike, run in _runs(text) for term in _asked(alike, run)}


def _asked(ascii: bool, run: list[str]) -> list[str]:
    return run if ascii or len(run) == 1 else [a + b for a, b in itertools.pairwise(run)]


def _runs(text: str) -> Iterator[tuple[bool, list[str]]]:
    for ascii, run in itertools.groupby((unit[:LONGEST] for unit in units(text)), str.isascii):
        yield ascii, list(run)
