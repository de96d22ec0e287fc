"""Finds where the sentences of a grammar stand in a text.

hassil's own recogniser tries one template after another against the whole text. A guest says several things at once,
and has 10 ms: here every rule and list is matched once a position (memo), and only the templates that the text's
letters leave possible are tried, so all sentences that begin anywhere in the text are found in one go. Spaces play no
part ("bed side" is "bedside"), but what is found begins and ends at the edge of a word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
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
Ends = dict[int, Captures]
"""Where a part may end, and what it captured on the way there (the first reading that ends there)."""


@dataclass(frozen=True)
class Match:
    """A sentence of ``block`` that is ``chars[start:end]`` of the text."""

    block: Block
    start: int
    end: int
    captures: Captures


@dataclass
class Scan:
    """One text being matched: its memo, and whether a template wanted to go on where the text ended."""

    text: Text
    memo: dict[tuple[int, int], Ends] = field(default_factory=dict)
    ran_out: bool = False


Node = Callable[[Scan, int], Ends]
NOWHERE: Ends = {}


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
        self._templates = [self._template(sentence, block) for block in grammar.blocks for sentence in block.sentences]
        self._fragments = frozenset(f for t in self._templates for need in t.needs for f in need)

    def possible(self, text: Text) -> list[_Template]:
        """The templates whose necessary fragments all stand in the text."""
        present = {f for f in self._fragments if f in text.chars}
        return [t for t in self._templates if not any(need.isdisjoint(present) for need in t.needs)]

    def every(self) -> list[_Template]:
        return self._templates

    def at(self, scan: Scan, start: int, templates: Iterable[_Template]) -> list[Match]:
        """The sentences that begin at ``start``, by whatever end at a word's edge, in the grammar's order."""
        head = scan.text.chars[start : start + 1]
        found = []
        for template in templates:
            if template.first is not None and head not in template.first:
                continue
            for end, captures in template.node(scan, start).items():
                if end > start and end in scan.text.edges:
                    found.append(Match(template.block, start, end, captures))
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
            return (lambda scan, at: {at: ()}), _Shape(nullable=True)

        def node(scan: Scan, at: int) -> Ends:
            if scan.text.chars.startswith(letters, at):
                return {at + size: ()}
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
        return (lambda scan, at: {at: ()}), shape
    if len(parts) == 1:
        return parts[0][0], shape
    nodes = [node for node, _ in parts]

    def sequence(scan: Scan, at: int) -> Ends:
        ends: Ends = {at: ()}
        for node in nodes:
            after: Ends = {}
            for middle, before in ends.items():
                for end, captures in node(scan, middle).items():
                    if end not in after:
                        after[end] = before + captures
            if not after:
                return NOWHERE
            ends = after
        return ends

    return sequence, shape


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

    def choice(scan: Scan, at: int) -> Ends:
        head = scan.text.chars[at : at + 1]
        nodes = by_head.get(head, anywhere) if head else all_nodes
        if len(nodes) == 1:
            return nodes[0](scan, at)
        ends: Ends = {}
        for node in nodes:
            for end, captures in node(scan, at).items():
                ends.setdefault(end, captures)
        return ends

    return choice, shape


def _captured(node: Node, slot: str, value: Any) -> Node:
    def captured(scan: Scan, at: int) -> Ends:
        edges = scan.text.edges
        if at not in edges:
            return NOWHERE
        return {end: (Capture(slot, value, at, end),) for end in node(scan, at) if end in edges}

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
        for end in _number_ends(text, at):
            value = numerals.parse(text.words(at, end), text.lang)
            if value is not None and spec.start <= value <= spec.stop and (spec.halves or value == int(value)):
                ends[end] = (Capture(slot, value, at, end),)
        return ends

    return number


def _number_ends(text: Text, at: int) -> list[int]:
    digits = _DIGITS.match(text.chars, at)
    if digits:
        return [min((edge for edge in text.edges if at < edge <= digits.end()), default=digits.end())]
    if text.lang == "zh":
        end = at
        while end < len(text.chars) and text.chars[end] in numerals.ZH_CHARS:
            end += 1
        return list(range(at + 1, end + 1))
    following = sorted(edge for edge in text.edges if at < edge <= at + 40)
    ends, start = [], at
    for edge in following[:6]:
        if not numerals.is_number_word(text.chars[start:edge]):
            break
        ends.append(edge)
        start = edge
    return ends


def _wildcard(slot: str) -> Node:
    def wildcard(scan: Scan, at: int) -> Ends:
        if at >= len(scan.text.chars):
            scan.ran_out = True
        return {edge: (Capture(slot, None, at, edge),) for edge in sorted(scan.text.edges) if edge > at}

    return wildcard
