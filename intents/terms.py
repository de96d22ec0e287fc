"""What a question or an answer is about: its words as terms that are the same in Chinese and English.

A term is a concept of ``words/concepts.yaml`` (药店, "pharmacy" and "drugstore" are one), else an English stem, else a
pair of neighbouring Chinese characters. Words that say nothing of the matter are no terms.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import snowballstemmer
import yaml
import zhconv

import intents.text  # noqa: F401 — it loads zhconv's tables by their path

_CONCEPTS = Path(__file__).parent / "words" / "concepts.yaml"
_UNIT = re.compile(r"[a-z]+|\d+|[零〇一二三四五六七八九]{3,}|[㐀-鿿]")
_APOSTROPHES = re.compile("['’ʼ`´]")
NOISE = ""
"""The concept of words that say nothing of the matter."""


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


@cache
def _stemmer() -> Any:
    return snowballstemmer.stemmer("english")


@cache
def _simplified() -> dict[int, str]:
    """Traditional → simplified, a character each: what phrases would change further makes no difference here."""
    return {ord(old): new for old, new in zhconv.zhconv.zhcdicts["zh2Hans"].items() if len(old) == len(new) == 1}


def units(text: str) -> list[str]:
    """English stems, numbers and Chinese characters (simplified), in order."""
    plain = unicodedata.normalize("NFKC", text).lower()
    if not plain.isascii():
        plain = plain.translate(_simplified())
    return [_stem(unit) if unit.isascii() else unit for unit in _UNIT.findall(_APOSTROPHES.sub("", plain))]


class Lexicon:
    """Finds concepts in units: the longest phrase that begins at each place."""

    def __init__(self, phrases: Iterable[tuple[str, str]]) -> None:
        """``phrases``: (phrase, its concept); of a phrase that is given twice the first holds."""
        self._concepts: dict[tuple[str, ...], str] = {}
        for phrase, concept in phrases:
            key = tuple(units(phrase))
            if key:
                self._concepts.setdefault(key, concept)
        self._longest: dict[str, int] = {}
        for key in self._concepts:
            self._longest[key[0]] = max(len(key), self._longest.get(key[0], 0))

    def spans(self, found: list[str]) -> Iterator[tuple[int, int, str | None]]:
        """(start, end, concept) one after the other over all units; no concept: the unit alone."""
        at = 0
        while at < len(found):
            longest = self._longest.get(found[at])
            if longest is not None:
                for size in range(min(longest, len(found) - at), 0, -1):
                    concept = self._concepts.get(tuple(found[at : at + size]))
                    if concept is not None:
                        yield at, at + size, concept
                        at += size
                        break
                else:
                    longest = None
            if longest is None:
                yield at, at + 1, None
                at += 1


@dataclass(frozen=True)
class Reader:
    """Text → terms, with the lexicons of concepts, of what is asked, and of what an answer tells."""

    concepts: Lexicon
    asked: Lexicon
    told: Lexicon
    particles: frozenset[str]
    """Chinese characters that say nothing wherever they stand."""
    open: frozenset[str]
    """Concepts beside which other words are mostly their object, whatever it is."""

    def terms(self, text: str) -> tuple[str, ...]:
        """What ``text`` is about: each term once, in the order said."""
        return tuple(dict.fromkeys(self._words(units(text))))

    def asked_in(self, question: str) -> frozenset[str]:
        """The aspects (price, time, …) that a question asks for."""
        return _found(self.asked, question)

    def told_in(self, answer: str) -> frozenset[str]:
        """The aspects that an answer tells."""
        return _found(self.told, answer)

    def _words(self, found: list[str]) -> Iterator[str]:
        """Chinese characters that stand alone are only believed among what is known: in 故事 and 打包 neither 事 nor 包 means
        what it means by itself."""
        run: list[tuple[str, str | None]] = []
        for start, end, concept in [*self.concepts.spans(found), (len(found), len(found), NOISE)]:
            unit = found[start] if start < len(found) else ""
            if end - start == 1 and not unit.isascii() and len(unit) == 1 and unit not in self.particles:
                run.append((unit, concept))
                continue
            yield from _told_by(run)
            run = []
            if concept:
                yield f"#{concept}"
            elif concept is None:
                yield unit


def _told_by(run: list[tuple[str, str | None]]) -> Iterator[str]:
    """The terms of neighbouring single characters, each with its concept, None if it is unknown."""
    if all(concept is not None for _, concept in run):
        yield from (f"#{concept}" for _, concept in run if concept)
    elif len(run) == 1:
        yield run[0][0]
    else:
        yield from (left + right for (left, _), (right, _) in itertools.pairwise(run))


def _found(aspects: Lexicon, text: str) -> frozenset[str]:
    return frozenset(one for _, _, found in aspects.spans(units(text)) if found for one in found.split())


@cache
def reader() -> Reader:
    """With the concepts that ship with the code."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with _CONCEPTS.open(encoding="utf-8") as file:
        data: dict[str, Any] = yaml.load(file, Loader=loader)
    aspects: dict[str, dict[str, dict[str, list[str]]]] = data["aspects"]
    noise = [(phrase, NOISE) for phrase in _all(data["noise"])]
    asking = [(phrase, NOISE) for name, one in aspects.items() if name != "none" for phrase in _all(one["asked"])]
    concepts = [(phrase, concept) for concept, phrases in data["concepts"].items() for phrase in _all(phrases)]
    return Reader(
        Lexicon([*concepts, *noise, *asking, *((particle, NOISE) for particle in data["particles"])]),
        _aspects({name: aspect["asked"] for name, aspect in aspects.items()}),
        _aspects({name: aspect["told"] for name, aspect in aspects.items()}),
        frozenset(data["particles"]),
        frozenset(f"#{concept}" for concept in data["open"]),
    )


def _aspects(by_name: Mapping[str, Mapping[str, list[str]]]) -> Lexicon:
    """A phrase may belong to several aspects: "front desk" tells where, and who."""
    names: dict[str, str] = {}
    for name, phrases in by_name.items():
        for phrase in _all(phrases):
            names[phrase] = NOISE if name == "none" else f"{names[phrase]} {name}" if phrase in names else name
    return Lexicon(names.items())


def _all(by_lang: Mapping[str, list[str]]) -> Iterator[str]:
    for phrases in by_lang.values():
        yield from map(str, phrases)
