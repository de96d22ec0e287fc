"""A sentence cut into the pieces that the encoder reads: word pieces, Chinese characters, and what is known of each.

Chinese characters inside a word of the glossary carry the word beside them. Numbers, times and names of the property's
things are marked, so that what the encoder learns of 毛巾 holds for a thing that only this property has.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import zhconv
from tokenizers import Tokenizer

from intents.spotting import KINDS, Spot, spot
from intents.vocabulary import LANGUAGES, Vocabulary

LONGEST = 96
"""Pieces looked at, the two at the ends included."""
MARKS = ("-", *KINDS)
NAMES = ("-", "item", "dish")
_HAN = re.compile(r"[㐀-鿿]+")


@dataclass(frozen=True)
class Named:
    """A name of the property's vocabulary at ``start:end`` of the sentence."""

    start: int
    end: int
    kind: str
    token: str


@dataclass(frozen=True)
class Pieces:
    """Piece ``i`` is ``text[starts[i]:ends[i]]``; the first and the last stand for the sentence's ends (0:0)."""

    text: str
    lang: str
    ids: list[int]
    words: list[int]
    marks: list[int]
    names: list[int]
    starts: list[int]
    ends: list[int]
    spots: Sequence[Spot]
    named: Sequence[Named]

    @property
    def whole(self) -> bool:
        """Whether it was looked at to its end."""
        return not any(map(str.isalnum, self.text[self.ends[-2] :]))

    def at(self, start: int, end: int) -> list[int]:
        """The pieces that overlap ``start:end`` of the text."""
        return [i for i, (a, b) in enumerate(zip(self.starts, self.ends, strict=True)) if a < end and b > start]


class Cutter:
    """Cuts sentences with the vocabulary of one model folder."""

    def __init__(self, folder: Path, vocabulary: Vocabulary) -> None:
        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.words: dict[str, int] = json.loads((folder / "words.json").read_text(encoding="utf-8"))
        self._longest = max(map(len, self.words), default=1)
        self._patterns = {
            lang: {kind: _names(vocabulary.names(kind, lang), lang) for kind in ("item", "dish")} for lang in LANGUAGES
        }

    def cut(self, text: str, lang: str, now: datetime | None = None) -> Pieces:
        """``text`` in pieces; ``now`` settles what 后天 is."""
        return self.marked(text, lang, spot(text, lang, now))

    def marked(self, text: str, lang: str, spots: Sequence[Spot]) -> Pieces:
        """The same with the numbers already found."""
        plain = simplified(text)
        encoded = self._tokenizer.encode(plain)
        ids = encoded.ids
        offsets = encoded.offsets
        if len(ids) > LONGEST:
            ids, offsets = [*ids[: LONGEST - 1], ids[-1]], [*offsets[: LONGEST - 1], offsets[-1]]
        starts, ends = [a for a, _ in offsets], [b for _, b in offsets]
        named = self.named(plain, lang)
        marks, names = [0] * len(ids), [0] * len(ids)
        for one in spots:
            _mark(marks, starts, ends, one.start, one.end, MARKS.index(one.kind))
        for name in named:
            _mark(names, starts, ends, name.start, name.end, NAMES.index(name.kind))
        return Pieces(text, lang, list(ids), self._covering(plain, starts, ends), marks, names, starts, ends, spots, named)

    def named(self, plain: str, lang: str) -> list[Named]:
        """The property's names in the sentence, the longest first where two overlap. English names may stand in Chinese."""
        found: list[Named] = []
        lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in plain)  # as many as there were
        for language in ("zh", "en") if lang == "zh" else ("en",):
            for kind, (pattern, tokens) in self._patterns[language].items():
                found += [Named(m.start(), m.end(), kind, tokens[m[0]]) for m in pattern.finditer(lower)]
        found.sort(key=lambda one: (one.start - one.end, one.kind))
        kept: list[Named] = []
        for one in found:
            if all(one.end <= other.start or one.start >= other.end for other in kept):
                kept.append(one)
        return sorted(kept, key=lambda one: one.start)

    def _covering(self, plain: str, starts: list[int], ends: list[int]) -> list[int]:
        """Of each piece the id of the glossary's word around it, 0 if none; longest match from the left."""
        by_start: dict[int, int] = {}
        for run in _HAN.finditer(plain):
            at = run.start()
            while at < run.end():
                for length in range(min(self._longest, run.end() - at), 1, -1):
                    word = self.words.get(plain[at : at + length])
                    if word is not None:
                        by_start.update(dict.fromkeys(range(at, at + length), word))
                        at += length
                        break
                else:
                    at += 1
        return [by_start.get(a, 0) if b > a else 0 for a, b in zip(starts, ends, strict=True)]


def simplified(text: str) -> str:
    """Simplified characters, as many as there were."""
    plain: str = zhconv.convert(text, "zh-cn")
    return plain if len(plain) == len(text) else text


def _mark(marks: list[int], starts: list[int], ends: list[int], start: int, end: int, kind: int) -> None:
    """Kind ``k`` is 2k-1 on the first piece and 2k on the others."""
    first = True
    for i, (a, b) in enumerate(zip(starts, ends, strict=True)):
        if b > a and a < end and b > start:
            marks[i] = 2 * kind - 1 if first else 2 * kind
            first = False


def _names(pairs: list[tuple[str, str]], lang: str) -> tuple[re.Pattern[str], dict[str, str]]:
    tokens = {simplified(name).lower(): token for name, token in reversed(pairs)}
    choices = "|".join(re.escape(name) for name in sorted(tokens, key=len, reverse=True)) or r"(?!)"
    return re.compile(choices if lang == "zh" else rf"\b(?:{choices})\b"), tokens
