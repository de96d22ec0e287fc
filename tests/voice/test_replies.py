"""What is said: every reply in both languages, nothing promised that was not done."""

from __future__ import annotations

import string

import pytest

from concierge.domain import device as devices_of
from concierge.voice.plan import TICKETS
from concierge.voice.replies import LANGUAGES, Replies, standing, templates
from intents import Decision
from intents.catalogue import CATALOGUE
from intents.dialogue import Question


@pytest.fixture
def replies(property_):
    return Replies(property_)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_a_reply_missing_in_one_language_or_with_other_fields():
    zh, en = templates("zh"), templates("en")
    own = ("measure.", "thing.", "things.")
    assert {key for key in zh if not key.startswith(own)} == {key for key in en if not key.startswith(own)}
    for key in zh.keys() & en.keys():
        if key.startswith(("clock.", "when.")):  # "quarter to eight" is 七点四十五
            continue
        assert fields(zh[key]) == fields(en[key]), key


def test_a_ticket_without_a_reply():
    for lang in LANGUAGES:
        assert not {key for key in TICKETS.values() if key not in templates(lang)}
    assert set(TICKETS) <= set(CATALOGUE)


def test_every_kind_of_device_and_change_has_words(replies, property_):
    samples = {
        "power": "off",
        "level": 40,
        "temperature": 24.5,
        "mode": "cool",
        "fan_speed": "low",
        "position": 50,
        "volume": 20,
        "channel": 5,
        "mute": True,
    }
    for device in property_.spaces["301"].devices.values():
        for quantity in devices_of.CAN[device.kind]:
            for lang in LANGUAGES:
                said = replies.change([device], {quantity: samples[quantity]}, lang)
                assert device.name[lang] in said
                assert "{" not in said
        for lang in LANGUAGES:
            main = devices_of.MAIN[device.kind]
            assert device.name[lang] in replies.state(device, main, {main: samples[main]}, lang)


@pytest.mark.parametrize(
    ("lang", "clauses", "said"),
    [
        ("zh", ["好的", "床头灯开了", "两瓶水马上送来"], "好的，床头灯开了，两瓶水马上送来。"),
        ("en", ["", "the bedside lamp is on", "two towels coming up"], "The bedside lamp is on, two towels coming up."),
        ("en", ["are you safe?", "the light is off"], "Are you safe? the light is off."),
        ("zh", [], ""),
    ],
)
def test_clauses_make_one_sentence(replies, lang, clauses, said):
    assert replies.sentence(clauses, lang) == said


@pytest.mark.parametrize(
    ("lang", "wanted", "said"),
    [
        ("zh", [{"item": "towel", "quantity": 2}, {"item": "pillow"}], "两条毛巾和一个枕头"),
        ("en", [{"item": "towel", "quantity": 2}, {"item": "pillow"}], "two towels and a pillow"),
        ("en", [{"item": "water", "quantity": 3}], "three bottles of water"),
        ("en", [{"item": "umbrella"}], "an umbrella"),
        ("zh", [{"dish": "latte", "quantity": 12}], "12杯拿铁"),
        ("zh", [{"dish": "beef_noodles", "quantity": 2, "note": "不要辣"}], "两碗牛肉面，不要辣"),
    ],
)
def test_things_are_counted_as_people_count(replies, lang, wanted, said):
    assert replies.things(wanted, lang) == said


def test_every_thing_of_the_hotel_can_be_said(replies, property_):
    for lang in LANGUAGES:
        for count in (1, 2, 40):
            for item in property_.items:
                assert replies.things([{"item": item, "quantity": count}], lang)
            for dish in property_.dishes:
                assert replies.things([{"dish": dish, "quantity": count}], lang)


def test_several_lamps_are_lights_and_not_a_list(replies, property_):
    lamps = [one for one in property_.spaces["301"].devices.values() if one.kind == "light"]
    assert replies.change(lamps, {"power": "off"}, "en") == "the lights are off"
    assert replies.change(lamps, {"power": "off"}, "zh") == "灯关了"


def test_phrases_spoken_ahead_are_the_ones_that_are_said(replies):
    phrases = standing()
    assert (replies.sentence([replies.text("filler", "zh")], "zh"), "zh") in phrases
    assert all("{" not in text for text, _ in phrases)


@pytest.mark.parametrize(
    ("lang", "time", "day", "said"),
    [
        ("zh", "07:30", "tomorrow", "明天早上七点半"),
        ("zh", "14:00", "", "下午两点"),
        ("zh", "00:05", "", "凌晨零点零五分"),
        ("zh", "18:45", "2026-03-04", "3月4日晚上六点四十五"),
        ("en", "06:30", "tomorrow", "half past six tomorrow morning"),
        ("en", "05:45", "", "quarter to six in the morning"),
        ("en", "19:20", "today", "seven twenty this evening"),
        ("en", "00:00", "", "twelve o'clock in the night"),
        ("en", "07:05", "2026-03-04", "seven oh five in the morning on March 4"),
        ("en", "", "", ""),
    ],
)
def test_times_are_told_as_people_tell_them(replies, lang, time, day, said):
    assert replies.time(time, day, lang) == said


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_question_has_words(replies, lang):
    for asks in ("device", "light", "zone", "value", "time", "where", "order", "item", "asset", "either", "confirm"):
        said = replies.question(Question(asks, 0.0), lang)
        assert said.endswith(("？", "?"))
        assert "{" not in said
    towels, congee = (Decision("order.cancel", {"which": which}) for which in ("A", "B"))
    asked = replies.question(Question("order", 0.0, readings=(towels, congee)), lang)
    assert "A" in asked
    assert "B" in asked
    on = Question("device", 0.0, Decision("device.set", {"power": "on"}))
    assert replies.question(on, lang) == {"zh": "打开什么？", "en": "turn what on?"}[lang]
