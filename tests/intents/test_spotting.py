"""Every number in a sentence, with its place: data in ``spots/``, and whatever else may be said."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from intents.spotting import KINDS, LONGEST, Spot, spot

NOW = datetime(2026, 11, 20, 20, 0)
DATA = Path(__file__).parent / "spots"
CASES = [
    (lang, str(said), wanted)
    for lang in ("zh", "en")
    for said, wanted in yaml.safe_load((DATA / f"{lang}.yaml").read_text("utf-8")).items()
]


def told(spots: list[Spot]) -> str:
    return "; ".join(f"{one.kind} {one.value}{'' if one.ampm else '?'}" for one in spots)


@pytest.mark.parametrize(("lang", "said", "wanted"), CASES, ids=[f"{lang}-{said}" for lang, said, _ in CASES])
def test_numbers_are_spotted(lang: str, said: str, wanted: str) -> None:
    assert told(spot(said, lang, NOW)) == wanted


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_there_are_enough_expressions(lang: str) -> None:
    assert sum(len(wanted.split(";")) for each, _, wanted in CASES if each == lang and wanted) >= 150


_PIECES = ["两", "一", "点", "半", "度", "百分之", "房", "八零一", "明早", "twenty", "four", " ", "half", "past", "a", "at", "room",
           "point", "hundred", "3", "0", ":", ".", "%", "°",
           "第", "三十一", "月", "号", "差", "，", "oh", "th", "-", "２", "½", "\0", "İ"]  # fmt: skip


@given(
    st.one_of(st.text(max_size=60), st.lists(st.sampled_from(_PIECES), max_size=14).map("".join)),
    st.sampled_from(["zh", "en", "fr"]),
)
def test_whatever_is_said_spots_are_in_place_and_in_order(said: str, lang: str) -> None:
    for now in (NOW, None, datetime(9999, 12, 31), datetime(1, 1, 1)):
        at = 0
        for one in spot(said, lang, now):
            assert at <= one.start < one.end <= len(said)
            assert said[one.start : one.end] == one.text
            assert one.kind in KINDS
            at = one.end


def test_without_the_present_day_only_today_and_tomorrow_are_known() -> None:
    assert [one.value for one in spot("明天、后天", "zh")] == ["tomorrow", None]
    assert [one.value for one in spot("today or next monday", "en")] == ["today", None]


def test_the_part_of_the_day_is_told() -> None:
    (day,) = spot("明早", "zh", NOW)
    assert (day.value, day.daypart) == ("tomorrow", "morning")
    day, clock = spot("tomorrow morning at six", "en", NOW)
    assert (day.daypart, clock.daypart, clock.ampm) == ("morning", "morning", True)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_long_text_takes_no_long_time(lang: str) -> None:
    for said in ("二十 twenty " * 1000, "一" * 5000, "one " * 3000, "1" * 5000, "- " * 3000, "half past " * 500):
        began = time.perf_counter()
        spots = spot(said, lang, NOW)
        assert time.perf_counter() - began < 2
        assert all(one.end <= LONGEST for one in spots)
