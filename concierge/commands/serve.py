"""``concierge serve``: the service, until it is told to stop."""

from __future__ import annotations

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from concierge.settings import Settings, SettingsError, default_state

if TYPE_CHECKING:
    from concierge.bus.address import MqttAddress
    from concierge.domain.hotel import Property

log = logging.getLogger(__name__)
STOP_GRACE_S = 5
MOST_FILES = 65_536


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("serve", help="the service: pages, calls, devices, orders")
    parser.add_argument("--property", type=Path, dest="property_file", metavar="FILE", help="default: the example hotel")
    parser.add_argument("--state", type=Path, default=default_state(), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=int, default=8080, help="default: %(default)s; 0 takes a free one")
    parser.add_argument("--mqtt-host", default=None, metavar="H", help="default: 127.0.0.1; 0.0.0.0 lets rooms' devices connect")
    parser.add_argument("--mqtt-port", type=int, default=None, help="where devices connect; default: a free one")
    parser.add_argument("--asr", metavar="NAME|PATH", help="the Whisper model; default: $CONCIERGE_ASR, else the bundled one")
    parser.add_argument("--role", choices=["all"], default="all", help="what this process does; only all, so far")
    parser.add_argument("--simulate", action="store_true", help="rooms without hardware: simulated devices, in this process")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from concierge.bus.lock import StateLocked
    from concierge.bus.server import BrokerFailed
    from concierge.domain.errors import DomainError
    from concierge.property import PropertyError
    from media.asr import AsrError

    try:
        settings = Settings.from_env(
            state=args.state,
            property_file=args.property_file,
            host=args.host,
            port=args.port,
            mqtt_host=args.mqtt_host,
            mqtt_port=args.mqtt_port,
            asr=args.asr,
        )
    except SettingsError as error:
        print(f"serve: {error}", file=sys.stderr)
        return 2
    _more_files()
    os.umask(0o077)  # the state folder holds guests' names and words, and keys
    try:
        return asyncio.run(_serve(settings, simulate=args.simulate))
    except* (PropertyError, StateLocked, BrokerFailed, AsrError, DomainError, ValueError, OSError) as group:
        for leaf in _leaves(group):
            print(f"serve: {leaf}", file=sys.stderr)
    return 1


async def _serve(settings: Settings, *, simulate: bool) -> int:
    import socket

    import uvicorn

    class _Server(uvicorn.Server):
        """uvicorn raises a caught signal once more when it has stopped: the house would not be closed."""

        @contextmanager
        def capture_signals(self) -> Generator[None]:
            yield

        def leave(self) -> None:
            self.force_exit = self.should_exit  # a second time: at once
            self.should_exit = True

    from concierge.main import open_house
    from concierge.web.app import SERVER, create_app

    # The port is taken first: a second service on it is told so before anything else starts.
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((settings.host, settings.port))
        except OSError as error:
            raise OSError(f"{settings.host}:{settings.port} cannot be listened on ({error.strerror}); choose --port") from error
        port = listener.getsockname()[1]
        async with open_house(settings) as house:
            config = uvicorn.Config(
                create_app(house, house.staff_im.router),
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=STOP_GRACE_S,
                **SERVER,
            )
            server = _Server(config)
            loop = asyncio.get_running_loop()
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.add_signal_handler(number, server.leave)
            async with asyncio.TaskGroup() as group:
                devices = group.create_task(_simulate(house.property, house.address.mqtt)) if simulate else None
                # What was loaded stays: a full collection need not walk over it in the middle of a call.
                gc.collect()
                gc.freeze()
                _announce(settings, port, house.address.mqtt)
                await server.serve([listener])
                if devices:
                    devices.cancel()
    return 0


def _more_files() -> None:
    """Each socket is an open file, and many systems allow 1,024 unless one asks."""
    if sys.platform == "win32":
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft < wanted:
        with suppress(ValueError, OSError):  # what a system does not grant
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def _simulate(property: Property, mqtt: MqttAddress | None) -> None:
    from concierge.simulator import Simulator

    if mqtt is not None:
        await Simulator(property, mqtt).run()


def _announce(settings: Settings, port: int, mqtt: MqttAddress | None) -> None:
    base = f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}:{port}"
    for what, path in (("room", "/room"), ("staff", "/staff"), ("API", "/docs"), ("ready", "/readyz")):
        print(f"{what:6} {base}{path}", flush=True)
    if mqtt is not None:
        print(f"mqtt   {mqtt.host}:{mqtt.port}  (log-in: {settings.state}/broker.json)", flush=True)


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    return [leaf for error in group.exceptions for leaf in (_leaves(error) if isinstance(error, BaseExceptionGroup) else [error])]
