"""The model card, README.md of the model folder: what it is, what it is not, and its figures as they were measured."""

import json
from pathlib import Path
from typing import Any

_CARD = """# concierge-small

A small Whisper model for Mandarin and English requests to a hotel, made from nothing by `media/train` of this repository.
faster-whisper loads it like any other Whisper model: language tokens, `detect_language`, 51,865 vocabulary entries.

**It was trained on synthetic voices only.** It is meant for trying the service out, for its tests, and for networks on which
no model can be downloaded. Real guests deserve a model that has heard real people: `concierge models pull small` (or
`large-v3-turbo` with a GPU) and name it in the settings; that is the one change.

## What it is
- Encoder of 6 and decoder of 2 layers, width 256, 4 heads; {size:.0f} MB in int8.
- 80 log-mel bands at 50 frames a second (hop 320, window 512), half of OpenAI's rate; `preprocessor_config.json` says so.
- Trained on windows as short as the utterance (half a second's grid). faster-whisper itself pads every segment to 3,000
  frames, a minute here; `media.asr` cuts that padding off. With plain faster-whisper it works, slower and less well.
- It writes Chinese in simplified characters with numbers in words (二十四度), English in lower case, without punctuation.
- It was taught to write nothing for silence and noise, but writes words for some music: the voice detector keeps that from it.
  It knows no prompts, timestamps or translation.
- Utterances of up to seven seconds; longer audio is cut at its quietest places.

## What it learned from
- Voices: espeak-ng in Mandarin and eight English accents, with some seventy variants of its voice; flite's kal16, awb and slt.
  Held out from training: ten variants, and flite's rms, a whole speaker.
- Text: words by their frequency (wordfreq), numbers, some thirteen thousand hand-written hotel sentences whole and in pieces, and
  random sentences of the grammar in `intents/`. Spoken afresh at random speed and pitch, with echo, noise, cheap microphones
  and Opus at low rate.
- {sentences:,} utterances on two shared CPU cores, {hours:.1f} hours.

## How well it hears
{bench}
### How the curve went
Development sentences (20 Chinese, 20 English; other sentences than the benchmark's, the same held-out voices), through the
runtime: error rates in percent, of characters and of words.

| utterances heard | CER zh | WER en | CER zh, 10 dB noise | WER en, 10 dB noise |
|---:|---:|---:|---:|---:|
{curve}

## Licences
The weights are part of this project (GPL-3.0-or-later). They hold no recording of a person.
"""

_BENCH = """`python -m bench asr`, voices that training never used (Mandarin has one engine, so its voices are held-out variants of a known
synthesizer, and its figures flatter):

| | |
|---|---:|
| in-domain sentences that lead to the right decision | {domain} % (zh {zh} %, en {en} %) |
| the same, the language found out as in a call | {detected} % |
| natural sentences, CER zh, clean / 10 dB | {cer} % / {cer_noise} % |
| natural sentences, WER en, clean / 10 dB | {wer} % / {wer_noise} % |
| time an utterance, median / p95, {threads} threads | {median} / {p95} ms |

"""


def _table(curve: list[dict[str, Any]]) -> str:
    columns = ("zh_clean", "en_clean", "zh_10db", "en_10db")
    return "\n".join(f"| {row['sentences']:,} | " + " | ".join(f"{row[c]}" for c in columns) + " |" for row in curve)


def write_card(model: Path, curve_file: Path, bench_file: Path | None) -> None:
    """README.md of `model`, from the training's curve and, if given, the JSON that `python -m bench asr` printed."""
    curve = [json.loads(line) for line in curve_file.read_text("utf-8").splitlines()]
    bench = ""
    if bench_file is not None:
        figures = json.loads(bench_file.read_text("utf-8"))
        domain, natural, time_ms = figures["in_domain"], figures["natural"], figures["time_ms"]
        bench = _BENCH.format(
            domain=domain["same_decision_percent"],
            detected=domain["language_detected_percent"],
            zh=domain["by_language"]["zh"],
            en=domain["by_language"]["en"],
            cer=natural["cer_zh_clean"],
            cer_noise=natural["cer_zh_10db"],
            wer=natural["wer_en_clean"],
            wer_noise=natural["wer_en_10db"],
            threads=time_ms["threads"],
            median=time_ms["median"],
            p95=time_ms["p95"],
        )
    text = _CARD.format(
        size=(model / "model.bin").stat().st_size / 1e6,
        sentences=curve[-1]["sentences"],
        hours=curve[-1].get("hours", 0.0),
        bench=bench,
        curve=_table(curve),
    )
    (model / "README.md").write_text(text, "utf-8")
