"""Alarms over HTTP: pressed by a guest or reported by staff, answered and cleared by staff."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from concierge.domain.people import require
from concierge.service.commands import AckIncident, ClearIncident, RaiseIncident
from concierge.web.request import ActorOf, ClientId, HouseOf

router = APIRouter(prefix="/v1/incidents", tags=["incidents"])


class NewIncident(BaseModel):
    kind: Literal["fire", "smoke", "medical", "security", "water", "trapped", "unknown"]
    words: str = Field("", max_length=2000)
    space: str | None = Field(None, description="for staff; a guest's is bound")


class Remark(BaseModel):
    remark: str = Field("", max_length=1000)


@router.post("", status_code=201)
async def raise_incident(body: NewIncident, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """A person pressed it, so it is certain."""
    entry = await house.service.do(RaiseIncident(body.kind, body.words, 1.0, body.space), actor, client_id)
    return entry.data | {"seq": entry.seq}


@router.get("")
async def incidents(house: HouseOf, actor: ActorOf) -> dict[str, Any]:
    """Those that nobody has cleared yet, newest first. ``seq``: where a socket goes on from."""
    require(actor.kind != "guest", "incidents are for staff")
    end = await house.log.end()
    await house.views.caught_up(end)
    return {"items": await house.views.incidents(open=True, limit=200), "seq": end}


@router.post("/{incident}/ack")
async def ack(incident: str, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """I have it. Everybody sees who."""
    entry = await house.service.do(AckIncident(incident), actor, client_id)
    return entry.data | {"seq": entry.seq}


@router.post("/{incident}/clear")
async def clear(incident: str, house: HouseOf, actor: ActorOf, client_id: ClientId, body: Remark | None = None) -> dict[str, Any]:
    entry = await house.service.do(ClearIncident(incident, body.remark if body else ""), actor, client_id)
    return entry.data | {"seq": entry.seq}
