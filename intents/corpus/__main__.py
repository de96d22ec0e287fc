"""``python -m intents.corpus [FILE…]``: names each wrong line and counts; without a file the whole corpus, held-out lines too."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

from intents.catalogue import CATALOGUE
from intents.corpus import FOLDER, CorpusError, Sentence, read


def main(arguments: list[str]) -> int:
    paths = [Path(one) for one in arguments] or sorted(FOLDER.glob("**/*.txt"))
    wrong = several = 0
    intents: Counter[str] = Counter()
    seen: dict[tuple[str, str], Sentence] = {}
    for path in paths:
        lines = 0
        for sentence in read(path):
            if isinstance(sentence, CorpusError):
                print(sentence)
                wrong += 1
                continue
            other = seen.setdefault((sentence.role, sentence.text), sentence)
            if other.decisions != sentence.decisions:
                print(f"{sentence.where}: the same words as {other.writer} {other.where}, another label: {sentence.text}")
                wrong += 1
            lines += 1
            several += len(sentence.decisions) > 1
            intents.update(decision.intent for decision in sentence.decisions)
        print(f"{path}: {lines} sentences")
    print(f"{len(seen)} different sentences, {several} with several decisions, {wrong} wrong lines")
    print(", ".join(f"{name} {intents[name]}" for name in CATALOGUE))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
