"""Words heard nearly right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from intents.grammar import Grammar
from intents.matcher import Matcher
from intents.text import Text


@dataclass(frozen=True)
class Near:
    """A text that sounds like the one heard, and the matcher that reads it."""

    text: Text
    matcher: Matcher


class Nearly:
    def __init__(self, grammars: Mapping[str, Grammar]) -> None:
        pass

    def candidates(self, text: Text) -> Iterator[tuple[Near, float]]:
        return iter(())
