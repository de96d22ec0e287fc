"""Speech to text: a port to faster-whisper, for the bundled model and for any other Whisper model alike.

The settings are those for commands (reference: greedy, no fallback, no timestamps, no carried context, bounded length).
What a Whisper makes up out of silence is dropped here.
"""

import asyncio
import json
import math
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import Any, Self

import ctranslate2
import numpy as np
from faster_whisper import WhisperModel

from media.phantoms import is_phantom

SAMPLE_RATE_HZ = 16_000
LANGUAGES = ("zh", "en")

#: The model that ships with the package; `media/train` makes it.
BUNDLED = Path(str(files("media") / "models" / "concierge-small"))

_LONGEST_SECONDS = 7.0  # longer audio is cut at its quietest place: a short-window model was trained on utterances
_GRID_SECONDS = 0.5
_QUIET_SHARE = 1e-5  # 50 dB below the loudest moment
_MARGIN_SECONDS = 0.3
_TOKENS_PER_SECOND = 12
_NO_SPEECH = 0.6
_UNSURE_LOGPROB = -1.0


class AsrError(RuntimeError):
    """The speech model can't be used."""


@dataclass(frozen=True)
class Heard:
    """What was said. `text` is empty if nothing was; `ms` is the time it took; probabilities are the model's own."""

    text: str
    lang: str
    ms: float
    avg_logprob: float
    no_speech_prob: float


class _ShortWindowWhisper(WhisperModel):  # type: ignore[misc]  # faster-whisper has no types
    """faster-whisper pads each segment to 3,000 frames before the encoder, whatever `chunk_length` says (1.2.1,
    `pad_or_trim`). A model made for short windows gets only as many frames as there is audio."""

    window_frames: int | None = None

    def encode(self, features: np.ndarray) -> ctranslate2.StorageView:
        if self.window_frames is not None:
            features = features[..., : self.window_frames]
        return super().encode(features)


class Asr:
    """One loaded model. `transcribe` blocks; `hear` does the same in the model's own thread. Not for two threads at once."""

    def __init__(
        self,
        model: _ShortWindowWhisper,
        *,
        name: str,
        short_windows: bool,
        simplify: bool,
        prompts: Mapping[str, str] | None = None,
    ) -> None:
        self.name = name
        self._prompts = {} if short_windows else dict(prompts or {})
        self.short_windows = short_windows
        self._model = model
        self._simplify: Callable[[str], str] | None = _simplifier() if simplify else None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="asr")

    @classmethod
    def load(
        cls,
        path_or_name: str | os.PathLike[str] = BUNDLED,
        *,
        device: str = "cpu",
        compute_type: str = "int8",
        threads: int = 2,
        prompts: Mapping[str, str] | None = None,
    ) -> Self:
        """A model folder, or the name of a model that was pulled before. Raises AsrError, which says what to do.

        `prompts`: words to expect, by language, for a model that was trained with prompts; the bundled one ignores them."""
        name = os.fspath(path_or_name)
        folder = Path(name)
        by_path = folder.is_absolute() or name.startswith(".") or folder.is_dir()
        if by_path and not (folder / "model.bin").is_file():
            raise AsrError(f"no speech model at {name}: {_WHAT_TO_DO}")
        try:
            model = _ShortWindowWhisper(
                name, device=device, compute_type=compute_type, cpu_threads=threads, local_files_only=True
            )
        except Exception as error:  # ctranslate2 and huggingface_hub raise half a dozen kinds
            raise AsrError(f"the speech model {name!r} can't be loaded ({_first_line(error)}): {_WHAT_TO_DO}") from error
        if not model.model.is_multilingual:
            raise AsrError(f"the speech model {name!r} knows English only: take a multilingual one. {_WHAT_TO_DO}")
        config = folder / "preprocessor_config.json"
        ours = by_path and config.is_file() and json.loads(config.read_text("utf-8")).get("short_windows") is True
        asr = cls(model, name=name, short_windows=ours, simplify=not ours, prompts=prompts)
        asr.transcribe(np.zeros(SAMPLE_RATE_HZ, np.float32), "en")  # the first call sets up threads and buffers
        return asr

    def window_seconds(self, samples: int) -> float:
        """Length of the window that the encoder sees for so many samples."""
        if not self.short_windows:
            return 30.0
        return max(1.0, math.ceil(samples / SAMPLE_RATE_HZ / _GRID_SECONDS) * _GRID_SECONDS)

    def transcribe(self, pcm: np.ndarray, lang: str | None) -> Heard:
        """Text of float32 mono 16 kHz audio. `lang` None: Chinese or English, whichever is likelier."""
        started = perf_counter()
        pcm = np.ascontiguousarray(pcm, np.float32)
        if len(pcm) < SAMPLE_RATE_HZ // 20:
            return Heard("", lang or LANGUAGES[0], 0.0, 0.0, 1.0)
        if lang is None:
            lang = self._detect(pcm)
        pieces = _pieces(pcm) if self.short_windows else [pcm]
        prompt = self._prompts.get(lang)
        segments = [s for piece in pieces for s in self._segments(piece, lang, prompt)]
        text = ("" if lang == "zh" else " ").join(s.text.strip() for s in segments).strip()
        if lang == "zh" and self._simplify is not None:
            text = self._simplify(text)
        logprob = float(np.mean([s.avg_logprob for s in segments])) if segments else 0.0
        no_speech = max((s.no_speech_prob for s in segments), default=1.0)
        if is_phantom(text, lang, prompt) or (no_speech > _NO_SPEECH and logprob < _UNSURE_LOGPROB):
            text = ""
        return Heard(text, lang, (perf_counter() - started) * 1000, logprob, no_speech)

    async def hear(self, pcm: np.ndarray, lang: str | None) -> Heard:
        """`transcribe` in the model's own thread; the event loop stays free."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.transcribe, pcm, lang)

    async def hear_long(self, pcm: np.ndarray, lang: str | None) -> Heard:
        """A long recording, a piece at a time: a call that comes between two pieces need not wait for the whole."""
        heard: list[Heard] = []
        for piece in _pieces(pcm):
            heard.append(await self.hear(piece, lang))
            lang = lang or (heard[-1].lang if heard[-1].text else None)
        found = lang or heard[0].lang
        text = ("" if found == "zh" else " ").join(one.text for one in heard if one.text)
        return Heard(
            text, found, sum(h.ms for h in heard), min(h.avg_logprob for h in heard), max(h.no_speech_prob for h in heard)
        )

    def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _segments(self, pcm: np.ndarray, lang: str, prompt: str | None) -> list[Any]:
        seconds = len(pcm) / SAMPLE_RATE_HZ
        self._set_window(len(pcm))
        segments, _ = self._model.transcribe(
            pcm,
            language=lang,
            beam_size=1,
            temperature=0.0,
            without_timestamps=True,
            condition_on_previous_text=False,
            initial_prompt=prompt,
            max_new_tokens=min(200, 12 + math.ceil(seconds * _TOKENS_PER_SECOND)),
            no_speech_threshold=_NO_SPEECH,
            log_prob_threshold=_UNSURE_LOGPROB,
        )
        return list(segments)  # drained here: the generator decodes as it is read

    def _set_window(self, samples: int) -> None:
        if self.short_windows:
            frames = self.window_seconds(samples) * SAMPLE_RATE_HZ / self._model.feature_extractor.hop_length
            self._model.window_frames = math.ceil(frames)

    def _detect(self, pcm: np.ndarray) -> str:
        head = pcm[: int(_LONGEST_SECONDS * SAMPLE_RATE_HZ)] if self.short_windows else pcm
        self._set_window(len(head))
        _, _, probabilities = self._model.detect_language(head)
        known = {code: share for code, share in probabilities if code in LANGUAGES}
        return str(max(known, key=known.__getitem__))


_WHAT_TO_DO = "`concierge models list` shows what is here, `concierge models pull small` fetches one"


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _simplifier() -> Callable[[str], str]:
    """Traditional to simplified characters; imported here because the bundled model never needs it."""
    from zhconv import convert

    return partial(convert, locale="zh-cn")


def _pieces(pcm: np.ndarray) -> list[np.ndarray]:
    """Cuts of at most `_LONGEST_SECONDS`, each made at the quietest tenth of a second of the piece's latter half."""
    longest, tenth = int(_LONGEST_SECONDS * SAMPLE_RATE_HZ), SAMPLE_RATE_HZ // 10
    pieces = []
    while len(pcm) > longest:
        half = longest // 2
        power = np.convolve(pcm[half:longest] ** 2, np.ones(tenth, np.float32), "valid")
        cut = half + int(power.argmin()) + tenth // 2
        pieces.append(pcm[:cut])
        pcm = pcm[cut:]
    return [_trimmed(piece) for piece in (*pieces, pcm)]


def _trimmed(pcm: np.ndarray) -> np.ndarray:
    """Without the long quiet before and after the loudest part: the model was trained on utterances, and a window costs time."""
    frame = SAMPLE_RATE_HZ // 50
    power = np.square(pcm[: len(pcm) // frame * frame]).reshape(-1, frame).mean(1)
    loud = np.flatnonzero(power > _QUIET_SHARE * power.max(initial=0.0))
    if not len(loud):
        return pcm
    margin = int(_MARGIN_SECONDS * SAMPLE_RATE_HZ)
    return pcm[max(0, int(loud[0]) * frame - margin) : (int(loud[-1]) + 1) * frame + margin]
