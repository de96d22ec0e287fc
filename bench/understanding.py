"""``python -m bench understanding``: the local stages on sentences of writers that training never saw.

Each test sentence's decisions are compared with its label (``intents.classifier.compare``): intents, tokens and numbers to the
letter, free text by the words that carry it (``to_the_letter_percent``: all of it). Beside it stand the same sentences through
the grammar alone, and Home Assistant's own sentences on those about devices. Times are of one core; nothing is averaged away:
``misses`` lists what went wrong with ``--misses``.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bench import home_assistant
from concierge.property import load as load_property
from concierge.understanding import cascade
from intents import Decision, Understanding
from intents.classifier.compare import same
from intents.corpus import Sentence, load
from intents.router import Router
from intents.train.variety import Variety
from intents.understanding import STAGES
from intents.vocabulary import builtin

_LOAD = "import time; t = time.perf_counter(); from bench.understanding import example; example(); print(time.perf_counter() - t)"


def example(stages: Sequence[str] = STAGES) -> Router:
    """The cascade of the example hotel, with its words and its knowledge."""
    return cascade(load_property(), stages)


Understand = Callable[[Sentence], Understanding]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench understanding", description=__doc__)
    parser.add_argument("--misses", action="store_true", help="list every sentence that went wrong")
    parser.add_argument("--stages", default=",".join(STAGES), help="the stages that take part")
    options = parser.parse_args(argv)
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # the first core serves interrupts too
    test = load("test/zh", "test/en")
    router = example([stage for stage in options.stages.split(",") if stage])
    whole, misses = accuracy(test, lambda one: router.understand(one.text, one.lang, one.role))
    grammar = example(["grammar"])
    without = example([stage for stage in STAGES if stage != "nearly"])
    report = {
        "sentences": len(test),
        "writers": sorted({f"{one.lang}/{one.writer}" for one in test}),
        **whole,
        "grammar_alone": _short(accuracy(test, lambda one: grammar.understand(one.text, one.lang, one.role))[0]),
        "heard_wrong": heard_wrong(test, router, without),
        "home_assistant": home_assistant.measure(test, lambda one: router.understand(one.text, one.lang, one.role)),
        "load_s": load_time(),
    }
    if options.misses:
        report["misses"] = misses
    print(json.dumps(report, ensure_ascii=False, indent=1))
    return 0


def accuracy(test: Sequence[Sentence], understand: Understand) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The figures of one way to understand, and each sentence that went wrong."""
    exact: dict[str, list[bool]] = defaultdict(list)
    intents: dict[str, list[bool]] = defaultdict(list)
    letters, ms, misses = [], [], []
    stages: Counter[str] = Counter()
    wrong_of: Counter[str] = Counter()
    false_actions: list[bool] = []
    alarms: list[bool] = []
    several: list[bool] = []
    for one in test:
        began = time.perf_counter()
        found = understand(one)
        ms.append((time.perf_counter() - began) * 1000)
        right = same(found.decisions, one.decisions)
        named = [d.intent for d in found.decisions] == [d.intent for d in one.decisions]
        for key in (one.lang, one.decisions[0].intent, "all"):
            exact[key].append(right)
            intents[key].append(named)
        letters.append(same(found.decisions, one.decisions, to_the_letter=True))
        stages[found.stage] += 1
        wrong_of[found.stage] += not right
        if len(one.decisions) > 1:
            several.append(right)
        if one.decisions == (Decision("none"),):
            false_actions.append(home_assistant.acts(found.decisions))
        if one.decisions[0].intent == "emergency.report":
            alarms.append(found.emergency)
        if not right:
            misses.append(
                {
                    "where": f"{one.lang}/{one.writer} {one.where}",
                    "text": one.text,
                    "wanted": [[d.intent, d.slots] for d in one.decisions],
                    "got": [[d.intent, d.slots] for d in found.decisions],
                    "stage": found.stage,
                    "sure": round(found.confidence, 3),
                    "trace": [[w.stage, w.outcome, round(w.confidence, 2), w.why] for w in found.trace],
                }
            )
    order = ["all", "zh", "en", *sorted(set(exact) - {"all", "zh", "en"})]
    return {
        "exact_percent": {key: _percent(exact[key]) for key in order},
        "intent_percent": {key: _percent(intents[key]) for key in ("all", "zh", "en")},
        "to_the_letter_percent": _percent(letters),
        "several_decisions_exact_percent": _percent(several),
        "out_of_scope": {"sentences": len(false_actions), "false_actions_percent": _percent(false_actions)},
        "emergencies": {"sentences": len(alarms), "told_percent": _percent(alarms)},
        "stages": {name: {"decided": n, "right_percent": round(100 * (1 - wrong_of[name] / n), 1)} for name, n in stages.items()},
        "ms": {"p50": _at(ms, 50), "p95": _at(ms, 95), "most": round(max(ms), 1)},
    }, misses


def heard_wrong(test: Sequence[Sentence], router: Router, without: Router) -> dict[str, Any]:
    """One character of the same sound or a slip of a letter in each sentence, with and without the stage for it."""
    variety = Variety([], builtin(), seed=1)
    spoilt = [variety.misheard(one) for one in test]
    result: dict[str, Any] = {"sentences": len(spoilt)}
    for name, each in (("with_nearly", router), ("without", without)):
        figures, _ = accuracy(spoilt, lambda one, each=each: each.understand(one.text, one.lang, one.role))  # type: ignore[misc]
        result[name] = {
            "exact_percent": figures["exact_percent"]["all"],
            "false_actions_percent": figures["out_of_scope"]["false_actions_percent"],
        }
    return result


def load_time() -> float:
    """Seconds from the import to the first answer, in a process of its own."""
    ran = subprocess.run([sys.executable, "-c", _LOAD], capture_output=True, text=True, check=True)
    return round(float(ran.stdout), 2)


def _short(figures: dict[str, Any]) -> dict[str, Any]:
    return {
        "exact_percent": {key: figures["exact_percent"][key] for key in ("all", "zh", "en")},
        "false_actions_percent": figures["out_of_scope"]["false_actions_percent"],
    }


def _percent(values: Sequence[bool]) -> float:
    return round(100 * float(np.mean(values)), 1) if values else 0.0


def _at(values: Sequence[float], percent: float) -> float:
    return round(float(np.percentile(values, percent)), 2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
