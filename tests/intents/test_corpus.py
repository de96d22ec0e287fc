"""The labelled sentences: what is in them, and that a slip in a line is named."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from intents.catalogue import CATALOGUE, Decision
from intents.corpus import CorpusError, load, parse, read
from intents.train.heldout import without_near


@pytest.mark.parametrize(
    ("line", "decisions"),
    [
        ("关灯，|再送两瓶水 => set light power=off ; items water:2", 2),
        ('来碗面不要葱 => food beef_noodles:1"不要葱"', 1),
        ('打到CCTV5 => set tv channel="CCTV5"', 1),
        ('303脏了，马桶漏水 => report 303 dirty remark="马桶漏水"', 1),
        ('面换成饺子 => change which="面" food dumplings', 1),
    ],
)
def test_a_line_becomes_decisions_of_the_catalogue(line: str, decisions: int) -> None:
    assert len(parse(line, "zh").decisions) == decisions


def test_the_words_of_two_english_decisions_are_not_one_word() -> None:
    sentence = parse("wake me at six|and close the blinds => wakeup 06:00 ; set curtain position=0", "en")
    assert sentence.text == "wake me at six and close the blinds"
    assert sentence.text[sentence.bounds[0] :].strip() == "and close the blinds"


def test_a_label_alone_is_that_of_the_lines_below_it(tmp_path: Path) -> None:
    file = tmp_path / "zh" / "w.txt"
    file.parent.mkdir()
    file.write_text("# persona 一个人\n=> set ac up\n冷\n冻死了\n开灯 => set light power=on\n好冷\n", encoding="utf-8")
    up = Decision("device.set", {"device": "ac", "change": "up"})
    assert [one.decisions[0] for one in read(file) if not isinstance(one, CorpusError)] == [
        up,
        up,
        Decision("device.set", {"device": "light", "power": "on"}),
        up,
    ]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("开灯", "no '=>'"),
        ("=> set light power=on", "no words"),
        ("开灯 => set lamp power=on", "'lamp'"),
        ("开灯 => set light", "nothing to set"),
        ("开灯关窗帘 => set light power=on ; set curtain position=0", "2 decisions but 0 '|'"),
        ('叫车 => taxi destination="机场"', "'机场' is not in the words"),
        ("开灯 => shine light", "no label 'shine'"),
        ("送毛巾 => items towel:x", "not TOKEN:N"),
    ],
)
def test_a_slip_is_named(line: str, says: str) -> None:
    with pytest.raises(CorpusError, match=says):
        parse(line, "zh")


def test_every_line_of_the_corpus_can_be_read_and_hardly_any_words_were_written_twice() -> None:
    for lang in ("zh", "en"):
        words = Counter(one.text for one in load(lang))
        assert len(words) > 0.98 * words.total()


def test_the_corpus_has_all_intents_in_both_languages() -> None:
    for lang in ("zh", "en"):
        train, test = load(lang), load(f"test/{lang}")
        assert len(train) >= 3000
        assert len(test) >= 400
        for sentences, least in ((train, 30), (test, 4)):
            intents = Counter(decision.intent for one in sentences for decision in one.decisions)
            assert {name for name in CATALOGUE if intents[name] < least} == set()


def test_what_is_nearly_a_test_line_is_left_out_of_training() -> None:
    held_out = [parse("could you dim the lights a little please => set light down", "en")]
    near = parse("could you dim the lights a little => set light down", "en")
    other = parse("the lights are far too bright for my eyes => set light down", "en")
    assert without_near([near, other], held_out) == [other]
