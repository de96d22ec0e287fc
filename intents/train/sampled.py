"""Sentences drawn from the grammar, with the grammar's own reading as their label: beside the corpus, never instead of it."""

from __future__ import annotations

import itertools
from random import Random

from intents.catalogue import Decision
from intents.corpus import FREE, Sentence
from intents.grammar import load
from intents.sample import Sampler
from intents.text import read
from intents.understand import Understander
from intents.vocabulary import LANGUAGES, builtin


def sampled(count: int, seed: int) -> list[Sentence]:
    """``count`` sentences of one decision each, half of each language."""
    random = Random(seed)
    grammar = Understander.load()
    found: list[Sentence] = []
    for lang in LANGUAGES:
        sampler = Sampler(load(lang, builtin()), random)
        made = 0
        for intent, text in itertools.islice(sampler.sentences(), 4 * count):
            role = "staff" if intent == "room.report" else "guest"
            if grammar.alarm(read(text, lang)):
                continue
            understood, _ = grammar.by_grammar(read(text, lang), role)
            if understood is None or len(understood.decisions) != 1 or understood.decisions[0].intent != intent:
                continue
            decision = understood.decisions[0]
            spans = _spans(decision, text)
            if spans is not None:
                found.append(Sentence(text, (decision,), lang, "grammar", "grammar", (), role, spans))
                made += 1
            if made >= count // 2:
                break
    return found


def _spans(decision: Decision, text: str) -> tuple[tuple[int, str, int, int], ...] | None:
    """Where the free text stands; None: not as it was said."""
    spans = []
    for slot, value in decision.slots.items():
        if slot in FREE or (slot == "channel" and isinstance(value, str)):
            start = text.find(value)
            if start < 0:
                return None
            spans.append((0, slot, start, start + len(value)))
        elif slot == "dishes" and any("note" in one for one in value):
            return None
    return tuple(spans)
