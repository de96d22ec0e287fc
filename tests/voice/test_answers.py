"""Answers from the property's knowledge: its own words, in the guest's language if it has them, with their source."""

from __future__ import annotations

import pytest

from concierge.domain.hotel import Property
from concierge.voice import plan as planning
from concierge.voice.replies import Replies
from intents import Decision, Understanding


def planned(property_: Property, lang: str, *topics: str) -> planning.Plan:
    decisions = tuple(Decision("info.ask", {"topic": topic, "question": "words"}) for topic in topics)
    understanding = Understanding(decisions, "retrieval", 0.9, True, False, lang, 0.1)
    return planning.make(understanding, "words", lang, property_, Replies(property_), planning.Dialogue())


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_topic_is_answered_with_the_property_files_own_words(property_: Property, lang: str) -> None:
    for key, topic in property_.topics.items():
        text, language = topic.told(lang)
        ready = planned(property_, lang, key).ready
        assert ready is not None
        assert text.rstrip("。.") in ready
        assert (ready.rstrip("。.") == text.rstrip("。.")) == (language == lang)


def test_a_guest_is_told_that_the_hotel_has_it_in_the_other_language_only(property_: Property) -> None:
    assert planned(property_, "en", "pharmacy").ready == (
        "I have this in Chinese only. 出门左转两百米有一家药店，早上八点到晚上十点营业。 "
        "Ask me for the front desk if you'd like to hear it in English."
    )
    ready = planned(property_, "zh", "tailor").ready
    assert ready is not None
    assert ready.startswith("这个只有英文的说明。A tailor comes every weekday")


def test_an_answer_carries_its_source(property_: Property) -> None:
    told = planned(property_, "en", "pool", "pharmacy").told()
    assert told["sources"] == [
        {"topic": "pool", "source": "house guide", "lang": "en"},
        {"topic": "pharmacy", "source": "concierge desk", "lang": "zh"},
    ]
    assert "sources" not in planned(property_, "en").told()


def test_what_the_property_does_not_know_is_not_made_up(property_: Property) -> None:
    plan = planned(property_, "en", "moon_landing")
    assert plan.ready is None
    assert plan.sources == ()
