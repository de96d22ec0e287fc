"""The speech model's port, on the bundled model and real recordings."""

import asyncio
import json
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np
import pytest
import soundfile

from media.asr import BUNDLED, SAMPLE_RATE_HZ, Asr, AsrError
from media.phantoms import is_phantom
from media.recording import AudioError, read_audio
from media.train.text import edit_distance

ROOT = Path(__file__).parents[2]
RECORDINGS = ROOT / "fixtures" / "audio" / "asr"

needs_model = pytest.mark.skipif(not (BUNDLED / "model.bin").exists(), reason="the bundled speech model isn't built here")


@pytest.fixture(scope="module")
def asr() -> Asr:
    return Asr.load(BUNDLED)


def recordings(lang: str) -> list[tuple[str, Path]]:
    rows = map(json.loads, (ROOT / "bench" / "data" / "asr" / "in_domain.jsonl").read_text("utf-8").splitlines())
    return [(row["text"], RECORDINGS / f"{row['id']}.wav") for row in rows if row["lang"] == lang]


@needs_model
@pytest.mark.parametrize(("lang", "text"), [("zh", "打开床头灯"), ("en", "turn on the bedside lamp")])
def test_a_lamp_is_asked_for_in_either_language(asr: Asr, lang: str, text: str) -> None:
    path = next(path for said, path in recordings(lang) if said == text)
    heard = asr.transcribe(read_audio(path), lang)
    letters = list(text.replace(" ", ""))
    assert edit_distance(letters, list(heard.text.replace(" ", ""))) <= len(letters) // 5
    assert heard.lang == lang
    assert heard.ms > 0


@needs_model
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_language_is_found_where_it_isnt_known(asr: Asr, lang: str) -> None:
    found = [asr.transcribe(read_audio(path), None).lang for _, path in recordings(lang)[:10]]
    assert found.count(lang) >= 9


@needs_model
@pytest.mark.parametrize("level", [0.0, 0.001, 0.05])
def test_silence_and_hiss_are_no_words(asr: Asr, level: float) -> None:
    noise = np.random.default_rng(1).standard_normal(2 * SAMPLE_RATE_HZ).astype(np.float32) * level
    assert asr.transcribe(noise, "zh").text == ""
    assert asr.transcribe(noise, "en").text == ""


@needs_model
def test_next_to_no_audio_is_nothing_heard(asr: Asr) -> None:
    assert asr.transcribe(np.zeros(10, np.float32), "en").text == ""


@needs_model
def test_a_long_recording_is_heard_to_its_end(asr: Asr) -> None:
    (_, a), (_, b) = recordings("en")[0], recordings("en")[4]
    gap = np.zeros(SAMPLE_RATE_HZ * 4, np.float32)
    heard = asr.transcribe(np.concatenate([read_audio(a), gap, read_audio(b), gap]), "en").text.split()
    apart = [word for path in (a, b) for word in asr.transcribe(read_audio(path), "en").text.split()]
    assert edit_distance(apart, heard) <= len(apart) // 3, "a part was not heard"


@needs_model
async def test_a_long_recording_is_heard_a_piece_at_a_time_so_that_a_call_need_not_wait(asr: Asr) -> None:
    (_, a), (_, b) = recordings("en")[0], recordings("en")[4]
    whole = np.concatenate([read_audio(a), np.zeros(SAMPLE_RATE_HZ * 4, np.float32), read_audio(b)])
    at_once = asr.transcribe(whole, "en").text
    note = asyncio.create_task(asr.hear_long(whole, None))
    await asyncio.sleep(0)
    await asr.hear(read_audio(a), "en")
    assert not note.done()
    heard = await note
    assert (heard.text, heard.lang) == (at_once, "en")


@needs_model
def test_the_window_is_as_short_as_the_audio(asr: Asr) -> None:
    assert asr.short_windows
    assert asr.window_seconds(SAMPLE_RATE_HZ // 2) == 1.0
    assert asr.window_seconds(int(2.2 * SAMPLE_RATE_HZ)) == 2.5


@needs_model
async def test_hearing_leaves_the_event_loop_free(asr: Asr) -> None:
    _, path = recordings("zh")[0]
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            await asyncio.sleep(0.001)
            ticks += 1

    ticking = asyncio.create_task(tick())
    heard = await asr.hear(read_audio(path), "zh")
    ticking.cancel()
    assert heard.text
    assert ticks >= 2
    assert not any(t is threading.main_thread() for t in asr._thread._threads)


@needs_model
def test_faster_whisper_alone_reads_the_model_like_any_other() -> None:
    from faster_whisper import WhisperModel

    model = WhisperModel(str(BUNDLED), device="cpu", compute_type="int8", cpu_threads=2)
    assert model.model.is_multilingual
    _, path = recordings("zh")[0]
    language, probability, _ = model.detect_language(read_audio(path))
    assert language == "zh"
    assert probability > 0.5


def test_a_missing_model_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AsrError, match="concierge models"):
        Asr.load(tmp_path / "nothing")


def test_a_name_that_was_never_pulled_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(AsrError, match="models pull"):
        Asr.load("nobody/such-a-model")


def test_a_broken_model_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "model.bin").write_bytes(b"no model")
    with pytest.raises(AsrError, match="can't be loaded"):
        Asr.load(tmp_path)


def test_phantoms_are_known_and_requests_are_none() -> None:
    assert is_phantom("请不吝点赞 订阅", "zh")
    assert is_phantom("Thank you for watching!", "en")
    assert not is_phantom("thank you", "en")
    assert not is_phantom("打开床头灯", "zh")


def test_a_prompt_that_comes_back_is_a_phantom() -> None:
    assert is_phantom("Bedside lamp, towels.", "en", prompt="bedside lamp towels")
    assert not is_phantom("two towels please", "en", prompt="bedside lamp towels")


@pytest.mark.parametrize(("short_windows", "given"), [(False, "bedside lamp towels"), (True, None)])
def test_words_to_expect_are_given_to_a_model_that_knows_prompts(short_windows: bool, given: str | None) -> None:
    class Whisper:
        prompts: ClassVar[list[str | None]] = []
        feature_extractor = SimpleNamespace(hop_length=160)
        window_frames = None

        def transcribe(self, pcm: np.ndarray, *, initial_prompt: str | None, **settings: Any) -> tuple[list[Any], None]:
            self.prompts.append(initial_prompt)
            return [], None

    words = {"en": "bedside lamp towels", "zh": "床头灯"}
    asr = Asr(Whisper(), name="any", short_windows=short_windows, simplify=False, prompts=words)
    asr.transcribe(np.zeros(16_000, np.float32), "en")
    assert Whisper.prompts == [given]


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (22_050, 2), (48_000, 1)])
def test_any_rate_becomes_sixteen_kilohertz_mono(tmp_path: Path, rate: int, channels: int) -> None:
    file = tmp_path / "tone.wav"
    tone = 0.5 * np.sin(2 * np.pi * 440 * np.arange(rate) / rate)
    soundfile.write(file, np.stack([tone] * channels, axis=1), rate)
    audio = read_audio(file)
    assert audio.dtype == np.float32
    assert abs(len(audio) - SAMPLE_RATE_HZ) < 200
    assert 0.4 < np.abs(audio).max() < 0.6


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "is empty"), (b"RIFF\x00\x00", "not audio"), (b"not audio at all" * 50, "not audio")]
)
def test_a_file_that_is_no_audio_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "broken.wav"
    file.write_bytes(content)
    with pytest.raises(AudioError, match=said) as caught:
        read_audio(file)
    assert "broken.wav" in str(caught.value)


def test_a_wav_without_samples_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "none.wav"
    soundfile.write(file, np.zeros(0), 16_000)
    with pytest.raises(AudioError, match=r"no samples|not audio"):
        read_audio(file)


def test_an_absent_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(AudioError, match="no such file"):
        read_audio(tmp_path / "absent.wav")
