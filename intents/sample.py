"""Writes sentences that guests and staff may say, drawn at random from the grammar: what the speech model learns.

``python -m intents.sample --out build/train/samples.jsonl --n 60000 --seed 1``: one JSON object a line, ``{"lang",
"text"}``, in spoken form: numbers as words, lower case, no punctuation. Nothing is enumerated: each sentence is one
random walk through the templates, the intents equally often, so that rare ones are heard too.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from hassil.expression import Alternative, Expression, Group, ListReference, Permutation, RuleReference, TextChunk

from intents import numerals
from intents.grammar import Block, Grammar, NumberList, Wildcard, WordList, load
from intents.vocabulary import LANGUAGES, builtin

_WEIGHT = {"device.set": 8.0, "request.items": 4.0, "info.ask": 4.0, "request.repair": 2.0, "order.food": 2.0}
_OPTIONAL = 0.35
_SEVERAL = 0.12
_POLITE = {"before": 0.35, "after": 0.2}
_PLACES = {
    "zh": ["机场", "火车站", "市中心", "高铁站", "东站", "人民广场", "博物馆", "南京路", "外滩", "医院", "体育馆", "步行街"],
    "en": [
        "the airport",
        "the train station",
        "downtown",
        "the museum",
        "the city center",
        "main street",
        "the mall",
        "the convention center",
        "the harbor",
        "the old town",
        "the hospital",
    ],
}
_JOIN = {
    "zh": ["再", "然后", "还有", "顺便", "并且", "再帮我", "", "另外", "同时", "接着"],
    "en": ["and", "and then", "then", "and also", "also", "and please"],
}


@dataclass
class Sampler:
    """Random sentences of one language."""

    grammar: Grammar
    random: Random

    def __post_init__(self) -> None:
        self.lang = self.grammar.lang
        self._blocks: dict[str, list[Block]] = defaultdict(list)
        for block in self.grammar.blocks:
            self._blocks[block.intent].append(block)
        self._intents = [name for name in self._blocks if not name.startswith("_")]
        self._weights = [_WEIGHT.get(name, 0.25 if name.startswith("dialog.") else 1.0) for name in self._intents]
        self._fillers = {
            where: [b for b in self._blocks["_filler"] if b.metadata.get("where", "before") == where]
            for where in ("before", "tail")
        }

    def sentences(self) -> Iterator[tuple[str, str]]:
        """(intent, text) pairs without end; a text of several decisions has the first one's intent."""
        while True:
            intent = self._draw_intent()
            text = self._one(intent)
            plain = intent.startswith(("dialog.", "emergency."))
            if not plain and self.random.random() < _SEVERAL:
                other = self._draw_intent()
                if not other.startswith(("dialog.", "emergency.")):
                    text = f"{text} {self.random.choice(_JOIN[self.lang])} {self._one(other)}"
            if not plain:
                text = self._politely(text)
            text = self._tidy(text)
            if text:
                yield intent, text

    def _draw_intent(self) -> str:
        return self.random.choices(self._intents, self._weights)[0]

    def _one(self, intent: str) -> str:
        blocks = self._blocks[intent]
        block = self.random.choices(blocks, [len(b.sentences) for b in blocks])[0]
        return self._say(self.random.choice(block.sentences), block)

    def _politely(self, text: str) -> str:
        for where, at in (("before", "before"), ("tail", "after")):
            if self._fillers[where] and self.random.random() < _POLITE[at]:
                block = self.random.choice(self._fillers[where])
                words = self._say(self.random.choice(block.sentences), block)
                text = f"{words} {text}" if at == "before" else f"{text} {words}"
        return text

    def _say(self, item: Expression, block: Block) -> str:
        if isinstance(item, TextChunk):
            return str(item.original_text)
        if isinstance(item, Alternative):
            if item.is_optional:
                if self.random.random() > _OPTIONAL:
                    return ""
                return self._say(self.random.choice(item.items[:-1]), block)
            return self._say(self.random.choice(item.items), block)
        if isinstance(item, Permutation):
            return " ".join(self._say(part, block) for part in self.random.sample(item.items, len(item.items)))
        if isinstance(item, Group):
            return "".join(self._say(part, block) for part in item.items)
        if isinstance(item, RuleReference):
            return self._say(block.rules[item.rule_name], block)
        if isinstance(item, ListReference):
            return self._value(item, block)
        raise TypeError(f"unknown part of a sentence: {item!r}")

    def _value(self, ref: ListReference, block: Block) -> str:
        spec: Any = block.lists[ref.list_name]
        if isinstance(spec, WordList):
            by_out: dict[str, list[Expression]] = defaultdict(list)
            for value in spec.values:
                by_out[str(value.out)].append(value.text)
            return self._say(self.random.choice(by_out[self.random.choice(list(by_out))]), block)
        if isinstance(spec, NumberList):
            return self._number(spec, ref.list_name)
        if isinstance(spec, Wildcard):
            if ref.list_name == "room_number":
                digits = f"{self.random.randint(1, 30)}{self.random.randint(1, 12):02d}"
                return ("" if self.lang == "zh" else " ").join(_digit(d, self.lang) for d in digits)
            return self.random.choice(_PLACES[self.lang])
        raise TypeError(f"unknown list: {spec!r}")

    def _number(self, spec: NumberList, name: str) -> str:
        low, high = spec.start, spec.stop
        if name == "temp":
            low, high = (16, 30) if self.random.random() < 0.9 else (low, high)
        elif name in ("n", "step"):
            high = min(high, 6) if self.random.random() < 0.8 else min(high, 12)
        elif name == "percent" and self.random.random() < 0.7:
            return numerals.say(self.random.randint(1, 10) * 10, self.lang)
        value = self.random.randint(low, high)
        if self.lang == "zh" and value == 2 and name in ("n", "step"):
            return "两"
        return numerals.say(value + (0.5 if spec.halves and self.random.random() < 0.05 else 0), self.lang)

    def _tidy(self, text: str) -> str:
        text = re.sub(r"\d+", lambda m: numerals.say(int(m[0]), self.lang), text.lower())
        if self.lang == "zh":
            return re.sub(r"\s+", "", text)
        return " ".join(re.sub(r"[^a-z ]", " ", text).split())


def _digit(char: str, lang: str) -> str:
    if char == "0" and lang == "en":
        return "oh"
    return "幺" if char == "1" and lang == "zh" else numerals.say(int(char), lang)


def write(out: Path, count: int, seed: int) -> None:
    """``count`` sentences, half of each language, to ``out``."""
    random = Random(seed)
    streams = [Sampler(load(lang, builtin()), random).sentences() for lang in LANGUAGES]
    out.parent.mkdir(parents=True, exist_ok=True)
    with out.open("w", encoding="utf-8") as file:
        for index in range(count):
            which = index % len(LANGUAGES)
            _, text = next(streams[which])
            file.write(json.dumps({"lang": LANGUAGES[which], "text": text}, ensure_ascii=False) + "\n")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m intents.sample", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--out", type=Path, default=Path("build/train/samples.jsonl"))
    parser.add_argument("--n", type=int, default=60_000, help="how many sentences, both languages together")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args(argv)
    write(args.out, args.n, args.seed)
    print(f"{args.n} sentences in {args.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
