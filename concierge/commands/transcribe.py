"""``concierge transcribe FILE… [--lang zh|en] --json``: audio to text, one line a file."""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import numpy as np

from concierge.settings import Settings, default_state


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("transcribe", help="audio files to text, a JSON line each")
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="WAV, FLAC, Ogg, any rate")
    parser.add_argument("--lang", choices=["zh", "en"], help="the language, if known; else it is detected")
    parser.add_argument("--json", action="store_true", help="JSON lines: {file, lang, text, ms}")
    parser.add_argument("--model", metavar="NAME|PATH", help="another Whisper model than the configured one")
    parser.add_argument("--state", type=Path, default=default_state(), metavar="DIR")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    import prompts
    from media.asr import Asr, AsrError
    from media.recording import AudioError, read_audio

    settings = Settings.from_env(state=args.state, asr=args.model)
    failed = False
    try:
        asr = Asr.load(
            settings.asr_path, device=settings.asr_device, threads=settings.asr_threads, prompts=prompts.by_language("asr")
        )
    except AsrError as error:
        _show(args.json, {"error": str(error)})
        return 1
    somebody_speaks(np.zeros(0, np.float32))  # loaded before the first file's time is taken
    for file in args.files:
        try:
            started = time.perf_counter()
            sound = read_audio(file)
            row: dict[str, object] = {"file": str(file), "lang": args.lang, "text": ""}
            if somebody_speaks(sound):
                heard = asr.transcribe(sound, args.lang)
                row |= {"lang": heard.lang, "text": heard.text}
            else:
                row["warning"] = "nobody speaks in it: silence, noise or music; give a recording with speech"
            _show(args.json, row | {"ms": round((time.perf_counter() - started) * 1000, 1)})
        except (AudioError, AsrError) as error:
            failed = True
            _show(args.json, {"file": str(file), "error": str(error)})
    return 1 if failed else 0


def somebody_speaks(sound: np.ndarray) -> bool:
    """A Whisper makes words out of music. In a call the voice detector keeps that from it, so it does here too."""
    from media.vad import WINDOW, Vad

    peak = float(np.abs(sound).max(initial=0.0))
    gain = 0.5 / peak if 0.001 < peak < 0.5 else 1.0  # a quiet recording is speech all the same
    pcm = (np.clip(sound * gain, -1, 1) * 32767).astype(np.int16)
    return any(window.is_speech for window in Vad().feed(np.concatenate([pcm, np.zeros(WINDOW, np.int16)])))


def _show(as_json: bool, row: dict[str, object]) -> None:
    if as_json:
        print(json.dumps(row, ensure_ascii=False), flush=True)
    else:
        print(f"{row.get('file', '')}: {row.get('text') or row.get('error') or row.get('warning', '')}", flush=True)
