"""The texts that are put before a model, reviewed like code: one file a purpose and language.

``asr.<lang>.md`` is a text as it stands. ``decide.<lang>.md`` has a head that gives its version and its variables, and a
part for each role of the messages. ``tools.yaml`` says what each tool is for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from string import Template
from typing import Any

import yaml


@dataclass(frozen=True)
class Prompt:
    """What a model is asked: the text of the house (``system``) and the one about this turn (``user``)."""

    version: int
    variables: frozenset[str]
    system: str
    user: str

    def render(self, **values: str) -> Prompt:
        """With its ``$variables`` filled. Raises :class:`ValueError` unless exactly those that it declares are given."""
        if set(values) != self.variables:
            raise ValueError(f"the prompt needs {sorted(self.variables)}; it was given {sorted(values)}")
        return Prompt(self.version, frozenset(), Template(self.system).substitute(values), Template(self.user).substitute(values))


def text(name: str, lang: str) -> str:
    """``text("asr", "zh")`` → ``prompts/asr.zh.md`` without its comment lines. Raises FileNotFoundError."""
    lines = (files(__name__) / f"{name}.{lang}.md").read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("<!--")).strip()


def by_language(name: str) -> dict[str, str]:
    """``by_language("asr")`` → ``{"en": …, "zh": …}``"""
    files_of = (file.name.split(".") for file in files(__name__).iterdir())
    return {parts[1]: text(name, parts[1]) for parts in sorted(files_of) if parts[0] == name and parts[-1] == "md"}


@cache
def prompt(name: str, lang: str) -> Prompt:
    """``prompt("decide", "zh")`` → ``prompts/decide.zh.md``. Raises FileNotFoundError, or ValueError for a wrong head."""
    parts = re.fullmatch(r"---\n(.*?)\n---\n\s*# system\n(.*?)\n# user\n(.*)", text(name, lang), re.DOTALL)
    if parts is None:
        raise ValueError(f"prompts/{name}.{lang}.md: expected a head between ---, then # system and # user")
    head: dict[str, Any] = yaml.safe_load(parts[1])
    return Prompt(int(head["version"]), frozenset(head["variables"]), parts[2].strip(), parts[3].strip())


@cache
def tool_texts() -> Mapping[str, Mapping[str, str]]:
    """``tools.yaml``: ``{"intents": {intent: text}, "slots": {slot: text}}``."""
    told: Mapping[str, Mapping[str, str]] = yaml.safe_load((files(__name__) / "tools.yaml").read_text("utf-8"))
    return told
