"""What each head should say of a labelled sentence. The pieces of a value are found, not annotated."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from intents.catalogue import CATALOGUE, Decision
from intents.classifier.heads import DISHES, ITEMS, OF_INTENT, PART, ROLES, ROLES_OF, SPANS, SPANS_OF
from intents.classifier.pieces import Pieces
from intents.classifier.values import readings
from intents.corpus import Sentence
from intents.spotting import Spot

SKIP = -100
"""A head that is not asked."""


@dataclass
class Part:
    """One decision's part of the sentence: its pieces, and the class of each head by name."""

    first: int
    last: int
    heads: dict[str, int]
    items: list[int] = field(default_factory=list)
    dishes: list[int] = field(default_factory=list)
    items_named: list[int] = field(default_factory=list)
    dishes_named: list[int] = field(default_factory=list)


@dataclass
class Targets:
    """``begins``, ``spans``, ``roles``: a class a piece; ``wanted``: at the first piece of a name, whether it is asked for;
    ``missing``: values that no spot and no class holds."""

    begins: list[int]
    spans: list[int]
    roles: list[int]
    wanted: list[int]
    parts: list[Part]
    missing: list[str]


def targets(sentence: Sentence, pieces: Pieces) -> Targets:
    """Aligns the decisions of ``sentence`` with its ``pieces``."""
    length = len(pieces.ids)
    begins, spans, roles, wanted = [0] * length, [0] * length, [SKIP] * length, [SKIP] * length
    firsts = [1]
    for bound in sentence.bounds:
        at = next((i for i in range(1, length - 1) if pieces.ends[i] > bound), length - 2)
        begins[at] = 1
        firsts.append(max(at, firsts[-1]))
    missing: list[str] = []
    for number, slot, start, end in sentence.spans:
        if slot in SPANS and (slot in SPANS_OF.get(sentence.decisions[number].intent, ())):
            for i, at in enumerate(pieces.at(start, end)):
                spans[at] = 1 + 2 * SPANS.index(slot) + (i > 0)
    for one in pieces.spots:
        for at in pieces.at(one.start, one.end)[:1]:
            roles[at] = 0
    parts = []
    lasts = [*(first - 1 for first in firsts[1:]), length - 2]
    for decision, first, last in zip(sentence.decisions, firsts, lasts, strict=True):
        inside = [one for one in pieces.spots if any(first <= at <= last for at in pieces.at(one.start, one.end)[:1])]
        part = _part(decision, first, max(last, first), inside, pieces, roles, missing)
        _want(part, decision, pieces, wanted)
        parts.append(part)
    return Targets(begins, spans, roles, wanted, parts, missing)


def _part(
    decision: Decision, first: int, last: int, spots: list[Spot], pieces: Pieces, roles: list[int], missing: list[str]
) -> Part:
    slots = decision.slots
    heads = {"intent": PART["intent"].index(decision.intent)}
    free = list(spots)

    def take(role: str, value: Any) -> bool:
        """The last spot that can mean ``value`` gets the role: after a repair the last number counts."""
        for one in reversed(free):
            if role in readings(one) and value in readings(one)[role]:
                roles[pieces.at(one.start, one.end)[0]] = ROLES.index(role)
                free.remove(one)
                return True
        return False

    taken = set()
    for role in ROLES_OF.get(decision.intent, ()):
        value = slots.get(role)
        if value is not None and role != "quantity":
            if take(role, value):
                taken.add(role)
            elif not (role in PART and str(value) in PART[role]) and role not in ("channel", "space"):
                missing.append(f"{role}={value}")
    for name in OF_INTENT.get(decision.intent, ()):
        heads[name] = _head(name, slots, taken, spots)
    part = Part(first, last, heads)
    for key, known, into in (("items", ITEMS, part.items), ("dishes", DISHES, part.dishes)):
        for one in slots.get(key, ()):
            token = one.get("item") or one.get("dish")
            if token in known:
                into.append(known.index(token))
    for one in [*slots.get("items", ()), *slots.get("dishes", ())]:
        if "quantity" in one and not take("quantity", one["quantity"]):
            missing.append(f"quantity={one['quantity']}")
    return part


def _want(part: Part, decision: Decision, pieces: Pieces, wanted: list[int]) -> None:
    """Which of the names in the part are asked for; the classes of named things need not be guessed."""
    for key, kind, known, missed in (
        ("items", "item", ITEMS, part.items_named),
        ("dishes", "dish", DISHES, part.dishes_named),
    ):
        if key not in CATALOGUE[decision.intent].slots:
            continue
        tokens = {one[kind] for one in decision.slots.get(key, ())}
        for name in pieces.named:
            at = pieces.at(name.start, name.end)[:1]
            if name.kind == kind and at and part.first <= at[0] <= part.last:
                wanted[at[0]] = int(name.token in tokens)
                if name.token in known:
                    missed.append(known.index(name.token))


def _head(name: str, slots: dict[str, Any], taken: set[str], spots: list[Spot]) -> int:
    values = PART[name]
    value = slots.get(name)
    if name == "day" and value not in (None, *values):
        value = "date"
    elif name == "half":
        return _half(slots.get("time"), spots)
    elif name in ("position", "level", "volume") and (name in taken or (value is not None and str(value) not in values)):
        return SKIP
    if value is None:
        return 0
    return values.index(str(value).lower() if isinstance(value, bool) else str(value))


def _half(time: str | None, spots: list[Spot]) -> int:
    """am or pm, asked only where the words leave it open."""
    for one in spots:
        if time is not None and one.kind == "clock" and not one.ampm and time in readings(one)["time"]:
            return PART["half"].index("am" if time < "12" else "pm")
    return SKIP


def all_missing(rows: Sequence[Targets]) -> list[str]:
    """Every value that could not be aligned: a gap of the spotting or a slip of the label."""
    return [one for row in rows for one in row.missing]
