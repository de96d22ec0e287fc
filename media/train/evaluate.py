"""Error rates through the runtime itself (media.asr, and so faster-whisper), never through the trainer's network."""

import json
import os
import shutil
import sys
from pathlib import Path
from time import time
from typing import Any

import numpy as np

from media.asr import Asr
from media.recording import read_audio
from media.train.noise import with_noise
from media.train.text import edit_distance, units

_DEV = Path(__file__).parent / "sentences" / "dev.jsonl"


def error_rates(asr: Asr, rows: list[dict[str, Any]], folder: Path) -> dict[str, float]:
    """CER of Chinese and WER of English, clean and at 10 dB, in percent; the median time in ms."""
    wrong = {f"{lang}_{kind}": [0, 0] for lang in ("zh", "en") for kind in ("clean", "10db")}
    times = []
    for number, row in enumerate(rows):
        truth = units(row["text"], row["lang"])
        audio = read_audio(folder / f"{row['id']}.wav")
        for kind, heard_audio in (("clean", audio), ("10db", with_noise(audio, 10.0, number))):
            heard = asr.transcribe(heard_audio, row["lang"])
            times.append(heard.ms)
            tally = wrong[f"{row['lang']}_{kind}"]
            tally[0] += edit_distance(truth, units(heard.text, row["lang"]))
            tally[1] += len(truth)
            if kind == "clean":
                print(f"{row['id']} {row['text']} → {heard.text} ({heard.avg_logprob:.2f})", file=sys.stderr)
    return {key: round(100 * a / max(1, b), 1) for key, (a, b) in wrong.items()} | {"ms": round(float(np.median(times)), 1)}


def evaluate(model: Path, publish: Path | None, curve: Path | None, note: str) -> None:
    """Measure on the development sentences; append to the curve; publish if no earlier point of it was better."""
    rows = [json.loads(line) for line in _DEV.read_text("utf-8").splitlines()]
    folder = _recorded(rows)
    figures = error_rates(Asr.load(model, threads=1), rows, folder)
    print(json.dumps(figures))
    earlier = [json.loads(line) for line in curve.read_text("utf-8").splitlines()] if curve and curve.exists() else []
    if curve:
        with curve.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"at": int(time()), **json.loads(note), **figures}) + "\n")
    if publish and all(_score(figures) <= _score(row) for row in earlier):
        fresh, old = publish.with_name(f".{publish.name}.{os.getpid()}"), publish.with_name(f".{publish.name}.old")
        publish.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(model, fresh)
        card = publish / "README.md"
        if card.exists():
            shutil.copyfile(card, fresh / "README.md")
        shutil.rmtree(old, ignore_errors=True)
        if publish.exists():
            publish.rename(old)
        fresh.rename(publish)
        shutil.rmtree(old, ignore_errors=True)


def _score(figures: dict[str, float]) -> float:
    return figures["zh_clean"] + figures["en_clean"] + 0.5 * (figures["zh_10db"] + figures["en_10db"])


def _recorded(rows: list[dict[str, Any]]) -> Path:
    folder = Path(__file__).parents[2] / "build" / "train" / "dev"
    if not all((folder / f"{row['id']}.wav").exists() for row in rows):
        from media.train.record import record

        folder.mkdir(parents=True, exist_ok=True)
        copy = folder / "dev.jsonl"
        shutil.copyfile(_DEV, copy)
        record(copy, folder)
    return folder
