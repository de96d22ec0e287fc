"""What is said in training: general words, numbers, natural hotel sentences, samples of the grammar; mixed by weight.

The files are read again when asked, so new sentences come in without a restart. The hand-written benchmark sentences and
their near duplicates are kept out.
"""

import json
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from wordfreq import top_n_list, word_frequency

from media.train.numbers import number_phrase
from media.train.pronounce import LATIN_PINYIN
from media.train.text import normalise
from media.train.vocabulary import Vocabulary

log = logging.getLogger(__name__)

HERE = Path(__file__).parent / "sentences"
_WORDS = 30_000
_SAMPLES = 40_000  # a language: checking them takes a while, and another draw comes with the next reading
_NEAR = 0.75  # shared bigrams over all bigrams: from here on two sentences are the same one


@dataclass
class _Pool:
    words: list[str]
    weights: np.ndarray
    natural: list[str] = field(default_factory=list)
    samples: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Mix:
    """Relative weights of the kinds of text."""

    general: float
    natural: float
    samples: float
    spliced: float
    numbers: float


class Sentences:
    """Draws texts. `samples` is the JSONL of `python -m intents.sample`, `held_out` the benchmark's folder; both may be missing."""

    def __init__(self, vocabulary: Vocabulary, samples: Path, held_out: Path, rng: np.random.Generator) -> None:
        self._vocabulary, self._samples, self._held_out, self._rng = vocabulary, samples, held_out, rng
        self._pools = {lang: self._general(lang) for lang in ("zh", "en")}
        self._stamps: tuple[float, ...] = ()
        self.reload()

    def _general(self, lang: str) -> _Pool:
        words = [w for w in top_n_list(lang, _WORDS) if self._usable(w, lang) and " " not in w]
        weights = np.array([word_frequency(w, lang) for w in words]) ** 0.6
        return _Pool(words, np.cumsum(weights / weights.sum()))

    def _usable(self, text: str, lang: str) -> bool:
        if text != normalise(text, lang) or not self._vocabulary.writable(text):
            return False
        return bool(text) and (lang == "en" or all(not c.isascii() for c in text))

    def reload(self) -> None:
        """Read the files if one of them has changed."""
        barred_files = [self._held_out / "natural.jsonl", HERE / "dev.jsonl"]
        files = [HERE / "natural_zh.txt", HERE / "natural_en.txt", self._samples, *barred_files]
        stamps = tuple(f.stat().st_mtime if f.exists() else 0.0 for f in files)
        if stamps == self._stamps:
            return
        self._stamps = stamps
        for lang in ("zh", "en"):
            barred = _Barred(normalise(row["text"], lang) for file in barred_files for row in _rows(file) if row["lang"] == lang)
            natural = HERE / f"natural_{lang}.txt"
            lines = natural.read_text("utf-8").splitlines() if natural.exists() else []
            pool = self._pools[lang]
            pool.natural = self._readable((line for line in lines if not line.startswith("#")), lang, barred)
            sampled = [row["text"] for row in _rows(self._samples) if row["lang"] == lang]
            picks = self._rng.permutation(len(sampled))[:_SAMPLES]
            pool.samples = self._readable((sampled[i] for i in picks), lang, barred)
            log.info("%s: %d words, %d natural, %d samples", lang, len(pool.words), len(pool.natural), len(pool.samples))

    def _readable(self, lines: Iterable[str], lang: str, barred: "_Barred") -> list[str]:
        kept = []
        for line in lines:
            if any(c.isdigit() for c in line):
                continue
            text = normalise(line, lang)
            latin = "".join(c if c.isascii() else " " for c in text).split() if lang == "zh" else []
            if text and self._vocabulary.writable(text) and all(w in LATIN_PINYIN for w in latin) and text not in barred:
                kept.append(text)
        return kept

    def draw(self, lang: str, mix: Mix, longest: int) -> str:
        """A text of at most `longest` units (characters or words)."""
        rng, pool = self._rng, self._pools[lang]
        kinds = {
            "general": mix.general,
            "natural": mix.natural if pool.natural else 0.0,
            "samples": mix.samples if pool.samples else 0.0,
            "spliced": mix.spliced if pool.natural or pool.samples else 0.0,
            "numbers": mix.numbers,
        }
        weights = np.array(list(kinds.values()))
        for _ in range(20):
            kind = list(kinds)[int(rng.choice(len(kinds), p=weights / weights.sum()))]
            text = self._one(kind, lang, pool)
            if (len(text) if lang == "zh" else text.count(" ") + 1) <= longest:
                return text
        return self._words(lang, pool, 1)

    def _one(self, kind: str, lang: str, pool: _Pool) -> str:
        rng = self._rng
        if kind == "natural":
            return pool.natural[rng.integers(len(pool.natural))]
        if kind == "samples":
            return pool.samples[rng.integers(len(pool.samples))]
        if kind == "numbers":
            return number_phrase(lang, rng)
        if kind == "spliced":
            return ("" if lang == "zh" else " ").join(self._part(lang, pool) for _ in range(int(rng.integers(1, 4))))
        return self._words(lang, pool, 1 + int(min(7, rng.geometric(0.35) - 1 + (lang == "zh"))))

    def _part(self, lang: str, pool: _Pool) -> str:
        rng = self._rng
        which = rng.random()
        hotel = pool.samples if which < 0.25 else pool.natural if which < 0.8 else []
        if not hotel:
            return self._words(lang, pool, int(rng.integers(1, 3)))
        return _cut(hotel[rng.integers(len(hotel))], lang, rng)

    def _words(self, lang: str, pool: _Pool, count: int) -> str:
        picks = np.searchsorted(pool.weights, self._rng.random(count))
        return ("" if lang == "zh" else " ").join(pool.words[min(p, len(pool.words) - 1)] for p in picks)


def _cut(text: str, lang: str, rng: np.random.Generator) -> str:
    """A run of the sentence: its words must be heard without the rest of the template."""
    units = list(text) if lang == "zh" and text.isascii() is False and not any(c.isascii() for c in text) else text.split()
    start = int(rng.integers(0, max(1, len(units) - 1)))
    stop = start + 1 + int(rng.integers(0, len(units) - start))
    return ("" if lang == "zh" else " ").join(units[start:stop])


def _rows(path: Path) -> Iterable[dict[str, str]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue  # the sampler may be writing this line right now
            if row.get("lang") in ("zh", "en") and isinstance(row.get("text"), str):
                yield row


class _Barred:
    """Sentences that must not be trained on, nor anything that shares three quarters of their letter pairs."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._pairs = [_pairs(text) for text in texts]
        self._index: dict[str, list[int]] = {}
        for number, pairs in enumerate(self._pairs):
            for pair in pairs:
                self._index.setdefault(pair, []).append(number)

    def __contains__(self, text: str) -> bool:
        pairs = _pairs(text)
        shared: dict[int, int] = {}
        for pair in pairs:
            for number in self._index.get(pair, ()):
                shared[number] = shared.get(number, 0) + 1
        return any(n / len(pairs | self._pairs[number]) >= _NEAR for number, n in shared.items())


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(max(1, len(text) - 1))}
