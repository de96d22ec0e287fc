"""Retrieval over the example hotel's knowledge: what is found, what is answered wrongly, how fast.

``python -m bench knowledge [--errors]``. Questions: tests/intents/knowledge; those under ``held`` were written last (ADR 13).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from concierge.property import load
from intents.knowledge import Entry, Knowledge

DATA = Path(__file__).parents[1] / "tests" / "intents" / "knowledge"
UNKNOWN = "-"
"""The topic of questions that the hotel does not answer."""
MANY = 2_000


def questions(lang: str, split: str) -> Iterator[tuple[str, str]]:
    """(question, topic)."""
    for topic, asked in yaml.safe_load((DATA / f"{lang}.yaml").read_text("utf-8"))[split].items():
        for question in asked:
            yield question, topic


def measured(knowledge: Knowledge, lang: str, split: str) -> dict[str, Any]:
    """Counts and rates of one language's questions. ``precision``: of all answers given, those that were right."""
    right, wrong, missed, invented = [], [], [], []
    answerable = unanswerable = 0
    for question, topic in questions(lang, split):
        found = knowledge.find(question, lang)
        if topic == UNKNOWN:
            unanswerable += 1
            if found:
                invented.append((question, found.key))
            continue
        answerable += 1
        if found is None:
            missed.append((question, topic))
        elif found.key == topic:
            right.append(question)
        else:
            wrong.append((question, topic, found.key))
    given = len(right) + len(wrong) + len(invented)
    return {
        "answerable": answerable,
        "right": len(right),
        "recall": round(len(right) / answerable, 3),
        "wrong": len(wrong),
        "unanswerable": unanswerable,
        "answered_anyway": len(invented),
        "precision": round(len(right) / given, 3) if given else None,
        "errors": {"missed": missed, "wrong": wrong, "answered_anyway": invented},
    }


def many(entries: list[Entry]) -> list[Entry]:
    """A house with far more to say: the same entries over and over, each copy with a word of its own."""
    return [
        Entry(
            f"{one.key}_{number}",
            {lang: f"{text} {number}" for lang, text in one.answers.items()},
            one.source,
            one.names,
            {lang: [f"{text} {number}" for text in texts] for lang, texts in one.questions.items()},
        )
        for number in range(MANY // len(entries) + 1)
        for one in entries
    ][:MANY]


def loaded(entries: list[Entry]) -> tuple[Knowledge, float]:
    """The knowledge, and the milliseconds of processor time that it took to make."""
    began = time.process_time()
    knowledge = Knowledge(entries)
    return knowledge, (time.process_time() - began) * 1000


def timed(knowledge: Knowledge) -> dict[str, float]:
    """Milliseconds a question, each the best of three: what else the machine does is not measured."""
    took = []
    for lang in ("zh", "en"):
        for split in ("tune", "held"):
            for question, _ in questions(lang, split):
                took.append(min(_once(knowledge, question, lang) for _ in range(3)))
    took.sort()
    return {"p50_ms": round(took[len(took) // 2], 3), "p95_ms": round(took[int(len(took) * 0.95)], 3)}


def _once(knowledge: Knowledge, question: str, lang: str) -> float:
    began = time.perf_counter()
    knowledge.find(question, lang)
    return (time.perf_counter() - began) * 1000


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench knowledge")
    parser.add_argument("--errors", action="store_true", help="name each question that went wrong")
    args = parser.parse_args(argv)
    _, lexicon_ms = loaded([])
    entries = list(Knowledge.entries(load().topics.values()))
    knowledge, load_ms = loaded(entries)
    big, big_ms = loaded(many(entries))
    result: dict[str, Any] = {
        "entries": len(entries),
        "lexicon_ms": round(lexicon_ms, 1),
        "load_ms": round(load_ms, 1),
        **timed(knowledge),
        f"with_{MANY}": {"load_ms": round(big_ms, 1), **timed(big)},
    }
    for lang in ("zh", "en"):
        for split in ("tune", "held"):
            row = measured(knowledge, lang, split)
            errors = row.pop("errors")
            result[f"{lang}_{split}"] = row | ({"errors": errors} if args.errors else {})
    print(json.dumps(result, ensure_ascii=False, indent=2))
    return 0
