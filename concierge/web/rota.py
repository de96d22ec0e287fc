"""Who is on duty: by the plan of shifts, or by their own word."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, Field

from concierge.domain.account import Account
from concierge.domain.people import require
from concierge.property_shape import WEEK
from concierge.service.commands import SetDuty
from concierge.service.duty import on_duty_now, rota
from concierge.web.request import ActorOf, ClientId, HouseOf

router = APIRouter(prefix="/v1", tags=["staff"])


class Duty(BaseModel):
    on: bool | None = Field(description="null: by the plan again")


@router.get("/rota")
async def plan(house: HouseOf, actor: ActorOf) -> dict[str, Any]:
    """``on_duty``: now. ``said``: their own word, null if the plan decides; who is on no shift is always on duty by it."""
    require(actor.kind != "guest", "the rota is for staff")
    return {
        "items": [
            {"id": one.id, "name": one.name, "role": one.role, "department": one.department, "floors": one.floors}
            | {"shift": one.shift, "on_duty": on, "said": one.on_duty}
            for one, on in await rota(house.service.world)
        ],
        "shifts": {
            shift.id: {
                "name": shift.name,
                "begins": shift.begins,
                "ends": shift.ends,
                "days": [WEEK[day] for day in sorted(shift.days)],
            }
            for shift in house.property.shifts.values()
        },
    }


@router.post("/me/duty")
async def duty(body: Duty, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """One's own. Off duty, one gets no orders; what one has stays."""
    require(actor.kind == "staff", "only staff are on duty")
    entry = await house.service.do(SetDuty(actor.id, body.on), actor, client_id)
    account = Account.of(entry.data)
    now = on_duty_now(house.service.world, account)
    return {"id": account.id, "said": account.on_duty, "on_duty": now, "seq": entry.seq}
