"""For when a request is: its ``when`` in the guest's words, a wake-up's time, or what the words of the whole request say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from concierge.domain.routing import LISTS
from intents.spotting import Spot, spot

_BEGINS = {"morning": 9, "noon": 12, "afternoon": 14, "evening": 19, "night": 21}
"""The hour that stands for a part of the day of which no time was said."""
_SMALL_HOURS = 6
"""今晚一点 and "one tonight" are after midnight up to this hour; "tomorrow at three" is in the afternoon up to it."""
_STILL_UP = 4
"""Until this hour of the night "tomorrow" is the day that has begun: who has not slept yet means after their sleep."""
_FURTHEST = timedelta(days=400)
"""What is said to be wanted later than that was misheard: it goes to somebody at once, with the words."""
_AT_MOST = re.compile(r"\bwithin\b", re.IGNORECASE)
"""What is wanted within half an hour is wanted now; Chinese …内 is no length of time to the spotter."""
_TELLS = re.compile(
    r"(?:了|过|还没|还不|怎么|一直)(?!.*[点后钟时]\S{0,4}(?:送|拿|要|来|上))|"
    r"\b(?:since|ago|still|yet|was|were|had|asked|ordered|called|checked|came|been|didn't|haven't|never|every)\b"
)
"""Words that tell of a time gone by: 「我八点要的毛巾还没来」 is for now."""


def planned(intent: str, slots: Mapping[str, Any], words: str, lang: str, at: datetime, timezone: str) -> datetime | None:
    """None: as soon as possible. ``at``: now; ``timezone``: the property's, by whose clock guests speak. ``words``: empty
    where they are about more than this request. Things and dishes have no slot for a time: theirs is in the words."""
    now = at.astimezone(ZoneInfo(timezone))
    try:
        found = _found(intent, slots, words, lang, now)
    except OverflowError:  # in a million years
        return None
    return found.astimezone(at.tzinfo) if found and now < found <= now + _FURTHEST else None


def _found(intent: str, slots: Mapping[str, Any], words: str, lang: str, now: datetime) -> datetime | None:
    if intent == "request.wakeup":
        return _on(now, time.fromisoformat(str(slots["time"])), slots.get("day"), known=True)
    when = str(slots.get("when") or "")
    if _AT_MOST.search(when or words):
        return None
    if when:
        # A bare "8 tonight" is read as an hour only after "at"; where the slot has the day alone, the hour stands elsewhere.
        heard = [spot(said, lang, now.replace(tzinfo=None)) for said in (when, f"at {when}", words)]
        return _meant(next((some for some in heard if _timed(some)), heard[0]), now)
    if intent in LISTS and not _TELLS.search(words.lower()):
        return _meant(spot(words, lang, now.replace(tzinfo=None)), now)
    return None


def _timed(spots: Sequence[Spot]) -> bool:
    return any(one.kind in ("clock", "duration") for one in spots)


def _meant(spots: Sequence[Spot], now: datetime) -> datetime | None:
    first = {one.kind: one for one in reversed(spots)}
    length, clock, day = first.get("duration"), first.get("clock"), first.get("day")
    if length and isinstance(length.value, int | float):
        return now + timedelta(minutes=length.value)
    if clock is None and day is None:
        return None
    named = day.value if day else None
    if day and named is None:  # a day that is none
        return None
    if clock is None:
        part = day.daypart if day else None
        begins = time(_BEGINS[part]) if part else time(_BEGINS["morning"])
        return _on(now, begins, named, known=True) if part or named != "today" else None
    at = time.fromisoformat(str(clock.value))
    late = "evening" in (clock.daypart, day.daypart if day else "") or clock.daypart == "night"
    if named == "today" and late and at.hour < _SMALL_HOURS:
        named = "tomorrow"
    return _on(now, at, named, known=clock.ampm)


def _on(now: datetime, at: time, day: object, *, known: bool) -> datetime | None:
    """``at`` on ``day`` (today, tomorrow, a date; None: the next such time). Not ``known``: which half of the day was left
    open, so the next one that fits."""
    date = now.date() + timedelta(days=day == "tomorrow")
    if isinstance(day, str) and day not in ("today", "tomorrow"):
        try:
            date = datetime.fromisoformat(day).date()
        except ValueError:
            return None
    noon = timedelta(hours=12)
    first = datetime.combine(date, at, now.tzinfo)
    if day in (None, "today"):
        halves = [first, *([first + noon] if not known and at.hour < 12 else [])]
        ahead = next((one for one in halves if one > now), None)
        return ahead or (first + timedelta(days=1) if day is None else None)
    meant = first + noon if not known and at.hour < _SMALL_HOURS else first
    sooner = meant - timedelta(days=1)
    return sooner if day == "tomorrow" and now.hour < _STILL_UP and sooner > now else meant
