"""Finds where the sentences of a grammar stand in a text.

hassil's own recogniser tries one template after another against the whole text. A guest says several things at once,
and has 10 ms: here every rule and list is matched once a position (memo), and only the templates that the text's
letters leave possible are tried, so all sentences that begin anywhere in the text are found in one go. Spaces play no
part ("bed side" is "bedside"), but what is found begins and ends at the edge of a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from hassil.expression import Alternative, Expression, Group, ListReference, Permutation, RuleReference, TextChunk

from intents.grammar import Block, Grammar, GrammarError, NumberList, SlotList, Wildcard
from intents.nodes import (
    HERE,
    MISHEARD,
    NOWHERE,
    Capture,
    Captures,
    Ends,
    Node,
    Scan,
    Shape,
    Sounds,
    captured,
    choice,
    memoised,
    nothing,
    number,
    sequence,
    wildcard,
)
from intents.text import Text


@dataclass(frozen=True)
class Match:
    """A sentence of ``block`` that is ``chars[start:end]`` of the text."""

    block: Block
    start: int
    end: int
    captures: Captures
    distance: float = 0.0


@dataclass(frozen=True, eq=False)
class _Template:
    node: Node
    block: Block
    first: frozenset[str] | None
    """Letters that it can begin with; None: any."""
    needs: int
    """A bit for each set of fragments of which one at least must stand in the text."""


class Matcher:
    """The compiled templates of one language. ``spell`` turns words into the symbols that are compared."""

    def __init__(self, grammar: Grammar, spell: Callable[[str], str]) -> None:
        self.grammar = grammar
        self._spell = spell
        self._compiled: dict[tuple[int, str], tuple[Node, Shape]] = {}
        self._kept: list[object] = []
        self._literals: dict[str, str] = {}
        self._needs: dict[frozenset[str], int] = {}
        """Set of fragments → its bit."""
        self._templates = [self._template(sentence, block) for block in grammar.blocks for sentence in block.sentences]
        self.fragments: Mapping[str, str] = self._literals
        """Every piece of text in the templates as it is compared → as it is written."""
        self._sizes = sorted({len(fragment) for fragment in self.fragments})
        self._met: dict[str, int] = {}
        """Fragment → the bits of the sets that it stands in."""
        for fragments, bit in self._needs.items():
            for fragment in fragments:
                self._met[fragment] = self._met.get(fragment, 0) | bit

    def possible(self, text: Text, sounds: Sounds | None = None) -> list[_Template]:
        """The templates whose necessary fragments all stand in the text, or nearly."""
        chars, met = text.chars, 0
        for size in self._sizes:
            for at in range(len(chars) - size + 1):
                met |= self._met.get(chars[at : at + size], 0)
        for fragment in sounds.near if sounds is not None else ():
            met |= self._met.get(fragment, 0)
        return [t for t in self._templates if t.needs & met == t.needs]

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
        needs = 0
        for fragments in sorted(shape.needs, key=len)[:4]:
            needs |= self._needs.setdefault(fragments, 1 << len(self._needs))
        first = None if shape.first is None or shape.nullable else frozenset(shape.first)
        return _Template(node, block, first, needs)

    def _compile(self, item: Expression, block: Block) -> tuple[Node, Shape]:
        if isinstance(item, TextChunk):
            return self._literal(item)
        if isinstance(item, Alternative):
            return choice([self._compile(part, block) for part in item.items])
        if isinstance(item, Permutation):
            return (
                choice(
                    [
                        sequence([self._compile(one, block), self._compile(rest, block)])
                        for one, rest in item.iterate_permutations()
                    ]
                )
                if len(item.items) > 1
                else self._compile(item.items[0], block)
            )
        if isinstance(item, Group):
            return sequence([self._compile(part, block) for part in item.items])
        if isinstance(item, RuleReference):
            return self._rule(item.rule_name, block)
        if isinstance(item, ListReference):
            return self._list(item, block)
        raise GrammarError(f"{block.intent}: unknown part of a sentence: {item!r}")

    def _literal(self, item: TextChunk) -> tuple[Node, Shape]:
        letters = self._spell(item.original_text)
        size = len(letters)
        if not size:
            return nothing, Shape(nullable=True)
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

        return node, Shape({letters[0]}, needs=[frozenset({letters})])

    def _rule(self, name: str, block: Block) -> tuple[Node, Shape]:
        rule = block.rules.get(name)
        if rule is None:
            raise GrammarError(f"{block.intent}: no rule <{name}>")
        # a rule means the same in every block that sees the same rules and lists under it
        scope = (id(rule), ",".join(map(str, _below(rule, block))))
        if scope not in self._compiled:
            node, shape = self._compile(rule, block)
            self._compiled[scope] = memoised(node, len(self._compiled)), shape
            self._kept.append(rule)
        return self._compiled[scope]

    def _list(self, ref: ListReference, block: Block) -> tuple[Node, Shape]:
        spec = block.lists.get(ref.list_name)
        if spec is None:
            raise GrammarError(f"{block.intent}: no list {{{ref.list_name}}}")
        scope = (id(spec), f"{{}}{ref.slot_name}")
        if scope not in self._compiled:
            node, shape = self._values(spec, ref.slot_name, block)
            self._compiled[scope] = memoised(node, len(self._compiled)), shape
            self._kept.append(spec)
        return self._compiled[scope]

    def _values(self, spec: SlotList, slot: str, block: Block) -> tuple[Node, Shape]:
        if isinstance(spec, NumberList):
            return number(spec, slot), Shape(None)
        if isinstance(spec, Wildcard):
            return wildcard(slot), Shape(None)
        parts: list[tuple[Node, Shape]] = []
        for value in spec.values:
            node, shape = self._compile(value.text, block)
            parts.append((captured(node, slot, value.out), shape))
        return choice(parts)


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
