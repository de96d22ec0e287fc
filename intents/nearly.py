"""Words heard nearly right: where the grammar's own words stand in a text by sound.

A small recogniser writes 空条 for 空调 and "bed sight lump" for "bedside lamp". Only words of the grammar and of the
property are put in their place, and only the whole of a sentence counts (the matcher sees to that). What must not be
guessed is left out: emergencies, small talk, reports by staff, and what cannot be taken back.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents import numerals, pinyin, spelling
from intents.matcher import Match
from intents.nodes import Sounds
from intents.text import Text, plain, read

NEVER_GUESSED = frozenset({"emergency.report", "room.report", "stay.checkout", "order.cancel", "dialog.undo"})
_ZH_LIMIT = {1: 0.25, 2: 0.48}
"""Characters of a fragment → how far it may be from what was heard; longer ones: _ZH_EACH a character."""
_ZH_EACH = 0.3
_EN_EACH = 0.22
_ZH_WHOLE, _EN_WHOLE = 0.14, 0.12
"""How far the whole text may be, a character or a sound."""
_NEGATION = frozenset("不没别未勿无非")
KEPT = {
    "zh": _NEGATION | numerals.ZH_CHARS - frozenset("点半"),
    "en": frozenset(["no", "not", "dont", "never", "isnt", "arent", "cant", "wont", "without", "off"])
    | frozenset(numerals.EN_WORDS),
}
"""What is never taken for anything else: negation and numbers turn a request into another."""
_MISSPELT = 0.05
"""Another spelling of the same sounds is this far."""
_EN_NUMBERS = {
    "to": "two", "too": "two", "tu": "two", "for": "four", "fore": "four", "won": "one", "ate": "eight", "tree": "three",
    "free": "three", "sex": "six", "tin": "ten", "fife": "five", "nein": "nine",
}  # fmt: skip

_SENTENCE_EACH = {"zh": 0.15, "en": 0.095}
_SHORT, _FEW = 0.09, {"zh": 3, "en": 8}
_POLITE = 0.05
"""How far a sentence may be, a character; one of a few characters; polite words, and those beside any words at all."""

_REMEMBERED = 20_000
"""Rows of sounds of which it is remembered what sounds like them."""

Near = dict[str, dict[int, list[tuple[int, float]]]]


def without_repeats(text: Text) -> Text | None:
    """The text with what a recogniser says over and over said once; None if nothing is."""
    pattern = r"(.{1,3}?)\1+" if text.lang == "zh" else r"\b(\w+)( \1\b)+"
    once = re.sub(pattern, r"\1", text.words(0, len(text.chars)))
    return None if plain(once) == text.chars else read(once, text.lang)


def believable(match: Match, lang: str) -> bool:
    """Whether a sentence that was heard nearly may count: each by itself, so that a long text does not carry a wild
    guess, and stricter where little or anything at all would do."""
    if match.distance == 0.0:
        return match.block.intent not in NEVER_GUESSED
    size = match.end - match.start
    if match.block.intent in NEVER_GUESSED:
        return False
    if match.block.intent.startswith(("_", "dialog.")):
        return size > 1 and match.distance <= _POLITE * size
    open_ended = [c for c in match.captures if c.value is None and c.slot == "destination"]
    if open_ended:
        return match.distance <= _POLITE * (size - sum(c.end - c.start for c in open_ended))
    return match.distance <= (_SHORT if size <= _FEW[lang] else _SENTENCE_EACH[lang]) * size


class NearlyZh:
    """Finds Chinese fragments by pinyin: same number of characters, syllables that sound alike."""

    def __init__(self, fragments: Iterable[str]) -> None:
        self._by_size: dict[int, list[str]] = defaultdict(list)
        for fragment in fragments:
            if not fragment.isascii():
                self._by_size[len(fragment)].append(fragment)

    @cached_property
    def _parts(self) -> dict[int, NDArray[np.int16]]:
        """Size → fragments × size × 2."""
        return {size: np.stack([pinyin.parts(pinyin.syllables(one)) for one in all_of]) for size, all_of in self._by_size.items()}

    @cached_property
    def _numbers(self) -> dict[str, str]:
        return {pinyin.syllables(char, tones=True)[0]: char for char in "零一二三四五六七八九十百两点"}

    @cached_property
    def _spoken(self) -> dict[str, list[str]]:
        return {one: pinyin.syllables(one) for all_of in self._by_size.values() for one in all_of}

    def _loses(self, fragment: str, written: str, heard: list[str]) -> bool:
        """Whether a negation or a number would become something else by more than another character of its sound."""
        alike = self._spoken[fragment] == heard and (len(fragment) > 1 or fragment == "把")
        lost = [a for a, b in zip(written, fragment, strict=True) if a != b and (a in KEPT["zh"] or b in KEPT["zh"])]
        return bool(lost) and (not alike or not _NEGATION.isdisjoint(lost))

    def sounds(self, text: Text) -> Sounds | None:
        """None: the text is too short for guessing."""
        chars = text.chars
        if len(chars) < 3 or chars.isascii():
            return None
        heard = pinyin.syllables(chars)
        if len(heard) != len(chars):
            return None
        heard_parts = pinyin.parts(heard)
        near: Near = {}
        heads: dict[int, set[str]] = defaultdict(set)
        for size, parts in self._parts.items():
            if size > len(chars):
                continue
            limit = _ZH_LIMIT.get(size, _ZH_EACH * size)
            total: Any = 0.0
            for i in range(size):
                total = total + pinyin.distances(parts[:, i], heard_parts[i : len(chars) - size + 1 + i])
            for which, at in zip(*np.nonzero(total <= limit + pinyin.SAME_SOUND * size), strict=True):
                fragment = self._by_size[size][which]
                if chars.startswith(fragment, at) or self._loses(fragment, chars[at : at + size], heard[at : at + size]):
                    continue
                same = sum(a == b for a, b in zip(fragment, chars[at : at + size], strict=True))
                far = float(total[which, at]) - pinyin.SAME_SOUND * same
                if far <= limit:
                    near.setdefault(fragment, {})[int(at)] = [(int(at) + size, far)]
                    heads[int(at)].add(fragment[0])
        numbers = {
            char: self._numbers[sound]
            for char, sound in zip(chars, pinyin.syllables(chars, tones=True), strict=True)
            if sound in self._numbers and char not in numerals.ZH_CHARS
        }
        return Sounds(near, {at: frozenset(all_of) for at, all_of in heads.items()}, _ZH_WHOLE * len(chars), KEPT["zh"], numbers)


class NearlyEn:
    """Finds English fragments by sound in windows of one to four words."""

    def __init__(self, fragments: Iterable[str]) -> None:
        keys = [(one, spelling.sounds(one)) for one in fragments]
        self._fragments = [(one, key) for one, key in keys if len(key) >= 2 and one.isascii()]
        self._known: dict[str, list[tuple[str, float]]] = {}

    @cached_property
    def _tallies(self) -> NDArray[np.float32]:
        return np.array([spelling.tally(key) for _, key in self._fragments], dtype=np.float32)

    @cached_property
    def _limits(self) -> NDArray[np.float32]:
        """How far each may be; those of two sounds ("off") only spelt otherwise."""
        limits = [_EN_EACH * len(key) if len(key) > 2 else _MISSPELT for _, key in self._fragments]
        return np.array(limits, dtype=np.float32)

    @cached_property
    def _packed(self) -> tuple[NDArray[np.int8], NDArray[np.int16]]:
        return spelling.pack([key for _, key in self._fragments])

    def sounds(self, text: Text) -> Sounds | None:
        """None: the text is too short for guessing."""
        if len(text.chars) < 5:
            return None
        edges = sorted(text.edges)
        near: Near = {}
        heads: dict[int, set[str]] = defaultdict(set)
        places = [(edges[i], edges[j]) for i in range(len(edges)) for j in range(i + 1, min(i + 5, len(edges)))]
        windows = [(start, end, spelling.sounds(text.chars[start:end])) for start, end in places]
        self._learn([key for _, _, key in windows])
        for start, end, key in windows:
            kept = {word for word in text.words(start, end).split() if word in KEPT["en"]}
            for fragment, far in self._known.get(key, ()):
                if text.chars.startswith(fragment, start) and start + len(fragment) in text.edges:
                    continue
                if all(word in fragment for word in kept):
                    near.setdefault(fragment, {}).setdefault(start, []).append((end, far))
                    heads[start].add(fragment[0])
        numbers = {word: _EN_NUMBERS[word] for word in text.words(0, len(text.chars)).split() if word in _EN_NUMBERS}
        whole = _EN_WHOLE * len(spelling.sounds(text.chars))
        return Sounds(near, {at: frozenset(all_of) for at, all_of in heads.items()}, whole, KEPT["en"], numbers)

    def _learn(self, keys: list[str]) -> None:
        """Find what sounds like each of ``keys``, all at once; the same words come again and again."""
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        new = [key for key in dict.fromkeys(keys) if len(key) >= 2 and key not in self._known]
        if not new:
            return
        self._known.update((key, []) for key in new)
        tallies = np.array([spelling.tally(key) for key in new], dtype=np.float32)
        apart = np.abs(tallies[:, None, :] - self._tallies[None, :, :]).sum(axis=2)
        which, fragments = np.nonzero(apart <= self._limits / spelling.TALLY_RATIO)
        heard, heard_sizes = spelling.pack(new)
        own, own_sizes = self._packed
        sizes = own_sizes[fragments]
        own = own[fragments, : int(sizes.max(initial=0))]
        far = spelling.distances(heard[which], heard_sizes[which], own, sizes) + _MISSPELT
        for index in np.nonzero(far <= self._limits[fragments])[0]:
            fragment, _ = self._fragments[fragments[index]]
            self._known[new[which[index]]].append((fragment, float(far[index])))
