"""``/v1/me``: who one is; one's own password and second factor."""

from __future__ import annotations

import asyncio
import io
from typing import Any

import segno
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from concierge.domain.account import Account
from concierge.domain.errors import WrongCode
from concierge.domain.people import Actor, require
from concierge.domain.second_factor import address
from concierge.domain.stay import Stay
from concierge.service.commands import Command, ConfirmSecondFactor, OfferSecondFactor, R, SetPassword
from concierge.service.naming import totp_secret
from concierge.web.auth import find_account, hash_strong, password_fits
from concierge.web.house import House
from concierge.web.request import ActorOf, BearerOf, ClientId, HouseOf, unauthorized
from concierge.web.turnstile import Turnstile

router = APIRouter(prefix="/v1/me", tags=["people"])


class Password(BaseModel):
    """``old`` is empty for who has none: they came from the OpenID provider so far."""

    old: str = Field("", max_length=200)
    new: str = Field(max_length=200)


class Code(BaseModel):
    code: str = Field(min_length=6, max_length=20)


@router.get("")
async def me(house: HouseOf, actor: ActorOf) -> dict[str, Any]:
    """Who the token says one is, and what the pages show of it."""
    if actor.kind == "guest":
        stay = await house.service.open_stay(actor.space)
        if stay is None or stay.id != actor.stay:
            raise unauthorized("the stay has ended")
        return {"kind": "guest", **stay_shown(house, stay)}
    person = await _own(house, actor)
    colleagues = await house.service.reading.accounts()
    return {
        "kind": "staff",
        "id": person.id,
        "name": person.name,
        "role": person.role,
        "department": person.department,
        "leads": actor.leads,
        "manages": actor.manages,
        "second_factor": person.totp is not None and person.totp.nonce is not None,
        "colleagues": {other.id: other.name for other in colleagues},
    }


@router.post("/password", status_code=204)
async def change_password(body: Password, request: Request, house: HouseOf, bearer: BearerOf, client_id: ClientId) -> None:
    """Logs out everywhere else."""
    account = await _own(house, bearer.actor)
    turnstile = Turnstile(request, account.id)
    turnstile.require_patience()
    if account.password_hash and not await asyncio.to_thread(password_fits, account, body.old):
        turnstile.failed("password", "")
        raise WrongCode("the old password is wrong")
    hashed = await hash_strong(house, body.new, account.id, account.name)
    await house.service.do(SetPassword(account.id, hashed, bearer.session), bearer.actor, client_id)


@router.post("/totp")
async def offer(
    request: Request, house: HouseOf, actor: ActorOf, client_id: ClientId, body: Code | None = None
) -> dict[str, Any]:
    """A secret for an authenticator, as text, address and QR code; in force once a code has shown that the phone has it.
    ``code``: of the one in force, which stays so until then."""
    entry = await _guessing(request, house, actor, OfferSecondFactor(body.code if body else None), client_id)
    return factor_shown(house, Account.of(entry.data))


@router.post("/totp/confirm")
async def confirm(body: Code, request: Request, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """The recovery codes, each good once in the phone's place: to be written down now."""
    return {"recovery_codes": await _guessing(request, house, actor, ConfirmSecondFactor(body.code), client_id)}


async def _guessing(request: Request, house: House, actor: Actor, command: Command[R], client_id: str) -> R:
    turnstile = Turnstile(request, (await _own(house, actor)).id)
    turnstile.require_patience_with_codes()
    try:
        return await house.service.do(command, actor, client_id)
    except WrongCode:
        turnstile.failed_code()
        raise


async def _own(house: House, actor: Actor) -> Account:
    require(actor.kind == "staff", "accounts are of the staff")
    account = await find_account(house, actor.id)
    if account is None:
        raise unauthorized("there is no such account")
    return account


def factor_shown(house: House, account: Account) -> dict[str, Any]:
    """What is offered. ``qr``: SVG."""
    assert account.totp is not None
    assert account.totp.pending is not None
    secret = totp_secret(house.service.world.secret, account.id, account.totp.pending)
    uri = address(secret, account.id, next(iter(house.property.name.values())))
    picture = io.BytesIO()
    segno.make(uri, micro=False).save(picture, kind="svg", scale=5, xmldecl=False)
    return {"secret": secret, "uri": uri, "qr": picture.getvalue().decode()}


def stay_shown(house: House, stay: Stay) -> dict[str, Any]:
    space = house.property.space(stay.space)
    return {
        "stay": stay.id,
        "space": space.id,
        "space_name": space.name,
        "floor": space.floor,
        "name": stay.name,
        "language": stay.language,
    }
