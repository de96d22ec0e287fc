"""What all commands have in common, as scripts see it: the real process."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def concierge(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "concierge.cli", *args]
    return subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, timeout=60, check=False)


def test_a_setting_that_cannot_be_used_is_told_in_one_line(tmp_path: Path) -> None:
    done = concierge("token", "--room", "301", "--state", str(tmp_path), CONCIERGE_ASR_THREADS="two")
    assert done.returncode == 2
    assert done.stderr == "concierge: CONCIERGE_ASR_THREADS='two': expected a whole number\n"


def test_a_call_to_no_address_is_an_error_of_its_own(tmp_path: Path) -> None:
    done = concierge("call", "hotel", "--wav", "none.wav", "--json", "--state", str(tmp_path))
    assert done.returncode == 1
    assert done.stdout.startswith('{"error": "hotel: no address')
    assert "Traceback" not in done.stderr


def test_a_token_does_not_wait_for_a_speech_engine(tmp_path: Path) -> None:
    code = (
        "import sys; from concierge.cli import main; "
        f"main(['token', '--room', '301', '--state', {str(tmp_path)!r}]); "
        "print(sorted({'faster_whisper', 'ctranslate2', 'av', 'onnxruntime', 'langchain'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.strip() == "[]", done.stderr
