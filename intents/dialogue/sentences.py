"""Finds in a guest's words what only the conversation completes: 再高一点, "the other one too", "make that two".

The sentences are data (``zh.yaml``, ``en.yaml``). A text matches as a whole, polite words before and after it left out.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intents import grammar
from intents.catalogue import CATALOGUE, Decision
from intents.matcher import Match, Matcher
from intents.meaning import meaning
from intents.nodes import Scan
from intents.text import plain, read
from intents.vocabulary import Vocabulary

_FOLDER = Path(__file__).parent
_POLITE = {"_filler": 1.0, "_join": 1.5}


@dataclass(frozen=True)
class Act:
    """One way to take a text. ``slots``: what the words say; ``decision``: where they say a decision by themselves;
    ``fresh``, ``soon``: only meant if the last turn, or what it refers to, is a moment ago."""

    name: str
    slots: Mapping[str, Any] = field(default_factory=dict)
    decision: Decision | None = None
    fresh: bool = False
    soon: bool = False


class Sentences:
    """One language's sentences that lean on the conversation."""

    def __init__(self, lang: str, words: Vocabulary) -> None:
        self.lang = lang
        folder = grammar.folder(lang)
        files = (folder / "_lists.yaml", folder / "dialog.yaml", _FOLDER / f"{lang}.yaml")
        self._matcher = Matcher(grammar.read(lang, files, words), plain)

    def acts(self, source: str) -> list[Act]:
        """Every way to take the whole of ``source``, the likeliest (the fewest words left out) first; empty: none."""
        text = read(source, self.lang)
        scan, goal = Scan(text), len(text.chars)
        possible = self._matcher.possible(text)
        found: list[tuple[float, int, Act]] = []
        queue: list[tuple[float, int, int, Match | None]] = [(0.0, 0, 0, None)]
        done: set[tuple[int, int]] = set()
        count = 0
        while queue:
            cost, _, at, sentence = heapq.heappop(queue)
            if at == goal:
                if sentence is not None and (act := _act(sentence, text)) is not None:
                    found.append((cost, len(found), act))
                continue
            if (at, id(sentence)) in done:
                continue
            done.add((at, id(sentence)))
            for match in self._matcher.at(scan, at, possible):
                polite = _POLITE.get(match.block.intent)
                if polite is None and sentence is not None:
                    continue
                if polite and sentence is None and match.block.metadata.get("where") == "tail":
                    continue
                count += 1
                after = sentence if polite else match
                heapq.heappush(queue, (cost + (polite or 0.0), count, match.end, after))
        distinct: dict[str, Act] = {}
        for _, _, act in sorted(found, key=_by_cost):
            distinct.setdefault(repr((act.name, act.slots, act.decision)), act)
        return list(distinct.values())


def _by_cost(row: tuple[float, int, Act]) -> tuple[float, int]:
    return row[0], row[1]


def _act(match: Match, text: Any) -> Act | None:
    block = match.block
    name = str(block.metadata.get("act", block.intent))
    decision = None
    if block.intent in CATALOGUE and not block.intent.startswith("dialog."):
        meant = meaning(match, text)
        if meant is None:
            return None
        decision = meant.decisions[0]
    said = {c.slot: text.said(c.start, c.end) if c.value is None else c.value for c in match.captures if not c.slot.endswith("_")}
    fresh, soon = bool(block.metadata.get("fresh")), bool(block.metadata.get("soon"))
    return Act(name, {**block.slots, **said}, decision, fresh, soon)
