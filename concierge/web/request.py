"""What a route takes of its request: the house, who asks, under which id."""

from __future__ import annotations

import ipaddress
from typing import Annotated
from uuid import uuid4

from fastapi import Depends, Header, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from concierge.domain.errors import BadRequest
from concierge.domain.people import Actor
from concierge.web.auth import Bearer, Unauthorized, admit
from concierge.web.house import House
from concierge.web.problem import Problem

_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


def _house(request: Request) -> House:
    house: House = request.app.state.house
    return house


async def _bearer(
    request: Request,
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(HTTPBearer(auto_error=False))],
) -> Bearer:
    if given is None:
        raise unauthorized("say who you are: Authorization: Bearer TOKEN")
    try:
        return await admit(given.credentials, request.app.state.tokens, request.app.state.house)
    except Unauthorized as error:
        raise unauthorized(str(error)) from None


async def _actor(bearer: BearerOf) -> Actor:
    return bearer.actor


def _client_id(
    idempotency_key: Annotated[
        str | None,
        Header(min_length=1, max_length=200, description="Repeats with the same key give the first answer. None: no repeat."),
    ] = None,
) -> str:
    return idempotency_key or uuid4().hex


def unauthorized(detail: str) -> Problem:
    return Problem(401, "unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})


def is_local(request: Request) -> bool:
    """Whether the client is on this machine and nobody stands between, not even a proxy or a rebound DNS name."""
    house: House = request.app.state.house
    forwarded = any(name in request.headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
    return (
        not forwarded
        and _is_loopback(house.settings.host)
        and request.client is not None
        and _is_loopback(request.client.host)
        and (request.url.hostname or "") in _LOCAL_NAMES
    )


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


HouseOf = Annotated[House, Depends(_house)]
BearerOf = Annotated[Bearer, Depends(_bearer)]
ActorOf = Annotated[Actor, Depends(_actor)]
ClientId = Annotated[str, Depends(_client_id)]


def require_language(house: House, lang: str | None) -> None:
    """Raises :class:`BadRequest` for a language that this property does not speak; None is none named."""
    if lang is not None and lang not in house.property.languages:
        raise BadRequest(f"lang {lang!r}: expected one of {', '.join(house.property.languages)}")
