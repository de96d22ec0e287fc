"""The noise of the evaluations: the same for the same seed."""

import numpy as np


def with_noise(audio: np.ndarray, snr_db: float, seed: int) -> np.ndarray:
    """The audio with pink noise; the ratio is to the power of the whole recording."""
    spectrum = np.fft.rfft(np.random.default_rng(seed).standard_normal(len(audio)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, len(audio))
    noise *= np.sqrt(np.mean(audio**2) / np.mean(noise**2)) * 10 ** (-snr_db / 20)
    return np.asarray(audio + noise, np.float32)
