"""Every conversation under ``dialogues`` goes as its file says, turn by turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from intents.catalogue import check
from intents.dialogue import Dialogue, Resolver
from intents.understanding import Understands

DATA = Path(__file__).parent / "dialogues"
ROOM = {
    "light": ("bedside", "reading", "bathroom", "desk", "hallway", "ceiling", "night"),
    "ac": ("",), "curtain": ("",), "sheer": ("",), "tv": ("",), "fan": ("",), "music": ("",), "water_heater": ("bathroom",),
}  # fmt: skip
BETWEEN_S = 5.0


def conversations() -> list[Any]:
    return [
        pytest.param(path.parent.name, one, id=f"{path.parent.name}-{path.stem}-{one['name']}")
        for path in sorted(DATA.glob("*/*.yaml"))
        for one in yaml.safe_load(path.read_text("utf-8"))
    ]


@pytest.mark.parametrize(("lang", "conversation"), conversations())
def test_conversation_goes_as_its_file_says(
    understood: tuple[Understands, Resolver], lang: str, conversation: dict[str, Any]
) -> None:
    understander, resolver = understood
    room = {kind: tuple(zones) for kind, zones in conversation.get("room", {}).items()}
    dialogue, now = Dialogue(zones=ROOM | room), 1000.0
    for turn in conversation["turns"]:
        now += turn.get("after", BETWEEN_S)
        text = turn["say"]
        resolved = resolver.resolve(dialogue, text, lang, understander.understand(text, lang), now)
        assert resolved.dialogue == Dialogue.of(resolved.dialogue.data())
        assert all(check(one) is None for one in resolved.decisions)
        if "asks" in turn:
            assert resolved.question is not None, f"{text}: {resolved.decisions}"
            assert resolved.question.asks == turn["asks"], text
        else:
            assert resolved.question is None, f"{text}: {resolved.question}"
        if turn.get("alone"):
            assert not resolved.leant
            dialogue = resolved.dialogue
            continue
        said = [{"intent": one.intent, **one.slots} for one in resolved.decisions]
        # Some is one decision or two ("on, and to half"): such a turn names the other reading too.
        readings = [turn.get("means", ()), *([turn["or_means"]] if "or_means" in turn else [])]
        assert said in [[_written(one) for one in reading] for reading in readings], text
        dialogue = resolved.dialogue


def _written(row: dict[str, Any]) -> dict[str, Any]:
    ((intent, slots),) = row.items()
    return {"intent": intent, **(slots or {})}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_there_are_enough_conversations(lang: str) -> None:
    assert sum(1 for one in conversations() if one.values[0] == lang) >= 40
