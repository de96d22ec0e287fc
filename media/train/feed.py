"""A process of its own that speaks sentences and packs them into batches of like length for the trainer."""

import logging
import multiprocessing as mp
import os
import signal
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from queue import Full
from time import monotonic
from typing import Any

import numpy as np

from media.train import voices
from media.train.augment import Room
from media.train.curriculum import Lesson, lesson
from media.train.espeak import EspeakError
from media.train.features import BANDS, FRAMES_PER_SECOND, HOP, log_mel
from media.train.sentences import Sentences
from media.train.speech import Speaker, Spoken
from media.train.vocabulary import Vocabulary

log = logging.getLogger(__name__)
IGNORE = -100
_RELOAD_SECONDS = 120.0
_AGAIN_SHARE = 0.4  # of the utterances are an earlier one's samples in another room: speaking costs more than rendering
_REMEMBERED = 4_000
_WIDE = ((1_000, 5), (1_600, 3), (3_000, 2))
"""Frames and examples of wide windows: plain faster-whisper pads everything to 3,000 frames."""


@dataclass(frozen=True)
class Batch:
    """`mel` [n, bands, frames] float16; `tokens` and `labels` [n, length] int64; `sounds` concatenated, with `sound_lengths`.

    `centres` [n, length]: the encoder frame at which each label is about said, negative where that means nothing."""

    mel: np.ndarray
    tokens: np.ndarray
    labels: np.ndarray
    sounds: np.ndarray
    sound_lengths: np.ndarray
    mel_lengths: np.ndarray
    centres: np.ndarray


@dataclass(frozen=True)
class Example:
    mel: np.ndarray
    tokens: list[int]
    labels: list[int]
    sounds: list[int]
    centres: list[float]


class Feed:
    """Draws, speaks, renders and packs. One in a process."""

    def __init__(self, vocabulary: Vocabulary, samples: Path, held_out: Path, seed: int) -> None:
        self._rng = np.random.default_rng(seed)
        self._vocabulary = vocabulary
        self._sentences = Sentences(vocabulary, samples, held_out, self._rng)
        self._speaker = Speaker()
        self._room = Room(self._rng)
        self._said: list[Spoken] = []
        speakable = [v for v in voices.TRAIN if v.engine in self._speaker.engines]
        self._voices = {lang: [v for v in speakable if v.lang == lang and v.engine == "espeak"] for lang in ("zh", "en")}
        self._flite = [v for v in speakable if v.engine == "flite"]
        self._first = {lang: [v for v in voices.FIRST if v.lang == lang] for lang in ("zh", "en")}
        self._read_at = monotonic()

    def batches(self, plan: Lesson, count: int = 12) -> list[Batch]:
        """About `count` batches, shuffled; utterances of like length together."""
        if monotonic() - self._read_at > _RELOAD_SECONDS:
            self._sentences.reload()
            self._read_at = monotonic()
        examples: list[Example] = []
        frames = 0
        while frames < count * plan.batch_frames:
            example = self._example(plan)
            if example is not None:
                examples.append(example)
                frames += example.mel.shape[1]
        examples.sort(key=lambda e: e.mel.shape[1])
        packed, group = [], list[Example]()
        for example in examples:
            if group and (len(group) + 1) * example.mel.shape[1] > plan.batch_frames:
                packed.append(self._pack(group))
                group = []
            group.append(example)
        packed.append(self._pack(group))
        if self._rng.random() < plan.wide_share * count:
            width, count_there = _WIDE[int(self._rng.integers(len(_WIDE)))]
            few = self._rng.choice(len(examples), count_there, replace=False)
            packed.append(self._pack([examples[i] for i in few], width))
        order = self._rng.permutation(len(packed))
        return [packed[i] for i in order]

    def _example(self, plan: Lesson) -> Example | None:
        if self._rng.random() < plan.noise_share:
            return self._silence()
        try:
            spoken = self._spoken(plan)
        except (EspeakError, KeyError):
            return None
        if not 0.15 < len(spoken.samples) / spoken.rate_hz < plan.longest_seconds:
            return None
        audio, start, stop = self._room.render(spoken.samples, spoken.rate_hz, plan.strength)
        if plan.growth > 0.3 and self._rng.random() < 0.05:
            self._room.overhear(audio)
        v = self._vocabulary
        row = v.sounds[spoken.lang]
        text = v.encode(spoken.text, spoken.lang)
        prompt = [v.sot, v.language[spoken.lang], v.transcribe, v.notimestamps]
        return Example(
            log_mel(audio),
            prompt + text,
            [prompt[1], IGNORE, IGNORE, *text, v.eot],
            [row[s] for s in spoken.sounds if s in row],
            [-1.0, -1.0, -1.0, *self._centres(text, start, stop)],
        )

    def _centres(self, text: list[int], start: int, stop: int) -> list[float]:
        """Encoder frames of the tokens and the end, as if each letter or character took the same time."""
        shares = []
        for token in map(self._vocabulary.tokenizer.id_to_token, text):
            letters = token.removeprefix("Ġ")
            shares.append(float(len(letters)) if letters.isascii() else 3.0)
        total, done, centres = max(1.0, sum(shares)), 0.0, []
        for share in shares:
            centres.append((start + (stop - start) * (done + share / 2) / total) / (2 * HOP))
            done += share
        return [*centres, stop / (2 * HOP) + 1]

    def _spoken(self, plan: Lesson) -> Spoken:
        rng = self._rng
        if len(self._said) > 500 and rng.random() < _AGAIN_SHARE:
            return self._said[rng.integers(len(self._said))]
        lang = "zh" if rng.random() < 0.36 else "en"  # English takes longer to learn
        grown = rng.random() < 0.1 + 0.9 * plan.growth if plan.growth > 0 else False
        if not grown:
            voice = self._first[lang][rng.integers(len(self._first[lang]))]
        elif lang == "en" and self._flite and rng.random() < 0.25:
            voice = self._flite[int(rng.choice(len(self._flite), p=_flite_weights(len(self._flite))))]
        else:
            voice = self._voices[lang][rng.integers(len(self._voices[lang]))]
        seconds_each = 0.24 if lang == "zh" else 0.38
        text = self._sentences.draw(lang, plan.mix, max(2, int(plan.longest_seconds / seconds_each)))
        g = plan.growth
        spoken = self._speaker.say(
            text,
            voice,
            tempo=float(np.exp(rng.uniform(-0.13, 0.33) + (0.08 if lang == "zh" else 0.0))),
            pitch=int(np.clip(50 + rng.normal(0, 16) * g, 5, 95)),
            pitch_range=int(np.clip(50 + rng.normal(0, 18) * g, 10, 95)),
        )
        if len(self._said) < _REMEMBERED:
            self._said.append(spoken)
        else:
            self._said[rng.integers(_REMEMBERED)] = spoken
        return spoken

    def _silence(self) -> Example:
        """Nobody speaks: the token says so, and the text is empty in either language."""
        rng, v = self._rng, self._vocabulary
        count = int(rng.uniform(0.3, 4.0) * 16_000)
        level = 0.0 if rng.random() < 0.15 else 10 ** (rng.uniform(-80, -15) / 20)
        audio = self._room.noise(count) * np.float32(level)
        lang = v.language["zh" if rng.random() < 0.5 else "en"]
        prompt = [v.sot, lang, v.transcribe, v.notimestamps]
        return Example(log_mel(np.clip(audio, -1, 1)), prompt, [v.nospeech, IGNORE, IGNORE, v.eot], [], [-1.0] * 4)

    def _pack(self, group: list[Example], frames: int = 0) -> Batch:
        """Padded with zeros to half a second, as the runtime's window is, sometimes a longer one; or to `frames`."""
        longest = max(e.mel.shape[1] for e in group)
        half = FRAMES_PER_SECOND // 2
        windows = -(-longest // half) + (int(self._rng.integers(1, 4)) if self._rng.random() < 0.15 else 0)
        mel = np.zeros((len(group), BANDS, frames or windows * half), np.float16)
        length = max(len(e.tokens) for e in group)
        tokens = np.full((len(group), length), self._vocabulary.eot, np.int64)
        labels = np.full((len(group), length), IGNORE, np.int64)
        centres = np.full((len(group), length), -1.0, np.float32)
        for i, e in enumerate(group):
            mel[i, :, : e.mel.shape[1]] = e.mel
            tokens[i, : len(e.tokens)] = e.tokens
            labels[i, : len(e.labels)] = e.labels
            centres[i, : len(e.centres)] = e.centres
        return Batch(
            mel,
            tokens,
            labels,
            np.array([s for e in group for s in e.sounds], np.int64),
            np.array([len(e.sounds) for e in group], np.int64),
            np.array([e.mel.shape[1] for e in group], np.int64),
            centres,
        )


def _flite_weights(count: int) -> np.ndarray:
    """kal16 speaks in a millisecond, the others in twenty-five; still they are the voices that differ most."""
    return np.full(count, 1.0 / count)


def serve(
    tokenizer: Path,
    samples: Path,
    held_out: Path,
    seed: int,
    queue: Any,
    update: "Synchronized[int]",
    elapsed: "Synchronized[float]",
) -> None:
    """The process's body: fills the queue until its parent is gone."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    feed = Feed(Vocabulary(tokenizer), samples, held_out, seed)
    while True:
        for batch in feed.batches(lesson(update.value, elapsed.value)):
            while True:
                if os.getppid() != parent:
                    return
                try:
                    queue.put(batch, timeout=5)
                    break
                except Full:
                    continue


def start(
    tokenizer: Path, samples: Path, held_out: Path, seed: int, updates: int, elapsed_share: float
) -> tuple[Any, Any, Any, mp.process.BaseProcess]:
    """(queue of Batch, update counter, elapsed share, process)."""
    context = mp.get_context("spawn")
    queue = context.Queue(maxsize=16)
    update, elapsed = context.Value("i", updates), context.Value("d", elapsed_share)
    process = context.Process(
        target=serve, args=(tokenizer, samples, held_out, seed, queue, update, elapsed), daemon=True, name="feed"
    )
    process.start()
    return queue, update, elapsed, process
