"""What is wrong is told, with what to do, and the service goes on."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hotel_process import address, serve, stop

from concierge.call_turns import Turn
from concierge.caller import place_call

pytestmark = pytest.mark.timeout(180)


def concierge(*args: str, text: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "concierge.cli", *args]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=90, check=False)


@pytest.fixture
def sounds(tmp_path: Path) -> dict[str, Path]:
    seconds = np.arange(16_000 * 3) / 16_000
    chord = sum(np.sin(2 * np.pi * hz * seconds) for hz in (220, 277.2, 329.6, 440)) * 0.12
    beat = chord * (0.6 + 0.4 * np.sign(np.sin(2 * np.pi * 2 * seconds)))
    soundfile.write(tmp_path / "silence.wav", np.zeros(48_000), 16_000)
    soundfile.write(tmp_path / "music.wav", beat, 16_000)
    (tmp_path / "corrupt.wav").write_bytes(b"RIFF\x00\x00" + b"\x5a" * 3000)
    (tmp_path / "empty.wav").write_bytes(b"")
    return {path.stem: path for path in tmp_path.glob("*.wav")}


def test_a_corrupt_file_is_an_error_of_its_line_and_the_rest_goes_on(sounds, said):
    good = said["en-towels"].wav
    names = [sounds["corrupt"], sounds["empty"], sounds["silence"], sounds["music"], Path("nowhere.wav"), good]
    done = concierge("transcribe", *map(str, names), "--json")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [Path(row["file"]).name for row in rows] == [name.name for name in names]
    assert ["error" in row for row in rows] == [True, True, False, False, True, False]
    assert "corrupt" in rows[0]["error"]
    for silence_or_music in rows[2:4]:
        assert silence_or_music["text"] == ""
        assert "nobody speaks" in silence_or_music["warning"]
    assert "towels" in rows[5]["text"]


async def test_silence_and_music_in_a_call_are_no_turns_and_the_next_words_are_served(hotel, sounds, said):
    turns = [Turn(sounds["corrupt"]), Turn(sounds["silence"]), Turn(sounds["music"]), Turn(said["en-towels"].wav)]
    report = await place_call(hotel.url, await hotel.room_token("306"), turns)
    corrupt, silence, music, towels = report.results
    assert "cannot be read" in corrupt.error
    assert "nothing is said" in silence.error
    assert not silence.decisions
    assert not [one for one in music.decisions if one["intent"] not in ("none",)], "music orders nothing"
    assert towels.error is None
    assert towels.decisions == said["en-towels"].decisions


async def test_an_offer_that_is_no_sdp_is_refused_in_words(hotel):
    async with hotel.client(await hotel.room_token("306")) as guest:
        for body in ("", "hello", "v=0\r\n", "v=0\r\no=- 0 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 RTP/AVP 0\r\n"):
            response = await guest.post("/v1/calls", content=body, headers={"Content-Type": "application/sdp"})
            assert response.status_code == 400, body
            assert response.headers["content-type"] == "application/problem+json"
            assert "SDP" in response.json()["detail"] or "offer" in response.json()["detail"]
        assert (await guest.get("/readyz")).status_code == 200


def test_a_mistake_in_the_property_file_is_told_with_its_line(tmp_path):
    example = files("concierge") / "example" / "property.toml"
    text = example.read_text("utf-8").replace('department = "housekeeping"', 'department = "housekeping"', 1)
    file = tmp_path / "hotel.toml"
    file.write_text(text, "utf-8")
    line = next(number for number, row in enumerate(text.splitlines(), 1) if '"housekeping"' in row)
    done = concierge("serve", "--property", str(file), "--state", str(tmp_path / "state"), "--port", "0")
    assert done.returncode == 1
    assert f"{file}:{line}:" in done.stderr
    assert "housekeeping" in done.stderr, "what was expected"


def test_a_missing_model_is_told_with_what_to_do(tmp_path):
    done = concierge("serve", "--state", str(tmp_path), "--port", "0", "--asr", str(tmp_path / "no-model"))
    assert done.returncode == 1
    assert "no-model" in done.stderr
    assert "concierge models" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_second_service_over_one_state_folder_is_refused_with_the_owners_pid(hotel):
    done = concierge("serve", "--state", str(hotel.state), "--port", "0")
    assert done.returncode == 1
    assert str(hotel.process.pid) in done.stderr


def test_a_taken_port_is_told_before_anything_starts(hotel, tmp_path):
    port = hotel.url.rpartition(":")[2]
    done = concierge("serve", "--state", str(tmp_path), "--port", port)
    assert done.returncode == 1
    assert "--port" in done.stderr
    assert not (tmp_path / "broker").exists()


def test_a_room_without_a_stay_has_no_token_and_says_how_to_check_in(hotel):
    done = concierge("token", "--room", "999", "--state", str(hotel.state))
    assert done.returncode == 1
    assert "999" in done.stderr


def test_stopping_is_clean(tmp_path):
    process = serve("--state", str(tmp_path), "--port", "0")
    address(process)
    assert stop(process) == 0
