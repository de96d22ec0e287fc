"""The demo's report: a page with each turn's timeline and the recorded sound of both sides."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import soundfile
from jinja2 import Environment, StrictUndefined

from concierge.call_record import RATE_HZ
from concierge.call_turns import TurnResult
from concierge.demo.figures import SpanFigure
from concierge.demo.guest import Call
from media.resample import resample

SOUND_HZ = 16_000
AROUND_S = 0.4
"""Heard before and after a turn in its recording."""
MARKS = {"heard": "heard", "decision": "decided", "confirmed": "confirmed", "reply": "reply's words", "ledger": "turn over"}


@dataclass(frozen=True)
class Bar:
    """Of the timeline: times in seconds since the turn's picture begins."""

    lane: str
    begin: float
    end: float
    label: str


@dataclass(frozen=True)
class Mark:
    at: float
    label: str
    final: bool


@dataclass(frozen=True)
class Picture:
    """``length``: seconds. ``ticks``: where a time is written, in seconds."""

    length: float
    bars: list[Bar]
    marks: list[Mark]
    ticks: list[float]


def write(folder: Path, calls: Sequence[Call], figures: Sequence[SpanFigure]) -> Path:
    """Replaces ``folder`` by the report; returns its page."""
    if (folder / "index.html").exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    turns: list[dict[str, Any]] = []
    for call in calls:
        sound = call.record.stereo()
        soundfile.write(folder / f"call-{call.room}.wav", _smaller(sound), SOUND_HZ, subtype="PCM_16")
        for verdict in call.verdicts:
            result = verdict.result
            name = ""
            if result.said_from_s is not None:
                begin = max(0.0, result.said_from_s - AROUND_S)
                end = max(result.reply_to_s or 0.0, result.said_to_s or 0.0) + AROUND_S
                name = f"{verdict.line.id}.wav"
                part = sound[int(begin * RATE_HZ) : int(end * RATE_HZ)]
                soundfile.write(folder / name, _smaller(part), SOUND_HZ, subtype="PCM_16")
            turns.append({"verdict": verdict, "room": call.room, "sound": name, "picture": picture(result)})
    template = (files("concierge") / "demo" / "report.html.j2").read_text("utf-8")
    page = Environment(autoescape=True, undefined=StrictUndefined).from_string(template)
    path = folder / "index.html"
    path.write_text(page.render(turns=turns, calls=calls, figures=figures), "utf-8")
    return path


def picture(result: TurnResult) -> Picture | None:
    """None for a turn in which nothing was said."""
    if result.said_from_s is None or result.said_to_s is None:
        return None
    zero = result.said_from_s
    bars = [Bar("guest", 0.0, result.said_to_s - zero, result.heard)]
    if result.reply_from_s is not None and result.reply_to_s is not None:
        bars.append(Bar("reply", result.reply_from_s - zero, result.reply_to_s - zero, result.reply))
    marks = [
        Mark(max(0.0, event["at_s"] - zero), MARKS[event["type"]], bool(event.get("final", True)))
        for event in result.events
        if event["type"] in MARKS
    ]
    length = max([bar.end for bar in bars] + [mark.at for mark in marks]) + 0.15
    step = next(step for step in (0.5, 1.0, 2.0, 5.0, 60.0) if length / step <= 12)
    return Picture(length, bars, marks, [step * n for n in range(int(length / step) + 1)])


def _smaller(sound: Any) -> Any:
    import numpy as np

    return np.stack([resample(np.ascontiguousarray(sound[:, side]), RATE_HZ, SOUND_HZ) for side in (0, 1)], axis=1)
