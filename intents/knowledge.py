"""A guest's question → the entry of the property's knowledge that answers it, or None: it is not known.

The score of an entry is the share of what the question asks about that the entry speaks of, each term weighed by how
rare it is. A term that the property never speaks of counts against every entry, so a question about the pool table is
not answered with the pool. An entry is only found if it scores well, better than the next, and tells what is asked: a
question for a price is not answered by opening hours.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from intents.terms import Reader, Terms, reader
from intents.vocabulary import builtin

Texts = Mapping[str, Sequence[str]]
"""Language → texts."""

ENOUGH = 0.62
"""Share of the question that must be spoken of; calibrated on tests/intents/knowledge (ADR 13)."""
AHEAD = 0.08
"""How much better than the second best it must be."""
_NAMED, _ANSWERED = 1.0, 0.7
_UNKNOWN = 1.0
"""Weight of a term that the property never speaks of, as a share of the rarest term's."""


@dataclass(frozen=True)
class Entry:
    """Something the property knows. ``answers``: language → text, as it is given to a guest; one may be missing."""

    key: str
    answers: Mapping[str, str]
    source: str = ""
    names: Texts = field(default_factory=dict)
    questions: Texts = field(default_factory=dict)
    keywords: Texts = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """``lang``: the answer's language, another than the guest's where the property gives none in that. ``score`` and
    ``margin`` (to the second best) are shares of the question, 0–1."""

    key: str
    lang: str
    source: str
    score: float
    margin: float


class Knowledge:
    """One property's knowledge, ready to be asked."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._reader: Reader = reader()
        self._entries = tuple(entries)
        self._told: list[frozenset[str]] = []
        self._where: dict[str, dict[int, float]] = {}
        """term → entry's number → how strongly it speaks of it"""
        for number, entry in enumerate(self._entries):
            self._add(number, entry)
        count = len(self._entries)
        self._weights = {term: math.log(1 + (count + 1) / len(found)) for term, found in self._where.items()}
        self._unknown = _UNKNOWN * math.log(2 + count)

    def _add(self, number: int, entry: Entry) -> None:
        known = builtin().topics.get(entry.key, {})
        named = [text for texts in (entry.names, known, entry.keywords, entry.questions) for text in _all(texts)]
        named.append(entry.key.replace("_", " "))
        for strength, texts in ((_NAMED, named), (_ANSWERED, list(entry.answers.values()))):
            for text in texts:
                for term in self._reader.terms(text).words:
                    self._where.setdefault(term, {}).setdefault(number, strength)
        self._told.append(self._reader.told_in(" ".join(entry.answers.values())))

    def find(self, question: str, lang: str) -> Found | None:
        """The entry that answers ``question`` of a guest who speaks ``lang``; None: the property does not say."""
        terms = self._reader.terms(question)
        ranked = self.ranked(terms)
        if not ranked:
            return None
        (score, best), second = ranked[0], ranked[1][0] if len(ranked) > 1 else 0.0
        if score < ENOUGH or score - second < AHEAD or not terms.asked <= self._told[best]:
            return None
        entry = self._entries[best]
        answer = lang if lang in entry.answers else next(iter(entry.answers))
        return Found(entry.key, answer, entry.source, round(score, 3), round(score - second, 3))

    def ranked(self, terms: Terms) -> list[tuple[float, int]]:
        """(score, entry's number) of each entry that speaks of any of ``terms``, the best first."""
        total = 0.0
        scores: dict[int, float] = {}
        for term in terms.words:
            weight = self._weights.get(term, self._unknown)
            total += weight
            for number, strength in self._where.get(term, {}).items():
                scores[number] = scores.get(number, 0.0) + weight * strength
        return sorted(((score / total, number) for number, score in scores.items()), reverse=True)


def _all(texts: Texts) -> Iterable[str]:
    for each in texts.values():
        yield from each
