"""What the concierge says: templates in ``concierge/texts/reply_<lang>.yaml``, filled with the property's own names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from importlib import resources
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from concierge.domain.hotel import Device, Property, Topic
from concierge.voice.said_time import said_time
from intents.dialogue import Question

LANGUAGES = ("zh", "en")
_ENDS = ("？", "。", "?", ".", "！", "!")
_DIGITS = "零一二三四五六七八九"


@cache
def templates(lang: str) -> Mapping[str, str]:
    """The language's templates; English stands in for a language that has none."""
    name = f"reply_{lang if lang in LANGUAGES else 'en'}.yaml"
    text = (resources.files("concierge") / "texts" / name).read_text("utf-8")
    data: dict[str, str] = yaml.safe_load(text)
    return data


class Replies:
    """Clauses in the guest's language. A clause has no capital and no full stop: :meth:`sentence` joins them."""

    def __init__(self, property: Property) -> None:
        self._property = property

    def text(self, key: str, lang: str, **values: object) -> str:
        return templates(lang)[key].format(**values)

    def has(self, key: str, lang: str) -> bool:
        return key in templates(lang)

    def sentence(self, clauses: Iterable[str], lang: str) -> str:
        """Clauses → what is said: 「好的，床头灯开了，两瓶水马上送来。」 Clauses that end a sentence themselves stay so."""
        said = ""
        for clause in filter(None, clauses):
            ended = said.endswith(_ENDS)
            said += (
                clause if not said or (ended and lang == "zh") else f" {clause}" if ended else self.text("joint", lang) + clause
            )
        return _sentence(said, lang)

    def answer(self, topic: Topic, lang: str) -> str:
        """What the property has on ``topic``, letter for letter. If only in another language, the guest is told so first."""
        text, language = topic.told(lang)
        if language == lang:
            return text.rstrip("。.")
        return self.text("info.other", lang, answer=text, language=self.text(f"language.{language}", lang))

    def source(self, topic: Topic, lang: str) -> Mapping[str, str]:
        """Where the answer is from, for whoever reads of it later; it is not spoken."""
        return {"topic": topic.key, "source": topic.source, "lang": topic.told(lang)[1]}

    def device_name(self, devices: Sequence[Device], lang: str) -> str:
        """「床头灯」, 「窗帘和纱帘」, "the bedside lamp"; many lamps are "lights"."""
        kinds = {device.kind for device in devices}
        if len(devices) > 2 and kinds == {"light"}:
            return "灯" if lang == "zh" else "lights"
        return self.text("and", lang).join(dict.fromkeys(device.name[lang] for device in devices))

    def change(self, devices: Sequence[Device], change: Mapping[str, Any], lang: str) -> str:
        """What a confirmed change is told as; the quantity before the power, as a guest thinks of it."""
        name = self.device_name(devices, lang)
        plural = lang == "en" and (len(devices) > 1)
        key, value = self._change_key(change)
        said = self.text(key, lang, name=name, value=self._value(value, lang))
        return said.replace(" is ", " are ", 1) if plural else said

    @staticmethod
    def _change_key(change: Mapping[str, Any]) -> tuple[str, Any]:
        if change.get("power") == "off":
            return "power.off", "off"
        for key in ("temperature", "level", "channel", "volume", "mode", "fan_speed"):
            if key in change:
                return key, change[key]
        if "mute" in change:
            return f"mute.{str(change['mute']).lower()}", ""
        if "position" in change:
            position = change["position"]
            return {0: "position.close", 100: "position.open"}.get(position, "position"), position
        return "power.on", "on"

    def state(self, device: Device, what: str, state: Mapping[str, Any] | None, lang: str) -> str:
        """The answer to ``device.query``."""
        name = device.name[lang]
        if not state or what not in state:
            return self.text("state.unknown", lang, name=name)
        return self.text(f"state.{what}", lang, name=name, value=self._value(state[what], lang))

    def _value(self, value: Any, lang: str) -> str:
        key = f"value.{value}"
        if isinstance(value, str) and self.has(key, lang):
            return self.text(key, lang)
        return f"{value:g}" if isinstance(value, float) else str(value)

    def time(self, time: str, day: str, lang: str) -> str:
        """「明天早上七点半」, "half past seven tomorrow morning"; ``time`` HH:MM, ``day`` as a decision has it, or empty."""
        return said_time(time, day, lang, templates(lang))

    def moment(self, when: datetime, at: datetime, lang: str) -> str:
        """``when`` as a guest would say it ``at`` another instant, by the property's clock: 「今晚八点」."""
        local, today = (one.astimezone(ZoneInfo(self._property.timezone)) for one in (when, at))
        days = (local.date() - today.date()).days
        day = ("today", "tomorrow")[days] if days in (0, 1) else local.date().isoformat()
        return self.time(f"{local:%H:%M}", day, lang)

    def ago(self, seconds: float, lang: str) -> str:
        """「刚刚」, "3 minutes ago"."""
        minutes = int(seconds) // 60
        count, unit = (minutes, "minutes") if minutes < 60 else (minutes // 60, "hours")
        return self.text("ago.now" if minutes < 1 else f"ago.{unit}.{'one' if count == 1 else 'many'}", lang, count=count)

    def question(self, question: Question, lang: str) -> str:
        """The one question back: 「打开什么？」, 「哪盏灯？」, "What time?"."""
        slots = question.partial.slots
        names = list(dict.fromkeys(str(one.slots["which"]) for one in question.readings if "which" in one.slots))
        if question.asks == "order" and len(names) > 1:
            return self.text("ask.order.of", lang, names=self.text("or", lang).join(names[:3]))
        of = slots.get("power") or ("temperature" if slots.get("device") in ("ac", "water_heater") else "")
        for key in (f"ask.{question.asks}.{of}", f"ask.{question.asks}", "ask.either"):
            if self.has(key, lang):
                return self.text(key, lang)
        return self.text("ask.again", lang)

    def things(self, wanted: Sequence[Mapping[str, Any]], lang: str) -> str:
        """Items or dishes: 「两条毛巾和一个枕头」, "two towels and a pillow"."""
        joint = self.text("joint", lang)
        said = [
            joint.join(
                filter(
                    None,
                    (self._thing(str(one.get("item") or one.get("dish")), int(one.get("quantity", 1)), lang), one.get("note")),
                )
            )
            for one in wanted
        ]
        if len(said) < 2:
            return "".join(said)
        joint = "、" if lang == "zh" else ", "
        return joint.join(said[:-1]) + self.text("and", lang) + said[-1]

    def _thing(self, token: str, count: int, lang: str) -> str:
        thing = self._property.items.get(token) or self._property.dishes.get(token)
        name = thing.name[lang] if thing else token.replace("_", " ")
        if lang == "zh":
            measure = templates(lang).get(f"measure.{token}", templates(lang)["measure.default"])
            return f"{_count_zh(count)}{measure}{name}"
        key = f"thing.{token}.{'one' if count == 1 else 'many'}"
        if self.has(key, lang):
            return self.text(key, lang, count=_count_en(count))
        if count == 1:
            return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"
        return f"{_count_en(count)} {name}s"


def _sentence(said: str, lang: str) -> str:
    if not said:
        return ""
    said = said if said.endswith(_ENDS) else said + templates(lang)["end"]
    return said[0].upper() + said[1:]


def _count_zh(count: int) -> str:
    if count == 2:
        return "两"  # before a measure word
    if count < 10:
        return _DIGITS[count]
    return str(count)


def _count_en(count: int) -> str:
    small = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return small[count] if count < len(small) else str(count)


def standing() -> list[tuple[str, str]]:
    """(text, language) of what is said as it stands, to be spoken ahead of time."""
    said = ("filler", "ask.", "apology", "dialog.", "emergency.")
    return [
        (_sentence(text, lang), lang)
        for lang in LANGUAGES
        for key, text in templates(lang).items()
        if key.startswith(said) and "{" not in text
    ]
