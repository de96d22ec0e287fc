"""Check-in and check-out, for the desk."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from concierge.service.commands import CheckIn, CheckOut
from concierge.web.request import ActorOf, ClientId, HouseOf

router = APIRouter(prefix="/v1/stays", tags=["stays"])


class NewStay(BaseModel):
    space: str = Field(min_length=1, max_length=64)
    language: str = Field(min_length=2, max_length=8)
    name: str = Field("", max_length=200)
    vip: bool = False


@router.post("", status_code=201)
async def check_in(body: NewStay, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """``code`` goes on the room's QR code: ``/room#code=…``. A repeat of the request gives the same one."""
    done = await house.service.do(CheckIn(body.space, body.language, body.name, body.vip), actor, client_id)
    return {"id": done.id, "code": done.code, "space": body.space, "seq": done.entry.seq}


@router.post("/{stay}/check-out")
async def check_out(stay: str, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """Ends the stay: its tokens and its room code are worth nothing from now on."""
    entry = await house.service.do(CheckOut(stay), actor, client_id)
    return {"id": stay, "state": entry.data["state"], "seq": entry.seq}
