"""How an open order stands, as its guest is told: 「两条毛巾，李娜3分钟前接了单」, "Li Na accepted two towels 3 minutes ago"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from concierge.domain.hotel import Property
from concierge.domain.instant import instant
from concierge.voice import which
from concierge.voice.replies import Replies

_TIMES = {"dispatched": "placed"}
"""How long it has been waiting, the guest counts from when they asked, whoever declined it since."""


def standing(
    order: Mapping[str, Any], holder: Mapping[str, str] | None, at: datetime, property: Property, replies: Replies, lang: str
) -> str:
    """A clause. ``order``: its data; one that waits for its time tells that time. ``holder``: the name of who has it."""
    lines = which.lines(order)
    what = replies.things(lines, lang) if lines else replies.text("status.what", lang)
    state = str(order["state"])
    if state == "placed" and order.get("planned"):
        return replies.text("status.planned", lang, what=what, time=replies.moment(instant(order["planned"]), at, lang))
    state = "dispatched" if state in ("placed", "declined") else state
    since = instant(order["times"][_TIMES.get(state, state)])
    return replies.text(
        f"status.{state}",
        lang,
        what=what,
        name=(holder or {}).get(lang) or replies.text("colleague", lang),
        department=property.departments[str(order["department"])].name[lang],
        since=replies.ago((at - since).total_seconds(), lang),
    )
