"""A check, not a benchmark: build the wheel, install it elsewhere, and let its ``concierge doctor`` find all its data.

A build backend leaves out files that git ignores, without a word; this is where that is noticed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        elsewhere = Path(folder)
        pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", folder, str(ROOT)], check=True)
        wheel = next(elsewhere.glob("*.whl"))
        site = elsewhere / "site"
        subprocess.run([*pip, "install", "--no-deps", "--target", str(site), str(wheel)], check=True)
        # The dependencies come from this environment; our own packages from the wheel alone, which PYTHONPATH puts first.
        env = {**os.environ, "PYTHONPATH": str(site), "PYTHONSAFEPATH": "1"}
        command = [sys.executable, "-m", "concierge.cli", "doctor", "--json", "--state", str(elsewhere / "state")]
        done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        ours = [str(ROOT / name) for name in ("concierge", "media", "intents", "prompts", "fixtures")]
        foreign = [row["part"] for row in rows if any(place in row["found"] for place in ours)]
        size = wheel.stat().st_size / 2**20
    for row in rows:
        print(f"{'ok  ' if row['ok'] else 'FAIL'} {row['part']:12} {row['found']}")
    print(f"wheel: {size:.1f} MiB")
    if done.returncode or foreign or not rows:
        print(done.stderr, f"found outside the wheel: {foreign}" if foreign else "", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
