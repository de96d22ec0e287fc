"""A time as people say it: 明天早上七点半, "half past seven tomorrow morning". The words are the replies' own data."""

from __future__ import annotations

import calendar
from collections.abc import Mapping

from intents import numerals

_PARTS = ((5, "night"), (9, "morning"), (12, "forenoon"), (13, "noon"), (18, "afternoon"), (24, "evening"))
"""Up to which hour a part of the day goes."""
_KINDS = {0: "full", 15: "quarter", 30: "half", 45: "quarter_to"}


def said_time(time: str, day: str, lang: str, words: Mapping[str, str]) -> str:
    """``time``: HH:MM, or empty; ``day``: today, tomorrow, YYYY-MM-DD, or empty."""
    if not time:
        return ""
    hour, minute = map(int, time.split(":"))
    part = next(name for until, name in _PARTS if hour < until)
    kind = _KINDS.get(minute) or ("oh" if minute < 10 else "minutes")
    clock = words[f"clock.{kind}"].format(hour=_hour(hour, lang), next=_hour(hour + 1, lang), minute=numerals.say(minute, lang))
    named = day if day in ("today", "tomorrow") else "none"
    said = words[f"when.{named}.{part}"].format(time=clock)
    if day and named == "none":
        _, month, date = day.split("-")
        said = words["when.date"].format(month=int(month), name=calendar.month_name[int(month)], date=int(date), time=said)
    return said


def _hour(hour: int, lang: str) -> str:
    twelve = hour % 12 or (0 if hour % 24 == 0 and lang == "zh" else 12)
    return "两" if twelve == 2 and lang == "zh" else numerals.say(twelve, lang)
