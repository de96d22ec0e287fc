"""Every sentence under ``intents/tests`` means what its file says, and breaks off where it says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

import intents
from intents import Decision, Understander
from intents.catalogue import check

DATA = Path(intents.__file__).parent / "tests"


def cases() -> list[Any]:
    found = []
    for path in sorted(DATA.glob("*/*.yaml")):
        for case in yaml.safe_load(path.read_text("utf-8")):
            for text in case.get("says", case.get("unfinished", ())):
                found.append(pytest.param(path.parent.name, text, case, id=f"{path.parent.name}-{text}"))
    return found


@pytest.mark.parametrize(("lang", "text", "case"), cases())
def test_sentence_means_what_its_file_says(understander: Understander, lang: str, text: str, case: dict[str, Any]) -> None:
    understood = understander.understand(text, lang, case.get("role", "guest"))
    if "unfinished" in case:
        assert understood.unfinished
        assert not understood.complete
        return
    for decision in understood.decisions:
        assert check(decision) is None
    expected = _expected(case, text)
    if case.get("any"):
        # several right ways to fill the rest: the intent and the slots named here must be there
        assert [d.intent for d in understood.decisions] == [d.intent for d in expected]
        assert all(_within(d.slots, e.slots) for d, e in zip(understood.decisions, expected, strict=True))
    else:
        assert list(understood.decisions) == expected
    if "stage" in case:
        assert understood.stage == case["stage"]
    assert not understood.unfinished
    assert understood.complete == (expected[0].intent != "none")


def _expected(case: dict[str, Any], text: str) -> list[Decision]:
    if "topic" in case:
        return [Decision("info.ask", {"topic": case["topic"], "question": text.rstrip("?？.")})]
    means = case["means"] if isinstance(case["means"], list) else [case["means"]]
    return [Decision(one["intent"], one["slots"]) for one in means]


def _within(slots: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return all(name in slots and _within(slots[name], value) for name, value in expected.items())
    if isinstance(expected, list):
        return len(slots) == len(expected) and all(map(_within, slots, expected))
    return bool(slots == expected)
