"""Who is on duty: by the plan of shifts, unless they said otherwise."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from concierge.domain.hotel import Property, Shift


def on_shift(shift: Shift, at: datetime, timezone: str) -> bool:
    """Whether ``at`` lies in the shift, by the property's own clock. A night shift belongs to the day it begins on."""
    local = at.astimezone(ZoneInfo(timezone))
    now = local.time().replace(tzinfo=None)
    begins, ends = time.fromisoformat(shift.begins), time.fromisoformat(shift.ends)
    if begins < ends:
        return begins <= now < ends and local.weekday() in shift.days
    yesterday = (local - timedelta(days=1)).weekday()
    return (now >= begins and local.weekday() in shift.days) or (now < ends and yesterday in shift.days)


def on_duty(property: Property, shift: str | None, said: bool | None, at: datetime) -> bool:
    """``said``: their own word, None: by the plan. Who is on no shift is always on duty: a small house plans nothing."""
    if said is not None:
        return said
    planned = property.shifts.get(shift or "")
    return planned is None or on_shift(planned, at, property.timezone)
