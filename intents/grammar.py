"""The sentences of one language, read from hassil's YAML format and parsed by hassil.

A file holds intents, and rules and lists that are its own; files whose name starts with ``_`` hold those that all
share. A block's own rules and lists come before its file's, and these before the shared ones.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hassil.expression import Expression
from hassil.parse_expression import parse_sentence
from hassil.parser import ParseError

from intents.vocabulary import Vocabulary, read_yaml

_SENTENCES = Path(__file__).parent / "sentences"


class GrammarError(ValueError):
    """A sentence file says something that cannot be read; the message names file and sentence."""


@dataclass(frozen=True)
class ListValue:
    """One way to say a list's value, and what it means."""

    text: Expression
    out: Any


@dataclass(frozen=True)
class WordList:
    """A list of words ({light}, {item})."""

    values: tuple[ListValue, ...]


@dataclass(frozen=True)
class NumberList:
    """A range of numbers; ``halves`` allows x.5."""

    start: int
    stop: int
    halves: bool = False


@dataclass(frozen=True)
class Wildcard:
    """Any words at all."""


SlotList = WordList | NumberList | Wildcard


@dataclass(frozen=True, eq=False)
class Block:
    """Sentences that mean the same intent with the same fixed slots."""

    intent: str
    sentences: tuple[Expression, ...]
    slots: Mapping[str, Any]
    metadata: Mapping[str, Any]
    rules: Mapping[str, Expression]
    lists: Mapping[str, SlotList]


@dataclass(frozen=True)
class Grammar:
    """All blocks of a language, with the emergency gate's phrases (kind → phrases) and what makes them harmless."""

    lang: str
    blocks: tuple[Block, ...]
    gate: Mapping[str, list[str]] = field(default_factory=dict)
    harmless: tuple[str, ...] = ()


def load(lang: str, words: Vocabulary) -> Grammar:
    """Read ``sentences/<lang>`` with the names of ``words`` as the lists item, dish and topic."""
    return read(lang, folder(lang).glob("*.yaml"), words)


def folder(lang: str) -> Path:
    """Where the language's sentences are; ``_lists.yaml`` holds the words that they share."""
    return _SENTENCES / lang


def read(lang: str, files: Iterable[Path], words: Vocabulary) -> Grammar:
    """Read ``files``, those of shared words first, with the names of ``words`` as the lists item, dish and topic."""
    shared_rules: dict[str, Expression] = {}
    shared_lists: dict[str, SlotList] = {kind: _names(words, kind, lang) for kind in ("item", "dish", "topic")}
    blocks: list[Block] = []
    gate: dict[str, list[str]] = {}
    harmless: tuple[str, ...] = ()
    for path in sorted(files, key=lambda p: (not p.name.startswith("_"), p.name)):
        data: dict[str, Any] = read_yaml(path)
        if path.name.startswith("_"):
            shared_rules |= _rules(data, path)
            shared_lists |= _lists(data, path)
            continue
        gate |= data.get("gate", {})
        harmless += tuple(data.get("harmless", ()))
        blocks += _blocks(data, path, shared_rules, shared_lists)
    if not blocks:
        raise GrammarError(f"no sentences for language {lang!r}; expected one YAML file an intent")
    return Grammar(lang, tuple(blocks), gate, harmless)


def _blocks(
    data: dict[str, Any], path: Path, shared_rules: dict[str, Expression], shared_lists: dict[str, SlotList]
) -> Iterator[Block]:
    rules, lists = _rules(data, path), _lists(data, path)
    for intent, body in data["intents"].items():
        for block in body["data"]:
            yield Block(
                intent=intent,
                sentences=tuple(_parse(text, path) for text in block["sentences"]),
                slots=block.get("slots", {}),
                metadata=block.get("metadata", {}),
                rules=ChainMap(_rules(block, path), rules, shared_rules),
                lists=ChainMap(_lists(block, path), lists, shared_lists),
            )


def _parse(text: str, path: Path) -> Expression:
    try:
        expression: Expression = parse_sentence(text).expression
    except (ParseError, AssertionError, ValueError) as error:
        raise GrammarError(f"{path.name}: cannot read {text!r} ({error}); expected a hassil template") from error
    return expression


def _rules(data: dict[str, Any], path: Path) -> dict[str, Expression]:
    return {name: _parse(text, path) for name, text in data.get("expansion_rules", {}).items()}


def _lists(data: dict[str, Any], path: Path) -> dict[str, SlotList]:
    return {name: _list(spec, path) for name, spec in data.get("lists", {}).items()}


def _list(spec: dict[str, Any], path: Path) -> SlotList:
    if "range" in spec:
        numbers = spec["range"]
        return NumberList(int(numbers["from"]), int(numbers["to"]), numbers.get("fractions") == "halves")
    if spec.get("wildcard"):
        return Wildcard()
    values = []
    for value in spec["values"]:
        text, out = (value["in"], value["out"]) if isinstance(value, dict) else (str(value), None)
        values.append(ListValue(_parse(text, path), out))
    return WordList(tuple(values))


def _names(words: Vocabulary, kind: str, lang: str) -> WordList:
    path = Path(f"names of {kind}")
    return WordList(tuple(ListValue(_parse(_plain(name), path), token) for name, token in words.names(kind, lang)))


def _plain(name: str) -> str:
    """A property's name as a template that means just its letters."""
    return "".join(char if char.isalnum() else " " for char in name)
