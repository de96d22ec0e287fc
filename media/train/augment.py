"""What a room, a microphone and a network do to a voice; one forward and one inverse transform does most of it.

`strength` 0..1 grows over the training: 0 is a clean close voice, 1 everything.
"""

import io

import av
import numpy as np
import scipy.fft

RATE_HZ = 16_000
_NOISE_SECONDS = 40


def _shaped(rng: np.random.Generator, exponent: float) -> np.ndarray:
    """Noise whose power falls with frequency to the `exponent`: 0 white, 1 pink, 2 brown."""
    count = scipy.fft.next_fast_len(_NOISE_SECONDS * RATE_HZ)
    spectrum = scipy.fft.rfft(rng.standard_normal(count).astype(np.float32))
    bins = np.arange(len(spectrum), dtype=np.float32)
    bins[0] = 1.0
    return np.asarray(scipy.fft.irfft(spectrum * bins ** (-exponent / 2), count), np.float32)


def _hum(rng: np.random.Generator) -> np.ndarray:
    """Mains and compressor: 50 Hz with harmonics over brown noise."""
    t = np.arange(_NOISE_SECONDS * RATE_HZ) / RATE_HZ
    tones = sum(rng.uniform(0.1, 1) / k * np.sin(2 * np.pi * 50 * k * t + rng.uniform(0, 6)) for k in range(1, 12))
    noise = _shaped(rng, 1.5)[: len(t)]
    return np.asarray(tones + 2 * noise / noise.std(), np.float32)


def _music(rng: np.random.Generator) -> np.ndarray:
    """Plucked chords, changing every half second or so."""
    out = np.zeros(_NOISE_SECONDS * RATE_HZ, np.float32)
    at = 0
    while at < len(out):
        length = int(rng.uniform(0.25, 1.2) * RATE_HZ)
        t = np.arange(min(length, len(out) - at)) / RATE_HZ
        root = 110 * 2 ** (rng.integers(0, 24) / 12)
        for step in (0, *rng.choice([3, 4, 5, 7, 9, 12], 2, replace=False)):
            for harmonic in range(1, 6):
                out[at : at + len(t)] += (np.sin(2 * np.pi * root * 2 ** (step / 12) * harmonic * t) / harmonic).astype(
                    np.float32
                ) * np.exp(-t * rng.uniform(0.5, 5)).astype(np.float32)
        at += length
    return out


class Room:
    """Noises and echoes, made once for each process from a seed."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._noises = [_shaped(rng, e) for e in (0.0, 0.5, 1.0, 1.0, 1.5, 2.0)] + [_hum(rng), _music(rng), _music(rng)]
        self._noises = [n / n.std() for n in self._noises]
        self._babble: list[np.ndarray] = []

    def overhear(self, samples: np.ndarray) -> None:
        """Keep an utterance at 16 kHz to make babble of."""
        if len(samples) > RATE_HZ // 2:
            self._babble = [*self._babble[-60:], samples]

    def noise(self, count: int) -> np.ndarray:
        """`count` samples of some noise with standard deviation about 1."""
        rng = self._rng
        if len(self._babble) > 20 and rng.random() < 0.25:
            mix = np.zeros(count, np.float32)
            for pick in rng.integers(0, len(self._babble), rng.integers(2, 6)):
                mix += np.resize(np.roll(self._babble[pick], int(rng.integers(0, 8000))), count)
            return mix / (mix.std() + 1e-6)
        noise = self._noises[rng.integers(0, len(self._noises))]
        start = int(rng.integers(0, len(noise) - count)) if count < len(noise) else 0
        return np.resize(noise[start : start + count], count)

    def render(self, samples: np.ndarray, rate_hz: int, strength: float) -> tuple[np.ndarray, int, int]:
        """The utterance as a microphone hears it, float32 at 16 kHz with some silence at both ends; where it begins and ends."""
        rng = self._rng
        speed = float(np.exp(rng.uniform(-0.12, 0.12) * strength))
        voice = _resampled_and_coloured(samples, rate_hz, RATE_HZ / rate_hz / speed, strength, rng)
        lead, tail = int((0.03 + 0.3 * rng.random() ** 2) * RATE_HZ), int((0.06 + 0.4 * rng.random() ** 2) * RATE_HZ)
        audio = np.pad(voice, (lead, tail))
        level = np.sqrt(np.mean(voice**2)) + 1e-6
        audio *= 10 ** (rng.uniform(-34, -14) / 20) / level if rng.random() < 0.9 else 10 ** (rng.uniform(-45, -10) / 20) / level
        if rng.random() < 0.75 * strength:
            snr_db = rng.uniform(25, 45) if rng.random() < 0.5 else rng.uniform(25 - 20 * strength, 30)
            level = np.sqrt(np.mean(audio[lead : len(audio) - tail] ** 2)) + 1e-7
            audio = audio + self.noise(len(audio)) * (level * 10 ** (-snr_db / 20))
        elif rng.random() < 0.7:
            audio = audio + rng.standard_normal(len(audio)).astype(np.float32) * 10 ** (rng.uniform(-90, -60) / 20)
        audio = np.clip(audio, -1.0, 1.0).astype(np.float32)
        if rng.random() < 0.03 * strength:
            audio = through_opus(audio, int(rng.choice([8, 12, 16, 24])) * 1000)
        return audio, lead, lead + round(len(samples) / rate_hz / speed * RATE_HZ)


def _resampled_and_coloured(
    samples: np.ndarray, rate_hz: int, ratio: float, strength: float, rng: np.random.Generator
) -> np.ndarray:
    echo_seconds = 0.25 if rng.random() < 0.5 * strength else 0.0
    count_in = scipy.fft.next_fast_len(len(samples) + int((0.02 + echo_seconds) * rate_hz), real=True)
    count_out = scipy.fft.next_fast_len(round(count_in * ratio), real=True)
    spectrum = scipy.fft.rfft(samples, count_in)
    bins = count_out // 2 + 1
    spectrum = spectrum[:bins] if len(spectrum) >= bins else np.pad(spectrum, (0, bins - len(spectrum)))
    hz = np.linspace(0, RATE_HZ / 2, bins, dtype=np.float32)
    if rng.random() < 0.6 * strength:  # a cheap microphone: tilt, and an edge at both ends
        tilt_db = rng.uniform(-4, 4) * np.log2(np.maximum(hz, 60) / 1000)
        gain = 10 ** (tilt_db / 20)
        if rng.random() < 0.4:
            gain = gain / (1 + (hz / rng.uniform(3200, 7500)) ** 8)
        if rng.random() < 0.4:
            gain = gain * (hz / (hz + rng.uniform(20, 250)))
        spectrum = spectrum * gain.astype(np.float32)
    if echo_seconds:
        spectrum = spectrum * scipy.fft.rfft(_echo(rng), count_out)
    out = scipy.fft.irfft(spectrum, count_out)[: round(count_out * (len(samples) / count_in + echo_seconds * 0.4))]
    return np.asarray(out * (count_out / count_in), np.float32)


def _echo(rng: np.random.Generator) -> np.ndarray:
    """A small room's response: the direct sound, then noise that falls 60 dB in 0.1 to 0.5 s."""
    t = np.arange(int(0.25 * RATE_HZ), dtype=np.float32) / RATE_HZ
    tail = rng.standard_normal(len(t)).astype(np.float32) * np.exp(-6.9 * t / rng.uniform(0.1, 0.5))
    tail *= rng.uniform(0.1, 0.7) / np.sqrt(np.sum(tail**2))
    tail[: int(0.002 * RATE_HZ)] = 0.0
    tail[0] = 1.0
    return np.asarray(tail, np.float32)


def through_opus(audio: np.ndarray, bits_per_second: int) -> np.ndarray:
    """Encoded and decoded by Opus, mono, as a call would; the same length."""
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=16_000, layout="mono", options={"compression_level": "2"})
        stream.bit_rate = bits_per_second
        frame = av.AudioFrame.from_ndarray((audio[None] * 32767).astype(np.int16), format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            out.mux(packet)
    buffer.seek(0)
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    pieces = []
    with av.open(buffer) as source:
        for decoded in source.decode(audio=0):
            pieces += [f.to_ndarray()[0] for f in resampler.resample(decoded)]
    heard = np.concatenate(pieces).astype(np.float32) / 32768.0
    return np.resize(np.pad(heard, (0, max(0, len(audio) - len(heard)))), len(audio))
