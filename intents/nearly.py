"""Words heard nearly right: where the grammar's own words stand in a text by sound.

A small recogniser writes 空条 for 空调 and "bed sight lump" for "bedside lamp". Only words of the grammar and of the
property are put in their place, and only the whole of a sentence counts (the matcher sees to that). What must not be
guessed is left out: emergencies, small talk, reports by staff, and what cannot be taken back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents import numerals, pinyin, spelling
from intents.matcher import Match, Sounds
from intents.text import Text

NEVER_GUESSED = frozenset({"emergency.report", "room.report", "stay.checkout", "order.cancel", "dialog.undo"})
_ZH_LIMIT = {1: pinyin.SAME_SOUND, 2: 0.6}
"""Characters of a fragment → how far it may be from what was heard; longer ones: _ZH_EACH a character."""
_ZH_EACH = 0.3
_EN_EACH = 0.22
_ZH_WHOLE, _EN_WHOLE = 0.14, 0.12
"""How far the whole text may be, a character or a sound."""
KEPT = {
    "zh": frozenset("不没别未勿无非") | numerals.ZH_CHARS - frozenset("点半"),
    "en": frozenset("no not dont never isnt arent cant wont without off".split()) | frozenset(numerals.EN_WORDS),
}
"""What is never taken for anything else: negation and numbers turn a request into another."""
_MISSPELT = 0.05
"""Another spelling of the same sounds is this far."""
_EN_NUMBERS = {
    "to": "two", "too": "two", "tu": "two", "for": "four", "fore": "four", "won": "one", "ate": "eight", "tree": "three",
    "free": "three", "sex": "six", "tin": "ten", "fife": "five", "nein": "nine",
}  # fmt: skip

_SENTENCE_EACH, _POLITE, _OPEN = 0.11, 0.05, 0.02
"""How far a sentence may be, a character; a polite word or small talk; one that takes any words."""

Near = dict[str, dict[int, list[tuple[int, float]]]]


def believable(match: Match) -> bool:
    """Whether a sentence that was heard nearly may count: each by itself, so that a long text does not carry a wild
    guess, and stricter where little or anything at all would do."""
    if match.distance == 0.0:
        return match.block.intent not in NEVER_GUESSED
    size = match.end - match.start
    if match.block.intent.startswith(("_", "dialog.")):
        return size > 1 and match.distance <= _POLITE * size
    if match.block.intent in NEVER_GUESSED:
        return False
    open_ended = any(c.value is None and c.slot == "destination" for c in match.captures)
    return match.distance <= (_OPEN if open_ended else _SENTENCE_EACH) * size


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
        return {
            size: np.stack([pinyin.parts(pinyin.syllables(one)) for one in all_of])
            for size, all_of in self._by_size.items()
        }

    @cached_property
    def _numbers(self) -> dict[str, str]:
        return {pinyin.syllables(char, tones=True)[0]: char for char in "零一二三四五六七八九十百两点"}

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
                if chars.startswith(fragment, at) or _loses(fragment, chars[at : at + size]):
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
        return Sounds(near, {at: frozenset(all_of) for at, all_of in heads.items()}, _ZH_WHOLE * len(chars), numbers)


def _loses(fragment: str, heard: str) -> bool:
    """Whether a negation or a number that was heard would become something else, or one come from nothing."""
    kept = KEPT["zh"]
    return any(a != b and (a in kept or b in kept) for a, b in zip(fragment, heard, strict=True))


class NearlyEn:
    """Finds English fragments by sound in windows of one to four words."""

    def __init__(self, fragments: Iterable[str]) -> None:
        keys = [(one, spelling.sounds(one)) for one in fragments]
        self._fragments = [(one, key) for one, key in keys if len(key) >= 3 and one.isascii()]

    @cached_property
    def _tallies(self) -> NDArray[np.float32]:
        return np.array([spelling.tally(key) for _, key in self._fragments], dtype=np.float32)

    @cached_property
    def _limits(self) -> NDArray[np.float32]:
        return np.array([_EN_EACH * len(key) for _, key in self._fragments], dtype=np.float32)

    def sounds(self, text: Text) -> Sounds | None:
        """None: the text is too short for guessing."""
        if len(text.chars) < 5:
            return None
        edges = sorted(text.edges)
        places = [(edges[i], edges[j]) for i in range(len(edges)) for j in range(i + 1, min(i + 5, len(edges)))]
        keyed = [(start, end, spelling.sounds(text.chars[start:end])) for start, end in places]
        windows = [window for window in keyed if len(window[2]) >= 3]
        if not windows:
            return None
        near: Near = {}
        heads: dict[int, set[str]] = defaultdict(set)
        tallies = np.array([spelling.tally(key) for _, _, key in windows], dtype=np.float32)
        apart = np.abs(tallies[:, None, :] - self._tallies[None, :, :]).sum(axis=2)
        for window, which in zip(*np.nonzero(apart <= self._limits / spelling.TALLY_RATIO), strict=True):
            start, end, key = windows[window]
            fragment, sound = self._fragments[which]
            if text.chars.startswith(fragment, start) and start + len(fragment) in text.edges:
                continue
            if any(word in KEPT["en"] and word not in fragment for word in text.words(start, end).split()):
                continue
            limit = float(self._limits[which])
            far = spelling.distance(key, sound, limit) + _MISSPELT
            if far <= limit:
                near.setdefault(fragment, {}).setdefault(start, []).append((end, far))
                heads[start].add(fragment[0])
        numbers = {word: _EN_NUMBERS[word] for word in text.words(0, len(text.chars)).split() if word in _EN_NUMBERS}
        whole = _EN_WHOLE * len(spelling.sounds(text.chars))
        return Sounds(near, {at: frozenset(all_of) for at, all_of in heads.items()}, whole, numbers)
