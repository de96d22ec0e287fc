"""What "make that two", 再来一条, "same again", "cancel that" mean among the things that were asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from intents.catalogue import Decision, check
from intents.dialogue.devices import UNDO, Meant, Talk
from intents.dialogue.sentences import Act
from intents.dialogue.state import ORDERS, UNDO_S, Dialogue, Question

_LISTS = {"request.items": ("items", "item"), "order.food": ("dishes", "dish")}
_THINGS = frozenset(_LISTS)
_OF_AN_ORDER = ORDERS | {"order.change"}
_UNDOABLE = frozenset({"device.set", "scene.set", "request.dnd", "emergency.report", "order.cancel"})


def quantity(act: Act, talk: Talk) -> Meant:
    """ "Make that two", 换成两瓶, 少一条."""
    order = _spoken_of(talk)
    if order is None:
        return None
    slot, _ = _LISTS[order.intent]
    changes = []
    for line in order.slots[slot]:
        count = act.slots["quantity"] if "quantity" in act.slots else line.get("quantity", 1) - act.slots.get("less", 0)
        changes.append(Decision("order.change", {slot: [line | {"quantity": count}]}) if count > 0 else Decision("order.cancel"))
    return _one_of(changes, talk)


def more(act: Act, talk: Talk) -> Meant:
    """ "One more", 再来两条: of what was just asked for."""
    order = _spoken_of(talk)
    if order is None:
        return None
    slot, name = _LISTS[order.intent]
    count = {"quantity": act.slots["quantity"]} if "quantity" in act.slots else {}
    return _one_of([Decision(order.intent, {slot: [{name: line[name]} | count]}) for line in order.slots[slot]], talk)


def again(act: Act, talk: Talk) -> Meant:
    """ "Same again", 一样的再来一个."""
    order = _things(talk.dialogue)
    if order is None:
        return None
    slot, _ = _LISTS[order.intent]
    lines = [dict(line) for line in order.slots[slot]]
    if "quantity" in act.slots and len(lines) == 1:
        lines[0]["quantity"] = act.slots["quantity"]
    return _good(Decision(order.intent, {slot: lines}))


def cancel(act: Act, talk: Talk) -> Meant:
    """ "Cancel that": the last order is called off; what was only switched is put back."""
    dialogue = talk.dialogue
    if act.slots.get("of") == "order":
        return (Decision("order.cancel"),)
    if act.slots.get("which") not in (None, "any"):
        return (Decision("order.cancel", {"which": act.slots["which"]}),)
    if act.slots.get("which") == "any":
        open_ones = _open(dialogue)
        if len(open_ones) < 2:
            return (Decision("order.cancel"),)
        readings = tuple(Decision("order.cancel", {"which": _named(one, talk)}) for one in open_ones)
        return Question("order", talk.now, readings=readings)
    last = dialogue.last
    newest = last.decisions[-1].intent if last else ""
    if last is not None and newest in _OF_AN_ORDER:
        return (Decision("order.cancel"),)
    if last is not None and newest in _UNDOABLE and talk.now - last.at <= UNDO_S:
        return (UNDO,)
    return (Decision("order.cancel"),) if _open(dialogue) and not act.soon else None


def instead_thing(act: Act, talk: Talk) -> Meant:
    """ "Not towels, bath towels", 换成浴巾."""
    order, wanted = _spoken_of(talk), act.decision
    if order is None or wanted is None:
        return None
    slot, name = _LISTS[order.intent]
    lines = order.slots[slot]
    gone = next((line for line in lines if line[name] == act.slots.get("item_dropped")), lines[-1])
    new_slot, new_name = _LISTS[wanted.intent]
    quantity = {"quantity": gone["quantity"]} if "quantity" in gone else {}
    things = [quantity | dict(thing) for thing in wanted.slots[new_slot]]
    if any(thing[new_name] == line.get(new_name) for thing in things for line in lines):
        return _good(Decision("order.change", {new_slot: things}))  # a quantity, said with its thing
    return _good(Decision("order.change", {"which": talk.name(gone[name]), new_slot: things}))


def note(act: Act, talk: Talk) -> Meant:
    """不要辣, "no onions": about the dish just ordered."""
    order = _spoken_of(talk)
    if order is None or order.intent != "order.food":
        return None
    slot, _ = _LISTS[order.intent]
    return _one_of([Decision("order.change", {slot: [line | {"note": act.slots["note"]}]}) for line in order.slots[slot]], talk)


def also_thing(act: Act, talk: Talk) -> Meant:
    """枕头也要, "and a pillow"."""
    return None if act.decision is None or not talk.dialogue.about(_OF_AN_ORDER) else _good(act.decision)


def time(act: Act, talk: Talk) -> Meant:
    """ "Make it seven" after a wake-up call was asked for."""
    if act.decision is None or not talk.dialogue.about(frozenset({"request.wakeup"})):
        return None
    last = talk.dialogue.last
    before = talk.dialogue.last_of(frozenset({"request.wakeup"}))[-1]
    if last is None or talk.now - last.at > UNDO_S:
        return None
    day = {"day": before.slots["day"]} if "day" in before.slots else {}
    after = Decision("request.wakeup", day | act.decision.slots)
    return Decision("order.cancel", {"which": talk.name("request.wakeup")}), after


def info(act: Act, talk: Talk) -> Meant:
    """ "And the pool?" after another question."""
    return _good(act.decision) if act.decision and talk.dialogue.about(frozenset({"info.ask"})) else None


def undo(act: Act, talk: Talk) -> Meant:
    return (UNDO,)


def ask(act: Act, talk: Talk) -> Meant:
    """A request that stops before it says what is needed: "wake me up"."""
    slots = {key: act.slots[key] for key in ("day", "daypart") if key in act.slots}
    return talk.ask(str(act.slots["asks"]), str(act.slots["intent"]), **slots)


def ask_value(act: Act, talk: Talk) -> Meant:
    """空调调到…"""
    return None if act.decision is None else talk.ask("value", "device.set", **act.decision.slots)


def _spoken_of(talk: Talk) -> Decision | None:
    """The things ordered, if the last that was said was about them."""
    return _things(talk.dialogue) if talk.dialogue.about(_THINGS | {"order.change"}) else None


def _things(dialogue: Dialogue) -> Decision | None:
    for one in dialogue.newest_first():
        if one.intent in _THINGS:
            return one
        for intent, (slot, _) in _LISTS.items():
            if one.intent == "order.change" and slot in one.slots:
                return Decision(intent, {slot: one.slots[slot]})
    return None


def _open(dialogue: Dialogue) -> list[Decision]:
    """The orders of this conversation that were not called off in it, the newest first; changes count as their order."""
    found: list[Decision] = []
    for turn in dialogue.turns:
        for one in turn.decisions:
            if one.intent in ORDERS:
                found.insert(0, one)
            elif one.intent == "order.cancel" and found:
                found.pop(0)
    return found


def _named(order: Decision, talk: Talk) -> str:
    if order.intent in _LISTS:
        slot, name = _LISTS[order.intent]
        return talk.name(order.slots[slot][0][name])
    return talk.name(order.intent)


def _one_of(readings: list[Decision], talk: Talk) -> Meant:
    if any(map(check, readings)):
        return None
    if len(readings) == 1:
        return (readings[0],)
    return Question("item", talk.now, readings=tuple(readings))


def _good(decision: Decision) -> tuple[Decision, ...] | None:
    return None if check(decision) else (decision,)


def lines(decision: Decision) -> list[Mapping[str, Any]]:
    """The things of an order or of its change."""
    return [*decision.slots.get("items", ()), *decision.slots.get("dishes", ())]


ORDER_ACTS: Mapping[str, Callable[[Act, Talk], Meant]] = {
    "quantity": quantity,
    "more": more,
    "again": again,
    "note": note,
    "cancel": cancel,
    "instead_thing": instead_thing,
    "also_thing": also_thing,
    "time": time,
    "info": info,
    "undo": undo,
    "ask": ask,
    "ask_value": ask_value,
}
