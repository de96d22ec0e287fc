"""Figures for managers: how many requests, how fast they were answered, how the guests found it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime

from concierge.domain.errors import BadRequest
from concierge.domain.event import now
from concierge.domain.people import require
from concierge.web.request import ActorOf, HouseOf

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
"""Beyond them calendars of time zones overflow; no hotel of ours was open."""
router = APIRouter(prefix="/v1/figures", tags=["figures"])


@router.get("")
async def figures(
    house: HouseOf, actor: ActorOf, since: AwareDatetime | None = None, until: AwareDatetime | None = None
) -> dict[str, Any]:
    """Of the orders placed from ``since`` to ``until``; without ``since``: of the 24 hours before ``until``, now if it is not
    given. Response times are in seconds from placed, by department too; late: the share that missed a deadline."""
    require(actor.leads, "figures are for the desk and managers")
    for name, bound in (("since", since), ("until", until)):
        if bound and not EARLIEST <= bound <= LATEST:
            raise BadRequest(f"{name}: expected a time from {EARLIEST:%Y} to {LATEST:%Y}")
    if since and until and since > until:
        raise BadRequest("since is after until")
    end = await house.log.end()
    await house.views.caught_up(end)
    until = until or now()
    return {**await house.views.figures(since or until - timedelta(hours=24), until), "seq": end}
