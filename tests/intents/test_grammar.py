"""The sentence files are hassil's format: hassil itself reads them and finds what our matcher finds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hassil import Intents, recognize

import intents
from intents import Understander
from intents.grammar import GrammarError, _parse

SENTENCES = Path(intents.__file__).parent / "sentences"


@pytest.mark.parametrize(
    ("lang", "text"),
    [("zh", "打开睡眠模式"), ("zh", "我要睡觉了"), ("zh", "切换到阅读模式"), ("en", "sleep mode"), ("en", "turn on the movie scene"),
     ("en", "i am going to bed")],
)  # fmt: skip
def test_hassil_itself_finds_the_same(understander: Understander, lang: str, text: str) -> None:
    shared = yaml.safe_load((SENTENCES / lang / "_lists.yaml").read_text("utf-8"))
    own: dict[str, Any] = yaml.safe_load((SENTENCES / lang / "scene_set.yaml").read_text("utf-8"))
    settings = {"ignore_whitespace": lang == "zh"}
    theirs = recognize(text, Intents.from_dict({**shared, **own, "settings": settings}))
    [ours] = understander.understand(text, lang).decisions
    assert theirs is not None
    assert theirs.intent.name == ours.intent
    assert theirs.entities["scene"].value == ours.slots["scene"]


def test_a_sentence_that_cannot_be_read_is_named_with_its_file() -> None:
    with pytest.raises(GrammarError, match=r"device_set\.yaml.*turn on \(the lamp"):
        _parse("turn on (the lamp", Path("device_set.yaml"))
