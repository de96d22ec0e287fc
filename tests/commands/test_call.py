"""``concierge call`` against a small scripted service: real HTTP, real WebRTC, and a service that knows the truth."""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from concierge.call_record import CallRecord
from concierge.call_turns import Turn
from concierge.caller import CallError, place_call
from concierge.commands import call as command
from media.playout import Playout
from media.rtc import RtcCall, answer

RATE = 16_000
FRAME_MS = 20


class Parrot:
    """Answers 300 ms after the guest falls silent with 1.2 s of tone; falls silent when interrupted for 60 ms."""

    def __init__(self) -> None:
        self.calls: list[RtcCall] = []
        self.playouts: list[Playout] = []
        self.speech_end: list[float] = []  # the loop's time at which the last loud frame came
        self.reply_at: list[float] = []
        self.deleted = 0
        self.deaf = False
        self.app = FastAPI()
        self.app.post("/v1/calls")(self.offer)
        self.app.delete("/v1/calls/{id}")(self.hang_up)

    async def offer(self, request: Request) -> Response:
        if request.headers["Authorization"] != "Bearer good":
            return JSONResponse({"title": "Unauthorized", "detail": "the token is not one of ours"}, 401)
        playout = Playout()
        guest = _Guest(self, playout)
        call = await answer((await request.body()).decode(), on_audio=guest.audio, playout=playout)
        guest.call = call
        self.calls.append(call)
        self.playouts.append(playout)
        return Response(call.sdp, 201, {"Location": "/v1/calls/1"}, media_type="application/sdp")

    async def hang_up(self, id: str) -> Response:
        self.deleted += 1
        await self.calls[-1].close()
        return Response(status_code=204)


class _Guest:
    def __init__(self, parrot: Parrot, playout: Playout) -> None:
        self.parrot, self.playout = parrot, playout
        self.call: RtcCall | None = None
        self.turn = 0
        self.loud_ms = self.quiet_ms = 0
        self.last_loud = 0.0

    def audio(self, pcm: np.ndarray, _pts_s: float) -> None:
        if self.parrot.deaf or self.call is None:
            return
        now = asyncio.get_running_loop().time()
        if np.abs(pcm.astype(int)).max() > 1_000:
            self.loud_ms, self.quiet_ms, self.last_loud = self.loud_ms + FRAME_MS, 0, now
            if self.loud_ms >= 60 and self.playout.speaking:
                self.playout.stop()
            return
        self.quiet_ms += FRAME_MS
        if self.loud_ms >= 60 and self.quiet_ms == 300:
            self.turn += 1
            self.loud_ms = 0
            self.parrot.speech_end.append(self.last_loud)
            self.parrot.reply_at.append(now)
            self.playout.play(tone(1.2, 700, 48_000), 48_000)
            send, turn = self.call.send_event, self.turn
            send({"type": "heard", "turn": turn, "text": f"words {turn}", "lang": "en", "final": True})
            send({"type": "decision", "turn": turn, "stage": "grammar", "decisions": [{"intent": "device.set", "slots": {}}]})
            send({"type": "reply", "turn": turn, "text": f"reply {turn}", "kind": "reply"})
            send({"type": "ledger", "turn": turn, "spans": {"asr": 12.5}, "budgets": {"asr": 150}, "overruns": []})


def tone(seconds: float, hz: float, rate: int = RATE) -> np.ndarray:
    t = np.arange(int(rate * seconds)) / rate
    return (9_000 * np.sin(2 * np.pi * hz * t)).astype(np.int16)


@pytest.fixture
async def parrot() -> AsyncIterator[tuple[Parrot, str]]:
    parrot = Parrot()
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(parrot.app, log_config=None, lifespan="off"))
        serving = asyncio.create_task(server.serve([listener]))
        yield parrot, f"http://127.0.0.1:{listener.getsockname()[1]}"
        for call in parrot.calls:
            await call.close()
        server.should_exit = True
        await serving


@pytest.fixture
def wav(tmp_path: Path) -> Path:
    """0.2 s of silence, 0.6 s of sound, 0.5 s of silence."""
    path = tmp_path / "request.wav"
    quiet = np.zeros(RATE, np.int16)
    soundfile.write(path, np.concatenate((quiet[: RATE // 5], tone(0.6, 300), quiet[: RATE // 2])), RATE)
    return path


async def test_turns_are_said_one_after_the_other_and_measured(parrot: tuple[Parrot, str], wav: Path) -> None:
    service, url = parrot
    report = await place_call(url, "good", [Turn(wav), Turn(wav)])
    assert not report.failed, [result.error for result in report.results]
    assert service.deleted == 1
    assert [result.heard for result in report.results] == ["words 1", "words 2"]
    assert [result.reply for result in report.results] == ["reply 1", "reply 2"]
    assert report.results[0].decisions == [{"intent": "device.set", "slots": {}}]
    assert report.results[0].spans == {"asr": 12.5}
    for result, spoke, replied in zip(report.results, service.speech_end, service.reply_at, strict=True):
        truth_ms = (replied - spoke) * 1000
        assert result.voice_to_voice_ms == pytest.approx(truth_ms, abs=60), "what is measured is not what happened"
        assert result.reply_audio_ms == pytest.approx(1_200, abs=60)
    first, second = report.results
    assert second.said_from_s is not None
    assert first.reply_to_s is not None
    assert second.said_from_s > first.reply_to_s + 0.6


async def test_an_interruption_is_measured_until_the_voice_is_silent(parrot: tuple[Parrot, str], wav: Path) -> None:
    _, url = parrot
    report = await place_call(url, "good", [Turn(wav), Turn(wav, barge_in_ms=300)])
    assert not report.failed, [result.error for result in report.results]
    cut, interruption = report.results
    assert cut.reply_audio_ms is not None
    assert 300 < cut.reply_audio_ms < 1_000
    assert interruption.barge_in
    assert interruption.barge_in_stop_ms is not None
    assert 40 <= interruption.barge_in_stop_ms < 200  # 60 ms are waited for, 20 ms fade, packets of 20 ms
    assert interruption.heard == "words 2"
    assert interruption.voice_to_voice_ms == pytest.approx(300, abs=100)


async def test_a_file_that_is_none_costs_only_its_own_row(parrot: tuple[Parrot, str], wav: Path, tmp_path: Path) -> None:
    _, url = parrot
    corrupt, silent = tmp_path / "corrupt.wav", tmp_path / "silent.wav"
    corrupt.write_bytes(b"RIFF\x00\x00")
    soundfile.write(silent, np.zeros(RATE // 2, np.int16), RATE)
    report = await place_call(url, "good", [Turn(tmp_path / "none.wav"), Turn(corrupt), Turn(silent), Turn(wav)])
    missing, broken, nothing, good = (result.error for result in report.results)
    assert "no such file" in (missing or "")
    assert "cannot be read as sound" in (broken or "")
    assert "nothing is said" in (nothing or "")
    assert good is None


async def test_a_service_that_hears_nothing_is_an_error_in_the_row(
    parrot: tuple[Parrot, str], wav: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service, url = parrot
    service.deaf = True
    monkeypatch.setattr("concierge.call_turns.PATIENCE_S", 0.8)
    report = await place_call(url, "good", [Turn(wav)])
    assert report.results[0].error == "no reply came; the service heard nothing"


@pytest.mark.parametrize(
    ("url", "token", "complaint"),
    [
        (None, "bad", "401: the token is not one of ours"),
        ("http://127.0.0.1:9", "good", "is `concierge serve` running"),
        ("room 301", "good", "no address"),
    ],
)
async def test_no_call_is_told_with_what_to_do(parrot: tuple[Parrot, str], url: str | None, token: str, complaint: str) -> None:
    with pytest.raises(CallError, match=complaint):
        await place_call(url or parrot[1], token, [])


def parse(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    command.add_parser(parser.add_subparsers())
    return parser.parse_args(["call", *words])


async def test_the_command_prints_a_row_a_turn_and_records_both_sides(
    parrot: tuple[Parrot, str], wav: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, url = parrot
    out = tmp_path / "out.wav"
    args = parse(url, "--token", "good", "--wav", str(wav), "--loss", "5", "--record", str(out), "--json")
    assert await asyncio.to_thread(command.run, args) == 0
    row, summary = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert row["wav"] == str(wav)
    assert row["heard"] == "words 1"
    assert "error" not in row
    assert summary["voice_to_voice_ms"]["n"] == 1
    sound, rate = soundfile.read(out, dtype="int16")
    assert (rate, sound.shape[1]) == (48_000, 2)
    gap_ms = (np.flatnonzero(np.abs(sound[:, 1]) > 1_000)[0] - np.flatnonzero(np.abs(sound[:, 0]) > 1_000)[-1]) / 48
    assert gap_ms == pytest.approx(row["voice_to_voice_ms"], abs=45), "the recording is not on one clock"


async def test_exit_code_1_when_an_item_failed(
    parrot: tuple[Parrot, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    args = parse(parrot[1], "--token", "good", "--wav", str(tmp_path / "none.wav"), "--json")
    assert await asyncio.to_thread(command.run, args) == 1
    assert "no such file" in json.loads(capsys.readouterr().out.splitlines()[0])["error"]


@pytest.mark.parametrize("bad", [["--barge-in", "h.wav"], ["--barge-in", "h.wav@soon"], ["--loss", "120"], ["--room", "301"]])
def test_usage_is_exit_code_2(bad: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    words: list[Any] = ["http://127.0.0.1:1", "--wav", "a.wav", "--token", "t", *bad]
    with pytest.raises(SystemExit) as stop:
        parse(*words)
    assert stop.value.code == 2
    assert capsys.readouterr().err


def test_a_pause_within_the_reply_is_no_stop() -> None:
    record = CallRecord(0.0)
    loud, quiet = np.full(960, 5_000, np.int16), np.zeros(960, np.int16)
    for number in range(200):
        speaks = number < 50 or 55 <= number < 80  # a pause of 100 ms, then it goes on until 1.6 s
        record.received(loud if speaks else quiet, number * 0.02, number * 960)
    assert record.stopped(0.9) == pytest.approx(79 * 0.02)
    assert record.stopped(2.5) is None
