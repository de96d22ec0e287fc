"""``GET /v1/audit``: who did what when, off the log."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import AwareDatetime

from concierge.domain.account import manager_view
from concierge.domain.conversation import without_words
from concierge.domain.event import Entry
from concierge.domain.instant import stamp
from concierge.domain.people import Actor, require
from concierge.domain.sight import seen
from concierge.web.figures import EARLIEST, LATEST
from concierge.web.request import ActorOf, HouseOf

Instant = Annotated[AwareDatetime, Query(ge=EARLIEST, le=LATEST)]

router = APIRouter(prefix="/v1/audit", tags=["audit"])


@router.get("")
async def audit(
    house: HouseOf,
    actor: ActorOf,
    who: Annotated[str | None, Query(max_length=80, description="staff:li_na, guest:STAY or service:concierge")] = None,
    subject: Annotated[
        str | None, Query(max_length=200, description="what it begins with: order., staff.li_na, im.stay-")
    ] = None,
    since: Instant | None = None,
    until: Instant | None = None,
    before: Annotated[int | None, Query(ge=1, lt=2**63, description="`next` of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> dict[str, Any]:
    """Newest first. ``data``: the state that it left, null where that is not a manager's to see: what others say among
    themselves. Device states are nobody's deeds and are not here; failed log-ins are counted at ``/metrics``."""
    require(actor.manages, "the audit is a manager's to see")
    prefix = f"h.{house.property.id}."
    await house.views.caught_up(await house.log.end())
    under = prefix + subject.removeprefix(prefix) if subject else None
    found, following = await house.views.deeds(who=who, under=under, since=since, until=until, before=before, limit=limit)
    entries = await asyncio.gather(*map(house.log.at, found))
    withdrawn = await house.views.talks.withdrawn() if entries else set[int]()
    return {"items": [_shown(entry, actor, withdrawn) for entry in entries if entry], "next": following}


def _shown(entry: Entry, actor: Actor, withdrawn: set[int]) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": stamp(entry.at),
        "who": entry.by,
        "event": entry.event,
        "subject": entry.subject,
        "data": _data(entry, actor, withdrawn),
    }


def _data(entry: Entry, actor: Actor, withdrawn: set[int]) -> Any:
    match entry.subject.split(".")[2]:
        case "staff":
            return manager_view(entry.data)
        case "session":
            return entry.data
    visible = seen(entry, actor)
    if visible and entry.event in ("said", "edited") and entry.data.get("message", entry.seq) in withdrawn:
        return without_words(visible.data)
    return visible.data if visible else None
