"""Inlet and Opus: real packets, decoded, with losses filled in."""

from __future__ import annotations

import random

import numpy as np
import pytest

from media.inlet import Inlet
from media.opus import Decoder, Encoder, OpusError, packet_samples


def speechlike(seconds: float) -> np.ndarray:
    """A voiced sound that moves: harmonics of a gliding pitch under a slow envelope. int16, 48 kHz."""
    t = np.arange(int(48_000 * seconds)) / 48_000
    phase = 2 * np.pi * np.cumsum(140 + 40 * np.sin(2 * np.pi * 1.3 * t)) / 48_000
    voice = sum(np.sin(k * phase) / k for k in range(1, 12))
    return (voice * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t)) * 5_000).astype(np.int16)


def packets(pcm: np.ndarray) -> list[bytes]:
    encoder = Encoder()
    return [encoder.encode(pcm[at : at + 960]) for at in range(0, len(pcm) - 959, 960)]


def hear(payloads: list[bytes], lost: set[int] = frozenset()) -> tuple[np.ndarray, list[float], Inlet]:
    frames: list[np.ndarray] = []
    times: list[float] = []

    def on_audio(pcm: np.ndarray, pts_s: float) -> None:
        frames.append(pcm)
        times.append(pts_s)

    inlet = Inlet(on_audio)
    for number, payload in enumerate(payloads):
        if number not in lost:
            inlet.packet(7, number, number * 960, payload, number * 0.02)
    inlet.give_up(1e9)
    return np.concatenate(frames), times, inlet


def error_ratio(heard: np.ndarray, clean: np.ndarray, around: set[int]) -> float:
    """Energy of the difference over the energy of the sound, within the given 20 ms frames."""
    where = np.concatenate([np.arange(n * 320, n * 320 + 320) for n in sorted(around)])
    a, b = heard[where].astype(float), clean[where].astype(float)
    return float(np.sum((a - b) ** 2) / np.sum(b**2))


def test_frames_are_320_samples_in_the_senders_time() -> None:
    heard, times, _ = hear(packets(speechlike(1)))
    assert times == pytest.approx([n * 0.02 for n in range(50)])
    assert len(heard) == 16_000
    assert np.abs(heard.astype(int)).max() > 2_000


def test_a_lost_frame_is_rebuilt_from_the_copy_in_the_next_packet() -> None:
    payloads = packets(speechlike(4))
    clean, _, _ = hear(payloads)
    lost = set(range(20, 190, 9))
    rebuilt, times, inlet = hear(payloads, lost)
    assert len(times) == 200
    assert inlet.jitter.counts.lost == len(lost)
    assert error_ratio(rebuilt, clean, lost) < 0.25


def test_five_percent_loss_keeps_the_length_and_most_of_the_sound() -> None:
    payloads = packets(speechlike(20))
    chance = random.Random(5)
    lost = {n for n in range(1, 999) if chance.random() < 0.05}
    clean, _, _ = hear(payloads)
    heard, times, inlet = hear(payloads, lost)
    assert len(times) == 1_000
    assert inlet.jitter.counts.lost == len(lost)
    assert error_ratio(heard, clean, set(range(1_000))) < 0.05


def test_a_long_gap_fades_into_silence_of_the_right_length() -> None:
    payloads = packets(speechlike(3))
    heard, times, _ = hear(payloads, set(range(50, 90)))
    assert len(times) == 150
    assert np.abs(heard[60 * 320 : 85 * 320].astype(int)).max() == 0


def test_damaged_packets_are_counted_and_the_rest_goes_on() -> None:
    payloads = packets(speechlike(1))
    payloads[10] = b""
    payloads[20] = bytes([payloads[20][0] | 3, 0x3F]) + payloads[20][1:]  # 63 frames of 20 ms: too long to be true
    payloads[30] = b"\x7b\x05\xff"
    heard, times, inlet = hear(payloads)
    assert inlet.damaged >= 2
    assert len(times) >= 49
    assert np.abs(heard[-1_600:].astype(int)).max() > 500


def test_another_stream_under_a_new_ssrc_is_followed() -> None:
    payloads = packets(speechlike(1))
    frames: list[float] = []
    inlet = Inlet(lambda _pcm, pts: frames.append(pts))
    for number, payload in enumerate(payloads):
        ssrc, seq = (1, number) if number < 25 else (2, 40_000 + number)
        inlet.packet(ssrc, seq, number * 960 + ssrc * 99_999, payload, number * 0.02)
    assert len(frames) == 50


def test_sixty_millisecond_packets_come_out_as_twenty() -> None:
    av = pytest.importorskip("av")
    codec = av.CodecContext.create("libopus", "w")
    codec.format, codec.layout, codec.sample_rate = "s16", "mono", 48_000
    codec.options = {"frame_duration": "60", "application": "voip"}
    codec.open()
    frame = av.AudioFrame.from_ndarray(speechlike(0.06)[None, :], format="s16", layout="mono")
    frame.sample_rate = 48_000
    payload = bytes(codec.encode(frame)[0])
    assert packet_samples(payload) == 2_880
    times: list[float] = []
    inlet = Inlet(lambda _pcm, pts: times.append(pts))
    inlet.packet(1, 0, 0, payload, 0.0)
    assert times == [0.0, 0.02, 0.04]


def test_a_frame_of_the_wrong_size_is_refused_in_words() -> None:
    with pytest.raises(OpusError, match="960 are expected"):
        Encoder().encode(np.zeros(100, np.int16))


def test_garbage_is_an_error_not_a_crash() -> None:
    with pytest.raises(OpusError, match="libopus"):
        Decoder().decode(b"\x03")
