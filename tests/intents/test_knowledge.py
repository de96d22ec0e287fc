"""What the property knows is found, and what it does not know is not: data in ``knowledge/``."""

from __future__ import annotations

import time
from collections.abc import Mapping
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench import knowledge as measure
from concierge.domain.hotel import Property
from intents.knowledge import Entry, Knowledge

LANGS, SPLITS = ("zh", "en"), ("tune", "held")


@pytest.fixture(scope="module")
def knowledge(property_: Property) -> Knowledge:
    return Knowledge.of(property_.topics.values())


@pytest.fixture(scope="module")
def figures(knowledge: Knowledge) -> Mapping[tuple[str, str], Mapping[str, int]]:
    return {(lang, split): measure.measured(knowledge, lang, split) for lang, split in product(LANGS, SPLITS)}


def test_the_questions_are_many_and_a_third_of_them_has_no_answer(figures, property_: Property) -> None:
    for lang in LANGS:
        answerable, unanswerable = (sum(figures[lang, s][kind] for s in SPLITS) for kind in ("answerable", "unanswerable"))
        assert answerable + unanswerable >= 150
        assert unanswerable >= (answerable + unanswerable) / 3
        asked = {topic for split in SPLITS for _, topic in measure.questions(lang, split)}
        assert asked == {*property_.topics, measure.UNKNOWN}


def test_what_the_property_does_not_say_is_not_answered(figures) -> None:
    invented, unanswerable = (sum(row[kind] for row in figures.values()) for kind in ("answered_anyway", "unanswerable"))
    assert invented <= 0.02 * unanswerable


def test_what_the_property_says_is_found(figures) -> None:
    for row in figures.values():
        assert row["recall"] >= 0.88
        assert row["precision"] >= 0.95
        assert row["wrong"] <= 0.02 * row["answerable"]


@pytest.mark.parametrize(
    ("question", "lang", "key", "answered_in"),
    [
        ("where is the nearest pharmacy", "en", "pharmacy", "zh"),
        ("how far is the train station", "en", "train_station", "zh"),
        ("有裁缝吗", "zh", "tailor", "en"),
        ("裁縫在哪裡", "zh", "tailor", "en"),
        ("Ｗｉｆｉ 密码是多少？？", "zh", "wifi", "zh"),
        ("what's the WiFi password", "en", "wifi", "en"),
        ("pharmacy在哪里", "zh", "pharmacy", "zh"),
        ("where is the 药店", "en", "pharmacy", "zh"),
        ("we overslept, is breakfast still on", "en", "breakfast", "en"),
    ],
)
def test_an_answer_is_in_the_guests_language_if_the_property_has_one(
    knowledge: Knowledge, property_: Property, question: str, lang: str, key: str, answered_in: str
) -> None:
    found = knowledge.find(question, lang)
    assert found is not None
    assert (found.key, found.lang, found.source) == (key, answered_in, property_.topics[key].source)
    assert property_.topics[key].told(lang) == (property_.topics[key].answer[answered_in], answered_in)
    assert 0.6 <= found.score <= 1
    assert found.margin > 0


@pytest.mark.parametrize(
    ("question", "lang"),
    [
        ("what time does the museum open", "en"),  # only its distance is known
        ("how much is the pool table", "en"),
        ("does room 302 have breakfast", "en"),
        ("三零二房含早餐吗", "zh"),
        ("how much is the pool", "en"),  # its answer holds no price
        ("泳池的水温是多少", "zh"),
        ("can I store luggage at the train station", "en"),
        ("", "en"),
        ("？？！", "zh"),
        ("the the the", "en"),
    ],
)
def test_near_misses_are_not_answered(knowledge: Knowledge, question: str, lang: str) -> None:
    assert knowledge.find(question, lang) is None


def test_two_entries_that_fit_alike_are_not_guessed_between() -> None:
    entries = [Entry(f"hall_{n}", {"en": "It is on the second floor."}, "guide", {"en": ["ballroom"]}) for n in (1, 2)]
    assert Knowledge(entries).find("where is the ballroom", "en") is None
    assert Knowledge(entries[:1]).find("where is the ballroom", "en") is not None


def test_words_that_only_this_property_has_are_found() -> None:
    entries = [
        Entry("onsen", {"zh": "温泉在地下二层。"}, "guide", {"zh": ["樱之汤"]}),
        Entry("falconry", {"en": "The falcons fly at noon on the lawn."}, "guide", {"en": ["falconry show"]}),
    ]
    knowledge = Knowledge(entries)
    assert knowledge.find("樱之汤在几层", "zh").key == "onsen"
    assert knowledge.find("when is the falconry show", "en").key == "falconry"
    assert knowledge.find("when is the magic show", "en") is None


def test_a_house_that_knows_nothing_says_nothing() -> None:
    assert Knowledge([]).find("where is the pool", "en") is None


@given(st.text(max_size=200), st.sampled_from(["zh", "en", "fr"]))
def test_whatever_is_asked_only_entries_are_found(said: str, lang: str) -> None:
    found = _KNOWN.find(said, lang)
    assert found is None or found.key in ("pool", "泳池")


_KNOWN = Knowledge([Entry("pool", {"zh": "三楼。"}, "guide", {"zh": ["游泳池"], "en": ["pool"]})])


def test_two_thousand_entries_load_and_answer_in_time(property_: Property) -> None:
    many = measure.many(list(Knowledge.entries(property_.topics.values())))
    knowledge, load_ms = measure.loaded(many)
    assert len(many) == measure.MANY
    assert load_ms < 1000
    assert measure.timed(knowledge)["p95_ms"] < 3


def test_a_long_question_takes_no_long_time(knowledge: Knowledge) -> None:
    for said in ("pool, " * 5000, "泳池，" * 5000, "," * 50_000, "breakfast " * 5000):
        began = time.perf_counter()
        knowledge.find(said, "en")
        assert time.perf_counter() - began < 0.5
