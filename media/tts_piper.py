"""A Piper voice (https://github.com/OHF-Voice/piper1-gpl): any `.onnx` with its `.onnx.json` beside it. Imported only when a voice is loaded."""

import os
import threading
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from media.spoken import speakable
from media.tts import Speech, VoiceError, pause_after, sounding, unit_ends

_VOLUME = 0.7  # of full scale: Piper normalises each sentence to it
_NOT_SOUNDING = frozenset(" .,;:!?^$_ˈˌ")


class PiperVoice:
    """One voice in one language. Piper tells how long each phoneme takes (alignments) if the model has that output, or if the package `onnx` is
    there to add it at load."""

    def __init__(self, model: str | os.PathLike[str], lang: str) -> None:
        """Raises VoiceError."""
        path = Path(model)
        for needed in (path, Path(f"{path}.json")):
            if not needed.is_file():
                raise VoiceError(
                    f"{needed}: no such file; a Piper voice is NAME.onnx with NAME.onnx.json beside it (python -m piper.download_voices)"
                )
        import piper

        try:
            self._voice: Any = piper.PiperVoice.load(path, include_alignments=True)
        except Exception as error:  # onnxruntime, json and piper raise a dozen kinds
            raise VoiceError(f"{path}: not a Piper voice ({str(error).strip().splitlines()[0]})") from error
        self._config = piper.SynthesisConfig(volume=_VOLUME)
        self._lang = lang
        self._lock = threading.Lock()

    def say(self, clause: str, lang: str) -> Speech:
        if lang != self._lang:
            raise VoiceError(f"this Piper voice speaks {self._lang!r}, not {lang!r}; set a voice for {lang!r}")
        sounds: list[npt.NDArray[np.int16]] = []
        timings: list[tuple[str, int]] | None = []
        try:
            with self._lock:
                for chunk in self._voice.synthesize(speakable(clause, lang), self._config, include_alignments=True):
                    sounds.append(chunk.audio_int16_array)
                    if chunk.phoneme_alignments is None:
                        timings = None
                    elif timings is not None:
                        timings += [(item.phoneme, int(item.num_samples)) for item in chunk.phoneme_alignments]
        except Exception as error:
            raise VoiceError(f"Piper could not speak {clause!r}: {error}") from error
        rate_hz = int(self._voice.config.sample_rate)
        pcm = np.concatenate(sounds) if sounds else np.zeros(0, np.int16)
        part = sounding(pcm, rate_hz)
        marks = aligned(clause, timings, part.start) if timings else None
        return Speech(clause, np.concatenate([pcm[part], pause_after(clause, rate_hz)]), rate_hz, marks)


def aligned(text: str, timings: list[tuple[str, int]], cut: int = 0) -> tuple[tuple[int, int], ...]:
    """Phonemes with their samples → (characters of the text said, by which sample), `cut` samples having been taken off in front.

    Where the phonemes fall into as many groups between spaces as the text has words, word ends are exact; else (Chinese, and where espeak joins
    "on the") the words share the sounding phonemes evenly.
    """
    ends = unit_ends(text)
    by = list(accumulate(samples for _, samples in timings))
    words: list[int] = []
    sounds: list[int] = []
    gap = True
    for (phoneme, _), sample in zip(timings, by, strict=True):
        if phoneme == " ":
            gap = True
        elif phoneme not in _NOT_SOUNDING:
            if gap:
                words.append(sample)
            words[-1] = sample
            sounds.append(sample)
            gap = False
    if not ends or not sounds:
        return ()
    if len(words) != len(ends):
        words = [sounds[-(-len(sounds) * number // len(ends)) - 1] for number in range(1, len(ends) + 1)]
    return tuple((end, sample - cut) for end, sample in zip(ends, words, strict=True))
