"""Hours by the part of the day, and days counted from now."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta

NIGHT_ENDS = 5
"""「晚上一点」 and "one at night" are after midnight up to this hour."""


def clock(hour: int, minute: int, daypart: str | None) -> tuple[str, bool] | None:
    """("HH:MM", whether the half of the day is known); None: there is no such time. ``hour`` is as said, 0–24."""
    if not (0 <= hour <= 24 and 0 <= minute < 60) or (hour == 24 and minute):
        return None
    known = daypart is not None or hour > 12 or hour == 0
    if hour == 24:
        hour = 0
    if 1 <= hour <= 12:
        hour = _by_daypart(hour, daypart)
    return f"{hour:02}:{minute:02}", known


def _by_daypart(hour: int, daypart: str | None) -> int:
    if daypart in ("morning", "am"):
        return hour % 12
    if daypart in ("afternoon", "pm"):
        return hour % 12 + 12
    if daypart == "noon":
        return hour if hour >= 10 else hour + 12
    if daypart in ("evening", "night"):
        return 0 if hour == 12 else hour if hour < NIGHT_ENDS else hour + 12
    return hour


def before(hour: int, minutes: int) -> tuple[int, int]:
    """``minutes`` to ``hour``: (hour, minute)."""
    return (hour - 1 if hour > 1 else hour + 11), 60 - minutes


def days_on(now: datetime | None, days: int) -> str | None:
    """The date ``days`` after today."""
    return None if now is None else (now.date() + timedelta(days=days)).isoformat()


def weekday(now: datetime | None, wanted: int, week: int | None) -> str | None:
    """``wanted``: 0 is Monday. ``week``: 0 this one, 1 the next; None: the next such day after today."""
    if now is None:
        return None
    today = now.date()
    if week is None:
        return days_on(now, (wanted - today.weekday() - 1) % 7 + 1)
    monday = today - timedelta(days=today.weekday())
    return (monday + timedelta(days=7 * week + wanted)).isoformat()


def dated(now: datetime | None, month: int | None, day: int, year: int | None = None) -> str | None:
    """The next such date, today included; None: there is none, or it takes ``now`` and there is none."""
    if not (1 <= day <= 31 and (month is None or 1 <= month <= 12)):
        return None
    if year is not None and month is not None:
        return _date(year, month, day)
    if now is None:
        return None
    today = now.date()
    if month is not None:
        return next((one for y in range(9) if (one := _date(today.year + y, month, day)) and one >= today.isoformat()), None)
    for ahead in range(3):
        y, m = divmod(today.month - 1 + ahead, 12)
        found = _date(today.year + y, m + 1, day)
        if found and found >= today.isoformat():
            return found
    return None


def _date(year: int, month: int, day: int) -> str | None:
    if not (1 <= year <= 9999) or day > calendar.monthrange(year, month)[1]:
        return None
    return date(year, month, day).isoformat()


def possible(month: int | None, day: int) -> bool:
    """Whether some year has that day."""
    return 1 <= day <= (31 if month is None else calendar.monthrange(2024, month)[1] if 1 <= month <= 12 else 0)
