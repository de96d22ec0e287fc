"""The conversation's state: what it keeps, what runs out, and that no words at all break it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import intents
from intents import Decision, Understander
from intents.catalogue import CATALOGUE, check
from intents.dialogue import Dialogue, Effect, Question, Resolver
from intents.dialogue.state import ANSWER_S, UNDO_S

ROOM = {"light": ("bedside", "desk", "ceiling"), "ac": ("",), "curtain": ("",), "sheer": ("",), "tv": ("",)}
AC_ON = Decision("device.set", {"device": "ac", "power": "on"})
DATA = Path(__file__).parent / "dialogues"
SAID = sorted(
    {turn["say"] for path in DATA.glob("*/*.yaml") for one in yaml.safe_load(path.read_text("utf-8")) for turn in one["turns"]}
)
turns = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(SAID), st.builds("".join, st.lists(st.sampled_from(SAID), max_size=3)), st.text(max_size=30)),
        st.sampled_from(["zh", "en", "de", ""]),
        st.sampled_from([0.0, 1.0, 31.0, 61.0, 700.0, -5.0]),
    ),
    max_size=6,
)


@given(said=turns, room=st.sampled_from([{}, ROOM, {"light": ("desk",)}, {"light": ("bedside", "desk")}]))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
def test_no_words_break_a_conversation_or_mean_what_the_catalogue_lacks(
    understander: Understander, resolver: Resolver, said: list[tuple[str, str, float]], room: dict[str, tuple[str, ...]]
) -> None:
    dialogue, now = Dialogue(zones=room), 0.0
    for text, lang, after in said:
        now += after
        resolved = resolver.resolve(dialogue, text, lang, understander.understand(text, lang), now)
        assert resolved.decisions or resolved.question
        assert [check(one) for one in resolved.decisions] == [None] * len(resolved.decisions)
        assert all(check(one) is None for one in (resolved.question.readings if resolved.question else ()))
        assert Dialogue.of(resolved.dialogue.data()) == resolved.dialogue
        dialogue = resolved.dialogue


@given(
    intent=st.sampled_from(sorted(CATALOGUE)),
    asks=st.sampled_from(
        ["device", "light", "zone", "value", "time", "where", "order", "item", "asset", "either", "confirm", "?"]
    ),
    text=st.sampled_from(SAID),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_sentence_may_meet_any_question(
    understander: Understander, resolver: Resolver, intent: str, asks: str, text: str
) -> None:
    partial = (
        Decision("device.set", {"device": "light", "power": "on"}) if asks in ("light", "zone", "value") else Decision(intent)
    )
    dialogue = Dialogue(zones=ROOM).asking(Question(asks, 0.0, partial))
    resolved = resolver.resolve(dialogue, text, "zh", understander.understand(text, "zh"), 1.0)
    assert all(check(one) is None for one in resolved.decisions)


def test_a_sentence_that_stands_by_itself_means_the_same_in_any_conversation(
    understander: Understander, resolver: Resolver
) -> None:
    towels = Decision("request.items", {"items": [{"item": "towel", "quantity": 2}]})
    spoken = Dialogue(zones=ROOM).decided((towels,), 0.0).decided((AC_ON,), 1.0)
    for path in sorted((Path(intents.__file__).parent / "tests").glob("*/*.yaml")):
        for case in yaml.safe_load(path.read_text("utf-8")):
            for text in case.get("says", ()):
                alone = understander.understand(text, path.parent.name, case.get("role", "guest"))
                for dialogue in (Dialogue(zones=ROOM), spoken):
                    resolved = resolver.resolve(dialogue, text, path.parent.name, alone, 5.0)
                    assert resolved.decisions == alone.decisions, text


def test_planning_leaves_the_conversation_as_it_was(understander: Understander, resolver: Resolver) -> None:
    dialogue = Dialogue(zones=ROOM).decided((AC_ON,), 0.0)
    before = dialogue.data()
    first, second = (
        resolver.resolve(dialogue, "再高一点", "zh", understander.understand("再高一点", "zh"), 1.0) for _ in range(2)
    )
    assert first == second
    assert dialogue.data() == before


def test_a_question_between_equal_readings_takes_the_one_that_is_named(understander: Understander, resolver: Resolver) -> None:
    lamps = [Decision("device.set", {"device": "light", "zone": zone, "power": "on"}) for zone in ("bedside", "desk")]
    asked = resolver.either(Dialogue(), lamps, 0.0)
    assert asked.question is not None
    for text, expected in (("台灯", lamps[1:]), ("第一个", lamps[:1]), ("都要", lamps)):
        resolved = resolver.resolve(asked.dialogue, text, "zh", understander.understand(text, "zh"), 5.0)
        assert list(resolved.decisions) == expected


@pytest.mark.parametrize(("text", "meant"), [("可以", [AC_ON]), ("嗯", [AC_ON]), ("不用", [Decision("dialog.no")])])
def test_yes_and_no_answer_an_offer(understander: Understander, resolver: Resolver, text: str, meant: list[Decision]) -> None:
    offered = resolver.either(Dialogue(), [AC_ON], 0.0, asks="confirm")
    assert list(resolver.resolve(offered.dialogue, text, "zh", understander.understand(text, "zh"), 5.0).decisions) == meant


def test_an_unanswered_question_runs_out() -> None:
    asked = Dialogue().asking(Question("device", 100.0))
    assert asked.at(100.0 + ANSWER_S).question is not None
    assert asked.at(100.0 + ANSWER_S + 0.1).question is None


def effect(kind: str, turn: str, at: float, **data: Any) -> Effect:
    return Effect(kind, turn, at, data)


def test_undo_takes_back_the_whole_last_turn_and_then_the_one_before() -> None:
    lamp, towels, ac = effect("devices", "1", 0, desk={"power": "off"}), effect("order", "2", 10), effect("devices", "2", 10)
    dialogue = Dialogue().did(lamp).did(towels).did(ac)
    assert dialogue.undoing(20) == (ac, towels)
    assert dialogue.undone(dialogue.undoing(20)).undoing(20) == (lamp,)


def test_undo_comes_too_late_after_a_minute() -> None:
    dialogue = Dialogue().did(effect("devices", "1", 0))
    assert dialogue.undo_refused(UNDO_S) is None
    assert dialogue.undo_refused(UNDO_S + 0.1) == "late"
    assert dialogue.undoing(UNDO_S + 0.1) == ()
    assert Dialogue().undo_refused(0) == "none"


def test_an_emergency_is_never_undone_nor_what_came_before_it() -> None:
    dialogue = Dialogue().did(effect("devices", "1", 0)).did(effect("emergency", "2", 1))
    assert dialogue.undo_refused(2) == "emergency"
    assert dialogue.undoing(2) == ()


def test_a_sentence_takes_few_milliseconds(understander: Understander, resolver: Resolver) -> None:
    dialogue = replace(Dialogue(zones=ROOM), turns=()).decided((AC_ON,), 0.0)
    understood = {text: understander.understand(text) for text in SAID}
    began = perf_counter()
    for text in SAID:
        resolver.resolve(dialogue, text, understood[text].lang, understood[text], 1.0)
    assert (perf_counter() - began) / len(SAID) < 0.02
