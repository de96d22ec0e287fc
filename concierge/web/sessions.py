"""Log-ins of the staff: begun here, listed, and ended one by one or all."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from concierge.domain.account import Account
from concierge.domain.event import now
from concierge.domain.instant import stamp
from concierge.domain.people import require
from concierge.domain.session import Session
from concierge.service.commands import EndSession, StartSession
from concierge.web.auth import Bearer, Minted, Tokens
from concierge.web.house import House
from concierge.web.request import BearerOf, ClientId, HouseOf

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])

Staff = Annotated[str | None, Query(max_length=64, description="a manager's to name; none: one's own")]
CURRENT = "current"


async def begin(request: Request, house: House, account: Account, via: str, code: str | None = None) -> Minted:
    """A session for who has shown who they are. Raises :class:`~concierge.domain.errors.WrongCode`."""
    tokens: Tokens = request.app.state.tokens
    id = secrets.token_hex(8)
    minted = tokens.mint_staff(account, id)
    address = request.client.host if request.client else ""
    agent = request.headers.get("user-agent", "")[:200]
    session = Session(id, stamp(now()), stamp(minted.expires), via, address, agent)
    await house.service.do(StartSession(session, code), account.actor, id)
    return minted


@router.get("")
async def sessions(house: HouseOf, bearer: BearerOf, staff: Staff = None) -> dict[str, Any]:
    """Where somebody is logged in, newest first. ``current``: by the token of this request."""
    found, _ = await house.service.reading.sessions(_whose(bearer, staff))
    at = stamp(now())
    items = [{**one, "current": one["id"] == bearer.session} for one in reversed(found.data()["open"]) if one["expires"] > at]
    return {"items": items}


@router.delete("", status_code=204)
async def end_all(house: HouseOf, bearer: BearerOf, client_id: ClientId, staff: Staff = None) -> None:
    """Logs out everywhere: every token that was made until now is void, those of scripts too."""
    await house.service.do(EndSession(_whose(bearer, staff)), bearer.actor, client_id)


@router.delete("/{id}", status_code=204)
async def end(id: str, house: HouseOf, bearer: BearerOf, client_id: ClientId, staff: Staff = None) -> None:
    """``id`` may be ``current``: to log out."""
    session = bearer.session or CURRENT if id == CURRENT else id
    await house.service.do(EndSession(_whose(bearer, staff), session), bearer.actor, client_id)


def _whose(bearer: Bearer, staff: str | None) -> str:
    actor = bearer.actor
    require(actor.kind == "staff", "sessions are of the staff; a guest's token ends with the stay")
    require(staff in (None, actor.id) or actor.manages, "others' sessions are a manager's to see")
    return staff or actor.id
