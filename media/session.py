"""One call's voice: performs what the turn table says. Everything runs in the call's task group; a failure is said to the guest, the call goes on.

`feed` is called with each frame on the event loop. At each pause the chain of `guess.py` runs; when the turn ends its plan is committed and answered
(`answering.py`). A guest who speaks meanwhile ducks, silences and then cancels or resumes us, as `turn.py` says.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from media.answering import Answering
from media.brain import Brain, Recogniser, Say
from media.budget import BUDGETS, Ledger
from media.ear import Ear
from media.echo import EchoGate, same_words
from media.endpoint import Ended, Moment, Noise, Paused, SpeechStarted, WentOn
from media.guess import Guess, work_out
from media.playout import Playout
from media.tts import CachedVoice, Voice
from media.turn import Effect, Event, State, Turn
from media.vad import Vad

log = logging.getLogger(__name__)

_MAX_UNHEARD_MS = 600
"""So much may have been said after an earlier whole request that serves in place of a late one."""
_INTERRUPTED = (State.DUCKED, State.HELD)
_FALSE_ALARMS = 3
_WARY_MS = 150
"""After so many false alarms in a row, so much more speech is needed to silence us."""
_FADE_MS = 20
_DRAIN_S = 5.0
"""After a hang-up, what was committed is given this long to be carried out and recorded."""


@dataclass(frozen=True, slots=True)
class Settings:
    """`lang`: of the stay, for words before the guest has spoken. `languages`: what is recognised. Speech is counted in the VAD's windows of 32 ms,
    whose first says "speech" some 55 ms after the voice began: `duck_ms` 32 ducks at 60 ms of speech, `hold_ms` 64 is silent at 90–130."""

    lang: str = "zh"
    languages: tuple[str, ...] = ("zh", "en")
    duck_ms: int = 32
    hold_ms: int = 64
    asr_deadline_s: float = 6.0
    apology: Mapping[str, str] = field(
        default_factory=lambda: MappingProxyType(
            {"zh": "抱歉，出了点问题，请再说一遍。", "en": "Sorry, something went wrong. Please say it again."}
        )
    )
    bridge: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({"zh": "好的，", "en": "Okay,"}))
    """Said when a voice is late with its first audio."""


class VoiceSession:
    """`emit` gets the events of the call's data channel as dicts; it must not block."""

    def __init__(
        self,
        *,
        asr: Recogniser,
        voice: Voice,
        vad: Vad,
        playout: Playout,
        brain: Brain,
        emit: Callable[[dict[str, Any]], None],
        settings: Settings | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._asr, self._brain, self._playout, self._emit, self._clock = asr, brain, playout, emit, clock
        self._settings = settings = settings or Settings()
        self._voice = voice if isinstance(voice, CachedVoice) else CachedVoice(voice)
        self._ear = Ear(vad, EchoGate(playout))
        self._turn = Turn()
        self._lang = settings.lang
        self._answering = Answering(
            self,
            brain=brain,
            voice=self._voice,
            playout=playout,
            emit=emit,
            apology=settings.apology,
            bridge=settings.bridge,
        )
        self._guess: Guess | None = None
        self._guessing: asyncio.Task[None] | None = None
        self._complete: Guess | None = None
        """The last whole request heard in the utterance under way; it serves when recognition is late."""
        self._ending = False
        """The turn has ended but its words are not known yet."""
        self._due: tuple[Guess, Ledger] | None = None
        """What the table may commit now."""
        self._false_alarms = 0
        """Interruptions in a row that were none: a television, a cold, a guest who agrees aloud."""
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = asyncio.Event()

    # --- the call ---

    async def run(self) -> None:
        """Until `close`. Cancelling it ends the call at once."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                speaking = group.create_task(self._answering.speaker.run())
                self.spawn(self._warm([*self._settings.bridge.items(), *self._settings.apology.items()]))
                await self._closed.wait()
                speaking.cancel()
                self._discard()
                self._answering.hang_up()
                while self._tasks:
                    _, late = await asyncio.wait(self._tasks, timeout=_DRAIN_S)
                    for task in late:
                        task.cancel()
        finally:
            self._group = None
            self._playout.on_started = self._playout.on_drained = None
            self._playout.stop()

    def close(self) -> None:
        """Hang up: silence, but what was committed is carried out and recorded before `run` returns."""
        self._closed.set()

    @property
    def busy(self) -> bool:
        """Something is being worked out, done or said: a hang-up now would cut it."""
        return bool(self._tasks) or not self._answering.idle or self._turn.state is not State.IDLE

    def say(self, say: Say) -> None:
        """Say something that no turn asked for ("your towels are on the way"). It waits while the guest speaks."""
        self._answering.say(self._turn.number, say)

    def feed(self, pcm: npt.NDArray[np.int16], pts_s: float | None = None) -> None:
        """A frame from the guest: 16 kHz mono int16 (20 ms from WebRTC; any length does), without gaps. On the event loop."""
        if self._group is None or self._closed.is_set():
            return
        for moment in self._ear.feed(pcm):
            self._hear(moment)
        self._weigh_speech()

    # --- what the ear says ---

    def _weigh_speech(self) -> None:
        state = self._turn.state
        if state in (State.IDLE, State.ANSWERING, State.SPEAKING) and self._ear.run_ms >= self._settings.duck_ms:
            self._handle(Event.SPEECH)
        wary_ms = _WARY_MS if self._false_alarms >= _FALSE_ALARMS else 0
        if self._turn.state is State.DUCKED and self._ear.run_ms >= self._settings.hold_ms + wary_ms:
            self._handle(Event.SPEECH_GOES_ON)

    def _hear(self, moment: Moment) -> None:
        match moment:
            case SpeechStarted():
                self._complete = None
            case Noise() if not self._ending and self._turn.state in (State.LISTENING, *_INTERRUPTED):
                self._handle(Event.NOISE)
            case Paused():
                self._give_floor()
                self._handle(Event.PAUSE)
            case WentOn():
                self._give_floor()
                self._handle(Event.WENT_ON)
            case Ended():
                self._end(moment)

    def _give_floor(self) -> None:
        """The guest certainly speaks: bring the table to a state that knows it."""
        if self._turn.state in (State.IDLE, State.ANSWERING, State.SPEAKING):
            self._handle(Event.SPEECH)

    def _handle(self, event: Event) -> None:
        if self._turn.state in _INTERRUPTED and event in (Event.NOISE, Event.BACKCHANNEL, Event.NOTHING):
            self._false_alarms += 1
        elif event is Event.END:
            self._false_alarms = 0
        for effect in self._turn.handle(event):
            self._perform(effect)
        if self._turn.state is State.IDLE:
            self._answering.offer_owed()

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Effect.SPECULATE:
                self._speculate()
            case Effect.DISCARD:
                self._discard()
            case Effect.DUCK:
                self._playout.duck()
            case Effect.HOLD:
                self._playout.pause(fade_ms=_FADE_MS if self._playout.speaking else 0)
                self._answering.silenced(self.now_ms() - self._wall_ms(self._ear.speech_start_ms))
            case Effect.RESUME:
                self._playout.resume()
                self._answering.settle()
            case Effect.CANCEL:
                self._answering.cut()
                self._brain.spoken_over()
            case Effect.COMMIT:
                self._commit()

    # --- guessing ---

    def _speculate(self) -> None:
        self._discard()
        guess = self._guess = Guess(self._ear.speech_end_ms, self._turn.number + 1 + self._ending)
        lang = self._settings.languages[0] if len(self._settings.languages) == 1 else None
        self._guessing = self.spawn(
            work_out(
                guess,
                self._ear.utterance(),
                lang,
                asr=self._asr,
                brain=self._brain,
                voice=self._voice,
                now_ms=self.now_ms,
                on_read=self._read,
            )
        )

    def _discard(self) -> None:
        if self._guessing and not self._ending:
            self._guessing.cancel()
        self._guess = self._guessing = None

    def _read(self, guess: Guess) -> None:
        if guess is not self._guess or guess.heard is None or guess.reading is None:
            return
        reading = guess.reading
        if not guess.silent:
            self._emit({"type": "heard", "turn": guess.turn, "text": reading.text, "lang": reading.lang, "final": False})
            if reading.complete and not reading.unfinished:
                self._complete = guess
        if self._turn.state in _INTERRUPTED:
            if self._not_for_us(guess):
                guess.dismissed = True
                self._ear.drop()
                self._handle(Event.BACKCHANNEL)
                return
            self._handle(Event.WORDS)
        for moment in self._ear.judge(guess.completeness):
            self._hear(moment)

    def _not_for_us(self, guess: Guess) -> bool:
        reading = guess.reading
        if reading is None or reading.emergency:
            return False
        return guess.silent or reading.backchannel or same_words(reading.text, self._answering.speaker.saying())

    # --- the end of a turn ---

    def _end(self, ended: Ended) -> None:
        guess = self._guess
        if guess is None:
            log.error("a turn ended without a guess")  # cannot be: a pause comes before
            return
        ledger = Ledger(guess.turn)
        ledger.mark("speech_end", self._wall_ms(ended.speech_end_ms))
        ledger.mark("endpoint", self.now_ms())
        if guess.reading is not None or guess.failed:
            self._conclude(guess, ledger)
        else:
            self._ending = True
            self.spawn(self._await_words(guess, ledger))

    async def _await_words(self, guess: Guess, ledger: Ledger) -> None:
        """Recognition is late. After its budget the last whole request serves, if there was one in this utterance; else we wait."""
        try:
            async with asyncio.timeout(BUDGETS["asr_after_endpoint"].p95_ms / 1000):
                await guess.read.wait()
        except TimeoutError:
            earlier = self._complete
            if earlier and earlier.plan and guess.speech_end_ms - earlier.speech_end_ms <= _MAX_UNHEARD_MS:
                guess = earlier
            else:
                try:
                    async with asyncio.timeout(self._settings.asr_deadline_s):
                        await guess.read.wait()
                except TimeoutError:
                    guess.failed = "asr"
        self._ending = False
        self._conclude(guess, ledger)

    def _conclude(self, guess: Guess, ledger: Ledger) -> None:
        self._complete = None
        if self._guess is guess:
            self._guess = self._guessing = None
        if guess.dismissed:
            return
        interrupted = self._turn.state in _INTERRUPTED
        if guess.heard is None or guess.reading is None:
            self._nothing()
            self._emit({"type": "error", "turn": guess.turn, "where": guess.failed or "asr"})
            if not interrupted:
                self._answering.apologise(guess.turn, self._lang)
        elif guess.silent or (interrupted and self._not_for_us(guess)):
            self._nothing()
        else:
            self._give_floor()
            self._due = guess, ledger
            self._handle(Event.END)
            self._weigh_speech()

    def _nothing(self) -> None:
        if self._turn.state in (State.LISTENING, *_INTERRUPTED):
            self._handle(Event.NOTHING)

    def _commit(self) -> None:
        assert self._due is not None
        (guess, ledger), self._due = self._due, None
        assert guess.reading is not None
        reading = guess.reading
        self._lang = reading.lang
        ledger.turn = self._turn.number
        ledger.mark("heard", guess.heard_at_ms)
        self._emit({"type": "heard", "turn": ledger.turn, "text": reading.text, "lang": reading.lang, "final": True})
        self._answering.begin(ledger.turn, guess, ledger)

    # --- what answering tells us ---

    def on_reply(self) -> None:
        if self._turn.state in (State.IDLE, State.LISTENING, State.ANSWERING):
            self._handle(Event.REPLY)

    def on_over(self) -> None:
        if self._turn.state in (State.ANSWERING, State.SPEAKING, State.DUCKED):
            self._handle(Event.REPLY_OVER)

    # --- time and tasks ---

    def now_ms(self) -> float:
        return self._clock() * 1000

    def _wall_ms(self, audio_ms: float) -> float:
        """When that moment of the guest's audio reached us."""
        return self.now_ms() - (self._ear.now_ms - audio_ms)

    async def _warm(self, phrases: list[tuple[str, str]]) -> None:
        """`phrases`: (language, text)."""
        try:
            await asyncio.to_thread(self._voice.warm, [(text, lang) for lang, text in phrases])
        except Exception:
            log.exception("the voice could not speak the standing phrases")

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task of this call."""
        if self._group is None:
            work.close()
            raise RuntimeError("the voice session is not running")
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
