"""From the heads' scores of one part of a sentence to its decision of the catalogue, with how sure it is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intents.catalogue import CATALOGUE, Decision, check
from intents.classifier import extents
from intents.classifier.heads import (
    DISHES,
    ITEMS,
    OF_INTENT,
    PART,
    PART_AT,
    ROLES,
    ROLES_OF,
    SPANS,
    SPANS_OF,
    TOKEN_AT,
)
from intents.classifier.pieces import Pieces
from intents.classifier.portions import portions
from intents.classifier.values import readings
from intents.spotting import Spot

Scores = NDArray[np.float32]
_MARKS = " ,.;:!?\"'“”‘’，。；：！？、…~～\n\t"
_POINTING = frozenset({"my", "our", "it", "that", "this", "the", "them", "one", "我", "我的", "那个", "这个", "那", "这", "它"})
"""Words that name nothing: an order without a name is the conversation's to find."""
_EACH = re.compile(r"\b(?:each|apiece)\b|各|每样|每种", re.IGNORECASE)
_UNNAMED = 0.8
"""How likely a thing without its name must be beside one that is named."""
_MIDNIGHT = 0.95
"""Half past twelve is noon's unless the words leave no doubt."""
_WAKING = re.compile(r"叫醒|叫早|闹钟|\b(?:wake|alarm|morning call)", re.IGNORECASE)
_MOST = {"note": 4}
"""Slots of which a part may hold several: a note for each dish."""


@dataclass(frozen=True)
class Part:
    """A decision and the chance (0–1) that all of it is right, by the heads that had a say; ``talk``: that it is none."""

    decision: Decision
    sure: float
    problem: str | None = None
    talk: float = 0.0


def part(pieces: Pieces, token: Scores, row: Scores, first: int, last: int) -> Part:
    """Of the pieces ``first`` to ``last``; ``row`` [PART_WIDTH], ``token`` [T, TOKEN_WIDTH] of the whole sentence."""
    chances = {"intent": _softmax(row[PART_AT["intent"]])}
    intent = PART["intent"][int(chances["intent"].argmax())]
    sure = float(chances["intent"].max())
    slots: dict[str, Any] = {}
    moved = _moved(pieces, first, last) if intent == "order.change" else None
    intent = "request.wakeup" if moved else intent
    roles = _roles(pieces, token, first, last, intent)
    by_role: dict[str, Any] = {"time": [moved]} if moved else {}
    for role, value, chance in roles:
        if role != "quantity":
            by_role[role] = value
            sure *= chance
    for name in OF_INTENT.get(intent, ()):
        spread = _softmax(row[PART_AT[name]])
        best = PART[name][int(spread.argmax())]
        if name in by_role or name in ("half", "day"):
            chances[name] = spread
            continue
        sure *= float(spread.max())
        if best == "-" and name in CATALOGUE[intent].required:
            best = PART[name][1 + int(spread[1:].argmax())]
        if best != "-":
            slots[name] = {"true": True, "false": False}.get(best, int(best) if best.isdigit() else best)
    _numbers(intent, slots, by_role)
    _times(intent, slots, by_role, pieces, chances, first, last)
    spans = _spans(pieces, token, first, last, SPANS_OF.get(intent, ()))
    slots |= {slot: words for slot, words in spans.items() if slot != "note" and slot not in slots}
    if intent in ("request.items", "order.food", "order.change"):
        sure *= _things(pieces, token, first, last, intent, slots, roles)
    if intent == "info.ask":
        slots["question"] = pieces.text[pieces.starts[first] : pieces.ends[last]].strip(_MARKS) or pieces.text
    decision = Decision(intent, slots)
    return Part(decision, sure, check(decision), float(chances["intent"][PART["intent"].index("none")]))


def _moved(pieces: Pieces, first: int, last: int) -> str | None:
    """When to wake the guest instead: a change of order holds no time, so the call put off is the call as it should now be."""
    if not _WAKING.search(pieces.text, pieces.starts[first], pieces.ends[last]):
        return None
    said = [found["time"] for one in _inside(pieces, first, last) if one.kind == "clock" and "time" in (found := readings(one))]
    return (said[-1][0] if said[-1][0].startswith("12") else min(said[-1])) if said else None


def _numbers(intent: str, slots: dict[str, Any], by_role: Mapping[str, Any]) -> None:
    for role in ROLES_OF.get(intent, ()):
        if role == "temperature" and role in by_role:
            slots[role] = by_role[role][-1 if slots.get("device") == "water_heater" else 0]
        elif role in by_role and role not in ("quantity", "time"):
            slots[role] = by_role[role]


def _times(
    intent: str,
    slots: dict[str, Any],
    by_role: Mapping[str, Any],
    pieces: Pieces,
    chances: Mapping[str, Scores],
    first: int,
    last: int,
) -> None:
    options = by_role.get("time")
    if options:
        half = PART["half"][1 + int(chances["half"][1:].argmax())] if "half" in chances else "am"
        early, late = min(options), max(options)
        noon = options[0].startswith("12") and float(chances["half"].max()) < _MIDNIGHT
        slots["time"] = options[0] if len(options) == 1 or noon else early if half == "am" else late
    if intent == "request.wakeup" and "day" in chances:
        day = PART["day"][int(chances["day"].argmax())]
        dates = [s.value for s in _inside(pieces, first, last) if s.kind == "day"]
        if day == "date" or (day != "-" and dates and dates[0] not in ("today", "tomorrow")):
            day = str(dates[0]) if dates else "-"
        if day != "-":
            slots["day"] = day


def _inside(pieces: Pieces, first: int, last: int) -> list[Spot]:
    start, end = pieces.starts[first], pieces.ends[last]
    return [one for one in pieces.spots if start <= one.start < end]


def _roles(pieces: Pieces, token: Scores, first: int, last: int, intent: str) -> list[tuple[str, Any, float]]:
    """(role, value, chance) of each number with a role that ``intent`` has; quantities carry their place too."""
    allowed = ROLES_OF.get(intent, ())
    found: list[tuple[str, Any, float]] = []
    for one in _inside(pieces, first, last):
        at = pieces.at(one.start, one.end)[:1]
        if not at:
            continue
        chance = _softmax(token[at[0], TOKEN_AT["role"]])
        possible = readings(one)
        order = [int(i) for i in chance.argsort()[::-1]]
        role = next((ROLES[i] for i in order if ROLES[i] == "-" or (ROLES[i] in allowed and ROLES[i] in possible)), "-")
        if role == "-":
            continue
        value = possible[role] if role in ("time", "temperature") else possible[role][0]
        sure = float(chance[ROLES.index(role)])
        found.append((role, (one.start, value) if role == "quantity" else value, sure))
    return found


def _runs(pieces: Pieces, token: Scores, first: int, last: int, allowed: tuple[str, ...]) -> list[tuple[float, str, str, int]]:
    """(weight, slot, words, where they begin): for each slot the stretch of pieces with the greatest sum of log odds.

    A sum, not each piece's own best label: a weak piece in the middle does not tear the words apart.
    """
    found = []
    scores = token[first : last + 1, TOKEN_AT["span"]]
    for slot in allowed:
        at = 1 + 2 * SPANS.index(slot)
        inside = np.logaddexp(scores[:, at], scores[:, at + 1])
        odds = [float(value) for value in inside - np.logaddexp.reduce(np.delete(scores, [at, at + 1], 1), axis=1)]
        for _ in range(_MOST.get(slot, 1)):
            weight, begin, end = _heaviest(odds)
            if weight <= 0:
                break
            start, stop = _whole(pieces, pieces.starts[first + begin], pieces.ends[first + end - 1])
            start = extents.begin(slot, pieces.text, start, stop, pieces.starts[first])
            words = extents.end(slot, pieces.text[start:stop].strip(_MARKS), pieces.text[stop:])
            if words and words.lower() not in _POINTING:
                found.append((weight, slot, words, start))
            odds[begin:end] = [-1e9] * (end - begin)
    return found


def _heaviest(odds: list[float]) -> tuple[float, int, int]:
    """(sum, begin, end) of the stretch with the greatest sum (Kadane)."""
    best, begin, end = 0.0, 0, 0
    running, start = 0.0, 0
    for at, value in enumerate(odds):
        if running <= 0:
            running, start = 0.0, at
        running += value
        if running > best:
            best, begin, end = running, start, at + 1
    return best, begin, end


def _whole(pieces: Pieces, start: int, stop: int) -> tuple[int, int]:
    """Widened to whole English words and whole names."""
    text = pieces.text
    while start > 0 and _within_word(text[start - 1 : start + 1]):
        start -= 1
    while stop < len(text) and _within_word(text[stop - 1 : stop + 1]):
        stop += 1
    for name in pieces.named:
        if name.start < stop and name.end > start:
            start, stop = min(start, name.start), max(stop, name.end)
    return start, stop


def _within_word(two: str) -> bool:
    return len(two) == 2 and all(char.isascii() and (char.isalnum() or char in "'’") for char in two)


def _spans(pieces: Pieces, token: Scores, first: int, last: int, allowed: tuple[str, ...]) -> dict[str, str]:
    """Slot → words: the likeliest run of each slot."""
    return {slot: words for _, slot, words, _ in sorted(_runs(pieces, token, first, last, allowed))}


def _things(
    pieces: Pieces,
    token: Scores,
    first: int,
    last: int,
    intent: str,
    slots: dict[str, Any],
    roles: list[tuple[str, Any, float]],
) -> float:
    """Fills items or dishes with their quantities and notes; the chance that the list is right."""
    kinds = {"request.items": ("item",), "order.food": ("dish",)}.get(intent, ("item", "dish"))
    sure = 1.0
    wanted = sigmoid(token[first : last + 1, TOKEN_AT["item"]][:, 0])
    maybe: list[tuple[float, str, str, int]] = []
    for kind in kinds:
        places: list[tuple[int, str]] = []
        named = set()
        for name in pieces.named:
            at = pieces.at(name.start, name.end)[:1]
            if name.kind == kind and at and first <= at[0] <= last:
                named.add(name.token)
                chance = float(wanted[at[0] - first])
                sure *= max(chance, 1 - chance)
                if chance > 0.5:
                    places.append((name.start, name.token))
                else:
                    maybe.append((chance, kind, name.token, name.start))
        enough = _UNNAMED if places else 0.5
        known = ITEMS if kind == "item" else DISHES
        chances = sigmoid(token[first : last + 1, TOKEN_AT[kind]])
        for number, thing in enumerate(known):
            if number == 0 or thing in named:
                continue
            chance = float(chances[:, number].max())
            start = pieces.starts[first + int(chances[:, number].argmax())]
            sure *= max(chance, 1 - chance)
            if chance > enough:
                places.append((start, thing))
            else:
                maybe.append((chance, kind, thing, start))
        if places and not (kind == "dish" and "items" in slots):
            sure *= _listed(kind, sorted(places), pieces, token, first, last, slots, roles)
    if intent != "order.change" and not any(key in slots for key in ("items", "dishes")) and maybe:
        chance, kind, thing, start = max(maybe)
        sure *= chance / max(1 - chance, 1e-3)
        sure *= _listed(kind, [(start, thing)], pieces, token, first, last, slots, roles)
    return min(sure, 1.0)


def _listed(
    kind: str,
    places: list[tuple[int, str]],
    pieces: Pieces,
    token: Scores,
    first: int,
    last: int,
    slots: dict[str, Any],
    roles: list[tuple[str, Any, float]],
) -> float:
    """Puts the list into ``slots``; a thing named twice is one."""
    listed: list[dict[str, Any]] = []
    starts: list[int] = []
    for start, thing in places:
        if thing not in [one[kind] for one in listed]:
            listed.append({kind: thing})
            starts.append(start)
    sure = _quantities(pieces, listed, starts, [(v, c) for r, v, c in roles if r == "quantity"])
    if kind == "dish":
        notes = [
            (start, words) for _, _, words, start in sorted(_runs(pieces, token, first, last, ("note",)), key=lambda run: run[3])
        ]
        shared = (
            portions(listed[0]["dish"], pieces.text, _inside(pieces, first, last), notes) if len(listed) == 1 and notes else None
        )
        for start, words in notes:
            before = [i for i, at in enumerate(starts) if at <= start]
            listed[before[-1] if before else 0].setdefault("note", words)
        listed = shared or listed
    slots["items" if kind == "item" else "dishes"] = listed
    return sure


def _quantities(
    pieces: Pieces, listed: list[dict[str, Any]], places: list[int], numbers: list[tuple[tuple[int, Any], float]]
) -> float:
    """Each number goes to the thing right after it (两条毛巾), else to the one before it (毛巾两条); "each": to all. Where they
    take turns and a thing is first (毛毯一条枕头三个), each number is of the thing before it."""
    sure = 1.0
    turns = sorted([(at, "thing") for at in places] + [(at, "number") for (at, _), _ in numbers])
    thing_first = len(places) > 1 and [what for _, what in turns] == ["thing", "number"] * len(places)
    for (start, value), chance in numbers:
        if not isinstance(value, int) or not 1 <= value <= 99:
            continue
        sure *= chance
        after = next((i for i, at in enumerate(places) if at >= start and "quantity" not in listed[i]), None)
        before = next((i for i in reversed(range(len(places))) if places[i] < start and "quantity" not in listed[i]), None)
        pick = after
        if after is None or (before is not None and (thing_first or _closer(pieces, places[before], start, places[after]))):
            pick = before
        if pick is not None:
            listed[pick]["quantity"] = value
    if len(numbers) == 1 and _EACH.search(pieces.text):
        said = next((one["quantity"] for one in listed if "quantity" in one), None)
        for one in listed if said is not None else ():
            one.setdefault("quantity", said)
    return sure


def _closer(pieces: Pieces, before: int, number: int, after: int) -> bool:
    """Whether a comma or the like stands between the number and the thing after it, and none before."""
    right, left = pieces.text[number:after], pieces.text[before:number]
    stops = set(",，、;；。.和") | {" and "}
    return any(s in right for s in stops) and not any(s in left for s in stops)


def sigmoid(x: Scores) -> Scores:
    return np.asarray(1 / (1 + np.exp(-x)), np.float32)


def _softmax(x: Scores) -> Scores:
    raised = np.exp(x - x.max())
    return np.asarray(raised / raised.sum(), np.float32)
