from __future__ import annotations

import pytest

from concierge.views.terms import LONGEST, terms_asked, terms_of


@pytest.mark.parametrize(
    ("text", "query", "found"),
    [
        ("请送两条毛巾到301", "毛巾", True),
        ("請送兩條毛巾", "两条毛巾", True),
        ("空调坏了", "空調", True),
        ("空了，调一下", "空调", False),
        ("毛 巾", "毛巾", True),
        ("room 301 towels", "Towel 301", True),
        ("It's leaking", "its leak", True),
        ("ＡＣ 坏了", "ac", True),
        ("毛巾 towel", "towel 毛巾", True),
        ("毛巾", "巾", True),
        ("x" * 100, "x" * 100, True),
    ],
)
def test_a_message_is_found_by_its_words_however_they_are_written(text: str, query: str, found: bool) -> None:
    assert (terms_asked(query) <= terms_of(text)) == found


def test_punctuation_asks_for_nothing() -> None:
    assert terms_asked(" ，。!?") == set()


def test_terms_have_a_bound() -> None:
    assert max(map(len, terms_of("x" * 4000))) == LONGEST
