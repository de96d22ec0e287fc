"""What a question or an answer is about: its words as terms that are the same in Chinese and English.

A term is a concept of ``words/concepts.yaml`` (药店, "pharmacy" and "drugstore" are one), else an English stem, else a
pair of neighbouring Chinese characters. Words that say nothing of the matter are no terms.
"""

from __future__ import annotations

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
_UNIT = re.compile(r"[a-z]+|\d+|[㐀-鿿]")
_APOSTROPHES = re.compile("['’ʼ`´]")
_HAN = re.compile(r"[㐀-鿿]")
NOISE = ""
"""The concept of words that say nothing of the matter."""


@dataclass(frozen=True)
class Terms:
    """``words``: each term once, in the order said. ``asked``: the aspects (price, time, …) that the words ask for."""

    words: tuple[str, ...]
    asked: frozenset[str]


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    stemmed: str = _stemmer().stemWord(word)
    return stemmed


@cache
def _stemmer() -> Any:
    return snowballstemmer.stemmer("english")


def units(text: str) -> list[str]:
    """English stems, numbers and Chinese characters (simplified), in order."""
    plain = _APOSTROPHES.sub("", unicodedata.normalize("NFKC", text).lower())
    if _HAN.search(plain):
        plain = zhconv.convert(plain, "zh-cn")
    return [_stem(unit) if unit.isascii() else unit for unit in _UNIT.findall(plain)]


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
            for size in range(min(self._longest.get(found[at], 0), len(found) - at), 0, -1):
                concept = self._concepts.get(tuple(found[at : at + size]))
                if concept is not None:
                    yield at, at + size, concept
                    at += size
                    break
            else:
                yield at, at + 1, None
                at += 1


@dataclass(frozen=True)
class Reader:
    """Text → terms, with one lexicon of concepts and one of what is asked, both shared by all properties."""

    concepts: Lexicon
    asked: Lexicon
    told: Lexicon

    def terms(self, text: str) -> Terms:
        """The terms of a guest's question."""
        found = units(text)
        asked = frozenset(aspect for _, _, aspect in self.asked.spans(found) if aspect)
        return Terms(tuple(dict.fromkeys(self._words(found))), asked)

    def told_in(self, text: str) -> frozenset[str]:
        """The aspects (price, time, …) that an answer tells."""
        return frozenset(aspect for _, _, aspect in self.told.spans(units(text)) if aspect)

    def _words(self, found: list[str]) -> Iterator[str]:
        run: list[str] = []
        for start, end, concept in [*self.concepts.spans(found), (len(found), len(found), NOISE)]:
            if concept is None and not found[start].isascii():
                run.append(found[start])
                continue
            yield from [run[0]] if len(run) == 1 else map("".join, zip(run, run[1:], strict=False))
            run = []
            if concept:
                yield f"#{concept}"
            elif concept is None and end > start:
                yield found[start]


@cache
def reader() -> Reader:
    """With the concepts that ship with the code."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with _CONCEPTS.open(encoding="utf-8") as file:
        data: dict[str, Any] = yaml.load(file, Loader=loader)
    aspects: dict[str, dict[str, dict[str, list[str]]]] = data["aspects"]
    noise = [(phrase, NOISE) for phrase in _all(data["noise"])]
    asking = [(phrase, NOISE) for aspect in aspects.values() for phrase in _all(aspect["asked"])]
    concepts = [(phrase, concept) for concept, phrases in data["concepts"].items() for phrase in _all(phrases)]
    return Reader(
        Lexicon([*concepts, *noise, *asking]),
        Lexicon((phrase, name) for name, aspect in aspects.items() for phrase in _all(aspect["asked"])),
        Lexicon((phrase, name) for name, aspect in aspects.items() for phrase in _all(aspect.get("told", {}))),
    )


def _all(by_lang: Mapping[str, list[str]]) -> Iterator[str]:
    for phrases in by_lang.values():
        yield from map(str, phrases)
