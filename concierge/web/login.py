"""Log-in: staff by password and, where they have one, a second factor; a room by the code that check-in gave.

The example hotel's own log-ins work on this machine only.
"""

from __future__ import annotations

import asyncio
from secrets import token_hex
from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field, model_validator

from concierge.domain.account import Account
from concierge.domain.errors import Forbidden, NotFound, WrongCode
from concierge.domain.instant import stamp
from concierge.domain.second_factor import SecondFactor
from concierge.service.commands import OfferSecondFactor
from concierge.service.naming import recovery_codes
from concierge.service.sessions import needs_code
from concierge.web.auth import Minted, Tokens, find_account, password_fits
from concierge.web.house import House
from concierge.web.me import factor_shown, stay_shown
from concierge.web.problem import Problem
from concierge.web.request import HouseOf, is_local
from concierge.web.sessions import begin
from concierge.web.turnstile import Turnstile

router = APIRouter(prefix="/v1", tags=["log-in"])


class Login(BaseModel):
    user: str = Field(min_length=1, max_length=64)
    password: str = Field(min_length=1, max_length=200)
    code: str | None = Field(None, min_length=6, max_length=20, description="of the second factor, or a recovery code")


class RoomToken(BaseModel):
    """``room`` alone opens a room of the example hotel, on this machine."""

    code: str | None = Field(None, min_length=1, max_length=64)
    room: str | None = Field(None, min_length=1, max_length=64)

    @model_validator(mode="after")
    def _one(self) -> RoomToken:
        if (self.code is None) == (self.room is None):
            raise ValueError("give the room's code")
        return self


@router.post("/login", responses={428: {"description": "totp_required, or totp_enrolment with secret, uri and qr"}})
async def login(body: Login, request: Request, response: Response, house: HouseOf) -> dict[str, Any]:
    """A token for one of the staff. Who must have a second factor and has none yet gets it offered; the code that the phone
    then shows puts it in force, and the answer has the recovery codes."""
    _require_demo_is_local(request, house)
    turnstile = Turnstile(request, body.user)
    turnstile.require_patience()
    account = await find_account(house, body.user)
    fits = await asyncio.to_thread(password_fits, account, body.password)
    if account is None or not fits or not account.active:
        raise turnstile.failed("staff", "the name or the password is wrong")
    before = account.totp or SecondFactor()
    if needs_code(house.service.world, account):
        if body.code is None:
            raise await _second_factor(house, account, before)
        turnstile.require_patience_with_codes()
    try:
        minted = await begin(request, house, account, "password", body.code)
    except WrongCode:
        raise turnstile.failed_code() from None
    turnstile.passed("staff", response)
    who = {"id": account.id, "name": account.name, "role": account.role, "department": account.department}
    answer = _issued(minted) | {"user": who}
    if before.pending and not before.nonce and body.code:
        answer["recovery_codes"] = recovery_codes(house.service.world.secret, account.id, before.pending)
    return answer


async def _second_factor(house: House, account: Account, factor: SecondFactor) -> Problem:
    if factor.nonce:
        return Problem(428, "totp_required", "give the code that your phone shows, or a recovery code, as code")
    if factor.pending is None:
        entry = await house.service.do(OfferSecondFactor(), account.actor, token_hex(16))
        account = Account.of(entry.data)
    what = "your role needs a second factor: scan the QR code with an authenticator, then log in with the code that it shows"
    return Problem(428, "totp_enrolment", what, **factor_shown(house, account))


@router.post("/room-token")
async def room_token(body: RoomToken, request: Request, house: HouseOf) -> dict[str, Any]:
    """A token for the stay whose room code this is. It ends at check-out."""
    turnstile = Turnstile(request)
    turnstile.require_patience()
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
            raise turnstile.failed("room", "this code is not, or no longer, that of a stay")
        stay = found
    turnstile.passed("room")
    tokens: Tokens = request.app.state.tokens
    return _issued(tokens.mint_room(stay)) | stay_shown(house, stay)


def _issued(minted: Minted) -> dict[str, Any]:
    return {"token": minted.token, "expires": stamp(minted.expires)}


def _require_demo_is_local(request: Request, house: House) -> None:
    if house.property.demo and not is_local(request):
        raise Forbidden(
            "the example hotel's passwords are public, so they work on its own machine only; "
            "for a real hotel give a property file: concierge serve --property FILE"
        )
