"""`concierge demo`, as a newcomer runs it."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.timeout(400)


def test_the_demo_serves_every_fixture_and_leaves_its_report(tmp_path):
    report = tmp_path / "report"
    command = [sys.executable, "-m", "concierge.cli", "demo", "--report", str(report)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=380, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "17 of 17" in done.stdout
    assert "voice_to_voice" in done.stdout
    page = (report / "index.html").read_text("utf-8")
    assert page.count("<svg") == 17
    assert len(list(report.glob("*.wav"))) == 17 + 2
