"""A plan is what would be done: it has no effects, and says ahead only what depends on none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from concierge.voice import plan as planning
from concierge.voice.replies import Replies
from intents import Decision, Understanding


def understood(*decisions: Decision) -> Understanding:
    return Understanding(tuple(decisions), "grammar", 1.0, True, False, "en", 0.1)


@pytest.fixture
def make(property_):
    replies = Replies(property_)

    def make(*decisions: Decision, dialogue: planning.Dialogue | None = None) -> planning.Plan:
        return planning.make(understood(*decisions), "words", "en", property_, replies, dialogue or planning.Dialogue())

    return make


def test_an_answer_of_the_hotel_is_ready_before_the_turn_ends(make, property_):
    plan = make(Decision("info.ask", {"topic": "breakfast", "question": "when"}))
    assert plan.ready.rstrip(".") == property_.topics["breakfast"].answer["en"].rstrip(".")


@pytest.mark.parametrize(
    "decision",
    [
        Decision("device.set", {"device": "light", "power": "on"}),
        Decision("request.items", {"items": [{"item": "towel"}]}),
        Decision("emergency.report", {"kind": "fire"}),
        Decision("info.ask", {"topic": "unheard of", "question": "when"}),
    ],
)
def test_what_must_be_done_or_is_not_known_is_never_promised_ahead(make, decision):
    assert make(decision).ready is None


def test_a_polite_word_beside_a_request_does_not_make_it_ready(make):
    assert make(Decision("dialog.thanks", {}), Decision("request.items", {"items": [{"item": "towel"}]})).ready is None


def test_not_understood_is_asked_once_and_then_a_persons(make):
    dialogue = planning.Dialogue()
    assert "again" in make(Decision("none", {}), dialogue=dialogue).ready
    assert make(Decision("none", {}), dialogue=replace(dialogue, misses=1)).ready is None


def test_planning_changes_nothing(make):
    dialogue = planning.Dialogue(last_reply="The light is on.")
    for _ in range(3):
        assert make(Decision("dialog.repeat", {}), dialogue=dialogue).ready == "The light is on."
    assert dialogue == planning.Dialogue(last_reply="The light is on.")
