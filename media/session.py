"""One call's voice: performs what the turn table says. Everything runs in the call's task group; a failure is said to the guest, the call goes on.

`feed` is called with each frame on the event loop. At each pause the chain of `guess.py` runs; when the turn ends its plan is committed, and
`speaker.py` says what comes of it. A guest who speaks meanwhile ducks, silences and then cancels or resumes us, as `turn.py` says.
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

from media.answer import Answer
from media.brain import Brain, Plan, Recogniser, Say
from media.budget import BUDGETS, Ledger
from media.ear import Ear
from media.echo import EchoGate, same_words
from media.endpoint import Ended, Moment, Noise, Paused, SpeechStarted, WentOn
from media.guess import Guess, work_out
from media.playout import Playout
from media.speaker import Line, Speaker
from media.tts import CachedVoice, Voice
from media.turn import Effect, Event, State, Turn
from media.vad import Vad

log = logging.getLogger(__name__)

_MAX_OFFERS = 2
"""An obligation that was cut off is offered again, but not for ever."""
_HEARD_ENOUGH = 0.8
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
        self._settings = settings or Settings()
        self._voice = voice if isinstance(voice, CachedVoice) else CachedVoice(voice)
        self._ear = Ear(vad, EchoGate(playout.recent))
        self._turn = Turn()
        self._lang = self._settings.lang
        self._speaker = Speaker(
            self._voice,
            playout,
            bridges=self._settings.bridge,
            now_ms=self._now_ms,
            on_ready=self._reply_ready,
            on_started=self._reply_started,
            on_settled=self._settle,
            on_failed=self._reply_failed,
        )
        self._guess: Guess | None = None
        self._guessing: asyncio.Task[None] | None = None
        self._complete: Guess | None = None
        """The last whole request heard in the utterance under way; it serves when recognition is late."""
        self._ending = False
        """The turn has ended but its words are not known yet."""
        self._false_alarms = 0
        """Interruptions in a row that were none: a television, a cold, a guest who agrees aloud."""
        self._answers: list[Answer] = []
        self._owed: list[Line] = []
        self._speaking_turn: int | None = None
        self._group: asyncio.TaskGroup | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = asyncio.Event()

    # --- the call ---

    async def run(self) -> None:
        """Until `close`. Cancelling it ends the call at once."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                speaking = group.create_task(self._speaker.run())
                self._spawn(self._warm([*self._settings.bridge.items(), *self._settings.apology.items()]))
                await self._closed.wait()
                speaking.cancel()
                self._discard()
                self._cancel()
                while self._tasks:
                    _, late = await asyncio.wait(self._tasks, timeout=_DRAIN_S)
                    for task in late:
                        task.cancel()
        finally:
            self._group = None

    def close(self) -> None:
        """Hang up: silence, but what was committed is carried out and recorded before `run` returns."""
        self._closed.set()

    @property
    def busy(self) -> bool:
        """Something is being worked out, done or said: a hang-up now would cut it."""
        return bool(self._tasks) or not self._speaker.idle or self._turn.state is not State.IDLE

    def say(self, say: Say) -> None:
        """Say something that no turn asked for ("your towels are on the way"). It waits while the guest speaks."""
        self._emit({"type": "reply", "turn": self._turn.number, "text": say.text, "kind": say.kind})
        self._speaker.put(Line(self._turn.number, say, self._speaker.generation))

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
            self._offer_owed()

    def _perform(self, effect: Effect) -> None:
        match effect:
            case Effect.SPECULATE:
                self._speculate()
            case Effect.DISCARD:
                self._discard()
            case Effect.DUCK:
                self._playout.duck()
            case Effect.HOLD:
                self._hold()
            case Effect.RESUME:
                self._playout.resume()
                self._settle()
            case Effect.CANCEL:
                self._cancel()
            case Effect.COMMIT:
                pass  # `_commit` follows the event, with the guess that it commits

    # --- guessing ---

    def _speculate(self) -> None:
        self._discard()
        guess = self._guess = Guess(self._ear.speech_end_ms, self._turn.number + 1 + self._ending)
        lang = self._settings.languages[0] if len(self._settings.languages) == 1 else None
        self._guessing = self._spawn(
            work_out(
                guess,
                self._ear.utterance(),
                lang,
                asr=self._asr,
                brain=self._brain,
                voice=self._voice,
                now_ms=self._now_ms,
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
        return guess.silent or reading.backchannel or same_words(reading.text, self._speaker.saying())

    # --- the end of a turn ---

    def _end(self, ended: Ended) -> None:
        guess = self._guess
        if guess is None:
            log.error("a turn ended without a guess")  # cannot be: a pause comes before
            return
        ledger = Ledger(guess.turn)
        ledger.mark("speech_end", self._wall_ms(ended.speech_end_ms))
        ledger.mark("endpoint", self._now_ms())
        if guess.reading is not None or guess.failed:
            self._conclude(guess, ledger)
        else:
            self._ending = True
            self._spawn(self._await_words(guess, ledger))

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
                self._apologise(guess.turn)
        elif guess.silent or (interrupted and self._not_for_us(guess)):
            self._nothing()
        else:
            self._give_floor()
            self._handle(Event.END)
            self._commit(guess, ledger)
            self._weigh_speech()

    def _nothing(self) -> None:
        if self._turn.state in (State.LISTENING, *_INTERRUPTED):
            self._handle(Event.NOTHING)

    def _commit(self, guess: Guess, ledger: Ledger) -> None:
        assert guess.heard is not None
        assert guess.reading is not None
        ledger.turn = turn = self._turn.number
        self._lang = guess.reading.lang
        ledger.mark("heard", guess.heard_at_ms)
        self._emit({"type": "heard", "turn": turn, "text": guess.reading.text, "lang": guess.reading.lang, "final": True})
        answer = Answer(turn, guess, ledger, self._speaker.generation)
        self._answers.append(answer)
        self._spawn(self._answer(answer))

    async def _answer(self, answer: Answer) -> None:
        await answer.guess.planned.wait()
        for span, ms in answer.guess.spans.items():
            answer.ledger.add(span, ms)
        plan = answer.guess.plan
        try:
            if plan is None:
                self._fail("plan", answer)
            elif not await self._do(answer, plan):
                self._fail("commit", answer)
        finally:
            answer.committed = True
            if answer.generation == self._speaker.generation:
                self._offer_owed(answer)
            self._settle()

    async def _do(self, answer: Answer, plan: Plan) -> bool:
        """Commit, once more under the same turn if it failed before its first word."""
        for attempt in (1, 2):
            try:
                async for say in self._brain.commit(plan, answer.turn):
                    self._reply(answer, say)
                return True
            except Exception:
                log.exception("turn %d: commit failed (attempt %d)", answer.turn, attempt)
                if answer.lines:
                    return False
        return False

    # --- replies ---

    def _reply(self, answer: Answer, say: Say) -> None:
        answer.ledger.mark("first_say", self._now_ms())
        for span, ms in say.spans.items():
            answer.ledger.add(span, ms)
        self._emit({"type": "reply", "turn": answer.turn, "text": say.text, "kind": say.kind})
        line = Line(answer.turn, say, self._speaker.generation, answer.ledger)
        answer.lines.append(line)
        # If the guest has spoken since, only what must be heard is still said.
        if not self._closed.is_set() and (say.obligation or answer.generation == self._speaker.generation):
            self._speaker.put(line)
        else:
            line.spoken = True

    def _offer_owed(self, answer: Answer | None = None) -> None:
        if self._closed.is_set():
            return
        owed, self._owed = self._owed, []
        for line in owed:
            again = Line(line.turn, line.say, self._speaker.generation, offers=line.offers + 1)
            if answer is not None:
                answer.lines.append(again)
            self._speaker.put(again)

    def _reply_ready(self, line: Line) -> None:
        if self._turn.state in (State.IDLE, State.LISTENING, State.ANSWERING):
            self._handle(Event.REPLY)

    def _reply_started(self, line: Line) -> None:
        if line.ledger:
            line.ledger.mark("first_audio", self._now_ms())
        if self._speaking_turn is None:
            self._speaking_turn = line.turn
            self._emit({"type": "speaking", "turn": line.turn})

    def _reply_failed(self, line: Line) -> None:
        self._emit({"type": "error", "turn": line.turn, "where": "tts"})
        if line.say.kind != "apology":
            self._apologise(line.turn)

    def _hold(self) -> None:
        self._playout.pause(fade_ms=_FADE_MS if self._playout.speaking else 0)
        for answer in self._answers:
            if answer.turn == self._speaking_turn:
                answer.ledger.add("barge_in_stop", self._now_ms() - self._wall_ms(self._ear.speech_start_ms))

    def _cancel(self) -> None:
        cut = self._speaker.drop()
        for answer in self._answers:
            answer.cut = True
        for line in cut:
            if line.say.obligation and line.offers < _MAX_OFFERS and self._speaker.heard_fraction(line) < _HEARD_ENOUGH:
                self._owed.append(line)
        self._stopped("barge_in")
        self._settle()

    def _stopped(self, reason: str) -> None:
        if self._speaking_turn is not None:
            self._emit({"type": "stopped", "turn": self._speaking_turn, "reason": reason})
            self._speaking_turn = None

    def _settle(self) -> None:
        """Close what is over: answers that were carried out and spoken or cut, and the floor when nothing more will come."""
        if self._group is None:
            return
        for answer in [answer for answer in self._answers if answer.over]:
            self._answers.remove(answer)
            self._spawn(self._finish(answer, [self._speaker.heard(line) for line in answer.lines]))
        live = any(answer.generation == self._speaker.generation for answer in self._answers)
        if self._speaker.idle and not live:
            self._stopped("end")
            if self._turn.state in (State.ANSWERING, State.SPEAKING, State.DUCKED):
                self._handle(Event.REPLY_OVER)

    async def _finish(self, answer: Answer, heard: list[str]) -> None:
        record = answer.record(heard)
        spans, budgets, overruns = dict(record.spans), dict(record.budgets), list(record.overruns)
        self._emit({"type": "ledger", "turn": answer.turn, "spans": spans, "budgets": budgets, "overruns": overruns})
        try:
            await self._brain.heard_reply(answer.turn, record.reply_heard, record.cut)
            await self._brain.ended(answer.turn, record)
        except Exception:
            log.exception("turn %d: its end was not recorded", answer.turn)
            self._emit({"type": "error", "turn": answer.turn, "where": "record"})

    # --- failure ---

    def _fail(self, where: str, answer: Answer) -> None:
        self._emit({"type": "error", "turn": answer.turn, "where": where})
        self._apologise(answer.turn, answer)

    def _apologise(self, turn: int, answer: Answer | None = None) -> None:
        text = self._settings.apology.get(self._lang) or next(iter(self._settings.apology.values()))
        say = Say(text, self._lang, "apology")
        if answer is not None:
            self._reply(answer, say)
        else:
            self.say(say)

    async def _warm(self, phrases: list[tuple[str, str]]) -> None:
        """`phrases`: (language, text)."""
        try:
            await asyncio.to_thread(self._voice.warm, [(text, lang) for lang, text in phrases])
        except Exception:
            log.exception("the voice could not speak the standing phrases")

    # --- time and tasks ---

    def _now_ms(self) -> float:
        return self._clock() * 1000

    def _wall_ms(self, audio_ms: float) -> float:
        """When that moment of the guest's audio reached us."""
        return self._now_ms() - (self._ear.now_ms - audio_ms)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        if self._group is None:
            work.close()
            raise RuntimeError("the voice session is not running")
        task = self._group.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
