"""Understanding as a whole: nothing makes it fail, it is quick, it knows its own sentences and never guesses wildly."""

from __future__ import annotations

import time
from itertools import islice
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents import Understander, Vocabulary, is_backchannel
from intents.catalogue import CATALOGUE, Decision, check
from intents.grammar import load
from intents.sample import Sampler
from intents.vocabulary import LANGUAGES, builtin


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_the_sampler_says_is_understood_as_what_it_meant(understander: Understander, lang: str) -> None:
    pairs = list(islice(Sampler(load(lang, builtin()), Random(7)).sentences(), 1500))
    missed = [
        text for intent, text in pairs if intent not in {d.intent for d in understander.understand(text, lang, "staff").decisions}
    ]
    assert len(missed) <= 0.01 * len(pairs), missed


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_intent_of_the_catalogue_can_be_said(lang: str) -> None:
    said = {block.intent for block in load(lang, builtin()).blocks if not block.intent.startswith("_")}
    assert said == set(CATALOGUE) - {"none"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_sentence_takes_less_than_ten_milliseconds_of_one_core(understander: Understander, lang: str) -> None:
    took = []
    for _, text in islice(Sampler(load(lang, builtin()), Random(8)).sentences(), 400):
        began = time.thread_time()
        understander.understand(text, lang)
        took.append((time.thread_time() - began) * 1000)
    assert sorted(took)[380] < 10


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80), st.sampled_from(["zh", "en", None, "de"]), st.sampled_from(["guest", "staff"]))
def test_no_text_makes_it_fail_and_every_decision_is_of_the_catalogue(text: str, lang: str | None, role: str) -> None:
    understood = _UNDERSTANDER.understand(text, lang, role)
    assert understood.decisions
    assert all(check(decision) is None for decision in understood.decisions)


@pytest.mark.parametrize(
    "text", ["", "   ", "。，！", "\x00\x07", "😀😀", "把" * 10_000, "turn on " * 2_000, "一" * 500, "a " * 3_000]
)
def test_long_and_odd_texts_are_not_understood_but_answered_soon(understander: Understander, text: str) -> None:
    began = time.thread_time()
    assert understander.understand(text).decisions == (Decision("none"),)
    assert time.thread_time() - began < 1.0


def test_the_property_names_its_own_things() -> None:
    own = Vocabulary(
        items={"towel": {"zh": ["手帕"], "en": ["washcloth"]}, "yoga_mat": {"zh": ["瑜伽垫"], "en": ["yoga mat"]}},
        dishes={"hot_pot": {"zh": ["火锅"], "en": ["hot pot"]}},
        topics={"shuttle": {"zh": ["班车"], "en": ["shuttle"]}},
    )
    understander = Understander.load(own)
    assert understander.understand("送一张瑜伽垫").decisions[0].slots == {"items": [{"item": "yoga_mat", "quantity": 1}]}
    assert understander.understand("two more washcloths please", "en").decisions[0].intent in ("none", "request.items")
    assert understander.understand("i'd like a washcloth").decisions[0].slots == {"items": [{"item": "towel"}]}
    assert understander.understand("来一份火锅").decisions[0].slots == {"dishes": [{"dish": "hot_pot", "quantity": 1}]}
    assert understander.understand("where is the shuttle").decisions[0].slots["topic"] == "shuttle"
    assert understander.understand("送一个枕头").decisions == (Decision("none"),), "this property has no pillows"


@pytest.mark.parametrize(
    ("text", "complete"),
    [("把空调调到二十", False), ("把空调调到二十四", True), ("把空调调到二", False), ("把空调调到二十度", True),
     ("set the ac to twenty", False), ("set the ac to twenty four", True), ("set the ac to twenty degrees", True)],
)  # fmt: skip
def test_a_number_that_may_go_on_is_waited_for(understander: Understander, text: str, complete: bool) -> None:
    assert understander.understand(text).complete is complete


def test_a_guest_reports_no_room(understander: Understander) -> None:
    assert understander.understand("三零一打扫好了", "zh", "guest").decisions == (Decision("none"),)


@pytest.mark.parametrize("text", ["着佛了", "就命", "fyer", "there is a liar in my room", "smock in the room"])
def test_an_emergency_is_never_guessed(understander: Understander, text: str) -> None:
    assert not understander.understand(text).emergency


@pytest.mark.parametrize(("text", "lang"), [("嗯", "zh"), ("好的", "zh"), ("咳咳", "zh"), ("嗯嗯好的", "zh"), ("uh-huh", "en"),
                                            ("Yeah.", "en"), ("okay", "en"), ("", "zh"), ("mm-hmm", "en"), ("…", "en")])  # fmt: skip
def test_a_sound_of_listening_takes_no_turn(text: str, lang: str) -> None:
    assert is_backchannel(text, lang)


@pytest.mark.parametrize(
    ("text", "lang"), [("停", "zh"), ("不对", "zh"), ("好冷", "zh"), ("stop", "en"), ("no", "en"), ("okay stop", "en")]
)
def test_words_that_mean_something_take_the_turn(text: str, lang: str) -> None:
    assert not is_backchannel(text, lang)


_UNDERSTANDER = Understander.load()
