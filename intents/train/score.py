"""How often the network's decisions are the labelled ones, by the service's own decoding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from intents.classifier.compare import same
from intents.classifier.decode import decode
from intents.classifier.parts import Scores
from intents.classifier.pieces import Cutter
from intents.corpus import Sentence
from intents.train.network import Network
from intents.train.rows import Row, batch
from intents.train.targets import targets
from intents.understanding import weighty


@torch.no_grad()
def score(net: Network, cutter: Cutter, sentences: Sequence[Sentence], every_miss: bool = False) -> dict[str, Any]:
    """Shares (%) by language of exact decisions and of right intents; ``misses``: what went wrong."""
    net.eval()
    right: dict[str, list[bool]] = {}
    intents: dict[str, list[bool]] = {}
    misses = []
    for sentence in sentences:
        pieces = cutter.cut(sentence.text, sentence.lang)
        at = batch([Row(pieces, targets(sentence, pieces), sentence.role == "staff")])
        states = net(at.ids, at.words, at.marks, at.names, at.role, at.there)
        token = net.heads.token(states)[0].numpy()

        def parts(edges: list[tuple[int, int]], states: torch.Tensor = states) -> Scores:
            inside = torch.zeros(len(edges), states.shape[1])
            for number, (first, last) in enumerate(edges):
                inside[number, first : last + 1] = 1
            found: Scores = net.heads.parts(states, torch.zeros(len(edges), dtype=torch.long), inside).numpy()
            return found

        found = decode(pieces, token, parts)
        decisions = weighty(tuple(one.decision for one in found))
        exact = same(decisions, sentence.decisions)
        right.setdefault(sentence.lang, []).append(exact)
        intents.setdefault(sentence.lang, []).append([d.intent for d in decisions] == [d.intent for d in sentence.decisions])
        if not exact and every_miss:
            misses.append(
                {
                    "where": f"{sentence.writer} {sentence.where}",
                    "text": sentence.text,
                    "wanted": [[d.intent, d.slots] for d in sentence.decisions],
                    "got": [[one.decision.intent, one.decision.slots, round(one.sure, 2)] for one in found],
                }
            )
    summary: dict[str, Any] = {f"exact_{lang}": round(100 * float(np.mean(v)), 1) for lang, v in right.items()}
    summary |= {f"intent_{lang}": round(100 * float(np.mean(v)), 1) for lang, v in intents.items()}
    return summary | {"misses": misses}
