"""Tokens: who a client is, signed by this service (JWT, HS256), checked against how things stand now.

A token names a stay, or one of the staff and the log-in it came from. What it allows is looked up at each use: a guest's
ends with the stay, one of the staff has the role that their account has now, and a session that was ended is over.
"""

from __future__ import annotations

import asyncio
import hmac
import os
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from concierge.domain.account import Account
from concierge.domain.errors import BadToken, NotFound
from concierge.domain.event import now, subject
from concierge.domain.password import normal, require_strong
from concierge.domain.people import Actor, guest, staff
from concierge.domain.stay import Stay
from concierge.web.house import House

KEY_FILE = "token.key"
KEY_BYTES = 32
STAFF_LIFE = timedelta(hours=14)
"""A long shift. The next log-in makes a new token."""
ROOM_LIFE = timedelta(days=60)
"""Only a bound: a room token ends at check-out."""
DEVICE_LIFE = timedelta(days=180)
FLOW_LIFE = timedelta(minutes=10)

_HASHER = PasswordHasher()


class Unauthorized(Exception):
    """The token is missing, forged, expired, or of a stay or a session that has ended."""


class Named(Protocol):
    """One of the staff, as the property file or the log has them."""

    @property
    def id(self) -> str: ...


@dataclass(frozen=True)
class Bearer:
    """Whom a token names, since when and until when, and in which session; None: ``concierge token`` made it."""

    actor: Actor
    expires: datetime
    made: datetime
    session: str | None = None


@dataclass(frozen=True)
class Minted:
    """A signed token and when it ends."""

    token: str
    expires: datetime


def load_key(state: Path) -> bytes:
    """The signing key in the state folder, made at first use (0600). Raises :class:`OSError`."""
    path = state / KEY_FILE
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with suppress(FileExistsError):
        # Written whole under another name, then linked: a second process never reads half a key.
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(os.urandom(KEY_BYTES))
        try:
            os.link(draft, path)
        finally:
            draft.unlink()
    return path.read_bytes()


class Tokens:
    """Mints and reads the tokens of one property."""

    def __init__(self, key: bytes, property_id: str) -> None:
        self._key = key
        self._issuer = property_id

    def mint_room(self, stay: Stay) -> Minted:
        return self._mint(ROOM_LIFE, sub=stay.id, kind="guest", stay=stay.id, space=stay.space, since=stay.checked_in)

    def mint_staff(self, person: Named, session: str | None = None) -> Minted:
        return self._mint(STAFF_LIFE, sub=person.id, kind="staff", sid=session)

    def mint_device(self, user: str) -> Minted:
        """For a browser that has logged in: it opens nothing, it says that this is no stranger (see :mod:`.attempts`)."""
        return self._mint(DEVICE_LIFE, sub=user, kind="device", device=secrets.token_hex(8))

    def mint_flow(self, state: str) -> Minted:
        """For a browser that is on its way to the OpenID provider and back."""
        return self._mint(FLOW_LIFE, sub=state, kind="flow")

    def flow(self, token: str, state: str) -> bool:
        """Whether this browser is the one that set out with ``state``."""
        claims = self._claims_of("flow", token)
        return claims is not None and hmac.compare_digest(claims["sub"], state)

    def derived(self, what: str, state: str) -> str:
        """43 characters that follow from ``state`` and that nobody else can know."""
        return urlsafe_b64encode(hmac.digest(self._key, f"{what} {state}".encode(), "sha256")).decode().rstrip("=")

    def _mint(self, life: timedelta, **claims: object) -> Minted:
        at = now()
        expires = at + life
        # With its fraction: a token that is made right after all were ended must not count as one of them.
        body = {"iss": self._issuer, "iat": at.timestamp(), "exp": expires, **claims}
        return Minted(jwt.encode(body, self._key, algorithm="HS256"), expires)

    def read(self, token: str) -> Bearer:
        """Whom a token names. It says nothing about whether the stay or the person is still there.

        Raises :class:`Unauthorized`.
        """
        try:
            claims = self._claims(token)
            expires, made = (datetime.fromtimestamp(claims[key], UTC) for key in ("exp", "iat"))
            if claims["kind"] == "guest":
                return Bearer(guest(claims["stay"], claims["space"], int(claims["since"])), expires, made)
            if claims["kind"] == "staff":
                return Bearer(staff(claims["sub"], "", ""), expires, made, claims.get("sid"))
        except jwt.ExpiredSignatureError:
            raise Unauthorized("the token has expired: log in again") from None
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            pass
        raise Unauthorized("the token is not one of ours")

    def device(self, token: str, user: str) -> str | None:
        """The device, if ``user`` has logged in from it."""
        claims = self._claims_of("device", token)
        return str(claims["device"]) if claims and claims["sub"] == user else None

    def _claims_of(self, kind: str, token: str) -> dict[str, Any] | None:
        try:
            claims = self._claims(token)
        except jwt.InvalidTokenError:
            return None
        return claims if claims.get("kind") == kind else None

    def _claims(self, token: str) -> dict[str, Any]:
        return jwt.decode(
            token, self._key, algorithms=["HS256"], issuer=self._issuer, options={"require": ["exp", "iat", "sub", "iss"]}
        )


@cache
def _nobody() -> str:
    """Checked for an unknown name, so that the answer takes as long as for a known one."""
    return _HASHER.hash("a password that nobody has")


def password_fits(person: Account | None, password: str) -> bool:
    """Slow on purpose (argon2, some 50 ms): call it in a thread."""
    known = person.password_hash if person else ""
    try:
        _HASHER.verify(known or _nobody(), normal(password))
    except (VerificationError, ValueError):
        return False
    return bool(known)


async def hash_strong(house: House, password: str, id: str, name: Mapping[str, str]) -> str:
    """Of a new password. Raises :class:`~concierge.domain.password.WeakPassword`."""
    hotel = house.property
    require_strong(password, (id, *id.split("_"), *name.values(), hotel.id, *hotel.name.values()))
    return await asyncio.to_thread(_HASHER.hash, normal(password))


async def find_account(house: House, user: str) -> Account | None:
    try:
        return (await house.service.reading.account(user))[0]
    except (NotFound, BadToken):
        return None


async def admit(token: str, tokens: Tokens, house: House) -> Bearer:
    """Who the client is now: the stay must be open still, the account active and the session not ended. Raises
    :class:`Unauthorized`.

    All of it is read off the log, not a view, so that a check-out or a log-out counts at once.
    """
    return await still_admitted(tokens.read(token), house)


async def still_admitted(bearer: Bearer, house: House) -> Bearer:
    """As :func:`admit`, for who was admitted before."""
    actor = bearer.actor
    if actor.kind == "guest":
        entry = await house.log.last(subject(house.property.id, "stay", actor.stay))
        if entry is None or entry.data.get("state") != "open":
            raise Unauthorized("the stay has ended")
        return bearer
    account, (sessions, _) = await asyncio.gather(find_account(house, actor.id), house.service.reading.sessions(actor.id))
    if account is None or not account.active:
        raise Unauthorized(f"{actor.id!r} does not work here any more")
    if not sessions.admits(bearer.session, bearer.made):
        raise Unauthorized("this session was ended: log in again")
    return replace(bearer, actor=account.actor)
