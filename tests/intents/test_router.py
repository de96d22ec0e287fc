"""The cascade: who decides, what is passed on, and what is never done."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concierge.property import load as load_property
from intents import Decision, Vocabulary
from intents.catalogue import check
from intents.classifier.model import BUNDLED
from intents.classifier.pieces import Cutter
from intents.knowledge import Entry, Knowledge
from intents.router import Router
from intents.vocabulary import builtin

_ROUTER = Router.load(clock=lambda: datetime(2026, 11, 20, 21, 0))


def means(text: str, lang: str, role: str = "guest") -> list[tuple[str, dict[str, object]]]:
    return [(one.intent, one.slots) for one in _ROUTER.understand(text, lang, role).decisions]


@pytest.mark.parametrize(
    ("lang", "text", "wanted"),
    [
        (
            "zh",
            "关灯拉窗帘，再送两瓶水",
            [
                ("device.set", {"device": "light", "power": "off"}),
                ("device.set", {"device": "curtain", "position": 0}),
                ("request.items", {"items": [{"item": "water", "quantity": 2}]}),
            ],
        ),
        ("zh", "把AC调到24度", [("device.set", {"device": "ac", "temperature": 24})]),
        ("zh", "两条，不对，三条毛巾", [("request.items", {"items": [{"item": "towel", "quantity": 3}]})]),
        ("zh", "把空条调到二十四度", [("device.set", {"device": "ac", "temperature": 24})]),
        ("zh", "拉上窗连", [("device.set", {"device": "curtain", "position": 0})]),
        ("zh", "屋里有点凉，能不能暖和一点", [("device.set", {"device": "ac", "change": "up"})]),
        ("en", "it's a bit stuffy in here", [("device.set", {"device": "ac", "change": "down"})]),
        (
            "en",
            "could you turn the lights off and bring two more towels",
            [
                ("device.set", {"device": "light", "power": "off"}),
                ("request.items", {"items": [{"item": "towel", "quantity": 2}]}),
            ],
        ),
        (
            "en",
            "not the bedside lamp, the reading one, turn it off",
            [("device.set", {"device": "light", "zone": "reading", "power": "off"})],
        ),
        ("en", "two towels and a pillow", [("request.items", {"items": [{"item": "towel", "quantity": 2}, {"item": "pillow"}]})]),
    ],
)
def test_mixed_repaired_misheard_and_indirect_sentences(
    lang: str, text: str, wanted: list[tuple[str, dict[str, object]]]
) -> None:
    assert means(text, lang) == wanted


@pytest.mark.parametrize("text", ["the chef on this show burned the whole lasagna", "昨天那家酒店空调坏了"])
def test_a_story_is_not_a_request(text: str) -> None:
    assert means(text, None or ("zh" if text[0] > "z" else "en")) == [("none", {})]


def test_each_stage_says_what_it_decided_how_sure_it_was_and_how_long_it_took() -> None:
    found = _ROUTER.understand("um could somebody possibly pop up with a couple more pillows", "en")
    assert [one.stage for one in found.trace][:2] == ["emergency", "grammar"]
    assert found.trace[-1].outcome == "decided"
    assert found.trace[-1].decisions == found.decisions
    assert all(one.ms >= 0 for one in found.trace)
    assert sum(one.ms for one in found.trace) <= found.ms


def test_stages_are_dropped_by_settings_but_never_the_emergency_gate() -> None:
    bare = Router.load(stages=[])
    assert bare.understand("turn on the light", "en").decisions == (Decision("none"),)
    assert bare.understand("救命", "zh").emergency
    with pytest.raises(ValueError, match="no stage magic"):
        Router.load(stages=["magic"])


def test_a_guest_reports_no_room_whatever_the_classifier_thinks() -> None:
    words = "just finished up in three oh four, it's spotless now"
    assert all(intent != "room.report" for intent, _ in means(words, "en"))


def test_a_sentence_that_is_too_long_to_be_read_is_known_as_such() -> None:
    cutter = Cutter(BUNDLED, builtin())
    assert cutter.cut("关灯，谢谢！", "zh").whole
    assert not cutter.cut("关灯" + "今天走了很多路" * 20 + "算了别关", "zh").whole
    found = _ROUTER.understand("关灯吧" + "今天走了很多路" * 20 + "算了别关", "zh")
    assert all(one.intent != "device.set" for one in found.decisions)


def test_what_the_property_does_not_have_is_not_promised() -> None:
    base = builtin()
    few = Vocabulary({"towel": base.items["towel"]}, {}, {})
    found = Router.load(few).understand("I'd love a bathrobe and a couple of slippers if you have any", "en")
    assert all(one.intent != "request.items" for one in found.decisions)


def test_the_propertys_knowledge_is_asked_after_the_classifier() -> None:
    entry = Entry(
        "tap_water",
        {"en": "Our tap water is safe to drink."},
        "hotel guide",
        {"en": ["tap water"]},
        {"en": ["can I drink the tap water", "is the tap water safe"]},
    )
    router = Router.load(knowledge=Knowledge([entry]))
    found = router.understand("is the tap water okay to drink here", "en")
    assert found.stage == "knowledge"
    assert found.decisions[0].slots["topic"] == "tap_water"


@pytest.mark.parametrize(
    ("text", "lang", "time"),
    [("把叫醒改到八点", "zh", "08:00"), ("change the alarm from seven to quarter past six", "en", "06:15")],
)
def test_a_wake_up_call_put_off_is_the_call_as_it_should_now_be(text: str, lang: str, time: str) -> None:
    assert means(text, lang) == [("request.wakeup", {"time": time})]


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("could someone call me about my parcel", "en"),
        ("can someone help me with the deposit", "en"),
        ("能找个人跟我说一下押金的事吗", "zh"),
    ],
)
def test_whoever_wants_somebody_to_do_something_gets_no_answer_from_the_knowledge_instead(text: str, lang: str) -> None:
    found = Router.load(knowledge=Knowledge.of(load_property().topics.values())).understand(text, lang)
    assert found.decisions[0].intent == "handoff.human"


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=300), st.sampled_from(["zh", "en"]), st.sampled_from(["guest", "staff"]))
def test_whatever_is_said_every_decision_is_of_the_catalogue(text: str, lang: str, role: str) -> None:
    assert [check(one) for one in _ROUTER.understand(text, lang, role).decisions] == [None] * len(
        _ROUTER.understand(text, lang, role).decisions
    )


def test_the_bundled_model_is_no_larger_than_ten_megabytes() -> None:
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) <= 10_000_000
