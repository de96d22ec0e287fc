"""A guest's question → the entry of the property's knowledge that answers it, or None: the property does not say.

How sure we are of an entry is the share of what the question asks about that the entry speaks of. A term that the property
never speaks of counts against every entry, so that a question about the pool table is not answered with the pool. Among
entries that speak of the same, rare terms count more, and the one whose own name or example question is most wholly asked
for comes first. An entry is found if it is sure enough, better than the next, and tells what is asked: a question for a
price is not answered by opening hours (ADR 13).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from intents.terms import reader
from intents.vocabulary import builtin

Texts = Mapping[str, Sequence[str]]
"""Language → texts."""

ENOUGH = 0.6
"""Share of the question that must be spoken of; calibrated on tests/intents/knowledge."""
HALF = 0.5
"""Share of one of its names or examples that must be asked for: "front desk" alone is not its telephone."""
LONGEST = 400
"""Characters looked at."""
_CLAUSE = re.compile(r"[,;:.!?，；：。！？、…]+|\s[-–—]\s")
_ASKS = re.compile(
    r"[吗呢么怎哪几谁啥]|什么|多少|能|可以|行不|有没有|要不要|是不是|不$|"
    r"\b(?:what|where|when|which|who|how|can|could|may|is|are|do|does|will|would|should|any|have you)\b",
    re.IGNORECASE,
)
AHEAD = 0.04
"""How much better than the second best it must be."""
_NAMED, _ASKED, _ALIAS, _TOLD = 1.0, 0.95, 0.9, 0.7
"""What it counts that a term stands in a name or keyword, in an example question, in a built-in name, only in the answer."""
_WHOLE = 0.3
"""What it counts, in the ranking, that a whole name or example is asked for."""
_SAME_ASKED = 0.1
"""What it counts, in the ranking, that the entry's own name or examples ask for the same: a price, an hour."""
_OBJECT = 0.4
"""Weight of an unknown word beside a concept that takes any object, as a share of what it weighs else."""
_UNKNOWN_MORE = 0.3
"""Weight of each further pair in a row of Chinese characters that nothing is known of, as a share of the first's."""
_UNKNOWN_CHARACTER = 0.7
"""Weight of one such character alone: mostly what is left of a word of no matter."""


def is_question(words: str) -> bool:
    """Whether ``words`` may ask something: they have a word that questions have."""
    return _ASKS.search(words) is not None


@dataclass(frozen=True)
class Entry:
    """Something the property knows. ``answers``: language → text, as it is given to a guest; one may be missing."""

    key: str
    answers: Mapping[str, str]
    source: str = ""
    names: Texts = field(default_factory=dict)
    questions: Texts = field(default_factory=dict)
    keywords: Texts = field(default_factory=dict)


class Topic(Protocol):
    """A topic as a property file gives it."""

    @property
    def key(self) -> str: ...
    @property
    def name(self) -> Mapping[str, str]: ...
    @property
    def answer(self) -> Mapping[str, str]: ...
    @property
    def source(self) -> str: ...
    @property
    def also(self) -> Texts: ...
    @property
    def questions(self) -> Texts: ...
    @property
    def keywords(self) -> Texts: ...


@dataclass(frozen=True)
class Found:
    """``lang``: the answer's language, another than the guest's where the property gives none in that. ``score``: the share
    of the question that the entry speaks of, 0–1; ``margin``: how far it is ahead of the second best."""

    key: str
    lang: str
    source: str
    score: float
    margin: float


@dataclass(frozen=True)
class _Ranked:
    """An entry's ``score`` alone says whether it answers; with how wholly it is asked for, it makes its ``rank``."""

    number: int
    score: float
    rank: float
    named: bool
    """Not only its answer speaks of what is asked."""
    whole: float
    """The share of the name or example that is most wholly asked for."""


class Knowledge:
    """One property's knowledge, ready to be asked."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._reader = reader()
        self._entries = tuple(entries)
        self._asked: list[frozenset[str]] = []
        """The aspects that an entry's own names and examples ask for."""
        self._told: list[frozenset[str]] = []
        """Those that its answers tell."""
        self._spoken: dict[str, dict[int, float]] = {}
        """term → number of an entry → how strongly it speaks of it"""
        self._phrases: list[tuple[int, tuple[str, ...]]] = []
        """(number of an entry, terms) of each name, keyword and example question"""
        self._names: dict[str, int] = {}
        """term that is the whole of a name → number of its entry"""
        for number, entry in enumerate(self._entries):
            self._add(number, entry)
        count = len(self._entries)
        self._unknown = math.log(2 + count)
        self._weights = {term: math.log(1 + (count + 1) / len(found)) for term, found in self._spoken.items()}
        self._standing: dict[str, list[int]] = {}
        """term → the phrases that it stands in"""
        for phrase, (_, terms) in enumerate(self._phrases):
            for term in terms:
                self._standing.setdefault(term, []).append(phrase)
        self._sizes = [sum(self._weights[term] for term in terms) for _, terms in self._phrases]

    @classmethod
    def of(cls, topics: Iterable[Topic]) -> Knowledge:
        """A property's topics."""
        return cls(cls.entries(topics))

    @staticmethod
    def entries(topics: Iterable[Topic]) -> Iterator[Entry]:
        for topic in topics:
            names = {
                lang: [*filter(None, [topic.name.get(lang)]), *topic.also.get(lang, ())] for lang in {*topic.name, *topic.also}
            }
            yield Entry(topic.key, topic.answer, topic.source, names, topic.questions, topic.keywords)

    def _add(self, number: int, entry: Entry) -> None:
        asked: frozenset[str] = frozenset()
        named = [text for texts in (entry.names, entry.keywords) for text in _all(texts)]
        for strength, phrases in ((_NAMED, named), (_ASKED, _all(entry.questions))):
            for phrase in phrases:
                terms = self._reader.terms(phrase)
                self._speaks(number, terms, strength)
                self._phrases.append((number, terms))
                if strength == _NAMED and len(terms) == 1:
                    self._names.setdefault(terms[0], number)
                asked |= self._reader.asked_in(phrase)
        for alias in _all(builtin().topics.get(entry.key, {})):
            terms = self._reader.terms(alias)
            if len(terms) == 1:  # "heated pool" is what a guest may call it; that it is heated is not said by it
                self._speaks(number, terms, _ALIAS)
                self._phrases.append((number, terms))
        for answer in entry.answers.values():
            self._speaks(number, (term for term in self._reader.terms(answer) if term.startswith("#")), _TOLD)
        self._asked.append(asked)
        self._told.append(self._reader.told_in(" ".join(entry.answers.values())))

    def _speaks(self, number: int, terms: Iterable[str], strength: float) -> None:
        for term in terms:
            self._spoken.setdefault(term, {}).setdefault(number, strength)

    def find(self, question: str, lang: str) -> Found | None:
        """The entry that answers ``question`` of a guest who speaks ``lang``; None: the property does not say.

        A question that is not answered as a whole may be so by one of its clauses: "we overslept, is breakfast still on".
        """
        question = question[:LONGEST]
        found = self._found(question, lang)
        clauses = [clause for clause in _CLAUSE.split(question) if clause.strip()]
        if found is None and len(clauses) > 1:
            answers = [(one, is_question(clause)) for clause in clauses if (one := self._found(clause, lang))]
            if len({one.key for one, _ in answers}) == 1 and any(asks for _, asks in answers):
                found = max((one for one, _ in answers), key=lambda one: one.score)
        return found

    def _found(self, question: str, lang: str) -> Found | None:
        asked = self._reader.asked_in(question)
        terms = self._reader.terms(question)
        ranked = self._ranked(terms, asked)
        # Those about as good as the best, if they tell what is asked: "when does the bar open" is not for the minibar.
        close = [one for one in ranked if one.rank > ranked[0].rank - AHEAD and asked <= self._told[one.number]]
        if len(close) != 1:
            return None
        best = close[0]
        if best.score < ENOUGH or not (best.whole >= HALF if best.named else asked):
            return None
        unspoken = (term for term in terms if best.number not in self._spoken.get(term, ()))
        if any(self._names.get(term, best.number) != best.number for term in unspoken):
            return None  # "luggage at the train station": the station has an entry of its own
        margin = best.rank - max((one.rank for one in ranked if one is not best), default=0.0)
        entry = self._entries[best.number]
        answer = lang if lang in entry.answers else next(iter(entry.answers))
        return Found(entry.key, answer, entry.source, round(best.score, 3), round(margin, 3))

    def _ranked(self, terms: Sequence[str], asked: frozenset[str]) -> list[_Ranked]:
        """Every entry that speaks of any of ``terms``, the best first."""
        rank_total = total = 0.0
        scores: dict[int, float] = {}
        ranks: dict[int, float] = {}
        named: set[int] = set()
        wholly: dict[int, float] = {}
        objects = _OBJECT if self._reader.open.intersection(terms) else 1.0
        before = ""
        for term in terms:
            weight = self._weights.get(term)
            if weight is None:
                unknown = self._unknown_weight(term, before, objects)
                total += unknown
                rank_total += self._unknown * unknown
                before = term
                continue
            before = ""
            total += 1.0
            rank_total += weight
            for number, strength in self._spoken[term].items():
                if strength > _TOLD:
                    named.add(number)
                scores[number] = scores.get(number, 0.0) + strength
                ranks[number] = ranks.get(number, 0.0) + weight * strength
            for phrase in self._standing.get(term, ()):
                wholly[phrase] = wholly.get(phrase, 0.0) + weight
        whole: dict[int, float] = {}
        for phrase, weight in wholly.items():
            number = self._phrases[phrase][0]
            whole[number] = max(whole.get(number, 0.0), weight / self._sizes[phrase])
        ranked = []
        for number, score in scores.items():
            rank = (
                ranks[number] / rank_total
                + _WHOLE * whole.get(number, 0.0)
                + (_SAME_ASKED if asked & self._asked[number] else 0.0)
            )
            ranked.append(_Ranked(number, score / total, rank, number in named, whole.get(number, 0.0)))
        return sorted(ranked, key=lambda one: (-one.rank, one.number))

    @staticmethod
    def _unknown_weight(term: str, before: str, objects: float) -> float:
        """What a term that the property never speaks of takes from every entry, as a share of a known term's weight."""
        if term.startswith("#"):
            return 1.0
        if term.isascii():
            return objects
        return objects * (_UNKNOWN_CHARACTER if len(term) == 1 else _UNKNOWN_MORE if before[-1:] == term[0] else 1.0)


def _all(texts: Texts) -> Iterator[str]:
    for each in texts.values():
        yield from each
