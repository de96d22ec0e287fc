"""Numbers as people say them, in both languages and back."""

from __future__ import annotations

import pytest

from intents import numerals


@pytest.mark.parametrize(
    ("text", "lang", "value"),
    [("二十四", "zh", 24), ("十", "zh", 10), ("一百零五", "zh", 105), ("一百五", "zh", 150), ("三零一", "zh", 301), ("两", "zh", 2),
     ("幺二零", "zh", 120), ("二十四点五", "zh", 24.5), ("24.5", "zh", 24.5), ("twenty four", "en", 24), ("three oh one", "en", 301),
     ("a hundred", "en", 100), ("one hundred and five", "en", 105), ("twenty four point five", "en", 24.5), ("eight ten", "en", 810),
     ("twenty four and a half", "en", 24.5), ("24", "en", 24)],
)  # fmt: skip
def test_spoken_number(text: str, lang: str, value: float) -> None:
    assert numerals.parse(text, lang) == value


@pytest.mark.parametrize(
    ("text", "lang"),
    [("灯", "zh"), ("", "zh"), ("点", "zh"), ("lamp", "en"), ("", "en"), ("and", "en"), ("hundred hundred", "en")],
)
def test_what_is_no_number(text: str, lang: str) -> None:
    assert numerals.parse(text, lang) is None


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_is_read_back_as_it_was_said(lang: str) -> None:
    for value in [*range(1000), 24.5, 18.5]:
        assert numerals.parse(numerals.say(value, lang), lang) == value
