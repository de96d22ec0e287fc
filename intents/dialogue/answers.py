"""The answer to a question that was asked back: a bare zone, number, time, thing, yes or no."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from intents import numerals
from intents.catalogue import Decision, check
from intents.dialogue.devices import Meant, Talk, completed, pointed, valued
from intents.dialogue.kinds import MAIN, asset
from intents.dialogue.orders import lines
from intents.dialogue.sentences import Act
from intents.dialogue.state import Question

NO = Decision("dialog.no")
_HOURS = 24
_VALUES = ("temperature", "number", "share")


def answer(question: Question, acts: Sequence[Act], understood: tuple[Decision, ...], talk: Talk, lang: str) -> Meant:
    """What the words make of the question; None: they are no answer to it."""
    intent = understood[0].intent if len(understood) == 1 else ""
    if intent in ("dialog.no", "dialog.stop") or any(act.name == "cancel" for act in acts):
        return (NO,)
    if question.readings and (meant := _chosen(question, acts, intent)) is not None:
        return (*question.first, *meant)
    handler = _ANSWERS.get(question.asks)
    found = handler(question, acts, understood, talk, lang) if handler else None
    if isinstance(found, tuple):
        return None if any(map(check, found)) else (*question.first, *found)
    return found


def _chosen(question: Question, acts: Sequence[Act], intent: str) -> tuple[Decision, ...] | None:
    """One of the readings that were offered, or all of them."""
    readings = question.readings
    yes = intent == "dialog.yes" or any(act.name == "dialog.yes" for act in acts)
    if yes and (len(readings) == 1 or question.asks == "confirm"):
        return readings
    for act in acts:
        if act.name == "pick":
            index = act.slots["index"]
            if index == "all":
                return readings
            if index == "any":
                return readings[:1]
            if index < len(readings):
                return (readings[index],)
        fitting = tuple(one for one in readings if _names(act, one))
        if len(fitting) == 1:
            return fitting
    return None


def _names(act: Act, reading: Decision) -> bool:
    """Whether the answer names what tells this reading from the others."""
    if act.decision is not None and lines(act.decision):
        tokens = {line.get("item") or line.get("dish") for line in lines(act.decision)}
        return tokens <= {line.get("item") or line.get("dish") for line in lines(reading)} or _which(act, reading)
    if act.decision is not None and act.decision.slots:
        return act.decision.slots.items() <= reading.slots.items()
    if "zone" in act.slots:
        return bool(act.slots["zone"] == reading.slots.get("zone"))
    if "number" in act.slots:
        return act.slots["number"] in reading.slots.values()
    return _which(act, reading)


def _which(act: Act, reading: Decision) -> bool:
    said = str(act.slots.get("which", "")).lower()
    named = str(reading.slots.get("which", "")).lower()
    return bool(said and named) and (said in named or named in said)


Handler = Callable[[Question, Sequence[Act], tuple[Decision, ...], Talk, str], Meant]


def _device(question: Question, acts: Sequence[Act], understood: tuple[Decision, ...], talk: Talk, lang: str) -> Meant:
    for act in acts:
        target = pointed(act, None)
        if target is not None and act.name in ("target", "also", "instead"):
            slots = question.partial.slots
            return completed(target, slots) if slots else talk.ask("value", "device.set", **target.slots)
    return None


def _zone(question: Question, acts: Sequence[Act], understood: tuple[Decision, ...], talk: Talk, lang: str) -> Meant:
    partial = question.partial
    for act in acts:
        if act.name == "pick" and act.slots["index"] == "all":
            return (replace(partial, slots=partial.slots | {"zone": "all"}),)
        target = pointed(act, partial) if act.name in ("target", "also", "instead") else None
        if target is not None and "zone" in target.slots and target.slots["device"] == partial.slots["device"]:
            return (replace(partial, slots=partial.slots | {"zone": target.slots["zone"]}),)
    return None


def _value(question: Question, acts: Sequence[Act], understood: tuple[Decision, ...], talk: Talk, lang: str) -> Meant:
    kind = question.partial.slots["device"]
    for act in acts:
        if act.name == "adjust":
            return (
                Decision("device.set", question.partial.slots | {k: act.slots[k] for k in ("change", "step") if k in act.slots}),
            )
        if act.name == "power":
            return completed(question.partial, {"power": act.slots["to"]})
        for key in ("mode", "fan_speed"):
            if key in act.slots and act.name == "value":
                return valued(question.partial, key, act.slots[key])
        for key in _VALUES:
            if key in act.slots and act.name == "value":
                return valued(question.partial, MAIN[kind], act.slots[key])
    return None


def _time(question: Question, acts: Sequence[Act], understood: tuple[Decision, ...], talk: Talk, lang: str) -> Meant:
    known = question.partial.slots
    day = {"day": known["day"]} if "day" in known else {}
    for act in acts:
        if act.name == "time" and act.decision is not None:
            slots = day | act.decision.slots
            if known.get("daypart") == "pm" and (hour := int(slots["time"][:2])) < _HOURS // 2:
                slots["time"] = f"{hour + 12:02d}{slots['time'][2:]}"
            return (Decision("request.wakeup", slots),)
    number = numerals.parse(talk.text.strip(" 。.,，!！吧"), lang)
    if isinstance(number, int) and number <= _HOURS:
        return (Decision("request.wakeup", day | {"time": f"{number % _HOURS:02d}:00"}),)
    return None


def _where(question: Question, acts: Sequence[Act], understood: tuple[Decision, ...], talk: Talk, lang: str) -> Meant:
    if understood and understood[0].intent not in ("none", "info.ask", "request.taxi"):
        return None
    return (Decision("request.taxi", {"destination": talk.place}),) if talk.place else None


def _order(question: Question, acts: Sequence[Act], understood: tuple[Decision, ...], talk: Talk, lang: str) -> Meant:
    said = next((act.slots["which"] for act in acts if act.name == "which"), None)
    return (Decision("order.cancel", {"which": said}),) if said else None


def _item(question: Question, acts: Sequence[Act], understood: tuple[Decision, ...], talk: Talk, lang: str) -> Meant:
    if question.readings:
        return None
    for act in acts:
        if act.name in ("things", "also_thing", "instead_thing") and act.decision is not None:
            return (act.decision,)
    return None


def _asset(question: Question, acts: Sequence[Act], understood: tuple[Decision, ...], talk: Talk, lang: str) -> Meant:
    for act in acts:
        target = pointed(act, None)
        if target is not None:
            return (Decision("request.repair", {"asset": asset(target.slots["device"])}),)
    return None


_ANSWERS: Mapping[str, Handler] = {
    "device": _device,
    "light": _zone,
    "zone": _zone,
    "value": _value,
    "time": _time,
    "where": _where,
    "order": _order,
    "item": _item,
    "asset": _asset,
}
