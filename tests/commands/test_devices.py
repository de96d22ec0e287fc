"""``concierge devices simulate`` as a user runs it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

from concierge.bus import address
from concierge.bus.mqtt import DeviceEdge
from concierge.bus.server import Broker
from concierge.domain.hotel import Property


def simulate(*args: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "concierge.cli", "devices", "simulate", *args]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_no_service_is_said(tmp_path: Path) -> None:
    done = simulate("--state", str(tmp_path))
    assert done.returncode == 1
    assert "concierge serve --state" in done.stderr
    assert "Traceback" not in done.stderr


def test_usage_is_said(tmp_path: Path) -> None:
    for args, said in (
        (("--silent", "bedside"), "expected ROOM/DEVICE"),
        (("--delay-ms", "150"), "expected milliseconds LOW-HIGH"),
        (("--rooms", "999"), "no space '999'"),
        (("--property", str(tmp_path / "nowhere.toml")), "cannot be read"),
    ):
        done = simulate("--state", str(tmp_path), *args)
        assert done.returncode == 2, args
        assert said in done.stderr
        assert "Traceback" not in done.stderr


async def test_rooms_answer_and_the_silent_lamp_does_not(broker: Broker, property_: Property, tmp_path: Path) -> None:
    address.write(tmp_path, broker.address)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "concierge.cli", "devices", "simulate", "--state", str(tmp_path)),
        *("--rooms", "301", "--silent", "301/reading", "--delay-ms", "1-5"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    edge = DeviceEdge(property_, broker.mqtt)
    running = asyncio.create_task(edge.run())
    try:
        async with asyncio.timeout(30):
            assert (await process.stdout.readline()).startswith(b"14 devices on mqtt")
        answers = await edge.set("301", {"bedside": {"power": "on"}, "reading": {"power": "on"}}, timeout_s=0.7)
        assert [answer.ok for answer in answers] == [True, False]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        process.terminate()
        await process.communicate()
