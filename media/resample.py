"""Whole clips from one sampling rate to another (libswresample by PyAV). Not for streams: each call stands alone."""

from __future__ import annotations

import av
import numpy as np
from numpy.typing import NDArray


def resample(pcm: NDArray[np.int16], from_hz: int, to_hz: int) -> NDArray[np.int16]:
    """``pcm``: int16 mono of any length. The result is int16 mono and as long in time."""
    if from_hz == to_hz or not len(pcm):
        return np.asarray(pcm, np.int16)
    wanted = round(len(pcm) * to_hz / from_hz)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm, dtype=np.int16).reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = from_hz
    converter = av.AudioResampler(format="s16", layout="mono", rate=to_hz)
    pieces = [out.to_ndarray().reshape(-1) for part in (frame, None) for out in converter.resample(part)]
    out = np.concatenate(pieces)[:wanted].astype(np.int16, copy=False)
    return np.pad(out, (0, wanted - len(out)))
