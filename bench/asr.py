"""`python -m bench asr [--model PATH_OR_NAME]`: the speech model on voices that training never used.

(a) 80 in-domain sentences: does the text that was heard lead to the same decision as the true text? (b) 100 natural
sentences written by hand: error rates, clean and at 10 dB of pink noise. One JSON object on stdout; the recordings are
in fixtures/audio/asr, made by `python -m media.train record`.
"""

import argparse
import json
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from intents import Decision, Understander
from media.asr import BUNDLED, SAMPLE_RATE_HZ, Asr, Heard
from media.recording import read_audio
from media.train.noise import with_noise
from media.train.text import edit_distance, units

_ROOT = Path(__file__).parents[1]
_SENTENCES = _ROOT / "bench" / "data" / "asr"
_AUDIO = _ROOT / "fixtures" / "audio" / "asr"
_SNR_DB = 10.0

_HELD_OUT = (
    "Voices: every variant here (f2, m3, m7, Annie, adam, linda, belinda, Michael) is used by no training voice of either "
    "language, and flite's rms is a speaker that training never heard. Mandarin has one engine, espeak-ng, in training and "
    "here: its voices are held-out variants of a known synthesizer, so the Chinese figures flatter. Sentences: (b) and all "
    "that share three quarters of their letter pairs are kept out of the training text; (a) are sentences of the grammar, "
    "which training samples from, and may have been trained on as text, by other voices."
)


_VERBATIM = frozenset({"question", "symptom"})
"""Slots that repeat the guest's words as heard: a word heard wrong there changes nothing that is done."""


def in_domain(asr: Asr, times: list[tuple[float, float]]) -> dict[str, Any]:
    """Share of sentences whose decisions survive hearing, in all, by language and by voice.

    ``to_the_letter`` compares the verbatim slots too; ``language_detected`` is the same with the language not told, as in a call.
    """
    understander = Understander.load()
    right: dict[str, list[bool]] = defaultdict(list)
    letters: list[bool] = []
    detected: list[bool] = []
    languages: list[bool] = []
    missed = []
    for row in _rows("in_domain.jsonl"):
        lang = row["lang"]
        audio = read_audio(_AUDIO / f"{row['id']}.wav")
        heard = _heard(asr, audio, lang, times)
        expected = understander.understand(row["text"], lang).decisions
        decided = understander.understand(heard.text, lang).decisions
        same = _done(decided) == _done(expected)
        letters.append(decided == expected)
        untold = asr.transcribe(audio, None)
        languages.append(untold.lang == lang)
        detected.append(_done(understander.understand(untold.text, untold.lang).decisions) == _done(expected))
        for key in ("all", lang, row["voice"]):
            right[key].append(same)
        if not same:
            missed.append({"id": row["id"], "voice": row["voice"], "text": row["text"], "heard": heard.text})
    shares = {key: _share(values) for key, values in sorted(right.items())}
    return {
        "sentences": len(right["all"]),
        "same_decision_percent": shares.pop("all"),
        "to_the_letter_percent": _share(letters),
        "language_detected_percent": _share(detected),
        "language_right_percent": _share(languages),
        "by_language": {lang: shares.pop(lang) for lang in ("zh", "en")},
        "by_voice": shares,
        "missed": missed,
    }


def natural(asr: Asr, times: list[tuple[float, float]]) -> dict[str, Any]:
    """CER of Chinese and WER of English in percent, clean and with noise, also by voice (clean)."""
    errors: dict[str, list[tuple[int, int]]] = defaultdict(list)
    rows = _rows("natural.jsonl")
    for number, row in enumerate(rows):
        lang = row["lang"]
        truth = units(row["text"], lang)
        audio = read_audio(_AUDIO / f"{row['id']}.wav")
        for kind, sound in (("clean", audio), ("10db", with_noise(audio, _SNR_DB, number))):
            wrong = edit_distance(truth, units(_heard(asr, sound, lang, times).text, lang))
            errors[f"{lang}_{kind}"].append((wrong, len(truth)))
            if kind == "clean":
                errors[row["voice"]].append((wrong, len(truth)))
    rates = {key: _percent(pairs) for key, pairs in sorted(errors.items())}
    return {
        "sentences": len(rows),
        "cer_zh_clean": rates.pop("zh_clean"),
        "cer_zh_10db": rates.pop("zh_10db"),
        "wer_en_clean": rates.pop("en_clean"),
        "wer_en_10db": rates.pop("en_10db"),
        "by_voice_clean": rates,
    }


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench asr", description=__doc__)
    parser.add_argument("--model", default=str(BUNDLED))
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args(argv)
    asr = Asr.load(arguments.model, threads=arguments.threads)
    times: list[tuple[float, float]] = []
    result = {
        "bench": "asr",
        "model": Path(arguments.model).name,
        "held_out": _HELD_OUT,
        "in_domain": in_domain(asr, times),
        "natural": natural(asr, times),
        "noise": f"pink, {_SNR_DB:.0f} dB below the recording",
        "time_ms": _quantiles([ms for ms, _ in times]) | {"threads": arguments.threads},
        "window_seconds": _quantiles([seconds for _, seconds in times]) | {"short_windows": asr.short_windows},
        "targets": {"same_decision_percent": 92, "cer_zh_clean": 20, "wer_en_clean": 25},
    }
    json.dump(result, sys.stdout, ensure_ascii=False, indent=2)
    print()
    return 0


def _heard(asr: Asr, audio: np.ndarray, lang: str, times: list[tuple[float, float]]) -> Heard:
    assert len(audio) > SAMPLE_RATE_HZ // 10
    heard = asr.transcribe(audio, lang)
    times.append((heard.ms, asr.window_seconds(len(audio))))
    return heard


def _done(decisions: tuple[Decision, ...]) -> list[tuple[str, dict[str, Any]]]:
    """What would be done: intents and slots, less what only repeats the words."""
    return [(one.intent, {name: value for name, value in one.slots.items() if name not in _VERBATIM}) for one in decisions]


def _share(right: list[bool]) -> float:
    return round(100 * float(np.mean(right)), 1)


def _rows(name: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in (_SENTENCES / name).read_text("utf-8").splitlines() if line.strip()]


def _percent(pairs: list[tuple[int, int]]) -> float:
    return round(100 * sum(wrong for wrong, _ in pairs) / max(1, sum(count for _, count in pairs)), 1)


def _quantiles(values: list[float]) -> dict[str, Any]:
    return {"median": round(float(np.median(values)), 1), "p95": round(float(np.percentile(values, 95)), 1)}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
