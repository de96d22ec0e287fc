"""Log-in: staff by password, a room by the code that check-in gave. The example hotel's own log-ins work on this machine only."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field, model_validator

from concierge.domain.errors import Forbidden, NotFound
from concierge.domain.instant import stamp
from concierge.domain.stay import Stay
from concierge.web.attempts import Attempts, Key
from concierge.web.auth import Minted, Tokens, password_fits
from concierge.web.house import House
from concierge.web.problem import Problem
from concierge.web.request import ActorOf, HouseOf, is_local, unauthorized

router = APIRouter(prefix="/v1", tags=["log-in"])


class Login(BaseModel):
    user: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=200)


class RoomToken(BaseModel):
    """``room`` alone opens a room of the example hotel, on this machine."""

    code: str | None = Field(None, min_length=1, max_length=64)
    room: str | None = Field(None, min_length=1, max_length=64)

    @model_validator(mode="after")
    def _one(self) -> RoomToken:
        if (self.code is None) == (self.room is None):
            raise ValueError("give the room's code")
        return self


@router.post("/login")
async def login(body: Login, request: Request, house: HouseOf) -> dict[str, Any]:
    """A token for one of the staff."""
    _require_demo_is_local(request, house)
    keys = _keys(request, ("user", body.user))
    _require_patience(request, keys)
    person = house.property.staff.get(body.user)
    if not await asyncio.to_thread(password_fits, person, body.password) or person is None:
        raise _failed(request, keys, "staff", "the name or the password is wrong")
    _welcome(request, keys, "staff")
    who = {"id": person.id, "name": person.name, "role": person.role, "department": person.department}
    return _issued(_tokens(request).mint_staff(person)) | {"user": who}


@router.post("/room-token")
async def room_token(body: RoomToken, request: Request, house: HouseOf) -> dict[str, Any]:
    """A token for the stay whose room code this is. It ends at check-out."""
    keys = _keys(request)
    _require_patience(request, keys)
    if body.room is not None:
        if not (house.property.demo and is_local(request)):
            raise Forbidden("a room is opened by its code; by its number only in the example hotel, on its own machine")
        stay = await house.service.open_stay(body.room)
        if stay is None:
            raise NotFound(f"nobody has checked in to {body.room}")
    else:
        await house.views.caught_up(await house.log.end())  # the guest may have checked in a moment ago
        found = await house.views.stay_by_code(body.code or "")
        if found is None:
            raise _failed(request, keys, "room", "this code is not, or no longer, that of a stay")
        stay = found
    _welcome(request, keys, "room")
    return _issued(_tokens(request).mint_room(stay)) | _stay(house, stay)


@router.get("/me")
async def me(house: HouseOf, actor: ActorOf) -> dict[str, Any]:
    """Who the token says one is, and what the pages show of it."""
    if actor.kind == "guest":
        stay = await house.service.open_stay(actor.space)
        if stay is None or stay.id != actor.stay:
            raise unauthorized("the stay has ended")
        return {"kind": "guest", **_stay(house, stay)}
    person = house.property.staff[actor.id]
    return {
        "kind": "staff",
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "department": person.department,
        "leads": actor.leads,
        "colleagues": {other.id: other.name for other in house.property.staff.values()},
    }


def _stay(house: House, stay: Stay) -> dict[str, Any]:
    space = house.property.space(stay.space)
    return {
        "stay": stay.id,
        "space": space.id,
        "space_name": space.name,
        "floor": space.floor,
        "name": stay.name,
        "language": stay.language,
    }


def _issued(minted: Minted) -> dict[str, Any]:
    return {"token": minted.token, "expires": stamp(minted.expires)}


def _tokens(request: Request) -> Tokens:
    tokens: Tokens = request.app.state.tokens
    return tokens


def _require_demo_is_local(request: Request, house: House) -> None:
    if house.property.demo and not is_local(request):
        raise Forbidden(
            "the example hotel's passwords are public, so they work on its own machine only; "
            "for a real hotel give a property file: concierge serve --property FILE"
        )


def _keys(request: Request, *more: Key) -> list[Key]:
    return [("address", request.client.host if request.client else "unknown"), *more]


def _require_patience(request: Request, keys: list[Key]) -> None:
    attempts: Attempts = request.app.state.attempts
    wait_s = max(attempts.wait_s(key, time.monotonic()) for key in keys)
    if wait_s > 0:
        retry = str(math.ceil(wait_s))
        raise Problem(429, "too_many_attempts", f"wait {retry} s and try again", headers={"Retry-After": retry})


def _failed(request: Request, keys: list[Key], kind: str, detail: str) -> Problem:
    for key in keys:
        request.app.state.attempts.failed(key, time.monotonic())
    request.app.state.metrics.logins.labels(kind, "refused").inc()
    return unauthorized(detail)


def _welcome(request: Request, keys: list[Key], kind: str) -> None:
    for key in keys[1:]:
        request.app.state.attempts.forgive(key)
    request.app.state.metrics.logins.labels(kind, "admitted").inc()
