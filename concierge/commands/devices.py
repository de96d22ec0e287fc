"""``concierge devices simulate``: rooms' devices without hardware, for the service that runs over the state folder."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from concierge.settings import default_state


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("devices", help="simulate the devices of rooms without hardware")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    simulate = actions.add_parser("simulate", help="devices that announce themselves, take their time and tell their state")
    simulate.add_argument("--state", type=Path, default=default_state(), metavar="DIR")
    simulate.add_argument("--property", type=Path, dest="property_file", metavar="FILE")
    simulate.add_argument("--rooms", metavar="R,R", help="only these rooms' devices, for instance 301,302; default: all")
    simulate.add_argument(
        "--silent",
        type=_device,
        action="append",
        default=[],
        metavar="ROOM/DEVICE",
        help="never answers, for instance 301/bedside",
    )
    simulate.add_argument(
        "--refuse", type=_device, action="append", default=[], metavar="ROOM/DEVICE", help="answers, and stays as it was"
    )
    simulate.add_argument("--delay-ms", type=_delay, default=(50.0, 150.0), metavar="LOW-HIGH", help="default: 50-150")
    simulate.add_argument("--seed", type=int, metavar="N", help="the same delays each time")
    simulate.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from concierge.bus.address import NotRunning
    from concierge.domain.errors import NotFound
    from concierge.property import PropertyError

    try:
        asyncio.run(_simulate(args))
    except (NotFound, PropertyError) as error:
        print(f"devices: {error}", file=sys.stderr)
        return 2
    except (NotRunning, ValueError) as error:
        print(f"devices: {error}", file=sys.stderr)
        return 1
    return 0


async def _simulate(args: argparse.Namespace) -> None:
    from concierge.bus.address import NotRunning, from_environment, running
    from concierge.property import load
    from concierge.simulator import Simulator

    property = load(args.property_file)
    rooms = args.rooms.split(",") if args.rooms else None
    for room in rooms or ():
        property.space(room)
    mqtt = (from_environment() or running(args.state)).mqtt
    if mqtt is None:
        raise NotRunning("no MQTT broker is known: set CONCIERGE_MQTT_URL beside CONCIERGE_NATS_URL")
    simulator = Simulator(
        property, mqtt, spaces=rooms, refuse=args.refuse, silent=args.silent, delay_ms=args.delay_ms, seed=args.seed
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(simulator.run())
        await simulator.ready.wait()
        print(f"{len(simulator.devices)} devices on mqtt {mqtt.host}:{mqtt.port}", flush=True)


def _device(text: str) -> tuple[str, str]:
    space, slash, device = text.partition("/")
    if not (space and slash and device):
        raise argparse.ArgumentTypeError(f"{text!r}: expected ROOM/DEVICE, for instance 301/bedside")
    return space, device


def _delay(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split("-"))
    except ValueError:
        low, high = -1.0, -1.0
    if not 0 <= low <= high:
        raise argparse.ArgumentTypeError(f"{text!r}: expected milliseconds LOW-HIGH, for instance 50-150")
    return low, high
