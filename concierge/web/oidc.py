"""Log-in by a chain's OpenID provider: there and back, and which account somebody from there has here (docs/people.md)."""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Mapping
from secrets import token_hex, token_urlsafe
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse

from concierge.domain.account import Account
from concierge.domain.errors import Forbidden, NotFound, Unavailable
from concierge.domain.hotel import Grant, Oidc
from concierge.domain.people import SERVICE
from concierge.service.commands import AddStaff, ChangeStaff
from concierge.web.auth import FLOW_LIFE, Tokens
from concierge.web.house import House
from concierge.web.openid import NotProven, Provider, ProviderDown
from concierge.web.request import HouseOf, unauthorized
from concierge.web.sessions import begin

log = logging.getLogger(__name__)
COOKIE = "concierge_flow"
PATH = "/v1/login/oidc"

router = APIRouter(prefix=PATH, tags=["log-in"], responses={303: {"description": "to the provider, or to the page"}})


@router.get("", status_code=303, response_class=RedirectResponse)
async def depart(request: Request, house: HouseOf) -> RedirectResponse:
    """To the provider. What comes back is taken from this browser alone, for ten minutes."""
    provider, tokens = _provider(request, house), _tokens(request)
    state = token_urlsafe(24)
    try:
        where = await provider.entrance(state, tokens.derived("nonce", state), tokens.derived("verifier", state))
    except (ProviderDown, NotProven) as error:
        raise _down(error) from None
    answer = RedirectResponse(where, 303)
    answer.set_cookie(
        COOKIE,
        tokens.mint_flow(state).token,
        max_age=int(FLOW_LIFE.total_seconds()),
        path=PATH,
        secure=provider.config.address.startswith("https:"),
        httponly=True,
        samesite="lax",  # the provider sends the browser here: a strict one would not come along
    )
    return answer


@router.get("/callback", status_code=303, response_class=RedirectResponse)
async def arrive(
    request: Request,
    house: HouseOf,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
    error: Annotated[str, Query(max_length=200)] = "",
) -> RedirectResponse:
    """From the provider, to the staff's page with a token behind ``#``, where no server sees it."""
    provider, tokens = _provider(request, house), _tokens(request)
    if not tokens.flow(request.cookies.get(COOKIE, ""), state):
        raise _refused(request, "this log-in did not begin in this browser, or too long ago: begin again")
    if error or not code:
        raise _refused(request, f"the provider let nobody in: {error or 'no code'}")
    try:
        claims = await provider.claims(code, tokens.derived("nonce", state), tokens.derived("verifier", state))
    except ProviderDown as problem:
        raise _down(problem) from None
    except NotProven as problem:
        raise _refused(request, str(problem)) from None
    account = await account_of(house, provider.config, claims)
    minted = await begin(request, house, account, "oidc")
    request.app.state.metrics.logins.labels("oidc", "admitted").inc()
    answer = RedirectResponse(f"/staff#token={minted.token}", 303)
    answer.delete_cookie(COOKIE, PATH)
    return answer


async def account_of(house: House, config: Oidc, claims: Mapping[str, Any]) -> Account:
    """Whose account it is: theirs since they first came; then the one that has their name; else a new one, if the property
    file says so. With grants, role and department are what the provider says now. Raises :class:`Forbidden`."""
    await house.views.caught_up(await house.log.end())
    accounts = {one.id: one for one in await house.service.reading.accounts()}
    sso, user = f"{config.issuer} {claims['sub']}", str(claim(claims, config.user) or "")
    grant = granted(config, claims)
    if config.grants and grant is None:
        raise Forbidden("the provider names no group of yours that works here")
    found = next((one for one in accounts.values() if one.sso == sso), accounts.get(user))
    if found is None:
        return await _created(house, config, claims, sso, user, grant)
    if found.sso not in (None, sso) and found.sso.startswith(f"{config.issuer} "):
        raise Forbidden(f"the account {found.id!r} is somebody else's at the provider")
    if not found.active:
        raise Forbidden(f"{found.id!r} does not work here any more")
    given = {"role": grant.role, "department": grant.department} if grant else {}
    changes = {key: value for key, value in {**given, "sso": sso}.items() if getattr(found, key) != value}
    if not changes:
        return found
    return Account.of((await house.service.do(ChangeStaff(found.id, changes), SERVICE, token_hex(16))).data)


async def _created(house: House, config: Oidc, claims: Mapping[str, Any], sso: str, user: str, grant: Grant | None) -> Account:
    id = re.sub(r"[^A-Za-z0-9_-]", "-", user)[:64]
    if config.unknown != "create" or grant is None or not id:
        raise Forbidden("you have no account here: a manager makes one")
    name = str(claim(claims, config.name) or user)[:100]
    languages = house.property.languages
    add = AddStaff(id, dict.fromkeys(languages, name), grant.role, grant.department, languages=languages, sso=sso)
    return Account.of((await house.service.do(add, SERVICE, token_hex(16))).data)


def granted(config: Oidc, claims: Mapping[str, Any]) -> Grant | None:
    """The first of the property file's grants whose group the claims name."""
    groups = claim(claims, config.groups)
    named = set(map(str, groups)) if isinstance(groups, list) else {str(groups)}
    return next((grant for grant in config.grants if grant.group in named), None)


def claim(claims: Mapping[str, Any], name: str) -> Any:
    """``name`` may lead into an object: ``realm_access.roles``. None where there is none."""
    if name in claims:
        return claims[name]
    found: Any = claims
    for key in name.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _provider(request: Request, house: House) -> Provider:
    config = house.property.oidc
    if config is None:
        raise NotFound("this property has no [oidc]: log in by password")
    secret = os.environ.get(config.client_secret_env) if config.client_secret_env else None
    if config.client_secret_env and not secret:
        log.error("log-in by the OpenID provider: the variable %s is not set", config.client_secret_env)
        raise Unavailable("log-in by the provider is not set up: the service's log says what is missing")
    known: Provider | None = request.app.state.openid
    if known is None or (known.config, known.secret) != (config, secret):
        known = request.app.state.openid = Provider(config, secret)
    return known


def _tokens(request: Request) -> Tokens:
    tokens: Tokens = request.app.state.tokens
    return tokens


def _down(error: Exception) -> Unavailable:
    log.warning("log-in by the OpenID provider: %s", error)
    return Unavailable("the provider does not answer as it must: try again, or log in by password")


def _refused(request: Request, detail: str) -> Exception:
    log.info("log-in by the OpenID provider refused: %s", detail)
    request.app.state.metrics.logins.labels("oidc", "refused").inc()
    return unauthorized(detail)
