"""From the heads' scores to the decisions of a sentence: where each begins, what each is, which are one.

Where a part begins and what the parts say settle each other: of the doubtful places that way is taken which makes the whole
reading likeliest (places × parts), so that a story before a request is not cut off only to make no sense alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import product

import numpy as np

from intents.catalogue import Decision, check
from intents.classifier.heads import TOKEN_AT
from intents.classifier.parts import Part, Scores, part, sigmoid
from intents.classifier.pieces import Pieces

Edges = tuple[int, int]
"""The first and the last piece of a part."""

_DOUBTFUL = 0.1
"""From this chance on, to one less it, a part may begin at a piece or may not."""
_WEIGHED = 2
"""Doubtful places weighed, the most doubtful first: each doubles the readings."""


def decode(pieces: Pieces, token: Scores, parts_of: Callable[[list[Edges]], Scores]) -> list[Part]:
    """``token`` [T, TOKEN_WIDTH]; ``parts_of`` takes the edges of each part and gives [P, PART_WIDTH]."""
    begins = sigmoid(token[:, TOKEN_AT["begins"]][:, 0])
    last = len(pieces.ids) - 2
    inner = range(2, last + 1)
    doubtful = sorted((i for i in inner if _DOUBTFUL < begins[i] < 1 - _DOUBTFUL), key=lambda i: abs(begins[i] - 0.5))[:_WEIGHED]
    plain = [i for i in inner if i not in doubtful]
    clear = float(np.prod([max(begins[i], 1 - begins[i]) for i in plain]))
    known: dict[Edges, Part] = {}
    readings: list[tuple[float, float, list[Part]]] = []
    for choice in product((False, True), repeat=len(doubtful)):
        chosen = dict(zip(doubtful, choice, strict=True))
        firsts = [1, *(i for i in inner if chosen.get(i, begins[i] > 0.5))]
        edges = [(first, following - 1) for first, following in zip(firsts, [*firsts[1:], last + 1], strict=True)]
        new = [one for one in edges if one not in known]
        known |= {one: part(pieces, token, row, *one) for one, row in zip(new, parts_of(new) if new else (), strict=True)}
        found = [known[one] for one in edges]
        cut = clear * float(np.prod([begins[i] if begin else 1 - begins[i] for i, begin in chosen.items()]))
        readings.append((cut * float(np.prod([one.sure for one in found])), cut, found))
    _, cut, found = max(readings, key=lambda reading: reading[0])
    return [replace(one, sure=one.sure * cut) for one in together(found)]


def together(parts: list[Part]) -> list[Part]:
    """Neighbours that are one decision made one: two settings of a device, two things asked for, the same said twice."""
    made: list[Part] = []
    for one in parts:
        joined = _both(made[-1].decision, one.decision) if made else None
        if joined is None:
            made.append(one)
        else:
            last = made[-1]
            made[-1] = Part(joined, last.sure * one.sure, check(joined), max(last.talk, one.talk))
    return made


def joined(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The same of decisions alone: what they come to, however they were told apart."""
    return tuple(part.decision for part in together([Part(one, 1.0) for one in decisions]))


def _both(one: Decision, other: Decision) -> Decision | None:
    if one.intent != other.intent or one.intent in ("none", "order.cancel", "order.change", "room.report"):
        return None
    if one.intent in ("request.items", "order.food"):
        key = "items" if one.intent == "request.items" else "dishes"
        return Decision(one.intent, {key: [*one.slots.get(key, ()), *other.slots.get(key, ())]})
    clash = [slot for slot in one.slots.keys() & other.slots.keys() if one.slots[slot] != other.slots[slot]]
    if clash not in ([], ["question"]) or (one.intent == "device.set" and one.slots.get("zone") != other.slots.get("zone")):
        return None
    return Decision(one.intent, other.slots | one.slots)
