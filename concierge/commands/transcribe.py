"""``concierge transcribe FILE… [--lang zh|en] --json``: audio to text, one line a file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

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
    from media.asr import Asr, AsrError
    from media.recording import AudioError, read_audio

    settings = Settings.from_env(state=args.state, asr=args.model)
    failed = False
    try:
        asr = Asr.load(settings.asr_path, device=settings.asr_device, threads=settings.asr_threads)
    except AsrError as error:
        _show(args.json, {"error": str(error)})
        return 1
    for file in args.files:
        try:
            heard = asr.transcribe(read_audio(file), args.lang)
            _show(args.json, {"file": str(file), "lang": heard.lang, "text": heard.text, "ms": round(heard.ms, 1)})
        except (AudioError, AsrError) as error:
            failed = True
            _show(args.json, {"file": str(file), "error": str(error)})
    return 1 if failed else 0


def _show(as_json: bool, row: dict[str, object]) -> None:
    if as_json:
        print(json.dumps(row, ensure_ascii=False), flush=True)
    else:
        print(f"{row.get('file', '')}: {row.get('text', row.get('error'))}", flush=True)
