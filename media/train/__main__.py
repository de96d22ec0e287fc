"""`python -m media.train vocab|run|export|eval|card|record`: see `--help` of each."""

import argparse
import logging
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATE = ROOT / "build" / "train"
MODEL = ROOT / "media" / "models" / "concierge-small"
HELD_OUT = ROOT / "bench" / "data" / "asr"


def _deadline(arguments: argparse.Namespace) -> float:
    if arguments.until:
        hour, minute = map(int, arguments.until.split(":"))
        now = datetime.now(UTC)
        at = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return (at if at > now else at + timedelta(days=1)).timestamp()
    return datetime.now(UTC).timestamp() + arguments.hours * 3600


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m media.train", description=__doc__)
    parser.add_argument("--state", type=Path, default=STATE, help="checkpoints, logs, the tokenizer")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("vocab", help="write the tokenizer (fixed from then on)")
    run = verbs.add_parser("run", help="train; goes on from its own checkpoint")
    run.add_argument("--until", metavar="HH:MM", help="UTC; the learning rate ends there")
    run.add_argument("--hours", type=float, default=10.0)
    run.add_argument("--threads", type=int, default=2)
    run.add_argument("--samples", type=Path, default=STATE / "samples.jsonl")
    export = verbs.add_parser("export", help="make the model folder of the checkpoint's averaged weights")
    export.add_argument("--to", type=Path, default=MODEL)
    evaluate = verbs.add_parser("eval", help="error rates through faster-whisper")
    evaluate.add_argument("--model", type=Path, default=MODEL)
    evaluate.add_argument("--publish", type=Path, help="copy the model there if it isn't worse than the curve's best")
    evaluate.add_argument("--curve", type=Path, help="append the figures to this JSONL")
    evaluate.add_argument("--note", default="{}", help="JSON that goes with the figures")
    card = verbs.add_parser("card", help="write the model card from the curve and the benchmark's JSON")
    card.add_argument("--model", type=Path, default=MODEL)
    card.add_argument("--bench", type=Path, help="what `python -m bench asr` printed")
    record = verbs.add_parser("record", help="speak a JSONL of sentences into WAV files with held-out voices")
    record.add_argument("sentences", type=Path)
    record.add_argument("folder", type=Path)
    return parser


def main(argv: list[str]) -> int:
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    for noisy in ("jieba", "faster_whisper"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if arguments.verb == "vocab":
        from media.train.vocabulary import build

        build(arguments.state / "tokenizer.json")
    elif arguments.verb == "run":
        from media.train.run import Places, Trainer

        arguments.state.mkdir(parents=True, exist_ok=True)
        (arguments.state / "pid").write_text(f"{os.getpid()}\n")
        places = Places(arguments.state, arguments.samples, HELD_OUT, MODEL)
        Trainer(places, _deadline(arguments), arguments.threads).loop()
    elif arguments.verb == "export":
        from media.train.run import export_checkpoint

        export_checkpoint(arguments.state, arguments.to)
    elif arguments.verb == "eval":
        from media.train.evaluate import evaluate

        evaluate(arguments.model, arguments.publish, arguments.curve, arguments.note)
    elif arguments.verb == "card":
        from media.train.card import write_card

        write_card(arguments.model, arguments.state / "curve.jsonl", arguments.bench)
    else:
        from media.train.record import record

        record(arguments.sentences, arguments.folder)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
