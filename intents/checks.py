"""What a slot may hold. Each check tells what was expected, and writes itself as JSON Schema for a language model's tools."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeGuard

Schema = dict[str, Any]
"""A JSON Schema, in the part of it that every vendor's tools take."""


class Check(Protocol):
    """A slot's value → what was expected, None if the value is good."""

    def __call__(self, value: Any, /) -> str | None: ...

    def schema(self) -> Schema: ...


@dataclass(frozen=True)
class OneOf:
    values: tuple[str, ...]

    def __call__(self, value: Any, /) -> str | None:
        return None if value in self.values else f"one of {', '.join(self.values)}"

    def schema(self) -> Schema:
        return {"type": "string", "enum": list(self.values)}


@dataclass(frozen=True)
class Number:
    low: float
    high: float
    whole: bool = False

    def __call__(self, value: Any, /) -> str | None:
        good = is_number(value) and self.low <= value <= self.high and not (self.whole and value != int(value))
        return None if good else f"a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:g}"

    def schema(self) -> Schema:
        return {"type": "integer" if self.whole else "number", "minimum": self.low, "maximum": self.high}


@dataclass(frozen=True)
class Boolean:
    def __call__(self, value: Any, /) -> str | None:
        return None if isinstance(value, bool) else "true or false"

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Words:
    """Free text: the guest's own."""

    def __call__(self, value: Any, /) -> str | None:
        return None if isinstance(value, str) and value.strip() else "words"

    def schema(self) -> Schema:
        return {"type": "string"}


@dataclass(frozen=True)
class Token:
    """One of the property's own list of ``kind`` (item, dish or topic), which the catalogue does not hold."""

    kind: str

    def __call__(self, value: Any, /) -> str | None:
        return None if isinstance(value, str) and re.fullmatch(r"[a-z0-9_]+", value) else "a token of the property's list"

    def schema(self) -> Schema:
        return {"type": "string"}


@dataclass(frozen=True)
class Pattern:
    """Text of a fixed form. ``expected`` names the form for people."""

    pattern: str
    expected: str

    def __call__(self, value: Any, /) -> str | None:
        return None if isinstance(value, str) and re.fullmatch(self.pattern, value) else self.expected

    def schema(self) -> Schema:
        return {"type": "string", "description": self.expected}


@dataclass(frozen=True)
class NumberOrWords:
    """A channel: its number, or its name as said."""

    number: Number

    def __call__(self, value: Any, /) -> str | None:
        return self.number(value) if is_number(value) else Words()(value)

    def schema(self) -> Schema:
        return {"anyOf": [self.number.schema(), Words().schema()]}


@dataclass(frozen=True)
class Several:
    """A list of ``{<token.kind>: token, quantity?, note?}``."""

    token: Token
    note: bool = False

    @property
    def fields(self) -> Mapping[str, Check]:
        extra: dict[str, Check] = {"note": Words()} if self.note else {}
        return {self.token.kind: self.token, "quantity": Number(1, 99, whole=True), **extra}

    def __call__(self, value: Any, /) -> str | None:
        key = self.token.kind
        good = isinstance(value, list) and value and all(isinstance(one, dict) for one in value)
        if not good:
            return f"a list of {{{key}, quantity?}}"
        for one in value:
            if set(one) - set(self.fields) or self.token(one.get(key)):
                return f"only {', '.join(sorted(self.fields))} in each, and {key} as a token"
            if "quantity" in one and self.fields["quantity"](one["quantity"]):
                return "a quantity from 1 to 99"
            if "note" in one and self.fields["note"](one["note"]):
                return "a note in words"
        return None

    def schema(self) -> Schema:
        each = {name: check.schema() for name, check in self.fields.items()}
        item = {"type": "object", "properties": each, "required": [self.token.kind], "additionalProperties": False}
        return {"type": "array", "items": item, "minItems": 1}


def is_number(value: Any) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def one_of(*values: str) -> OneOf:
    return OneOf(values)
