"""Playout: what is pulled is what the guest hears."""

from __future__ import annotations

import numpy as np
import pytest

from media.playout import FRAME_SAMPLES, Playout
from media.resample import resample


def tone(ms: int, rate: int = 48_000, hz: float = 440.0, level: int = 10_000) -> np.ndarray:
    t = np.arange(rate * ms // 1000) / rate
    return (level * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def peak(frame: np.ndarray) -> int:
    return int(np.abs(frame.astype(np.int32)).max())


def pull(playout: Playout, frames: int) -> list[np.ndarray]:
    return [playout.next_frame() for _ in range(frames)]


def test_silence_is_sent_where_nothing_is_to_be_said() -> None:
    frames = pull(Playout(), 3)
    assert all(len(frame) == FRAME_SAMPLES and peak(frame) == 0 for frame in frames)


def test_speech_goes_out_with_the_very_next_frame() -> None:
    playout = Playout()
    pull(playout, 5)
    playout.play(tone(100), 48_000)
    assert peak(playout.next_frame()) > 9_000


def test_two_clauses_follow_each_other_without_a_gap() -> None:
    playout = Playout()
    speech = tone(205)
    playout.play(speech[:5_000], 48_000, mark="a")
    playout.play(speech[5_000:], 48_000, mark="b")
    assert np.array_equal(np.concatenate(pull(playout, 11))[: len(speech)], speech)


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 44_100, 48_000])
def test_a_voice_of_any_rate_keeps_its_pitch_and_length(rate: int) -> None:
    playout = Playout()
    playout.play(tone(1_000, rate, hz=1_000), rate)
    assert playout.queued_ms == pytest.approx(1_000, abs=0.1)
    sent = np.concatenate(pull(playout, 50)).astype(float)
    spectrum = np.abs(np.fft.rfft(sent * np.hanning(len(sent))))
    assert np.argmax(spectrum) == pytest.approx(1_000, abs=2)


def test_stop_is_silent_within_40_ms_and_does_not_click() -> None:
    playout = Playout()
    playout.play(tone(2_000), 48_000, mark="reply")
    pull(playout, 10)
    playout.stop()
    fading, *rest = pull(playout, 4)
    assert 0 < peak(fading[-40:]) < 800
    assert all(peak(frame) == 0 for frame in rest)
    assert not playout.speaking


def test_speech_of_a_stopped_generation_is_never_heard() -> None:
    playout = Playout()
    old = playout.generation
    playout.play(tone(500), 48_000, old)
    new = playout.stop()
    pull(playout, 1)
    assert not playout.play(tone(500), 48_000, old)
    assert peak(playout.next_frame()) == 0
    assert playout.play(tone(500), 48_000, new)
    assert peak(playout.next_frame()) > 9_000


def test_the_answer_played_right_after_a_stop_is_whole() -> None:
    playout = Playout()
    playout.play(tone(500), 48_000)
    pull(playout, 3)
    playout.stop()
    answer = tone(40, hz=600)
    playout.play(answer, 48_000)
    _fading, *frames = pull(playout, 3)
    assert np.array_equal(np.concatenate(frames), answer)


def test_ducked_speech_goes_on_softly_and_comes_back() -> None:
    playout = Playout()
    playout.play(tone(400), 48_000, mark="reply")
    pull(playout, 2)
    playout.duck()
    soft = pull(playout, 3)[-1]
    assert 1_500 < peak(soft) < 2_500
    playout.resume()
    assert peak(pull(playout, 2)[-1]) > 9_000
    assert playout.heard_samples("reply") == 7 * FRAME_SAMPLES


def test_a_cough_pauses_the_voice_and_it_resumes_from_where_it_was() -> None:
    playout = Playout()
    speech = tone(400)
    playout.play(speech, 48_000, mark="reply")
    pull(playout, 5)
    playout.pause()
    faded, *quiet = pull(playout, 30)
    assert peak(faded) > 0
    assert all(peak(frame) == 0 for frame in quiet)
    assert playout.heard_samples("reply") == 6 * FRAME_SAMPLES
    playout.resume()
    _fade_in, whole = pull(playout, 2)
    assert np.array_equal(whole, speech[7 * FRAME_SAMPLES : 8 * FRAME_SAMPLES])


def test_stopping_a_paused_voice_lets_nothing_more_out() -> None:
    playout = Playout()
    playout.play(tone(400), 48_000)
    pull(playout, 5)
    playout.pause()
    pull(playout, 3)
    playout.stop()
    assert all(peak(frame) == 0 for frame in pull(playout, 3))
    assert not playout.paused


def test_what_was_heard_is_counted_at_the_voices_own_rate() -> None:
    playout = Playout()
    playout.play(tone(1_000, 22_050), 22_050, mark="clause")
    pull(playout, 25)
    progress = playout.position("clause")
    assert progress is not None
    assert progress.sent == pytest.approx(11_025, abs=2)
    assert not progress.done
    pull(playout, 25)
    assert playout.heard_samples("clause") == 22_050
    assert playout.position("unknown") is None


def test_started_and_drained_are_told_once_each() -> None:
    told: list[str] = []
    playout = Playout(on_started=lambda mark: told.append(f"started {mark}"), on_drained=lambda: told.append("drained"))
    playout.play(tone(50), 48_000, mark="a")
    playout.play(tone(50), 48_000, mark="b")
    pull(playout, 10)
    assert told == ["started a", "started b", "drained"]


def test_two_rates_under_one_mark_are_refused() -> None:
    playout = Playout()
    playout.play(tone(50, 16_000), 16_000, mark="a")
    with pytest.raises(ValueError, match="16000 Hz"):
        playout.play(tone(50), 48_000, mark="a")


def test_recent_is_what_the_microphone_may_echo() -> None:
    playout = Playout(recent_s=1.0)
    assert len(playout.recent(1)) == 0
    playout.play(tone(100), 48_000)
    pull(playout, 10)
    recent = playout.recent(0.2)
    assert len(recent) == 3_200
    assert peak(recent[:1_500]) > 9_000
    assert peak(recent[1_700:]) == 0


def test_resampling_neither_shifts_nor_shortens() -> None:
    click = np.zeros(22_050, np.int16)
    click[11_025] = 20_000
    out = resample(click, 22_050, 48_000)
    assert len(out) == 48_000
    assert abs(int(np.argmax(out)) - 24_000) <= 2
    assert len(resample(np.empty(0, np.int16), 22_050, 48_000)) == 0
