"""What is said in the demo and what must come of it: ``demo.yaml`` beside its recordings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

FREE_TEXT = frozenset({"question", "symptom", "remark", "note"})
"""Slots that hold the guest's own words: they are as good as what was heard, and not compared."""


@dataclass(frozen=True)
class Line:
    """One utterance. ``effect``: device → state, order → tickets, info → topic, incident → kind."""

    id: str
    lang: str
    room: str
    text: str
    decisions: Sequence[Mapping[str, Any]]
    effect: Mapping[str, Any]
    wav: Path
    voice: str = ""
    barge_in_at_ms: int | None = None
    """The line is said so long after the reply before it has begun."""


class ScriptError(Exception):
    """The demo's fixtures are not there."""


def folder() -> Path:
    """In a wheel the fixtures are inside the package, in a checkout beside it. Raises :class:`ScriptError`."""
    inside = Path(str(files("concierge"))) / "fixtures"
    beside = Path(str(files("concierge"))).parent / "fixtures" / "audio" / "demo"
    for place in (inside, beside):
        if (place / "demo.yaml").is_file():
            return place
    raise ScriptError(f"no demo.yaml in {inside} or {beside}")


def load(place: Path | None = None) -> list[Line]:
    """Raises :class:`ScriptError` for a script or recording that is missing."""
    place = place or folder()
    lines: list[Line] = []
    for row in yaml.safe_load((place / "demo.yaml").read_text("utf-8")):
        wav = place / f"{row['id']}.wav"
        if not wav.is_file():
            raise ScriptError(f"{wav} is missing; make it: python -m media.train record (see media/train/README.md)")
        lines.append(
            Line(
                id=row["id"],
                lang=row["lang"],
                room=str(row["room"]),
                text=row["text"],
                decisions=row["decisions"],
                effect=row["effect"],
                wav=wav,
                voice=row.get("voice", ""),
                barge_in_at_ms=row.get("barge_in_at_ms"),
            )
        )
    return lines


def same_decisions(wanted: Sequence[Mapping[str, Any]], made: Sequence[Mapping[str, Any]]) -> bool:
    """Equal, in order; free text is not compared."""
    return [_comparable(one) for one in wanted] == [_comparable(one) for one in made]


def _comparable(decision: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    slots = decision.get("slots") or {}
    return str(decision["intent"]), {name: value for name, value in slots.items() if name not in FREE_TEXT}
