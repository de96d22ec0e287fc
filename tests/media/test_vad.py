import numpy as np
import pytest
from scripted_guest import spoken

from media.vad import WINDOW_MS, Vad, VadFrame

RNG = np.random.default_rng(7)
SECONDS = 4
N = SECONDS * 16_000
T = np.arange(N) / 16_000


def judged(pcm: np.ndarray) -> list[VadFrame]:
    vad = Vad()
    return [frame for at in range(0, len(pcm), 320) for frame in vad.feed(pcm[at : at + 320])]


def share(frames: list[VadFrame]) -> float:
    return sum(frame.is_speech for frame in frames) / len(frames)


def as_pcm(wave: np.ndarray) -> np.ndarray:
    return (np.clip(wave, -1, 1) * 32_767).astype(np.int16)


@pytest.mark.parametrize(
    "wave",
    [
        np.zeros(N),
        RNG.normal(0, 0.1, N),
        sum(0.05 / k * np.sin(2 * np.pi * 50 * k * T) for k in range(1, 9)) + RNG.normal(0, 0.01, N),
        sum(0.08 * np.sin(2 * np.pi * hz * T) for hz in (261.6, 329.6, 392.0, 523.3)) * (0.6 + 0.4 * np.sin(2 * np.pi * 2 * T)),
    ],
    ids=["silence", "white noise at -20 dBFS", "air conditioner", "a chord"],
)
def test_what_is_no_speech_is_not_taken_for_it(wave: np.ndarray) -> None:
    assert share(judged(as_pcm(np.asarray(wave)))) == 0


@pytest.mark.parametrize(
    ("text", "lang"), [("turn on the bedside lamp", "en"), ("打开床头灯", "zh"), ("嗯", "zh"), ("yes", "en")]
)
def test_speech_is_found_soon_and_its_end_to_the_hundredth_of_a_second(text: str, lang: str) -> None:
    voice = spoken(text, lang)
    for offset in (0, 130, 310):
        lead = 16_000 + offset
        pcm = RNG.normal(0, 10, lead + len(voice) + 16_000).astype(np.int16)
        pcm[lead : lead + len(voice)] += voice
        frames = judged(pcm)
        begin_ms, end_ms = lead / 16, (lead + len(voice)) / 16
        speech = [frame for frame in frames if frame.is_speech]
        assert speech[0].ms - begin_ms < 110
        assert abs(max(frame.ms - frame.tail_ms for frame in speech if frame.tail_ms < WINDOW_MS) - end_ms) < 45
        assert not [frame for frame in speech if frame.ms > end_ms + 110]


def test_state_is_kept_between_frames_of_any_length() -> None:
    pcm = np.concatenate([np.zeros(8_000, np.int16), spoken("two more towels please", "en"), np.zeros(8_000, np.int16)])
    assert Vad().feed(pcm) == judged(pcm)
