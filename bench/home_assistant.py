"""Home Assistant's own sentences (package ``home-assistant-intents``, recognizer hassil) beside ours on the device part.

The room is set up as Home Assistant would have it, and every doubt is decided in its favour: names and aliases in both
languages, the water heater as a thermostat, °F turned into °C, "blinds" as the curtains, a player that is not named is the
one that fits. Each sentence goes in whole, once, as it does there, and what was recognized is told as our decisions.
``cut_into_clauses`` is more than Home Assistant does: cut at every mark and where the label says that a decision begins.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib import import_module, metadata
from itertools import pairwise
from statistics import median
from typing import Any

from hassil.intents import Intents, SlotList, TextSlotList
from hassil.recognize import RecognizeResult, recognize_best

from intents import Decision, Understanding
from intents.classifier.compare import same
from intents.corpus import Sentence

PACKAGE = "home-assistant-intents"
LANGUAGES = {"en": "en", "zh": "zh-CN"}
HERE = "room"
"""The area where the guest speaks: "turn off the lights" means the lights here."""
AREAS: Mapping[str, tuple[str, ...]] = {
    HERE: ("room", "guest room", "hotel room", "房间", "房间里", "客房", "屋里"),
    "bathroom": ("bathroom", "restroom", "toilet", "浴室", "卫生间", "洗手间", "厕所"),
    "hallway": ("hallway", "entrance", "entry", "corridor", "走廊", "玄关", "过道", "门口"),
    "living": ("living room", "lounge", "客厅"),
    "bedroom": ("bedroom", "卧室"),
}
ENTITIES = """
light/bedside light: bedside light, bedside lamp, bed lamp, lamp by the bed, lamp beside the bed, 床头灯, 床灯, 床头的灯
light/reading light: reading light, reading lamp, 阅读灯, 看书灯
light/bathroom light: bathroom light, bathroom lamp, 浴室灯, 卫生间灯, 洗手间灯, 厕所灯, 厕所的灯
light/desk light: desk lamp, desk light, table lamp, 台灯, 书桌灯, 桌灯
light/hallway light: hallway light, entrance light, corridor light, 走廊灯, 玄关灯, 过道灯, 门口灯
light/ceiling light: main light, ceiling light, overhead light, big light, 主灯, 顶灯, 大灯, 吸顶灯, 天花板灯
light/living light: living room light, living room lamp, 客厅灯, 厅灯
light/bedroom light: bedroom light, bedroom lamp, 卧室灯
light/night light: night light, nightlight, night lamp, 夜灯, 小夜灯
light/floor_lamp light: floor lamp, standing lamp, 落地灯
light/mirror light: mirror light, vanity light, make-up light, lamp next to the mirror, 镜前灯, 镜子灯, 化妆灯
ac climate: AC, A/C, air conditioner, air conditioning, air con, aircon, climate, heating, heat, thermostat, 空调, 冷气, 暖气
water_heater climate: water heater, boiler, geyser, 热水器
curtain cover: curtain, curtains, drapes, blinds, blackout curtains, blackout blinds, 窗帘, 遮光帘
sheer cover: sheers, sheer, sheer curtain, sheer curtains, lace curtain, thin curtain, 纱帘, 窗纱
tv media_player: TV, television, telly, 电视, 电视机
music media_player: music, speaker, speakers, radio, stereo, tunes, 音乐, 音响, 音箱, 歌
fan fan: fan, electric fan, 风扇, 电扇, 电风扇
"""
"""Our device and zone, Home Assistant's domain, the name and its aliases."""
_CURTAINS = frozenset({"blind", "curtain", "shade", "shutter"})
_ABSENT = re.compile("Vacuum|LawnMower|List")
"""Intents that do nothing in a room without such a thing."""
_ANSWERS = re.compile("Nevermind|Respond|GetCurrent|GetWeather|TimerStatus")
_ALL = re.compile(r"\b(all|every|everything|each|both)\b|全|所有|都", re.IGNORECASE)
_MARKS = re.compile(r"[,.;:!?，。；：！？、…]+")
_TV = re.compile(r"\b(tv|show|movie|channel)|电视|节目|台", re.IGNORECASE)

Understand = Callable[[Sentence], Understanding]


def measure(test: Sequence[Sentence], understand: Understand) -> dict[str, Any]:
    """Both on the sentences that are only about devices, and what Home Assistant does on those that are for nobody."""
    try:
        for lang in LANGUAGES:
            _sentences(lang)
    except ModuleNotFoundError:
        return {"note": f"not compared: {PACKAGE} is not installed"}
    devices = [one for one in test if all(d.intent in ("device.set", "device.query") for d in one.decisions)]
    nobody = [one for one in test if one.decisions == (Decision("none"),)]
    idle = [recognize(one.text, one.lang) or () for one in nobody]
    return {
        "package": metadata.version(PACKAGE),
        "sentences": {key: len(value) for key, value in _groups(devices).items()},
        "home_assistant": _figures(devices, lambda one: recognize(one.text, one.lang) or ()),
        "cut_into_clauses": _figures(devices, _clauses),
        "ours": _figures(devices, lambda one: understand(one).decisions),
        "out_of_scope": {"sentences": len(nobody), "false_actions_percent": _percent([acts(one) for one in idle])},
    }


def recognize(text: str, lang: str) -> tuple[Decision, ...] | None:
    """What Home Assistant would do, as our decisions: empty if it only answers, ``None`` if it knows no such sentence."""
    result = recognize_best(
        text.strip(),
        _sentences(lang),
        slot_lists=_names(),
        intent_context={"area": {"value": HERE, "text": HERE}},
        language=LANGUAGES[lang],
        best_slot_name="name",
    )
    return None if result is None else _decisions(result, text)


def acts(found: Sequence[Decision]) -> bool:
    """Whether something is done: not understood and polite words do nothing."""
    return any(not one.intent.startswith(("dialog.", "none")) for one in found)


def _clauses(one: Sentence) -> tuple[Decision, ...]:
    parts = [one.text[a:b] for a, b in pairwise((0, *one.bounds, len(one.text)))]
    clauses = [clause for part in parts for clause in _MARKS.split(part) if clause.strip()]
    return tuple(decision for clause in clauses for decision in recognize(clause, one.lang) or ())


def _figures(test: Sequence[Sentence], decide: Callable[[Sentence], tuple[Decision, ...]]) -> dict[str, Any]:
    acted, right, ms = [], [], []
    for one in test:
        began = time.perf_counter()
        found = decide(one)
        ms.append((time.perf_counter() - began) * 1000)
        acted.append(acts(found))
        right.append(same(found, one.decisions))
    wrong = [did and not well for did, well in zip(acted, right, strict=True)]
    groups = _groups(test)
    figures = {"matched_percent": acted, "right_percent": right, "wrong_action_percent": wrong}
    return {
        **{key: {g: _percent([each[at] for at in some]) for g, some in groups.items()} for key, each in figures.items()},
        "ms_p50": round(median(ms), 2) if ms else 0.0,
    }


def _groups(test: Sequence[Sentence]) -> dict[str, list[int]]:
    return {
        "all": list(range(len(test))),
        **{lang: [at for at, one in enumerate(test) if one.lang == lang] for lang in ("zh", "en")},
        "one_decision": [at for at, one in enumerate(test) if len(one.decisions) == 1],
    }


def _percent(values: Sequence[bool]) -> float:
    return round(100 * sum(values) / len(values), 1) if values else 0.0


@cache
def _sentences(lang: str) -> Intents:
    data = import_module("home_assistant_intents").get_intents(LANGUAGES[lang])
    data["intents"] = {name: intent for name, intent in data["intents"].items() if not _ABSENT.search(name)}
    return Intents.from_dict(data)


@cache
def _names() -> dict[str, SlotList]:
    rows = [line.partition(": ") for line in ENTITIES.strip().splitlines()]
    things = [(*thing.split(" "), aliases.split(", ")) for thing, _, aliases in rows]
    names = [(name, thing, {"domain": domain}) for thing, domain, aliases in things for name in aliases]
    areas = [(name, area) for area, aliases in AREAS.items() for name in aliases]
    return {
        "name": TextSlotList.from_tuples(names, allow_template=False, name="name"),
        "area": TextSlotList.from_tuples(areas, allow_template=False, name="area"),
        "floor": TextSlotList.from_tuples([], allow_template=False, name="floor"),
    }


def _decisions(result: RecognizeResult, words: str) -> tuple[Decision, ...]:
    intent = result.intent.name
    if _ANSWERS.search(intent):
        return ()
    said = {name: entity.value for name, entity in result.entities.items()}
    thing = _thing(intent, said, words)
    if thing is None:
        return () if intent.startswith(("HassTurn", "HassGetState", "HassSetPosition")) else (Decision(intent),)
    if intent in ("HassGetState", "HassClimateGetTemperature"):
        return (Decision("device.query", {**thing, "what": _asked(intent, thing["device"])}),)
    slots = _slots(intent, thing["device"], said)
    return (Decision("device.set", {**thing, **slots}) if slots else Decision(intent),)


def _thing(intent: str, said: Mapping[str, Any], words: str) -> dict[str, str] | None:
    """The device and its zone, or ``None`` if the room has no such thing."""
    area = said.get("area", HERE)
    zone = "" if area == HERE else str(area)
    if "name" in said:
        device, _, zone = str(said["name"]).partition("/")
    elif "device_class" in said:
        if said["device_class"] not in _CURTAINS:
            return None
        device, zone = "curtain", ""
    elif said.get("domain") in ("light", "fan"):
        device = str(said["domain"])
        if device == "light" and not zone and intent != "HassGetState" and _ALL.search(words):
            zone = "all"
    elif intent.startswith("HassClimate"):
        device = "ac"
    elif intent == "HassFanSetSpeed":
        device = "fan"
    elif intent.startswith(("HassMediaPlayer", "HassSetVolume")):
        device = "music" if re.search(r"\bmusic\b|音乐", words, re.IGNORECASE) else "tv"
    elif intent.startswith("HassMedia"):
        device = "tv" if _TV.search(words) else "music"
    else:
        return None
    return {"device": device, "zone": zone} if zone and device == "light" else {"device": device}


def _asked(intent: str, device: str) -> str:
    if intent == "HassClimateGetTemperature" or device in ("ac", "water_heater"):
        return "temperature"
    return "position" if device in ("curtain", "sheer") else "power"


def _slots(intent: str, device: str, said: Mapping[str, Any]) -> dict[str, Any]:
    """What is set; nothing for what no device of ours has (a colour, a timer)."""
    on = intent in ("HassTurnOn", "HassMediaUnpause")
    match intent:
        case "HassTurnOn" | "HassTurnOff" if device in ("curtain", "sheer"):
            return {"position": 100 if on else 0}
        case "HassTurnOn" | "HassTurnOff" | "HassMediaPause" | "HassMediaUnpause":
            return {"power": "on" if on else "off"}
        case "HassLightSet" if "brightness" in said:
            return {"level": _whole(said["brightness"])}
        case "HassClimateSetTemperature":
            degrees = said["temperature"]
            return {"temperature": _whole(degrees) if degrees <= 45 else round((degrees - 32) * 5 / 9)}
        case "HassClimateSetFanMode":
            return {"fan_speed": said["fan_mode"]}
        case "HassFanSetSpeed":
            return {"fan_speed": "low" if said["percentage"] <= 33 else "medium" if said["percentage"] <= 66 else "high"}
        case "HassSetPosition":
            return {"position": _whole(said["position"])}
        case "HassSetVolume":
            return {"volume": _whole(said["volume_level"])}
        case "HassSetVolumeRelative":
            return _louder(said["volume_step"])
        case "HassMediaPlayerMute" | "HassMediaPlayerUnmute":
            return {"mute": intent == "HassMediaPlayerMute"}
        case "HassMediaNext" | "HassMediaPrevious":
            return {"change": "up" if intent == "HassMediaNext" else "down", "of": "channel"}
        case "HassMediaSearchAndPlay":
            return {"power": "on"} if device == "music" else {"channel": said["search_query"]}
    return {}


def _louder(step: Any) -> dict[str, Any]:
    if isinstance(step, str):
        return {"change": step, "of": "volume"}
    return {"change": "up" if step > 0 else "down", "of": "volume", "step": _whole(abs(step))}


def _whole(number: float) -> float:
    return int(number) if number == int(number) else number
