"""What templates are made of: functions that say where a part of a sentence may end, and what it captured there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from intents import numerals
from intents.grammar import NumberList
from intents.text import Text


@dataclass(frozen=True)
class Capture:
    """A slot found in the text; ``value`` is None where it is just what was said."""

    slot: str
    value: Any
    start: int
    end: int


Captures = tuple[Capture, ...]
Ends = dict[int, tuple[float, Captures]]
"""Where a part may end; how far the words there are from its own, and what it captured on the way (the nearest one)."""
MISHEARD = "_misheard"
"""The slot of a capture whose ``value`` is what was meant by the words there."""


@dataclass(frozen=True)
class Sounds:
    """Where the grammar's fragments stand in a text nearly: fragment → position → (end, distance above 0)."""

    near: Mapping[str, Mapping[int, list[tuple[int, float]]]]
    heads: Mapping[int, frozenset[str]]
    """Position → first letters of what stands there nearly."""
    limit: float
    """No reading may be further than this from what was heard."""

    kept: frozenset[str]
    """Characters that count: none of them is passed over as noise."""
    numbers: Mapping[str, str]
    """Words or characters of the text that sound just like one of a number → that one."""

    def as_number(self, words: str, lang: str) -> str:
        """``words`` with what sounds like a number written as one."""
        if lang == "zh":
            return "".join(self.numbers.get(char, char) for char in words)
        return " ".join(self.numbers.get(word, word) for word in words.split())


@dataclass
class Scan:
    """One text being matched: its memo, and whether a template wanted to go on where the text ended."""

    text: Text
    sounds: Sounds | None = None
    memo: dict[tuple[int, int], Ends] = field(default_factory=dict)
    ran_out: bool = False

    def is_noise(self, at: int) -> bool:
        """Whether the Chinese character at ``at`` may be passed over: it says neither how many nor not."""
        char = self.text.chars[at : at + 1]
        return self.text.lang == "zh" and char != "" and self.sounds is not None and char not in self.sounds.kept

    def heads(self, at: int) -> frozenset[str]:
        """First letters of what may stand at ``at``."""
        head = frozenset(self.text.chars[at : at + 1])
        return head if self.sounds is None else head | self.sounds.heads.get(at, frozenset())


Node = Callable[[Scan, int], Ends]
NOWHERE: Ends = {}
HERE: tuple[float, Captures] = (0.0, ())
NUMBER_DISTANCE = 0.1
NOISE_DISTANCE = 0.7


def nothing(scan: Scan, at: int) -> Ends:
    return {at: HERE}


@dataclass
class Shape:
    """What a part needs of any text that holds it: first letters (None: any) and fragments, one of each set."""

    first: set[str] | None = field(default_factory=set)
    needs: list[frozenset[str]] = field(default_factory=list)
    nullable: bool = False


def memoised(node: Node, key: int) -> Node:
    def remembered(scan: Scan, at: int) -> Ends:
        known = scan.memo.get((key, at))
        if known is None:
            known = scan.memo[key, at] = node(scan, at)
        return known

    return remembered


def sequence(parts: list[tuple[Node, Shape]]) -> tuple[Node, Shape]:
    parts = [part for part in parts if not (part[1].nullable and part[1].first == set())]
    shape = Shape(nullable=True)
    for _, part in parts:
        if shape.nullable:
            shape.first = None if shape.first is None or part.first is None else shape.first | part.first
        shape.nullable = shape.nullable and part.nullable
        shape.needs = shape.needs + part.needs
    if not parts:
        return nothing, shape
    if len(parts) == 1:
        return parts[0][0], shape
    nodes = [node for node, _ in parts]

    def ends_of_sequence(scan: Scan, at: int) -> Ends:
        ends: Ends = {at: HERE}
        limit = scan.sounds.limit if scan.sounds is not None else 0.0
        for node in nodes:
            after: Ends = {}
            if scan.sounds is not None:
                ends = _over_noise(scan, ends, at, limit)
            for middle, (before, captured) in ends.items():
                for end, (distance, captures) in node(scan, middle).items():
                    far = before + distance
                    if far <= limit and (end not in after or far < after[end][0]):
                        after[end] = (far, captured + captures)
            if not after:
                return NOWHERE
            ends = after
        return ends

    return ends_of_sequence, shape


def _over_noise(scan: Scan, ends: Ends, start: int, limit: float) -> Ends:
    """``ends``, and where they come to if one character that was only noise is passed over."""
    further = dict(ends)
    for middle, (before, captured) in ends.items():
        far = before + NOISE_DISTANCE
        if far > limit or middle == start or not scan.is_noise(middle):
            continue
        if middle + 1 not in further or far < further[middle + 1][0]:
            further[middle + 1] = (far, (*captured, Capture(MISHEARD, "", middle, middle + 1)))
    return further


def choice(parts: list[tuple[Node, Shape]]) -> tuple[Node, Shape]:
    shape = Shape()
    for _, part in parts:
        shape.first = None if shape.first is None or part.first is None else shape.first | part.first
    shape.nullable = any(part.nullable for _, part in parts)
    fragments: set[str] = set()
    for _, part in parts:
        if part.nullable or not part.needs:
            fragments = set()
            break
        fragments |= min(part.needs, key=len)
    if fragments:
        shape.needs = [frozenset(fragments)]
    by_head: dict[str, list[Node]] = {}
    anywhere = [node for node, part in parts if part.first is None or part.nullable]
    for letter in {c for _, part in parts if part.first for c in part.first}:
        by_head[letter] = [node for node, part in parts if part.first is None or part.nullable or letter in part.first]
    all_nodes = [node for node, _ in parts]
    heads_of = [(node, None if part.nullable else part.first) for node, part in parts]

    def ends_of_choice(scan: Scan, at: int) -> Ends:
        if scan.sounds is not None:
            heads = scan.heads(at)
            nodes = [node for node, first in heads_of if first is None or not heads.isdisjoint(first)]
        else:
            head = scan.text.chars[at : at + 1]
            nodes = by_head.get(head, anywhere) if head else all_nodes
        if len(nodes) == 1:
            return nodes[0](scan, at)
        ends: Ends = {}
        for node in nodes:
            for end, way in node(scan, at).items():
                if end not in ends or way[0] < ends[end][0]:
                    ends[end] = way
        return ends

    return ends_of_choice, shape


def captured(node: Node, slot: str, value: Any) -> Node:
    def ends_of_captured(scan: Scan, at: int) -> Ends:
        edges = scan.text.edges
        if at not in edges:
            return NOWHERE
        return {
            end: (distance, (Capture(slot, value, at, end), *captures))
            for end, (distance, captures) in node(scan, at).items()
            if end in edges or (end + 1 in edges and scan.text.chars[end] == "s")  # "the shower's cold"
        }

    return ends_of_captured


_DIGITS = re.compile(r"\d+(\.\d+)?")


def number(spec: NumberList, slot: str) -> Node:
    def ends_of_number(scan: Scan, at: int) -> Ends:
        text = scan.text
        if at >= len(text.chars):
            scan.ran_out = True
            return NOWHERE
        if at not in text.edges:
            return NOWHERE
        ends: Ends = {}
        for end in _number_ends(text, at, scan.sounds):
            words = text.words(at, end)
            said = words if scan.sounds is None else scan.sounds.as_number(words, text.lang)
            value = numerals.parse(said, text.lang)
            if value is not None and spec.start <= value <= spec.stop and (spec.halves or value == int(value)):
                captures: Captures = (Capture(slot, value, at, end),)
                if said != words:
                    captures += (Capture(MISHEARD, said, at, end),)
                ends[end] = (0.0 if said == words else NUMBER_DISTANCE * len(said), captures)
        return ends

    return ends_of_number


def _number_ends(text: Text, at: int, sounds: Sounds | None) -> list[int]:
    digits = _DIGITS.match(text.chars, at)
    if digits:
        return [min((edge for edge in text.edges if at < edge <= digits.end()), default=digits.end())]
    if text.lang == "zh":
        end = at
        while end < len(text.chars) and (
            text.chars[end] in numerals.ZH_CHARS or (sounds is not None and text.chars[end] in sounds.numbers)
        ):
            end += 1
        # 五十五 is never 五 and then 十五
        return [e for e in range(at + 1, end + 1) if e == end or text.chars[e] not in numerals.ZH_GOES_ON]
    following = sorted(edge for edge in text.edges if at < edge <= at + 40)
    ends, start = [], at
    for edge in following[:6]:
        word = text.chars[start:edge]
        if not numerals.is_number_word(word) and (sounds is None or word not in sounds.numbers):
            break
        ends.append(edge)
        start = edge
    return ends


def wildcard(slot: str) -> Node:
    def ends_of_wildcard(scan: Scan, at: int) -> Ends:
        if at >= len(scan.text.chars):
            scan.ran_out = True
        return {edge: (0.0, (Capture(slot, None, at, edge),)) for edge in sorted(scan.text.edges) if edge > at}

    return ends_of_wildcard
