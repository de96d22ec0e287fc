"""Log-mel exactly as faster-whisper computes it, with float32 transforms (a test holds the two together).

50 frames a second (hop 320), 80 bands, window 512: half of OpenAI's frame rate, which halves the encoder's work.
"""

import numpy as np
import scipy.fft
from faster_whisper.feature_extractor import FeatureExtractor

SAMPLE_RATE_HZ = 16_000
HOP = 320
N_FFT = 512
BANDS = 80
FRAMES_PER_SECOND = SAMPLE_RATE_HZ // HOP
_TAIL = 160  # faster-whisper appends so many zero samples

_WINDOW = np.hanning(N_FFT + 1)[:-1].astype(np.float32)
_MEL = FeatureExtractor.get_mel_filters(SAMPLE_RATE_HZ, N_FFT, BANDS).astype(np.float32)


def preprocessor_config() -> dict[str, int | bool]:
    """preprocessor_config.json: what faster-whisper reads, and `short_windows`, which `media.asr` does."""
    return {
        "feature_size": BANDS,
        "hop_length": HOP,
        "n_fft": N_FFT,
        "sampling_rate": SAMPLE_RATE_HZ,
        "chunk_length": 30,
        "short_windows": True,
    }


def log_mel(audio: np.ndarray) -> np.ndarray:
    """[bands, frames] float32 of a float32 waveform at 16 kHz; the last frame is cut as `transcribe` does."""
    padded = np.pad(np.pad(audio, (0, _TAIL)), N_FFT // 2, mode="reflect")
    frames = np.lib.stride_tricks.sliding_window_view(padded, N_FFT)[::HOP]
    spectrum = scipy.fft.rfft(frames * _WINDOW, axis=-1)[:-1]
    power = spectrum.real**2 + spectrum.imag**2
    mel = np.log10(np.maximum(_MEL @ power.T, 1e-10))
    mel = (np.maximum(mel, mel.max() - 8.0) + 4.0) / 4.0
    return mel[:, :-1].astype(np.float32)
