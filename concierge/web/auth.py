"""Tokens: who a client is, signed by this service (JWT, HS256), checked against how things stand now.

A token names a stay or one of the staff. What it allows is looked up at each use: a guest's ends with the stay, a
member of staff has the role that the property file gives today.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from concierge.domain.event import now, subject
from concierge.domain.hotel import Staff
from concierge.domain.people import Actor, guest, staff
from concierge.domain.stay import Stay
from concierge.web.house import House

KEY_FILE = "token.key"
KEY_BYTES = 32
STAFF_LIFE = timedelta(hours=14)
"""A long shift. The next log-in makes a new token."""
ROOM_LIFE = timedelta(days=60)
"""Only a bound: a room token ends at check-out."""

_HASHER = PasswordHasher()


class Unauthorized(Exception):
    """The token is missing, forged, expired, or of a stay that has ended."""


@dataclass(frozen=True)
class Bearer:
    """Whom a token names, and when it ends."""

    actor: Actor
    expires: datetime


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

    def mint_staff(self, person: Staff) -> Minted:
        return self._mint(STAFF_LIFE, sub=person.id, kind="staff", role=person.role, department=person.department)

    def _mint(self, life: timedelta, **claims: object) -> Minted:
        at = now()
        expires = at + life
        body = {"iss": self._issuer, "iat": at, "exp": expires, **claims}
        return Minted(jwt.encode(body, self._key, algorithm="HS256"), expires)

    def read(self, token: str) -> Bearer:
        """Whom a token names. It says nothing about whether the stay or the person is still there.

        Raises :class:`Unauthorized`.
        """
        try:
            claims: dict[str, Any] = jwt.decode(
                token, self._key, algorithms=["HS256"], issuer=self._issuer, options={"require": ["exp", "sub", "iss"]}
            )
            expires = datetime.fromtimestamp(claims["exp"], UTC)
            if claims["kind"] == "guest":
                return Bearer(guest(claims["stay"], claims["space"], int(claims["since"])), expires)
            if claims["kind"] == "staff":
                return Bearer(staff(claims["sub"], claims["role"], claims["department"]), expires)
        except jwt.ExpiredSignatureError:
            raise Unauthorized("the token has expired: log in again") from None
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            pass
        raise Unauthorized("the token is not one of ours")


@cache
def _nobody() -> str:
    """Checked for an unknown name, so that the answer takes as long as for a known one."""
    return _HASHER.hash("a password that nobody has")


def password_fits(person: Staff | None, password: str) -> bool:
    """Slow on purpose (argon2, some 50 ms): call it in a thread."""
    try:
        _HASHER.verify(person.password_hash if person else _nobody(), password)
    except (VerificationError, ValueError):
        return False
    return person is not None


async def admit(token: str, tokens: Tokens, house: House) -> Bearer:
    """Who the client is now: the stay must be open still, the member of staff have a role. Raises :class:`Unauthorized`.

    The stay is read off the log, not a view, so that a check-out counts at once.
    """
    bearer = tokens.read(token)
    actor = bearer.actor
    if actor.kind == "guest":
        entry = await house.log.last(subject(house.property.id, "stay", actor.stay))
        if entry is None or entry.data.get("state") != "open":
            raise Unauthorized("the stay has ended")
        return bearer
    person = house.property.staff.get(actor.id)
    if person is None:
        raise Unauthorized(f"{actor.id!r} does not work here any more")
    return Bearer(staff(person.id, person.role, person.department), bearer.expires)
