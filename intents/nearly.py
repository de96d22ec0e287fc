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
from intents.matcher import Sounds
from intents.text import Text

NEVER_GUESSED = frozenset({"emergency.report", "room.report", "stay.checkout", "order.cancel", "dialog.undo"})
_ZH_LIMIT = {1: 0.25, 2: 0.6}
"""Characters of a fragment → how far it may be from what was heard; longer ones: _ZH_EACH a character."""
_ZH_EACH = 0.3
_EN_EACH = 0.22
_ZH_WHOLE, _EN_WHOLE = 0.14, 0.12
"""How far the whole text may be, a character or a sound."""
_EN_NUMBERS = {
    "to": "two", "too": "two", "tu": "two", "for": "four", "fore": "four", "won": "one", "ate": "eight", "tree": "three",
    "free": "three", "sex": "six", "tin": "ten", "fife": "five", "nein": "nine",
}  # fmt: skip

Near = dict[str, dict[int, list[tuple[int, float]]]]


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
        return {pinyin.syllables(char)[0]: char for char in "零一二三四五六七八九十百两点"}

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
                if chars.startswith(fragment, at):
                    continue
                same = sum(a == b for a, b in zip(fragment, chars[at : at + size], strict=True))
                far = float(total[which, at]) - pinyin.SAME_SOUND * same
                if far <= limit:
                    near.setdefault(fragment, {})[int(at)] = [(int(at) + size, far)]
                    heads[int(at)].add(fragment[0])
        numbers = {
            char: self._numbers[sound]
            for char, sound in zip(chars, heard, strict=True)
            if sound in self._numbers and char not in numerals.ZH_CHARS
        }
        return Sounds(near, {at: frozenset(all_of) for at, all_of in heads.items()}, _ZH_WHOLE * len(chars), numbers)


class NearlyEn:
    """Finds English fragments by sound in windows of one to four words."""

    def __init__(self, fragments: Iterable[str]) -> None:
        keys = [(one, spelling.sounds(one)) for one in fragments]
        self._fragments = [(one, key) for one, key in keys if len(key) >= 3 and one.isascii()]

    @cached_property
    def _counts(self) -> NDArray[np.int16]:
        return _count([key for _, key in self._fragments])

    def sounds(self, text: Text) -> Sounds | None:
        """None: the text is too short for guessing."""
        edges = sorted(text.edges)
        if len(text.chars) < 5:
            return None
        windows = [
            (edges[i], edges[j]) for i in range(len(edges)) for j in range(i + 1, min(i + 5, len(edges)))
        ]
        keys = [spelling.sounds(text.chars[a:b]) for a, b in windows]
        counts = _count(keys)
        near: Near = {}
        heads: dict[int, set[str]] = defaultdict(set)
        sizes = self._counts.sum(axis=1)
        for (start, end), key, count in zip(windows, keys, counts, strict=True):
            if len(key) < 3:
                continue
            apart = np.abs(self._counts - count).sum(axis=1)
            limit = _EN_EACH * np.maximum(sizes, len(key))
            for which in np.nonzero(apart <= 2 * limit + 0.5)[0]:
                fragment, sound = self._fragments[which]
                if text.chars.startswith(fragment, start) and start + len(fragment) in text.edges:
                    continue
                far = spelling.distance(key, sound, float(limit[which])) + 0.05
                if far <= limit[which]:
                    near.setdefault(fragment, {}).setdefault(start, []).append((end, far))
                    heads[start].add(fragment[0])
        numbers = {word: _EN_NUMBERS[word] for word in text.words(0, len(text.chars)).split() if word in _EN_NUMBERS}
        whole = _EN_WHOLE * len(spelling.sounds(text.chars))
        return Sounds(near, {at: frozenset(all_of) for at, all_of in heads.items()}, whole, numbers)


def _count(keys: list[str]) -> NDArray[np.int16]:
    """How often each kind of sound stands in each key."""
    kinds = {sound: i for i, sound in enumerate("bpmfvdtnlgkhjsSCTrw")} | dict.fromkeys("aeo", 19)
    counts = np.zeros((len(keys), 20), dtype=np.int16)
    for row, key in enumerate(keys):
        for sound in key:
            counts[row, kinds.get(sound, 19)] += 1
    return counts
