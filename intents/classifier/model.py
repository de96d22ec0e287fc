"""The trained classifier: a sentence in, decisions with their chances out. See ``README.md`` in the model's folder."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from intents.classifier.decode import decode
from intents.classifier.parts import Part, Scores
from intents.classifier.pieces import Cutter, Pieces
from intents.vocabulary import Vocabulary

BUNDLED = Path(__file__).parent / "model"
WITHIN_WORD = 0.3
"""How much of a Chinese character's own vector is left where a word of the glossary covers it."""
_HEADS = ("weigh", "hidden", "part")


@dataclass(frozen=True)
class Reading:
    """The parts in order; ``sure`` (0–1, calibrated on held-out writers): the chance that all of them are right. ``whole``: the
    sentence was read to its end."""

    parts: tuple[Part, ...]
    sure: float
    whole: bool = True


class Classifier:
    """Loads in about a fifth of a second; reads a sentence in a few milliseconds on one core."""

    def __init__(self, folder: Path, vocabulary: Vocabulary) -> None:
        self._cutter = Cutter(folder, vocabulary)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self._encoder = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"])
        with np.load(folder / "rest.npz") as rest:
            self._table, self._scale = rest["table"], rest["scale"].astype(np.float32)
            self._heads = {f"{name}.bias": rest[f"{name}.bias"].astype(np.float32) for name in _HEADS}
            self._heads |= {
                f"{name}.weight": rest[f"{name}.weight"] * rest[f"{name}.scale"].astype(np.float32) for name in _HEADS
            }
        calibration = folder / "calibration.json"
        self._slope, self._shift = 1.0, 0.0
        if calibration.exists():
            known = json.loads(calibration.read_text(encoding="utf-8"))
            self._slope, self._shift = known["slope"], known["shift"]

    @classmethod
    def load(cls, vocabulary: Vocabulary, folder: Path = BUNDLED) -> Classifier:
        return cls(folder, vocabulary)

    def read(self, text: str, lang: str, role: str = "guest", now: datetime | None = None) -> Reading:
        """``role`` is guest or staff; ``now`` settles what 后天 is."""
        return self.weigh(self._cutter.cut(text, lang, now), role)

    def weigh(self, pieces: Pieces, role: str = "guest") -> Reading:
        """The same with the sentence already cut."""
        states, token = self._encoder.run(
            None,
            {
                "vectors": self._vectors(pieces)[None],
                "marks": np.array([pieces.marks]),
                "names": np.array([pieces.names]),
                "role": np.array([int(role == "staff")]),
            },
        )
        parts = decode(pieces, token[0], lambda edges: self._parts(states[0], edges))
        raw = min(max(float(np.prod([part.sure for part in parts])), 1e-6), 1 - 1e-6)
        sure = 1 / (1 + np.exp(-(self._slope * np.log(raw / (1 - raw)) + self._shift)))
        return Reading(tuple(parts), float(sure), pieces.whole)

    def _vectors(self, pieces: Pieces) -> Scores:
        ids, words = np.array(pieces.ids), np.array(pieces.words)
        own, around = self._rows(ids), self._rows(words)
        vectors: Scores = np.where((words > 0)[:, None], WITHIN_WORD * own + around, own).astype(np.float32)
        return vectors

    def _rows(self, numbers: NDArray[np.int64]) -> Scores:
        """Rows of the table: two values a byte, a scale each block."""
        packed, scale = self._table[numbers], self._scale[numbers]
        values = np.stack([packed >> 4, packed & 15], -1).astype(np.float32).reshape(len(numbers), -1) - 8
        rows: Scores = values * np.repeat(scale, values.shape[1] // scale.shape[1], axis=1)
        return rows

    def _parts(self, states: Scores, edges: list[tuple[int, int]]) -> Scores:
        rows = []
        for first, last in edges:
            own = states[first : last + 1]
            weights = own @ self._heads["weigh.weight"].T + self._heads["weigh.bias"]
            weights = np.exp(weights - weights.max(0))
            pooled = ((weights / weights.sum(0)).T @ own).ravel()
            joined = np.concatenate([pooled, states[0]])
            rows.append(joined @ self._heads["hidden.weight"].T + self._heads["hidden.bias"])
        hidden = np.stack(rows)
        hidden = hidden * 0.5 * (1 + _erf(hidden / np.sqrt(2)))
        scores: Scores = (hidden @ self._heads["part.weight"].T + self._heads["part.bias"]).astype(np.float32)
        return scores


def _erf(x: Scores) -> Scores:
    """Abramowitz and Stegun 7.1.26; wrong by 1.5e-7 at most."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    result: Scores = np.sign(x) * (1 - series * np.exp(-x * x))
    return result
