"""How sure is sure: maps the product of the heads' chances to the share of such sentences that were right.

Platt scaling (Platt 1999) on writers held out from training.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from intents.classifier.compare import same
from intents.classifier.model import Classifier
from intents.corpus import Sentence
from intents.understanding import weighty
from intents.vocabulary import builtin


def calibrate(folder: Path, dev: Sequence[Sentence]) -> dict[str, float]:
    """Writes ``calibration.json`` into the model's ``folder`` and returns what is in it."""
    (folder / "calibration.json").unlink(missing_ok=True)
    classifier = Classifier.load(builtin(), folder)
    logits, right = [], []
    for one in dev:
        parts = classifier.read(one.text, one.lang, one.role).parts
        raw = min(max(float(np.prod([part.sure for part in parts])), 1e-6), 1 - 1e-6)
        logits.append(np.log(raw / (1 - raw)))
        right.append(same(weighty(tuple(part.decision for part in parts)), one.decisions))
    x, y = np.array(logits), np.array(right, float)
    slope, shift = 1.0, 0.0
    for _ in range(50):  # Newton's method on the log likelihood
        chance = 1 / (1 + np.exp(-(slope * x + shift)))
        weight = chance * (1 - chance) + 1e-9
        gradient = np.array([((y - chance) * x).sum(), (y - chance).sum()])
        curve = np.array([[(weight * x * x).sum(), (weight * x).sum()], [(weight * x).sum(), weight.sum()]])
        slope, shift = np.array([slope, shift]) + np.linalg.solve(curve + 1e-6 * np.eye(2), gradient)
    found = {
        "slope": round(float(slope), 4),
        "shift": round(float(shift), 4),
        "sentences": len(y),
        "right": round(float(y.mean()), 4),
    }
    (folder / "calibration.json").write_text(json.dumps(found), encoding="utf-8")
    return found
