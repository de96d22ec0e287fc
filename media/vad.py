"""Speech or not, window by window: webrtcvad as a cheap first gate, Silero as the judge.

webrtcvad takes an air conditioner's hum or a chord for speech in every mode, so it can only say that a window is surely silent. Silero (v6, the ONNX
file that faster-whisper brings) decides; its state is kept from window to window, which `SileroVADModel.__call__` does not do.
"""

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

RATE_HZ = 16_000
WINDOW = 512
"""Samples in one of Silero's windows: 32 ms."""
WINDOW_MS = WINDOW * 1000 // RATE_HZ

_CONTEXT = 64  # samples of the window before, which Silero wants in front of each window
_GATE_FRAME = 160  # 10 ms, the shortest frame webrtcvad takes
_GATE_MODE = 2
_GATE_HOLD_WINDOWS = 6  # Silero goes on this long after the gate closed, so that it judges the end of speech itself


_QUIET_DB = 30.0  # below the voice's own level


@dataclass(frozen=True, slots=True)
class VadFrame:
    """One window of 32 ms. `ms` is the audio time of its end; `speech_prob` is 0 where the gate kept Silero out; `tail_ms` is how much of a speech
    window's end is already quiet: Silero's verdict outlasts the voice by some 45 ms, and a guest waits for each of them."""

    ms: int
    speech_prob: float
    is_speech: bool
    tail_ms: int = 0


class Silero:
    """One window at a time with kept state. The ONNX session is shared in the process; h, c and the context are ours."""

    def __init__(self) -> None:
        self._session = _silero_session()
        self.reset()

    def reset(self) -> None:
        self._h = np.zeros((1, 1, 128), np.float32)
        self._c = np.zeros((1, 1, 128), np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def __call__(self, window: npt.NDArray[np.float32]) -> float:
        """`window`: 512 samples in -1..1. Returns the probability of speech."""
        batch = np.concatenate([self._context, window])[None, :]
        out, self._h, self._c = self._session.run(None, {"input": batch, "h": self._h, "c": self._c})
        self._context = window[-_CONTEXT:]
        return float(np.asarray(out).reshape(-1)[0])


class Vad:
    """`feed` takes 16 kHz mono PCM of any length and returns the windows that it completed.

    `start` and `stop` are the probabilities at which speech begins and ends (hysteresis).
    """

    def __init__(self, *, start: float = 0.5, stop: float = 0.35) -> None:
        import webrtcvad

        self._gate = webrtcvad.Vad(_GATE_MODE)
        self._silero = Silero()
        self._start, self._stop = start, stop
        self._pending = np.zeros(0, np.int16)
        self._windows = 0
        self._open = 0
        self._speech = False
        self._voice_db = -100.0

    def feed(self, pcm: npt.NDArray[np.int16]) -> list[VadFrame]:
        self._pending = np.concatenate([self._pending, pcm])
        frames = []
        while len(self._pending) >= WINDOW:
            window, self._pending = self._pending[:WINDOW], self._pending[WINDOW:]
            frames.append(self._judge(window))
        return frames

    @property
    def pending_quiet(self) -> bool:
        """Whether the samples that do not make a window yet are quiet beside the voice."""
        pending = self._pending.astype(np.float32) / 32768.0
        return not len(pending) or 10 * np.log10(float(np.mean(pending**2)) + 1e-10) < self._voice_db - _QUIET_DB

    def _judge(self, window: npt.NDArray[np.int16]) -> VadFrame:
        self._windows += 1
        if any(
            self._gate.is_speech(window[at : at + _GATE_FRAME].tobytes(), RATE_HZ)
            for at in range(0, WINDOW - _GATE_FRAME + 1, _GATE_FRAME)
        ):
            self._open = _GATE_HOLD_WINDOWS
        elif self._open:
            self._open -= 1
        prob = self._silero(window.astype(np.float32) / 32768.0) if self._open else 0.0
        self._speech = prob >= (self._stop if self._speech else self._start)
        return VadFrame(self._windows * WINDOW_MS, prob, self._speech, self._tail_ms(window) if self._speech else 0)

    def _tail_ms(self, window: npt.NDArray[np.int16]) -> int:
        blocks = window.astype(np.float32).reshape(-1, WINDOW // 4) / 32768.0
        levels = 10 * np.log10(np.mean(blocks**2, axis=1) + 1e-10)
        self._voice_db = max(self._voice_db - 0.5, float(levels.max()))  # forgets a shout at 16 dB a second
        loud = np.flatnonzero(levels > self._voice_db - _QUIET_DB)
        return WINDOW_MS - (int(loud[-1]) + 1) * WINDOW_MS // 4 if len(loud) else WINDOW_MS


@functools.cache
def _silero_session() -> Any:
    import onnxruntime
    from faster_whisper.utils import get_assets_path

    path = Path(get_assets_path()) / "silero_vad_v6.onnx"
    if not path.is_file():
        raise FileNotFoundError(f"{path}: Silero's model is missing; install faster-whisper>=1.2.1 again")
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = 1
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"], sess_options=options)
