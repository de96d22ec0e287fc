"""The speculative chain at a pause: recognise, understand, plan, speak the probable first clause into the cache. No effects: a guess that turns out
to be early is thrown away."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from media.brain import Brain, Heard, Plan, Reading, Recogniser
from media.endpoint import Completeness
from media.tts import CachedVoice, clauses

log = logging.getLogger(__name__)


@dataclass
class Guess:
    """What was said until `speech_end_ms` (audio time), as far as it has been worked out."""

    speech_end_ms: int
    turn: int
    heard: Heard | None = None
    reading: Reading | None = None
    plan: Plan | None = None
    dismissed: bool = False
    """It was a backchannel, a cough or an echo, and nothing follows from it."""
    failed: str | None = None
    """The step that raised: asr, understand or plan."""
    heard_at_ms: float = 0.0
    spans: dict[str, float] = field(default_factory=dict)
    read: asyncio.Event = field(default_factory=asyncio.Event)
    """`reading` is there, or the guess failed."""
    planned: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def silent(self) -> bool:
        """No words in it."""
        if self.reading is None:
            return False
        return not any(char.isalnum() for char in self.reading.text)

    @property
    def completeness(self) -> Completeness:
        reading = self.reading
        if reading is None:
            return Completeness.OPEN
        if reading.emergency or (reading.complete and not reading.unfinished):
            return Completeness.COMPLETE
        return Completeness.UNFINISHED if reading.unfinished else Completeness.OPEN


async def work_out(
    guess: Guess,
    pcm: npt.NDArray[np.float32],
    lang: str | None,
    *,
    asr: Recogniser,
    brain: Brain,
    voice: CachedVoice,
    now_ms: Callable[[], float],
    on_read: Callable[[Guess], None],
) -> None:
    """Fills `guess` step by step; `on_read` is called once the words are understood. Never raises but for cancellation."""
    step = "asr"
    try:
        started = now_ms()
        guess.heard = await asr.hear(pcm, lang)
        guess.heard_at_ms = now_ms()
        guess.spans["asr"] = guess.heard_at_ms - started
        step = "understand"
        guess.reading = brain.understand(guess.heard)
        guess.spans["understand"] = now_ms() - guess.heard_at_ms
        guess.read.set()
        on_read(guess)
        step = "plan"
        started = now_ms()
        guess.plan = await brain.plan(guess.reading, guess.turn)
        guess.spans["plan"] = now_ms() - started
    except Exception:
        log.exception("turn %d: %s failed", guess.turn, step)
        guess.failed = step
    finally:
        guess.read.set()
        guess.planned.set()
    if guess.plan and guess.plan.first_reply:
        try:
            await asyncio.to_thread(voice.say, clauses(guess.plan.first_reply)[0], guess.plan.reading.lang)
        except Exception:
            log.exception("turn %d: speaking ahead failed", guess.turn)  # spoken again when needed, and reported then
