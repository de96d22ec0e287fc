"""Held-out voices speak a JSONL of sentences into WAV files: the benchmark's audio and the demo's fixtures."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import scipy.signal
import soundfile

from media.train.features import SAMPLE_RATE_HZ
from media.train.speech import Speaker
from media.train.voices import HELD_OUT, held_out

_LEVEL_DB = -22.0
_SILENCE_SECONDS = 0.25


def record(sentences: Path, folder: Path) -> None:
    """Rows `{"id", "lang", "text", "voice"?}` become `<id>.wav` (16 kHz, 16 bit, mono) in `folder`.

    A row without a voice gets the next held-out one of its language; the file is rewritten with the voices' names.
    """
    rows: list[dict[str, Any]] = [json.loads(line) for line in sentences.read_text("utf-8").splitlines() if line.strip()]
    speaker = Speaker()
    by_slug = {voice.slug: voice for voice in HELD_OUT}
    count = {"zh": 0, "en": 0}
    folder.mkdir(parents=True, exist_ok=True)
    for row in rows:
        lang = row["lang"]
        voices = held_out(lang)
        voice = by_slug[row["voice"]] if "voice" in row else voices[count[lang] % len(voices)]
        tempo = (1.0, 1.12, 0.94)[count[lang] % 3]
        count[lang] += 1
        spoken = speaker.say(row["text"], voice, tempo=tempo)
        soundfile.write(folder / f"{row['id']}.wav", _finished(spoken.samples, spoken.rate_hz), SAMPLE_RATE_HZ, subtype="PCM_16")
        row["voice"] = voice.slug
    sentences.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def _finished(samples: np.ndarray, rate_hz: int) -> np.ndarray:
    """At 16 kHz, at one level, with a breath of near silence at both ends."""
    common = int(np.gcd(SAMPLE_RATE_HZ, rate_hz))
    audio = scipy.signal.resample_poly(samples, SAMPLE_RATE_HZ // common, rate_hz // common)
    audio *= 10 ** (_LEVEL_DB / 20) / (np.sqrt(np.mean(audio**2)) + 1e-9)
    audio *= min(1.0, 0.97 / np.abs(audio).max())
    pad = int(_SILENCE_SECONDS * SAMPLE_RATE_HZ)
    audio = np.pad(audio, (pad, pad))
    hiss = np.random.default_rng(len(audio)).standard_normal(len(audio)) * 10 ** (-75 / 20)
    return np.asarray(audio + hiss, np.float32)
