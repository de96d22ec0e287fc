"""Audio files in: any format and rate that FFmpeg reads → float32 mono at 16 kHz."""

import os
from pathlib import Path

import av
import numpy as np

SAMPLE_RATE_HZ = 16_000


class AudioError(ValueError):
    """The file isn't audio that can be read."""


def read_audio(path: str | os.PathLike[str]) -> np.ndarray:
    """Samples within -1..1. Raises AudioError, which names the file, for one that is absent, empty, corrupt or has no audio."""
    file = Path(path)
    if not file.is_file():
        raise AudioError(f"{file}: no such file")
    if file.stat().st_size == 0:
        raise AudioError(f"{file}: the file is empty")
    resampler = av.AudioResampler(format="fltp", rate=SAMPLE_RATE_HZ)
    pieces: list[np.ndarray] = []  # the channels are averaged here: FFmpeg's own mix to mono is 3 dB louder
    try:
        with av.open(str(file), mode="r", metadata_errors="ignore") as container:
            if not container.streams.audio:
                raise AudioError(f"{file}: there is no audio in it")
            for frame in container.decode(audio=0):
                frame.pts = None
                pieces += [out.to_ndarray().mean(axis=0) for out in resampler.resample(frame)]
            pieces += [out.to_ndarray().mean(axis=0) for out in resampler.resample(None)]
    except (av.error.FFmpegError, EOFError) as error:
        raise AudioError(f"{file}: not audio that can be read (corrupt, or another kind of file): {error}") from error
    samples = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
    if len(samples) == 0:
        raise AudioError(f"{file}: there are no samples in it")
    if not np.isfinite(samples).all():
        raise AudioError(f"{file}: its samples are not numbers")
    return np.asarray(samples, np.float32)
