"""``concierge demo``: the main job, end to end on real audio, with no hardware and no keys.

It starts the service and the simulated devices as processes of their own, has a member of staff at work, calls in over
WebRTC with the fixtures, checks what came of each, and leaves a report.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Coroutine
from itertools import groupby
from pathlib import Path
from typing import Any

from concierge.settings import Settings

STAFF = "lin_manager"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("demo", help="the main job, end to end on real audio, no hardware, no keys")
    parser.add_argument("--report", type=Path, default=Path("build/demo"), metavar="DIR", help="default: %(default)s")
    parser.add_argument("--strict", action="store_true", help="exit 2 if a budget was overrun")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from concierge.caller import CallError
    from concierge.demo.processes import NotStarted
    from concierge.demo.script import ScriptError

    try:
        return asyncio.run(_demo(args.report, strict=args.strict))
    except* (ScriptError, NotStarted, CallError, OSError) as group:
        for error in group.exceptions:
            print(f"demo: {error}", file=sys.stderr)
    return 1


async def _demo(folder: Path, *, strict: bool) -> int:
    from concierge.commands.token import mint
    from concierge.demo import figures, guest, processes, report, script
    from concierge.demo.staff import Desk
    from concierge.demo.table import Paper
    from concierge.property import load

    began = time.monotonic()
    paper = Paper(sys.stdout.isatty())
    lines = script.load()
    property = load(None)
    calls: list[guest.Call] = []
    with tempfile.TemporaryDirectory(prefix="concierge-demo-") as temporary:
        settings = Settings(state=Path(temporary))
        async with processes.service(settings.state) as (url, _), processes.devices(settings.state):
            desk = Desk(url, await mint(settings, staff=STAFF))
            async with _beside(desk.run()):
                for room, said in groupby(lines, key=lambda line: line.room):
                    token = await mint(settings, room=room)
                    async with guest.Guest(url, token, room, property, desk) as caller:
                        await caller.devices_there()
                        if not calls:
                            print(f"Ready after {time.monotonic() - began:.1f} s: {url}\n", flush=True)
                        calls.append(await caller.call(list(said), paper.verdict))
    verdicts = [verdict for call in calls for verdict in call.verdicts]
    table = figures.spans(verdicts)
    paper.spans(table)
    page = report.write(folder, calls, table)
    passed = sum(verdict.passed for verdict in verdicts)
    print(f"\n{passed} of {len(lines)} utterances were heard, decided, carried out and answered. Report: {page}")
    if passed < len(lines):
        return 1
    return 2 if strict and any(figure.over for figure in table) else 0


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
