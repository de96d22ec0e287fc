"""``concierge models list|pull``: which speech models are here, and fetching a better one."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from concierge.settings import BUNDLED_ASR, MODELS, default_state


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("models", help="list or fetch speech models and voices")
    parser.add_argument("--state", type=Path, default=default_state(), metavar="DIR")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listing = verbs.add_parser("list", help="what is here and what can be fetched")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=list_models)
    pull = verbs.add_parser("pull", help="fetch a faster-whisper model from its hub: small, large-v3-turbo, …")
    pull.add_argument("name")
    pull.set_defaults(run=pull_model)


def list_models(args: argparse.Namespace) -> int:
    from faster_whisper import available_models

    from media.asr import BUNDLED

    here = {BUNDLED_ASR: BUNDLED} | {
        folder.parent.name: folder.parent for folder in sorted((args.state / MODELS).glob("*/model.bin"))
    }
    rows = [
        {"name": name, "here": True, "mib": round(_size(path) / 2**20, 1), "path": str(path)}
        for name, path in here.items()
        if (path / "model.bin").is_file()
    ]
    rows += [{"name": name, "here": False} for name in available_models() if name not in here]
    for row in rows:
        if args.json:
            print(json.dumps(row, ensure_ascii=False))
        elif row["here"]:
            print(f"{row['name']:24} {row['mib']:8.1f} MiB  {row['path']}")
        else:
            print(f"{row['name']:24} {'':12}  concierge models pull {row['name']}")
    return 0


def pull_model(args: argparse.Namespace) -> int:
    from faster_whisper import available_models, download_model

    if args.name not in available_models() and "/" not in args.name:
        print(f"models: there is no {args.name!r}; known: {', '.join(available_models())}", file=sys.stderr)
        return 2
    target = args.state / MODELS / args.name.replace("/", "--")
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        download_model(args.name, output_dir=str(target))
    except Exception as error:  # the hub's client raises a dozen kinds, all mean: not fetched
        print(
            f"models: {args.name} could not be fetched ({type(error).__name__}: {str(error).splitlines()[0][:200]}).\n"
            f"On a closed network copy the model's folder here by hand and name it: CONCIERGE_ASR=/path/to/folder",
            file=sys.stderr,
        )
        return 1
    print(f"{args.name} is in {target}. Use it with: CONCIERGE_ASR={args.name} concierge serve")
    return 0


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
