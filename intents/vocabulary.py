"""The names that a property gives its items, dishes and topics, by language."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("zh", "en")
Names = dict[str, dict[str, list[str]]]
"""token → language → names."""

_WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Vocabulary:
    """What the guests of one property may name. Tokens are the canonical values of slots."""

    items: Names
    dishes: Names
    topics: Names

    def names(self, kind: str, lang: str) -> list[tuple[str, str]]:
        """(name, token) pairs of ``kind``: item, dish or topic."""
        tokens: Names = {"item": self.items, "dish": self.dishes, "topic": self.topics}[kind]
        return [(name, token) for token, by_lang in tokens.items() for name in by_lang.get(lang, ())]


@cache
def builtin() -> Vocabulary:
    """The names of the catalogue's own tokens, from ``words/<lang>.yaml``."""
    kinds: dict[str, Names] = {"items": {}, "dishes": {}, "topics": {}}
    for lang in LANGUAGES:
        words = read_yaml(_WORDS / f"{lang}.yaml")
        for kind, tokens in kinds.items():
            for token, names in words[kind].items():
                tokens.setdefault(token, {})[lang] = [str(name) for name in names]
    return Vocabulary(**kinds)


def merged(extra: Vocabulary) -> Vocabulary:
    """``extra``'s tokens, each with the built-in names added where the token is one of the catalogue's."""
    base = builtin()

    def join(own: Names, known: Names) -> Names:
        return {
            token: {
                lang: list(dict.fromkeys([*by_lang.get(lang, ()), *known.get(token, {}).get(lang, ())])) for lang in LANGUAGES
            }
            for token, by_lang in own.items()
        }

    return Vocabulary(join(extra.items, base.items), join(extra.dishes, base.dishes), join(extra.topics, base.topics))


def read_yaml(path: Path) -> dict[str, dict[str, list[str]]]:
    """A YAML mapping, by libyaml where PyYAML was built with it (ten times faster)."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    with path.open(encoding="utf-8") as file:
        data: dict[str, dict[str, list[str]]] = yaml.load(file, Loader=loader)
    return data
