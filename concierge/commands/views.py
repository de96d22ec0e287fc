"""``concierge views rebuild``: make the SQL views anew from the log. The service may go on meanwhile."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from concierge.settings import Settings, default_state


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("views", help="make the SQL views anew from the log")
    parser.add_argument("verb", choices=["rebuild"])
    parser.add_argument("--state", type=Path, default=default_state(), metavar="DIR")
    parser.add_argument("--property", type=Path, dest="property_file", metavar="FILE")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from concierge.bus.lock import StateLocked
    from concierge.bus.server import BrokerFailed
    from concierge.domain.errors import DomainError
    from concierge.property import PropertyError

    try:
        count = asyncio.run(rebuild(Settings.from_env(state=args.state, property_file=args.property_file)))
    except (PropertyError, StateLocked, BrokerFailed, DomainError, OSError, ValueError) as error:
        print(f"views: {error}", file=sys.stderr)
        return 1
    print(f"{count} events read, the views are made anew")
    return 0


async def rebuild(settings: Settings) -> int:
    """Over the broker of the service that runs, or one of our own where none does. Returns the number of events."""
    from contextlib import AsyncExitStack

    from concierge.bus.address import NotRunning, from_environment, running
    from concierge.bus.log import Log
    from concierge.bus.server import Broker
    from concierge.property import load
    from concierge.views.store import Store

    property = load(settings.property_file)
    if not settings.state.is_dir():
        raise FileNotFoundError(f"{settings.state}: there is no such state folder; name the one of your service with --state")
    async with AsyncExitStack() as stack:
        address = from_environment()
        if address is None:
            try:
                address = running(settings.state)
            except NotRunning:
                address = (await stack.enter_async_context(Broker(settings.state))).address
        log = await Log.open(address, property.id)
        stack.push_async_callback(log.close)
        store = Store.open(settings.state / "views.db")
        stack.push_async_callback(store.close)
        return await store.rebuild(log, property.id)
