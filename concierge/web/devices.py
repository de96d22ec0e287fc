"""Devices over HTTP. A state is what the device confirmed, never what was asked of it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body

from concierge.domain import device as devices_domain
from concierge.domain.people import require
from concierge.service.commands import SetDevice
from concierge.web.problem import Problem
from concierge.web.request import ActorOf, ClientId, HouseOf

router = APIRouter(prefix="/v1/devices", tags=["devices"])


@router.get("/{space}")
async def devices(space: str, house: HouseOf, actor: ActorOf) -> dict[str, Any]:
    """The space's devices with their confirmed states (null: not heard of). ``seq``: where a socket goes on from."""
    require(actor.kind != "guest" or space == actor.space, f"space {space!r} is not yours")
    found = house.property.space(space)
    seq = await house.log.end()
    items = [
        {"id": d.id, "kind": d.kind, "zone": d.zone, "name": d.name, "state": house.devices.state(found.id, d.id)}
        for d in found.devices.values()
    ]
    return {"space": found.id, "items": items, "seq": seq}


@router.post("/{space}/{device}/set")
async def set_device(
    space: str,
    device: str,
    change: Annotated[dict[str, Any], Body(min_length=1, examples=[{"power": "on", "level": 40}])],
    house: HouseOf,
    actor: ActorOf,
    client_id: ClientId,
) -> dict[str, Any]:
    """Sets a device and waits until its state says so. It stays silent: 504, with the state that it has.

    The body has slots of ``device.set``: ``power``, ``level``, ``temperature``… or ``change`` up or down.
    """
    wanted = devices_domain.wanted(house.property.device(space, device), change, house.devices.state(space, device))
    confirmations = await house.service.do(SetDevice(space, {device: wanted}), actor, client_id)
    confirmed = next(c for c in confirmations if c.device == device)
    about: dict[str, Any] = {"space": space, "device": device, "ms": round(confirmed.ms), "state": confirmed.state}
    if not confirmed.ok:
        raise Problem(504, "not_confirmed", f"{device} in {space} did not confirm", **about)
    return about | {"ok": True}
