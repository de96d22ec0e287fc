"""What guests say of a time, and when that is."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from concierge.service.planned import planned

SHANGHAI = ZoneInfo("Asia/Shanghai")
FRIDAY_2PM = datetime(2026, 11, 20, 14, 0, tzinfo=SHANGHAI)


def when(said: str, at: datetime = FRIDAY_2PM, timezone: str = "Asia/Shanghai") -> str | None:
    lang = "en" if said.isascii() else "zh"
    found = planned("request.cleaning", {"when": said}, "", lang, at.astimezone(UTC), timezone)
    assert found is None or found.tzinfo is UTC
    return f"{found.astimezone(ZoneInfo(timezone)):%d %H:%M}" if found else None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("晚上八点", "20 20:00"),
        ("at 8 tonight", "20 20:00"),
        ("8 tonight", "20 20:00"),
        ("in half an hour", "20 14:30"),
        ("半小时后", "20 14:30"),
        ("八点", "20 20:00"),
        ("at 8", "20 20:00"),
        ("at 1", "21 01:00"),
        ("今晚一点半", "21 01:30"),
        ("明天早上", "21 09:00"),
        ("tomorrow at three", "21 15:00"),
        ("around 10 tomorrow", "21 10:00"),
        ("tonight", "20 19:00"),
        ("下周一上午十点", "23 10:00"),
        ("8点半到9点之间", "20 20:30"),
        ("今天早上八点", None),
        ("today", None),
        ("now", None),
        ("现在", None),
        ("as soon as you can", None),
        ("within 30 minutes", None),
        ("三十分钟内", None),
        ("on the 31st of February", None),
    ],
)
def test_a_time_as_said(said: str, expected: str | None) -> None:
    assert when(said) == expected


def test_an_hour_that_has_gone_by_is_tomorrows() -> None:
    assert when("晚上八点", FRIDAY_2PM.replace(hour=21)) == "21 20:00"


@pytest.mark.parametrize(
    ("said", "hour", "expected"),
    [
        ("明天早上七点", 0, "20 07:00"),
        ("tomorrow at three", 2, "20 15:00"),
        ("今晚一点半", 0, "20 01:30"),
        ("明天凌晨一点", 3, "21 01:00"),
        ("明天早上七点", 4, "21 07:00"),
        ("后天早上七点", 1, "22 07:00"),
    ],
)
def test_tomorrow_in_the_small_hours_is_the_day_that_has_begun(said: str, hour: int, expected: str) -> None:
    assert when(said, FRIDAY_2PM.replace(hour=hour, minute=30)) == expected


@pytest.mark.parametrize("said", ["in 999999999999 hours", "99999999999999小时后", "in 99999999999 minutes", "in 9000000 hours"])
def test_what_lies_beyond_any_stay_is_no_time(said: str) -> None:
    assert when(said) is None


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "2100-01-01"])
@pytest.mark.parametrize("timezone", ["America/New_York", "Asia/Shanghai"])
def test_a_wake_up_call_beyond_any_stay_is_a_persons_to_see(day: str, timezone: str) -> None:
    assert planned("request.wakeup", {"time": "23:59", "day": day}, "", "en", FRIDAY_2PM.astimezone(UTC), timezone) is None


def test_the_propertys_clock_counts_and_its_change_to_summer_time_too() -> None:
    before = datetime(2027, 3, 27, 22, 0, tzinfo=ZoneInfo("Europe/Berlin"))
    found = planned("request.cleaning", {"when": "tomorrow at 9 am"}, "", "en", before.astimezone(UTC), "Europe/Berlin")
    assert found == datetime(2027, 3, 28, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("晚上八点送两条毛巾", 20),
        ("two towels at 8 tonight please", 20),
        ("我八点要的毛巾还没来", None),
        ("I asked for towels at 8", None),
        ("再要两条毛巾", None),
    ],
)
def test_what_has_no_slot_for_a_time_has_it_in_its_words(words: str, expected: int | None) -> None:
    lang = "en" if words.isascii() else "zh"
    slots = {"items": [{"item": "towel"}]}
    found = planned("request.items", slots, words, lang, FRIDAY_2PM, "Asia/Shanghai")
    assert (found.astimezone(SHANGHAI).hour if found else None) == expected
    assert planned("request.repair", {"asset": "ac"}, words, lang, FRIDAY_2PM, "Asia/Shanghai") is None


def test_the_hour_may_stand_outside_the_slot() -> None:
    found = planned("request.cleaning", {"when": "tonight"}, "clean my room at 8 tonight", "en", FRIDAY_2PM, "Asia/Shanghai")
    assert found is not None
    assert found.astimezone(SHANGHAI).hour == 20


@pytest.mark.parametrize(
    ("slots", "expected"),
    [
        ({"time": "07:30"}, "2026-11-21 07:30"),
        ({"time": "15:00"}, "2026-11-20 15:00"),
        ({"time": "07:30", "day": "2026-11-25"}, "2026-11-25 07:30"),
        ({"time": "07:30", "day": "tomorrow"}, "2026-11-21 07:30"),
    ],
)
def test_a_wake_up_call_is_for_the_next_such_time(slots: dict[str, str], expected: str) -> None:
    found = planned("request.wakeup", slots, "", "en", FRIDAY_2PM, "Asia/Shanghai")
    assert found is not None
    assert f"{found.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == expected
