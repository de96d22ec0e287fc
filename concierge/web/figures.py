"""Figures for managers: how many requests, how fast they were answered, how the guests found it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter
from pydantic import AwareDatetime

from concierge.domain.event import now
from concierge.domain.people import require
from concierge.web.request import ActorOf, HouseOf

router = APIRouter(prefix="/v1/figures", tags=["figures"])


@router.get("")
async def figures(
    house: HouseOf, actor: ActorOf, since: AwareDatetime | None = None, until: AwareDatetime | None = None
) -> dict[str, Any]:
    """Of the orders placed from ``since`` to ``until``; without them: of the last 24 hours."""
    require(actor.leads, "figures are for the desk and managers")
    end = await house.log.end()
    await house.views.caught_up(end)
    until = until or now()
    return {**await house.views.figures(since or until - timedelta(hours=24), until), "seq": end}
