"""A language's words for conversations, beside the sentences of the same file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from intents.vocabulary import read_yaml

_LONGEST_PLACE = 60
"""Characters; more is talk."""


@dataclass(frozen=True)
class Words:
    """A language's words beside its sentences. ``names``: intent → what such a request is called; ``joins``: where a second
    sentence may begin; ``to_place``, ``after_place``: what stands around the name of a place; ``offers``: topic → the decision
    that its answer may offer."""

    names: Mapping[str, str]
    joins: tuple[str, ...]
    to_place: tuple[str, ...]
    after_place: tuple[str, ...]
    offers: Mapping[str, Mapping[str, Any]]

    def place(self, text: str) -> str:
        """The place that ``text`` names, in its own words; empty if it says more than a name."""
        name = text.strip(" .,!?。，！？")
        for before in self.to_place:
            if name.lower().startswith(before):
                name = name[len(before) :].lstrip()
        for after in self.after_place:
            if name.lower().endswith(after):
                name = name[: -len(after)].rstrip(" .,，。")
        return name if len(name) <= _LONGEST_PLACE else ""


def words_of(lang: str) -> Words:
    data: dict[str, Any] = dict(read_yaml(Path(__file__).parent / f"{lang}.yaml"))
    place = data["place"]
    return Words(data["names"], tuple(data["joins"]), tuple(place["before"]), tuple(place["after"]), data["offers"])
