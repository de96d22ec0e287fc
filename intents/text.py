"""A guest's words as the matcher sees them: letters only, with the way back to what was written."""

from __future__ import annotations

import itertools
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

import zhconv

# by its path: the library's own way of loading leaves the file open
zhconv.loaddict(str(Path(zhconv.__file__).parent / "zhcdict.json"))

_HAN = re.compile(r"[㐀-鿿]")
_APOSTROPHES = "'’ʼ`´"
LONGEST = 400
"""Characters looked at; no spoken request is longer, and the matcher's time grows with it."""


@dataclass(frozen=True)
class Text:
    """``chars`` holds no spaces; ``origin[i]`` is where char ``i`` stands in ``source``."""

    source: str
    lang: str
    chars: str
    origin: tuple[int, ...]
    edges: frozenset[int]
    """Indices where a word may begin or end (0 and len included)."""

    def said(self, start: int, end: int) -> str:
        """The guest's own words for ``chars[start:end]``."""
        if start >= end:
            return ""
        last = len(self.source) if end == len(self.chars) else self.origin[end]
        return self.source[self.origin[start] : last].strip(" ,.!?;:，。！？；：、…~～\"'“”\n\t")

    def stops(self, at: int) -> bool:
        """Whether the text ends, or has a comma or the like, before char ``at``."""
        if at >= len(self.chars):
            return True
        between = self.source[self.origin[at - 1] + 1 : self.origin[at]] if at else ""
        return any(not char.isspace() and not char.isalnum() for char in between)

    def words(self, start: int, end: int) -> str:
        """``chars[start:end]``, in English with single spaces at the word edges inside."""
        if self.lang == "zh":
            return self.chars[start:end]
        cuts = [start, *(edge for edge in range(start + 1, end) if edge in self.edges), end]
        return " ".join(self.chars[a:b] for a, b in itertools.pairwise(cuts))


def detect(text: str) -> str:
    """The language of written words: any Chinese character makes it Chinese."""
    return "zh" if _HAN.search(text) else "en"


def plain(text: str) -> str:
    """Only the letters and digits of ``text``, lower case: the form that templates are matched in."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).lower() if char.isalnum())


def read(source: str, lang: str) -> Text:
    """``source`` without punctuation, full width, capitals and traditional characters."""
    source = source[:LONGEST]
    simple = zhconv.convert(source, "zh-cn") if lang == "zh" else source
    if len(simple) != len(source):  # phrases of another length: what was written stays the guide
        simple = source
    chars: list[str] = []
    origin: list[int] = []
    edges = {0}

    def put(text: str, at: int) -> None:
        chars.extend(text)
        origin.extend([at] * len(text))

    for at, raw in enumerate(simple):
        before = simple[at - 1] if at else " "
        after = simple[at + 1] if at + 1 < len(simple) else " "
        between_digits = before.isdigit() and after.isdigit()
        for char in unicodedata.normalize("NFKC", raw).lower():
            if char == "." and between_digits:
                put(".", at)
            elif char == ":" and between_digits:
                edges.add(len(chars))
                if lang == "zh":
                    put("点", at)
            elif char in "%" and chars:
                _percent(chars, origin, edges, lang, at)
            elif char == "°":
                edges.add(len(chars))
                put("度" if lang == "zh" else "degrees", at)
            elif char in _APOSTROPHES or (char == "c" and raw in "℃cC" and _ends_with_degrees(simple, at)):
                pass
            elif char.isalnum():
                if not chars or _splits(chars[-1], char):
                    edges.add(len(chars))
                put(char, at)
            else:
                edges.add(len(chars))
    edges.add(len(chars))
    return Text(source, lang, "".join(chars), tuple(origin), frozenset(edges))


def _ends_with_degrees(text: str, at: int) -> bool:
    """Whether the C at ``at`` only says which degrees: 24°C, 24 °C, 24℃."""
    return text[at] == "℃" or (at > 0 and text[at - 1] == "°")


def _splits(left: str, right: str) -> bool:
    """Whether a word ends between two neighbouring characters: not within letters or within digits."""
    ascii_both = left.isascii() and right.isascii()
    return not ascii_both or (left.isdigit() != right.isdigit() and "." not in (left, right))


def _percent(chars: list[str], origin: list[int], edges: set[int], lang: str, at: int) -> None:
    """Write % as it is said: 百分之 before the number, "percent" after it."""
    if lang == "en":
        edges.add(len(chars))
        chars.extend("percent")
        origin.extend([at] * len("percent"))
        return
    start = len(chars)
    while start and chars[start - 1].isdigit():
        start -= 1
    chars[start:start] = "百分之"
    origin[start:start] = [origin[start]] * 3 if start < len(origin) else [at] * 3
    edges |= {start, start + 1, start + 2, start + 3, len(chars)}
