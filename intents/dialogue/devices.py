"""What "it", "a bit more", "the other one" mean among the devices that were spoken of.

Each function takes an act and the conversation and returns decisions, a question, or None: not meant so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from intents.catalogue import Decision, check
from intents.dialogue.kinds import COVERS, HAS, MAIN, asset, switched, translated
from intents.dialogue.sentences import Act
from intents.dialogue.state import ANSWER_S, DEVICES, UNDO_S, Dialogue, Question

UNDO = Decision("dialog.undo")
_SHARED = ("level", "position", "volume")
_VALUES = ("temperature", "level", "volume", "fan_speed", "position")
_BARE = HAS["temperature"] | HAS["channel"]
"""Kinds that a number alone may set."""
_FAHRENHEIT_FROM = 46


@dataclass(frozen=True)
class Talk:
    """One sentence on its way to being understood. ``name``: a thing's token → what it is called in the guest's language;
    ``place``: the words, taken as the name of a place; empty if they are too many."""

    dialogue: Dialogue
    now: float
    text: str
    name: Callable[[str], str]
    place: str = ""

    def fresh(self, act: Act) -> bool:
        """Whether the last turn is near enough for an act that asks for that."""
        last = self.dialogue.last
        if last is None:
            return not (act.fresh or act.soon)
        age = self.now - last.at
        return not (act.fresh and age > ANSWER_S) and not (act.soon and age > UNDO_S)

    def ask(self, asks: str, intent: str, **slots: Any) -> Question:
        return Question(asks, self.now, Decision(intent, {key: value for key, value in slots.items() if value is not None}))


Meant = tuple[Decision, ...] | Question | None


def adjust(act: Act, talk: Talk) -> Meant:
    """再高一点, "two degrees lower"."""
    of = act.slots.get("of")
    wanted = {key: act.slots[key] for key in ("change", "step") if key in act.slots}
    thing = _newest(talk.dialogue, HAS[of] if of else frozenset(MAIN))
    if thing is None:
        return None if of or wanted.get("change") == "same" else talk.ask("device", "device.set", **wanted)
    if wanted.get("change") == "same":  # "a bit more" after "dim it" is darker
        wanted["change"] = thing.slots.get("change", "up")
    quantity = of or _quantity(thing)
    if quantity == "channel" and not of:
        quantity = "volume"
    slots = _where(thing) | wanted | ({} if quantity == MAIN[thing.slots["device"]] else {"of": quantity})
    return _decision("device.set", slots)


def value(act: Act, talk: Talk) -> Meant:
    """ "Actually 25", 一半, 低速吧."""
    slots = act.slots
    named = next((key for key in ("mode", "fan_speed", "temperature") if key in slots), None)
    if named is not None:
        thing = _newest(talk.dialogue, HAS[named])
        if thing is None:
            return None
        said = slots[named] + slots["half"] if named == "temperature" and "half" in slots else slots[named]
        return valued(thing, named, said)
    if not talk.dialogue.about(DEVICES):
        return None
    thing = talk.dialogue.last_of(DEVICES)[-1]
    quantity = _quantity(thing)
    if "share" in slots:
        return valued(thing, quantity, slots["share"]) if quantity in _SHARED else None
    told = set(thing.slots) & {quantity, "of", "change"}
    if thing.slots["device"] in ("tv", "music") and not told:
        return None  # a channel, a volume: nobody knows
    if act.fresh and thing.slots["device"] not in _BARE:
        return None
    return valued(thing, quantity, slots["number"])


def valued(thing: Decision, quantity: str, number: Any) -> tuple[Decision, ...] | None:
    """Set ``quantity`` of ``thing``; °F become °C, nothing that the catalogue has no place for."""
    kind = thing.slots["device"]
    if quantity == "temperature" and kind == "ac" and isinstance(number, int | float) and number >= _FAHRENHEIT_FROM:
        number = round((number - 32) * 5 / 9)
    if quantity != "temperature" and isinstance(number, float):
        number = round(number)
    return _decision("device.set", _where(thing) | {quantity: number})


def power(act: Act, talk: Talk) -> Meant:
    """关掉它, "turn it off", 也关了, 把它们都打开."""
    to, dialogue = act.slots["to"], talk.dialogue
    kinds = COVERS if act.slots.get("kind") == "cover" else frozenset(MAIN)
    if act.slots.get("who") == "all":
        things = list(dict.fromkeys(map(_key, _together(talk))))
        return _all([Decision("device.set", dict(one) | switched(dict(one)["device"], to)) for one in things]) or _which(talk, to)
    if act.slots.get("who") == "next":
        last = {_key(one) for one in dialogue.last_of(DEVICES)}
        thing = next((one for one in dialogue.newest_first() if one.intent in DEVICES and _key(one) not in last), None)
    else:
        thing = _newest(dialogue, kinds)
    if thing is None:
        if kinds is COVERS:
            return _decision("device.set", {"device": "curtain"} | switched("curtain", to))
        return _which(talk, to)
    wanted = switched(thing.slots["device"], to)
    if act.slots.get("bare") and wanted.items() <= thing.slots.items():
        return _which(talk, to)  # it is so already: another thing is meant
    return _decision("device.set", _where(thing) | wanted)


def query(act: Act, talk: Talk) -> Meant:
    """ "Is it on?" """
    thing = _newest(talk.dialogue, frozenset(MAIN))
    if thing is None:
        return None
    kind = thing.slots["device"]
    what = MAIN[kind] if act.slots["what"] == "main" or kind in COVERS else act.slots["what"]
    return _decision("device.query", _where(thing) | {"what": what})


def also(act: Act, talk: Talk) -> Meant:
    """ "And the curtains?", 台灯也是: the same again for another thing."""
    base = _base(talk)
    target = pointed(act, base)
    if base is None or target is None:
        return None
    return _same(base, target)


def instead(act: Act, talk: Talk) -> Meant:
    """ "Not that one, the desk one": what was done to the wrong thing is taken back."""
    base = _base(talk)
    target = pointed(act, base)
    if base is None or target is None:
        return None
    meant = _same(base, target)
    return None if meant is None else (*took_back(base, talk), *meant)


def took_back(base: Decision, talk: Talk) -> tuple[Decision, ...]:
    """Undo of the turn that ``base`` was decided in; what else that turn did is done again."""
    last = talk.dialogue.last
    if last is None or base.intent != "device.set" or talk.now - last.at > UNDO_S:
        return ()
    return (UNDO, *(one for one in last.decisions if one is not base and one.intent == "device.set"))


def other(act: Act, talk: Talk) -> Meant:
    """ "The other one too": clear where the room has two, a question where it has more."""
    base = _base(talk)
    if base is None:
        return None
    kind = base.slots["device"]
    here = set(talk.dialogue.zones.get(kind, ()))
    used = {one.slots.get("zone", "") for one in talk.dialogue.last_of(DEVICES) if one.slots["device"] == kind}
    slots = switched(kind, act.slots["to"]) if "to" in act.slots else _values(base)
    first = took_back(base, talk) if act.slots.get("instead") else ()
    left = sorted(here - used)
    twin = {"curtain": "sheer", "sheer": "curtain"}.get(kind)
    if not left and twin in talk.dialogue.zones:
        meant = _decision("device.set", {"device": twin, **slots})
        return None if meant is None else (*first, *meant)
    if len(left) == 1 and used:
        meant = _decision("device.set", {"device": kind, "zone": left[0], **slots})
        return None if meant is None else (*first, *meant)
    asks = "light" if kind == "light" else "zone"
    return Question(asks, talk.now, Decision("device.set", {"device": kind, **slots}), first=first)


def lamp(act: Act, talk: Talk) -> Meant:
    """ "Turn on that lamp" in a room with several."""
    zones = talk.dialogue.zones.get("light", ())
    wanted = switched("light", act.slots["to"])
    thing = _newest(talk.dialogue, frozenset({"light"}))
    if thing is not None and "zone" in thing.slots:
        return _decision("device.set", _where(thing) | wanted)
    if len(zones) < 2:
        return None
    return talk.ask("light", "device.set", device="light", **wanted)


def broken(act: Act, talk: Talk) -> Meant:
    """ "It isn't working"."""
    thing = _newest(talk.dialogue, frozenset(MAIN))
    if thing is None:
        return talk.ask("asset", "request.repair")
    return _decision("request.repair", {"asset": asset(thing.slots["device"])})


def pointed(act: Act, base: Decision | None) -> Decision | None:
    """The thing that an act names: by its name, or by its place and the kind spoken of."""
    if act.decision is not None and act.decision.intent == "device.query":
        return act.decision
    if "zone" in act.slots:
        kind = base.slots["device"] if base else "light"
        return Decision("device.query", {"device": kind, "zone": act.slots["zone"]})
    return None


def completed(target: Decision, slots: Mapping[str, Any]) -> tuple[Decision, ...] | None:
    """``slots``, said before the thing was known, for ``target``."""
    kind = target.slots["device"]
    known = dict(slots)
    if "power" in known and kind in COVERS:
        known |= switched(kind, known.pop("power"))
    return _decision("device.set", _where(target) | known)


def _same(base: Decision, target: Decision) -> tuple[Decision, ...] | None:
    if base.intent == "device.query":
        kind = target.slots["device"]
        what = base.slots.get("what", "power")
        return _decision("device.query", _where(target) | {"what": what if kind in HAS.get(what, ()) else MAIN[kind]})
    slots = translated(_values(base), base.slots["device"], target.slots["device"])
    return _decision("device.set", _where(target) | slots)


def _which(talk: Talk, to: str) -> Question:
    return talk.ask("device", "device.set", power=to)


def _base(talk: Talk) -> Decision | None:
    """The device decision that the last turn ended with."""
    if not talk.dialogue.about(DEVICES):
        return None
    return talk.dialogue.last_of(DEVICES)[-1]


def _together(talk: Talk) -> list[Decision]:
    """What "them" is: several things of one turn, else those of the turns just before each other."""
    last = list(talk.dialogue.last_of(DEVICES))
    if len(last) > 1:
        return last
    found: list[Decision] = []
    for turn in reversed(talk.dialogue.turns):
        things = [one for one in turn.decisions if one.intent in DEVICES]
        if not things or talk.now - turn.at > UNDO_S:
            break
        found = things + found
    return found or last


def _newest(dialogue: Dialogue, kinds: frozenset[str]) -> Decision | None:
    return next((one for one in dialogue.newest_first() if one.intent in DEVICES and one.slots["device"] in kinds), None)


def _quantity(thing: Decision) -> str:
    """What of the thing was spoken of last; its main quantity if that was only on and off."""
    named = thing.slots.get("of") or next((key for key in (*_VALUES, "channel") if key in thing.slots), None)
    what = thing.slots.get("what")
    return str(named or (what if what in (*_VALUES, "channel") else None) or MAIN[thing.slots["device"]])


def _values(thing: Decision) -> dict[str, Any]:
    return {key: value for key, value in thing.slots.items() if key not in ("device", "zone")}


def _where(thing: Decision) -> dict[str, Any]:
    return {key: thing.slots[key] for key in ("device", "zone") if key in thing.slots}


def _key(thing: Decision) -> tuple[tuple[str, Any], ...]:
    return tuple(_where(thing).items())


def _decision(intent: str, slots: dict[str, Any]) -> tuple[Decision, ...] | None:
    return _all([Decision(intent, slots)])


def _all(decisions: list[Decision]) -> tuple[Decision, ...] | None:
    return None if not decisions or any(map(check, decisions)) else tuple(decisions)


DEVICE_ACTS: Mapping[str, Callable[[Act, Talk], Meant]] = {
    "adjust": adjust,
    "value": value,
    "power": power,
    "query": query,
    "also": also,
    "instead": instead,
    "other": other,
    "lamp": lamp,
    "broken": broken,
}
