"""Finds where the sentences of a grammar stand in a text.

hassil's own recogniser tries one template after another against the whole text. A guest says several things at once,
and has 10 ms: here every rule and list is matched once a position (memo), and only the templates that the text's
letters leave possible are tried, so all sentences that begin anywhere in the text are found in one go. Spaces play no
part ("bed side" is "bedside"), but what is found begins and ends at the edge of a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from hassil.expression import Alternative, Expression, Group, ListReference, Permutation, RuleReference, TextChunk

from intents import numerals
from intents.grammar import Block, Grammar, GrammarError, NumberList, SlotList, Wildcard
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


@dataclass(frozen=True)
class Match:
    """A sentence of ``block`` that is ``chars[start:end]`` of the text."""

    block: Block
    start: int
    end: int
    captures: Captures
    distance: float = 0.0


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


def _nothing(scan: Scan, at: int) -> Ends:
    return {at: HERE}


@dataclass(frozen=True, eq=False)
class _Template:
    node: Node
    block: Block
    first: frozenset[str] | None
    """Letters that it can begin with; None: any."""
    needs: tuple[frozenset[str], ...]
    """At least one fragment of each must stand in the text."""


class Matcher:
    """The compiled templates of one language. ``spell`` turns words into the symbols that are compared."""

    def __init__(self, grammar: Grammar, spell: Callable[[str], str]) -> None:
        self.grammar = grammar
        self._spell = spell
        self._compiled: dict[tuple[int, str], tuple[Node, _Shape]] = {}
        self._kept: list[object] = []
        self._literals: dict[str, str] = {}
        self._templates = [self._template(sentence, block) for block in grammar.blocks for sentence in block.sentences]
        self.fragments: Mapping[str, str] = self._literals
        """Every piece of text in the templates as it is compared → as it is written."""

    def possible(self, text: Text, sounds: Sounds | None = None) -> list[_Template]:
        """The templates whose necessary fragments all stand in the text, or nearly."""
        present = {f for f in self.fragments if f in text.chars}
        if sounds is not None:
            present |= sounds.near.keys()
        return [t for t in self._templates if not any(need.isdisjoint(present) for need in t.needs)]

    def every(self) -> list[_Template]:
        return self._templates

    def at(self, scan: Scan, start: int, templates: Iterable[_Template]) -> list[Match]:
        """The sentences that begin at ``start``, by whatever end at a word's edge, in the grammar's order."""
        heads = scan.heads(start)
        found = []
        for template in templates:
            if template.first is not None and template.first.isdisjoint(heads):
                continue
            for end, (distance, captures) in template.node(scan, start).items():
                if end > start and end in scan.text.edges:
                    found.append(Match(template.block, start, end, captures, distance))
        return found

    def _template(self, sentence: Expression, block: Block) -> _Template:
        node, shape = self._compile(sentence, block)
        needs = sorted(shape.needs, key=len)[:4]
        first = None if shape.first is None or shape.nullable else frozenset(shape.first)
        return _Template(node, block, first, tuple(needs))

    def _compile(self, item: Expression, block: Block) -> tuple[Node, _Shape]:
        if isinstance(item, TextChunk):
            return self._literal(item)
        if isinstance(item, Alternative):
            return _choice([self._compile(part, block) for part in item.items])
        if isinstance(item, Permutation):
            return (
                _choice(
                    [
                        _sequence([self._compile(one, block), self._compile(rest, block)])
                        for one, rest in item.iterate_permutations()
                    ]
                )
                if len(item.items) > 1
                else self._compile(item.items[0], block)
            )
        if isinstance(item, Group):
            return _sequence([self._compile(part, block) for part in item.items])
        if isinstance(item, RuleReference):
            return self._rule(item.rule_name, block)
        if isinstance(item, ListReference):
            return self._list(item, block)
        raise GrammarError(f"{block.intent}: unknown part of a sentence: {item!r}")

    def _literal(self, item: TextChunk) -> tuple[Node, _Shape]:
        letters = self._spell(item.original_text)
        size = len(letters)
        if not size:
            return _nothing, _Shape(nullable=True)
        written = " ".join(item.original_text.lower().split())
        self._literals.setdefault(letters, written)

        def node(scan: Scan, at: int) -> Ends:
            if scan.text.chars.startswith(letters, at):
                return {at + size: HERE}
            if scan.sounds is not None:
                places = scan.sounds.near.get(letters)
                if places is None or at not in places:
                    return NOWHERE
                return {end: (far, (Capture(MISHEARD, written, at, end),)) for end, far in places[at]}
            if not scan.ran_out and letters.startswith(scan.text.chars[at:]):
                scan.ran_out = True
            return NOWHERE

        return node, _Shape({letters[0]}, needs=[frozenset({letters})])

    def _rule(self, name: str, block: Block) -> tuple[Node, _Shape]:
        rule = block.rules.get(name)
        if rule is None:
            raise GrammarError(f"{block.intent}: no rule <{name}>")
        # a rule means the same in every block that sees the same rules and lists under it
        scope = (id(rule), ",".join(map(str, _below(rule, block))))
        if scope not in self._compiled:
            node, shape = self._compile(rule, block)
            self._compiled[scope] = _memoised(node, len(self._compiled)), shape
            self._kept.append(rule)
        return self._compiled[scope]

    def _list(self, ref: ListReference, block: Block) -> tuple[Node, _Shape]:
        spec = block.lists.get(ref.list_name)
        if spec is None:
            raise GrammarError(f"{block.intent}: no list {{{ref.list_name}}}")
        scope = (id(spec), f"{{}}{ref.slot_name}")
        if scope not in self._compiled:
            node, shape = self._values(spec, ref.slot_name, block)
            self._compiled[scope] = _memoised(node, len(self._compiled)), shape
            self._kept.append(spec)
        return self._compiled[scope]

    def _values(self, spec: SlotList, slot: str, block: Block) -> tuple[Node, _Shape]:
        if isinstance(spec, NumberList):
            return _number(spec, slot), _Shape(None)
        if isinstance(spec, Wildcard):
            return _wildcard(slot), _Shape(None)
        parts: list[tuple[Node, _Shape]] = []
        for value in spec.values:
            node, shape = self._compile(value.text, block)
            parts.append((_captured(node, slot, value.out), shape))
        return _choice(parts)


@dataclass
class _Shape:
    """What a part needs of any text that holds it: first letters (None: any) and fragments, one of each set."""

    first: set[str] | None = field(default_factory=set)
    needs: list[frozenset[str]] = field(default_factory=list)
    nullable: bool = False


def _below(item: Expression, block: Block) -> list[int]:
    """The identities of all lists and rules that ``item`` comes to, as ``block`` sees them."""
    if isinstance(item, ListReference):
        return [id(block.lists.get(item.list_name))]
    if isinstance(item, RuleReference):
        rule = block.rules.get(item.rule_name)
        return [id(rule), *(_below(rule, block) if rule is not None else [])]
    if isinstance(item, Group):
        return [one for part in item.items for one in _below(part, block)]
    return []


def _memoised(node: Node, key: int) -> Node:
    def remembered(scan: Scan, at: int) -> Ends:
        known = scan.memo.get((key, at))
        if known is None:
            known = scan.memo[key, at] = node(scan, at)
        return known

    return remembered


def _sequence(parts: list[tuple[Node, _Shape]]) -> tuple[Node, _Shape]:
    parts = [part for part in parts if not (part[1].nullable and part[1].first == set())]
    shape = _Shape(nullable=True)
    for _, part in parts:
        if shape.nullable:
            shape.first = None if shape.first is None or part.first is None else shape.first | part.first
        shape.nullable = shape.nullable and part.nullable
        shape.needs = shape.needs + part.needs
    if not parts:
        return _nothing, shape
    if len(parts) == 1:
        return parts[0][0], shape
    nodes = [node for node, _ in parts]

    def sequence(scan: Scan, at: int) -> Ends:
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

    return sequence, shape


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


def _choice(parts: list[tuple[Node, _Shape]]) -> tuple[Node, _Shape]:
    shape = _Shape()
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

    def choice(scan: Scan, at: int) -> Ends:
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

    return choice, shape


def _captured(node: Node, slot: str, value: Any) -> Node:
    def captured(scan: Scan, at: int) -> Ends:
        edges = scan.text.edges
        if at not in edges:
            return NOWHERE
        return {
            end: (distance, (Capture(slot, value, at, end), *captures))
            for end, (distance, captures) in node(scan, at).items()
            if end in edges or (end + 1 in edges and scan.text.chars[end] == "s")  # "the shower's cold"
        }

    return captured


_DIGITS = re.compile(r"\d+(\.\d+)?")


def _number(spec: NumberList, slot: str) -> Node:
    def number(scan: Scan, at: int) -> Ends:
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

    return number


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


def _wildcard(slot: str) -> Node:
    def wildcard(scan: Scan, at: int) -> Ends:
        if at >= len(scan.text.chars):
            scan.ran_out = True
        return {edge: (0.0, (Capture(slot, None, at, edge),)) for edge in sorted(scan.text.edges) if edge > at}

    return wildcard
