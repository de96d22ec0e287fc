"""Voice to voice and barge-in, as a guest at the other end of a WebRTC line measures them.

``concierge serve`` and the simulated devices (50–150 ms) are processes of their own; the recordings of the demo are said
``--rounds`` times over. Complete requests, open ones and a lamp that stays silent are kept apart, since each has its own
endpoint or waits for its own reason. Run it with nothing else on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from concierge.call_turns import Turn, TurnResult
from concierge.caller import percentiles, place_call
from concierge.commands.token import mint
from concierge.demo import processes, script
from concierge.settings import Settings

BARGE_IN_MS = (500, 900, 1300)


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench voice", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--loss", type=float, default=0.0, metavar="PCT", help="drop so many of the guest's packets")
    args = parser.parse_args(argv)
    print(json.dumps(asyncio.run(_measure(args.rounds, args.loss)), ensure_ascii=False, indent=1))
    return 0


async def _measure(rounds: int, loss_pct: float) -> dict[str, Any]:
    lines = script.load()
    plain = [line for line in lines if line.barge_in_at_ms is None]
    cut_in = {line.lang: line for line in lines if line.barge_in_at_ms is not None}
    long = {line.lang: line for line in lines if "info" in line.effect}
    complete: list[TurnResult] = []
    open_ended: list[TurnResult] = []
    interrupted: list[TurnResult] = []
    connects: list[float] = []
    with tempfile.TemporaryDirectory(prefix="concierge-bench-") as folder:
        settings = Settings(state=Path(folder))
        async with (
            processes.service(settings.state) as (url, _),
            processes.devices(settings.state, "--silent", "304/bedside"),
        ):
            for round_ in range(rounds):
                for room in ("301", "305"):
                    said = [line for line in plain if line.room == room]
                    token = await mint(settings, room=room)
                    report = await place_call(url, token, [Turn(line.wav) for line in said], loss_pct=loss_pct)
                    connects.append(report.connect_ms)
                    for result in report.results:
                        whole = bool(result.decisions) and result.decisions[0]["intent"] != "none"
                        (complete if whole else open_ended).append(result)
                    print(f"round {round_ + 1}, room {room}: {report.summary()}", file=sys.stderr)
                turns: list[Turn] = []
                for after_ms in BARGE_IN_MS:
                    turns += [Turn(long["zh"].wav), Turn(cut_in["zh"].wav, barge_in_ms=after_ms)]
                report = await place_call(url, await mint(settings, room="303"), turns, loss_pct=loss_pct)
                interrupted += [result for result in report.results if result.barge_in]
            lamp = next(line for line in plain if line.id == "zh-lamp-on")
            report = await place_call(url, await mint(settings, room="304"), [Turn(lamp.wav)] * rounds, loss_pct=loss_pct)
            silent = report.results
    return {
        "rounds": rounds,
        "loss_pct": loss_pct,
        "connect_ms": percentiles(connects),
        "complete_requests": _figures(complete),
        "not_understood": _figures(open_ended),
        "silent_lamp": {
            "first_word_ms": percentiles([result.voice_to_voice_ms for result in silent]),
            "told": sum("没有反应" in result.reply for result in silent),
            "of": len(silent),
        },
        "barge_in_stop_ms": percentiles([result.barge_in_stop_ms for result in interrupted]),
        "errors": [result.error for result in complete + open_ended + interrupted if result.error],
    }


def _figures(results: list[TurnResult]) -> dict[str, Any]:
    """``fillers``: turns whose first word was "one moment"; they count as what the guest hears first, and are named."""
    spans = sorted({span for result in results for span in result.spans})
    return {
        "voice_to_voice_ms": percentiles([result.voice_to_voice_ms for result in results]),
        "fillers": sum(result.filler for result in results),
        "spans_ms": {span: percentiles([result.spans.get(span) for result in results]) for span in spans},
    }
