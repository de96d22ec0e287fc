"""When two decisions are the same: values to the letter, free text by the words that carry it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from intents.catalogue import Decision
from intents.text import plain

FREE = frozenset({"when", "symptom", "destination", "which", "remark", "note"})
REPEATS = frozenset({"question"})
"""Slots that only say the guest's words again."""
_LIGHT = re.compile(
    r"\b(the|a|an|my|our|your|at|in|to|for|on|by|is|are|was|it|its|it's|s|some|that|this|please|around|about|and|with)\b|[的了在去到着个我们把给是，。,.!?！？]"
)


def same(found: Sequence[Decision], wanted: Sequence[Decision], *, to_the_letter: bool = False) -> bool:
    """Whether all decisions are the same, in order. ``to_the_letter``: free text too."""
    return len(found) == len(wanted) and all(_same(a, b, to_the_letter) for a, b in zip(found, wanted, strict=True))


def _same(one: Decision, other: Decision, to_the_letter: bool) -> bool:
    if one.intent != other.intent:
        return False
    left, right = _slots(one.slots, to_the_letter), _slots(other.slots, to_the_letter)
    return left.keys() == right.keys() and all(_equal(k, left[k], right[k], to_the_letter) for k in left)


def _slots(slots: dict[str, Any], to_the_letter: bool) -> dict[str, Any]:
    kept = {k: v for k, v in slots.items() if to_the_letter or k not in REPEATS}
    for key, kind in (("items", "item"), ("dishes", "dish")):
        if key in kept:
            lines = [{**one, "quantity": one.get("quantity", 1)} for one in kept[key]]
            kept[key] = sorted(lines, key=lambda one: (str(one[kind]), carrying(one.get("note", ""))))
    return kept


def _equal(slot: str, left: Any, right: Any, to_the_letter: bool) -> bool:
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(
            a.keys() == b.keys() and all(_equal(k, a[k], b[k], to_the_letter) for k in a)
            for a, b in zip(left, right, strict=True)
        )
    if slot in FREE and not to_the_letter and isinstance(left, str) and isinstance(right, str):
        return carrying(left) == carrying(right)
    return bool(left == right)


def carrying(words: str) -> str:
    """Letters of the words that carry the meaning: no articles, prepositions, particles, marks."""
    return plain(_LIGHT.sub(" ", words.lower())) or plain(words)
