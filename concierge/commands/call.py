"""``concierge call URL --wav F …``: a guest by WebRTC who plays files as turns, records the reply and measures it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from concierge.settings import Settings, default_state

DEMO_ROOM = "301"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("call", help="a guest by WebRTC: plays files as turns and records the reply")
    parser.add_argument("url", metavar="URL", help="the service, as http://127.0.0.1:8080")
    parser.add_argument("--wav", action="append", required=True, type=Path, metavar="F", help="a turn; may be repeated")
    parser.add_argument("--barge-in", type=_barge_in, metavar="H@MS", dest="barge_in",
                        help="say H into the last reply, MS milliseconds after it has begun")  # fmt: skip
    parser.add_argument("--record", type=Path, metavar="OUT.wav", help="both sides: left the guest, right the reply")
    parser.add_argument("--loss", type=_percent, default=0.0, metavar="PCT", help="drop so many of our packets")
    parser.add_argument("--lang", choices=["zh", "en"], help="what is spoken, if known; else it is found out")
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--token", metavar="T", help="as from `concierge token`")
    who.add_argument("--room", metavar="R", help="as the guest of this room, by the state folder of this machine; "
                     "default: $CONCIERGE_TOKEN, else a room of the example hotel")  # fmt: skip
    parser.add_argument("--state", type=Path, default=default_state(), metavar="DIR")
    parser.add_argument("--json", action="store_true", help="a JSON line a turn, and a summary")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        return asyncio.run(_call(args))
    except _Failed as failed:
        _show(args.json, {"error": str(failed)})
        return 1


class _Failed(Exception):
    """There is no call, or nothing to record it to."""


async def _call(args: argparse.Namespace) -> int:
    from concierge.call_record import RATE_HZ
    from concierge.call_turns import Turn
    from concierge.caller import CallError, place_call

    if args.record and not args.record.absolute().parent.is_dir():
        raise _Failed(f"--record {args.record}: there is no folder {args.record.absolute().parent}")
    turns = [Turn(wav) for wav in args.wav]
    if args.barge_in:
        wav, after_ms = args.barge_in
        turns.append(Turn(wav, barge_in_ms=after_ms))
    try:
        token = args.token or os.environ.get("CONCIERGE_TOKEN") or await _room_token(args)
        report = await place_call(
            args.url,
            token,
            turns,
            lang=args.lang,
            loss_pct=args.loss,
            on_result=lambda result: _show(args.json, result.row()),
        )
    except CallError as error:
        raise _Failed(str(error)) from error
    if args.record:
        import soundfile

        soundfile.write(str(args.record), report.record.stereo(), RATE_HZ, subtype="PCM_16", format="WAV")
    _show(args.json, report.summary())
    return 1 if report.failed else 0


async def _room_token(args: argparse.Namespace) -> str:
    """The example hotel opens its rooms to this machine; any other asks for the state folder's word."""
    from concierge.caller import demo_token

    if args.room is None and (token := await demo_token(args.url, DEMO_ROOM)):
        return token
    args.room = args.room or DEMO_ROOM
    from concierge.bus.address import NotRunning
    from concierge.commands.token import NoToken, mint
    from concierge.domain.errors import DomainError

    try:
        return await mint(Settings.from_env(state=args.state), room=args.room)
    except (NoToken, NotRunning, DomainError, OSError, ValueError) as error:
        raise _Failed(f"--room {args.room}: {error}") from error


def _show(as_json: bool, row: dict[str, Any]) -> None:
    if as_json:
        print(json.dumps(row, ensure_ascii=False), flush=True)
    elif "turn" not in row and "error" in row:
        print(f"call: {row['error']}", file=sys.stderr)
    else:
        print(_words(row), flush=True)


def _words(row: dict[str, Any]) -> str:
    if row.get("summary"):
        voice, stop = row["voice_to_voice_ms"], row["barge_in_stop_ms"]
        return (
            f"{row['turns']} turns, {row['errors']} errors; voice to voice p50 {_ms(voice['p50'])}, "
            f"p95 {_ms(voice['p95'])}; barge-in stop p95 {_ms(stop['p95'])}; connected in {_ms(row['connect_ms'])}"
        )
    parts = [f"{row['turn']}  {Path(row['wav']).name}"]
    if row["heard"]:
        parts.append(f"heard {row['heard']!r}")
    if row["reply"]:
        parts.append(f"reply {row['reply']!r} after {_ms(row['voice_to_voice_ms'])}{' (filler)' if row['filler'] else ''}")
    if row["barge_in_stop_ms"] is not None:
        parts.append(f"stopped after {_ms(row['barge_in_stop_ms'])}")
    if "error" in row:
        parts.append(f"error: {row['error']}")
    return "  ".join(parts)


def _ms(value: float | None) -> str:
    return "–" if value is None else f"{value:.0f} ms"


def _barge_in(text: str) -> tuple[Path, int]:
    wav, at, after = text.rpartition("@")
    if not at or not wav or not after.isdigit():
        raise argparse.ArgumentTypeError(f"{text!r}: H@MS is expected, as stop.wav@800")
    return Path(wav), int(after)


def _percent(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text!r}: a percentage from 0 to 100 is expected")
    return value
