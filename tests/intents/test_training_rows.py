"""What the trainer makes of a labelled sentence: variants whose labels still fit, and where each value stands."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intents.classifier.heads import PART, ROLES, SPANS
from intents.classifier.model import BUNDLED
from intents.classifier.pieces import Cutter
from intents.corpus import Sentence, load, parse
from intents.train.targets import targets
from intents.train.variety import Edit, Variety, chinese, edited, english, joined
from intents.vocabulary import builtin

_CUTTER = Cutter(BUNDLED, builtin())
_LINES = [*load("test/zh"), *load("test/en")]


def line(text: str, lang: str = "zh") -> Sentence:
    return parse(text, lang)


def test_an_edit_moves_the_free_text_and_the_bounds() -> None:
    sentence = line('开灯，|晚上八点来打扫 => set light power=on ; clean room when="晚上八点"')
    moved = edited(sentence, [Edit(0, 0, "嗯，"), Edit(1, 2, "个灯")])
    assert moved.text == "嗯，开个灯，晚上八点来打扫"
    (_, _, start, end) = moved.spans[0]
    assert moved.text[start:end] == "晚上八点"
    assert moved.text[moved.bounds[0] :] == "晚上八点来打扫"


def test_two_sentences_joined_hold_both_decisions_in_order() -> None:
    both = joined(line("two towels => items towel:2", "en"), line("close the blinds => set curtain position=0", "en"), " and ")
    assert both.text == "two towels and close the blinds"
    assert [one.intent for one in both.decisions] == ["request.items", "device.set"]
    assert both.text[both.bounds[0] :] == " and close the blinds"


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(_LINES), st.integers(0, 10_000))
def test_a_variants_label_fits_its_words(sentence: Sentence, seed: int) -> None:
    variety = Variety(_LINES, builtin(), seed)
    made = variety.draw(sentence)
    assert len(made.bounds) == len(made.decisions) - 1
    assert all(0 <= start <= end <= len(made.text) for _, _, start, end in made.spans)
    goal = targets(made, _CUTTER.cut(made.text, made.lang))
    assert [PART["intent"][part.heads["intent"]] for part in goal.parts] == [one.intent for one in made.decisions]


@pytest.mark.parametrize("number", range(200))
def test_numbers_are_said_as_they_are_understood(number: int) -> None:
    from intents import numerals

    assert numerals.parse(chinese(number), "zh") == number
    assert numerals.parse(english(number), "en") == number


def test_after_a_repair_the_last_number_is_the_one_that_counts() -> None:
    sentence = line("两条，不对，三条毛巾 => items towel:3")
    pieces = _CUTTER.cut(sentence.text, "zh")
    goal = targets(sentence, pieces)
    said = {pieces.text[pieces.starts[i]]: ROLES[role] for i, role in enumerate(goal.roles) if role >= 0}
    assert said == {"两": "-", "三": "quantity"}
    assert goal.missing == []


def test_free_text_is_found_in_the_pieces() -> None:
    sentence = line('the sink keeps dripping => repair sink symptom="keeps dripping"', "en")
    pieces = _CUTTER.cut(sentence.text, "en")
    marked = [
        i
        for i, label in enumerate(targets(sentence, pieces).spans)
        if label in (1 + 2 * SPANS.index("symptom"), 2 + 2 * SPANS.index("symptom"))
    ]
    assert pieces.text[pieces.starts[marked[0]] : pieces.ends[marked[-1]]] == "keeps dripping"


def test_almost_every_value_of_the_test_lines_is_found_in_their_words() -> None:
    missing = sum(len(targets(one, _CUTTER.cut(one.text, one.lang)).missing) for one in _LINES)
    assert missing < 0.01 * len(_LINES)
