"""``concierge token --room R`` or ``--staff NAME``: a bare token for scripts, from this machine's state folder."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from concierge.settings import Settings, default_state


class NoToken(Exception):
    """There is nobody to make a token for."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("token", help="a token for scripts, from this machine's state folder")
    who = parser.add_mutually_exclusive_group(required=True)
    who.add_argument("--room", metavar="R", help="the guest of the room's open stay")
    who.add_argument("--staff", metavar="NAME", help="a staff id of the property file")
    parser.add_argument("--state", type=Path, default=default_state(), metavar="DIR")
    parser.add_argument("--property", type=Path, dest="property_file", metavar="FILE")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from concierge.bus.address import NotRunning
    from concierge.bus.lock import StateLocked
    from concierge.domain.errors import DomainError
    from concierge.property import PropertyError

    settings = Settings.from_env(state=args.state, property_file=args.property_file)
    try:
        print(asyncio.run(mint(settings, room=args.room, staff=args.staff)))
    except (NoToken, NotRunning, PropertyError, DomainError, StateLocked, OSError, ValueError) as error:
        print(f"token: {error}", file=sys.stderr)
        return 1
    return 0


async def mint(settings: Settings, *, room: str | None = None, staff: str | None = None) -> str:
    """The token. A room's stay, and who is not in the property file, are read from the log of the service that runs over the
    state folder.

    Raises :class:`NoToken`, or NotRunning if no service runs there.
    """
    from concierge.bus.address import from_environment, running
    from concierge.bus.log import Log
    from concierge.domain.account import Account
    from concierge.domain.event import subject
    from concierge.domain.stay import Stay
    from concierge.property import load
    from concierge.web.auth import Tokens, load_key

    property = load(settings.property_file)
    tokens = Tokens(load_key(settings.state), property.id)
    if staff is not None and staff in property.staff:
        return tokens.mint_staff(property.staff[staff]).token
    if room is not None:
        property.space(room)
    log = await Log.open(from_environment() or running(settings.state), property.id)
    try:
        if staff is not None:
            entry = await log.last(subject(property.id, "staff", staff))
            if entry is None:
                raise NoToken(f"there is no staff {staff!r}; known: {', '.join(property.staff)} and who was added since")
            return tokens.mint_staff(Account.of(entry.data)).token
        assert room is not None
        space = await log.last(subject(property.id, "space", room))
        stay = await log.last(subject(property.id, "stay", space.data["stay"])) if space and space.data.get("stay") else None
    finally:
        await log.close()
    if stay is None or Stay.of(stay).state != "open":
        raise NoToken(
            f'room {room} has no open stay. Check a guest in: POST /v1/stays {{"space": "{room}", "language": "en"}} '
            f"with a desk or manager token (concierge token --staff NAME)"
        )
    return tokens.mint_room(Stay.of(stay)).token
