"""The room board: every space with its housekeeping status, and reports of it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from concierge.domain.people import require
from concierge.service.commands import SetSpaceStatus
from concierge.web.request import ActorOf, ClientId, HouseOf

router = APIRouter(prefix="/v1", tags=["rooms"])


class Report(BaseModel):
    status: str = Field(min_length=1, max_length=32, description="dirty, cleaning, clean, inspected or out_of_order")
    remark: str = Field("", max_length=1000)


@router.get("/board")
async def board(house: HouseOf, actor: ActorOf) -> dict[str, Any]:
    """Every space with its status, who is in it, and its open orders. ``seq``: where a socket goes on from."""
    require(actor.kind != "guest", "the board is for staff")
    end = await house.log.end()
    await house.views.caught_up(end)
    items = await house.views.board(house.property)
    return {"items": items, "seq": end}


@router.post("/spaces/{space}/status")
async def report(space: str, body: Report, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """An attendant's report of a room."""
    entry = await house.service.do(SetSpaceStatus(space, body.status, body.remark), actor, client_id)
    return entry.data | {"seq": entry.seq}
