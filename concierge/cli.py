"""``concierge COMMAND``: parses the arguments and runs the command's module. Exit codes: 0 done, 1 an item failed, 2 usage."""

from __future__ import annotations

import argparse
import importlib
import io
import logging
import os
import sys
from collections.abc import Sequence

from concierge.settings import SettingsError

COMMANDS = {
    "demo": "the main job, end to end on real audio, no hardware, no keys",
    "serve": "the service: pages, calls, devices, orders",
    "token": "a token for scripts, from this machine's state folder",
    "transcribe": "audio files to text, a JSON line each",
    "understand": "sentences to decisions, a JSON line each",
    "call": "a guest by WebRTC: plays files as turns and records the reply",
    "devices": "simulate the devices of rooms without hardware",
    "models": "list or fetch speech models and voices",
    "views": "make the SQL views anew from the log",
    "doctor": "check this installation and say what to do",
}


def main(argv: Sequence[str] | None = None) -> int:
    argv = list(sys.argv[1:] if argv is None else argv)
    parser = argparse.ArgumentParser(prog="concierge", description="A voice-first hotel concierge.")
    parser.add_argument("--log-level", default=os.environ.get("CONCIERGE_LOG", "warning"), metavar="LEVEL",
                        choices=["debug", "info", "warning", "error"], help="to stderr: debug, info, warning, error")  # fmt: skip
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    # Only the named command's module is imported: `concierge token` must not wait for a speech engine to load.
    named = next((word for word in argv if word in COMMANDS), None)
    for name, summary in COMMANDS.items():
        if name == named:
            importlib.import_module(f"concierge.commands.{name}").add_parser(commands)
        else:
            commands.add_parser(name, help=summary)
    args = parser.parse_args(argv)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # half a surrogate pair in somebody's JSON must not end the command
    logging.basicConfig(stream=sys.stderr, level=args.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        return int(args.run(args))
    except SettingsError as error:
        print(f"concierge: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader left; do not complain at exit
        return 1


if __name__ == "__main__":
    sys.exit(main())
