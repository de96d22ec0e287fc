"""How an open order stands, as its guest is told: 「两条毛巾，李娜3分钟前接了单」, "Li Na accepted two towels 3 minutes ago"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from concierge.domain.instant import instant
from concierge.domain.order import Order
from concierge.service.ports import World
from concierge.service.texts import summary
from concierge.voice import which
from concierge.voice.replies import Replies

_TIMES = {"dispatched": "placed"}
"""How long it has been waiting, the guest counts from when they asked, whoever declined it since."""


def standing(
    order: Mapping[str, Any], holder: Mapping[str, str] | None, at: datetime, world: World, replies: Replies, lang: str
) -> str:
    """A clause. ``order``: its data; one that waits for its time tells that time. ``holder``: the name of who has it."""
    what = subject_of(order, world, replies, lang)
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
        department=world.property.departments[str(order["department"])].name[lang],
        since=replies.ago((at - since).total_seconds(), lang),
    )


def subject_of(order: Mapping[str, Any], world: World, replies: Replies, lang: str) -> str:
    """What it is about: "two towels", 叫醒服务."""
    lines = which.lines(order)
    return replies.things(lines, lang) if lines else summary(Order.of(order), world.property, world.texts, lang)
