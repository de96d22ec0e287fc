"""The staff: who works here, for their colleagues; their accounts, for managers."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from concierge.domain.account import Account, manager_view, public_view
from concierge.domain.people import require
from concierge.service import commands as c
from concierge.service.duty import on_duty_now
from concierge.web.auth import hash_strong
from concierge.web.house import House
from concierge.web.request import ActorOf, ClientId, HouseOf

router = APIRouter(prefix="/v1/staff", tags=["people"])

Word = Annotated[str, Field(min_length=1, max_length=64)]
Vendor = Literal["slack", "feishu", "wecom", "dingtalk"]


class Change(BaseModel):
    """What is left out stays as it is."""

    name: dict[Word, Annotated[str, Field(min_length=1, max_length=100)]] | None = None
    role: Word | None = None
    department: Word | None = None
    floors: list[int] | None = Field(None, max_length=200)
    skills: list[Word] | None = Field(None, max_length=50)
    languages: list[Word] | None = Field(None, max_length=10)
    shift: Word | None = None
    im: dict[Vendor, Word] | None = None
    active: bool | None = None


class NewStaff(BaseModel):
    """Without ``password`` there is no log-in by one."""

    id: Word
    name: dict[Word, Annotated[str, Field(min_length=1, max_length=100)]]
    role: Word
    department: Word
    floors: list[int] = Field(default_factory=list, max_length=200)
    skills: list[Word] = Field(default_factory=list, max_length=50)
    languages: list[Word] = Field(default_factory=list, max_length=10)
    shift: Word | None = None
    im: dict[Vendor, Word] = Field(default_factory=dict)
    password: str | None = Field(None, max_length=200)


class NewPassword(BaseModel):
    password: str = Field(max_length=200)


@router.get("")
async def staff(house: HouseOf, actor: ActorOf) -> dict[str, Any]:
    """Who works here, and is ``on_duty`` now; managers see whole accounts, and those that have ended."""
    require(actor.kind != "guest", "who works here is told to staff")
    await house.views.caught_up(await house.log.end())
    accounts = await house.service.reading.accounts()
    return {"items": [_shown(house, one, actor.manages) for one in accounts if one.active or actor.manages]}


@router.post("", status_code=201)
async def add(body: NewStaff, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    require(actor.manages, "accounts are made by a manager")
    fields = body.model_dump(exclude={"id", "password"})
    hashed = await hash_strong(house, body.password, body.id, body.name) if body.password is not None else ""
    entry = await house.service.do(c.AddStaff(body.id, **fields, password_hash=hashed), actor, client_id)
    return _shown(house, Account.of(entry.data), True)


@router.post("/{id}")
async def change(id: str, body: Change, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """Another role or department counts at once, in open sockets too. Who is no longer ``active`` is logged out everywhere."""
    given = body.model_dump(exclude_unset=True)
    # Null means nothing but for the shift, which may be taken away.
    changes = {key: value for key, value in given.items() if value is not None or key == "shift"}
    entry = await house.service.do(c.ChangeStaff(id, changes), actor, client_id)
    return _shown(house, Account.of(entry.data), True)


@router.post("/{id}/password", status_code=204)
async def reset_password(id: str, body: NewPassword, house: HouseOf, actor: ActorOf, client_id: ClientId) -> None:
    """A manager's, for who has forgotten theirs. It logs them out everywhere."""
    require(actor.manages, "others' passwords are set by a manager")
    account, _ = await house.service.reading.account(id)
    hashed = await hash_strong(house, body.password, account.id, account.name)
    await house.service.do(c.SetPassword(account.id, hashed), actor, client_id)


@router.delete("/{id}/totp", status_code=204)
async def remove_second_factor(id: str, house: HouseOf, actor: ActorOf, client_id: ClientId) -> None:
    """For who has lost their phone and the recovery codes. It logs them out everywhere."""
    await house.service.do(c.RemoveSecondFactor(id), actor, client_id)


def _shown(house: House, account: Account, whole: bool) -> dict[str, Any]:
    """``duty``: what they said themselves, null: by the plan."""
    data = account.data()
    here = on_duty_now(house.service.world, account)
    return {**(manager_view(data) | {"duty": account.on_duty} if whole else public_view(data)), "on_duty": here}
