"""From a committed plan to words that were heard: effects are carried out, replies spoken, what was cut off and must be heard is offered again,
and each turn leaves its record. Who has the floor is not decided here: `on_reply` and `on_over` tell the session, which asks the turn table."""

import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Protocol

from media.answer import Answer
from media.brain import Brain, Plan, Say
from media.budget import Ledger
from media.guess import Guess
from media.playout import Playout
from media.speaker import Line, Speaker
from media.tts import CachedVoice

log = logging.getLogger(__name__)

_MAX_OFFERS = 2
"""An obligation that was cut off is offered again, but not for ever."""
_HEARD_ENOUGH = 0.8


class Surroundings(Protocol):
    """What answering needs of the session."""

    def spawn(self, work: Coroutine[Any, Any, None]) -> object: ...
    def now_ms(self) -> float: ...
    def on_reply(self) -> None:
        """Audio of a reply is about to be handed to the playout."""

    def on_over(self) -> None:
        """All was said and nothing more will come."""


class Answering:
    """`apology` and `bridge`: standing phrases by language."""

    def __init__(
        self,
        around: Surroundings,
        *,
        brain: Brain,
        voice: CachedVoice,
        playout: Playout,
        emit: Callable[[dict[str, Any]], None],
        apology: Mapping[str, str],
        bridge: Mapping[str, str],
    ) -> None:
        self._around, self._brain, self._emit, self._apology = around, brain, emit, apology
        self.speaker = Speaker(
            voice,
            playout,
            bridges=bridge,
            now_ms=around.now_ms,
            on_ready=lambda line: around.on_reply(),
            on_started=self._started,
            on_settled=self.settle,
            on_failed=self._failed,
        )
        self._answers: list[Answer] = []
        self._owed: list[Line] = []
        self._speaking_turn: int | None = None
        self._hung_up = False

    @property
    def idle(self) -> bool:
        return self.speaker.idle and not self._answers

    def begin(self, turn: int, guess: Guess, ledger: Ledger) -> None:
        """Commit the guess's plan as this turn, as soon as there is one."""
        answer = Answer(turn, guess, ledger, self.speaker.generation)
        self._answers.append(answer)
        self._around.spawn(self._carry_out(answer))

    def say(self, turn: int, say: Say, answer: Answer | None = None) -> None:
        of_turn = {} if say.kind == "news" else {"turn": turn}
        self._emit({"type": "reply", **of_turn, "text": say.text, "kind": say.kind})
        line = Line(turn, say, self.speaker.generation, answer.ledger if answer else None)
        live = answer is None or answer.generation == self.speaker.generation
        if answer is not None:
            answer.lines.append(line)
        # If the guest has spoken since, only what must be heard is still said.
        if not self._hung_up and (live or say.obligation):
            self.speaker.put(line)
        else:
            line.spoken = True

    def apologise(self, turn: int, lang: str, answer: Answer | None = None) -> None:
        text = self._apology.get(lang) or next(iter(self._apology.values()))
        self.say(turn, Say(text, lang, "apology"), answer)

    def silenced(self, after_ms: float) -> None:
        """The guest's speech has silenced us, so long after it began."""
        for answer in self._answers:
            if answer.turn == self._speaking_turn:
                answer.ledger.add("barge_in_stop", after_ms)

    def cut(self) -> None:
        """The guest takes the floor: drop what is being said. What was committed goes on."""
        for line in self.speaker.drop():
            if line.say.obligation and line.offers < _MAX_OFFERS and self.speaker.heard_fraction(line) < _HEARD_ENOUGH:
                self._owed.append(line)
        for answer in self._answers:
            answer.cut = True
        self._stopped("barge_in")
        self._close_answers()

    def hang_up(self) -> None:
        """Say nothing more."""
        self._hung_up = True
        self.cut()

    def offer_owed(self, answer: Answer | None = None) -> None:
        """What must be heard and was cut off, after the answer or by itself."""
        if self._hung_up:
            return
        owed, self._owed = self._owed, []
        for line in owed:
            again = Line(line.turn, line.say, self.speaker.generation, offers=line.offers + 1)
            if answer is not None:
                answer.lines.append(again)
            self.speaker.put(again)

    def settle(self) -> None:
        """Close what is over, and give up the floor when nothing more will come."""
        self._close_answers()
        live = any(answer.generation == self.speaker.generation for answer in self._answers)
        if self.speaker.idle and not live:
            self._stopped("end")
            self._around.on_over()

    async def _carry_out(self, answer: Answer) -> None:
        await answer.guess.planned.wait()
        for span, ms in answer.guess.spans.items():
            answer.ledger.add(span, ms)
        plan = answer.guess.plan
        try:
            if plan is None:
                self._fail("plan", answer)
            elif not await self._commit(answer, plan):
                self._fail("commit", answer)
        finally:
            answer.committed = True
            if answer.generation == self.speaker.generation:
                self.offer_owed(answer)
            self.settle()

    async def _commit(self, answer: Answer, plan: Plan) -> bool:
        """Once more under the same turn if it failed before its first word."""
        for attempt in (1, 2):
            try:
                async for say in self._brain.commit(plan, answer.turn):
                    answer.ledger.mark("first_say", self._around.now_ms())
                    for span, ms in say.spans.items():
                        answer.ledger.add(span, ms)
                    self.say(answer.turn, say, answer)
                return True
            except Exception:
                log.exception("turn %d: commit failed (attempt %d)", answer.turn, attempt)
                if answer.lines:
                    return False
        return False

    def _fail(self, where: str, answer: Answer) -> None:
        self._emit({"type": "error", "turn": answer.turn, "where": where})
        reading = answer.guess.reading
        self.apologise(answer.turn, reading.lang if reading else "", answer)

    def _failed(self, line: Line) -> None:
        self._emit({"type": "error", "turn": line.turn, "where": "tts"})
        if line.say.kind != "apology":
            self.apologise(line.turn, line.say.lang)

    def _started(self, line: Line) -> None:
        if line.ledger:
            line.ledger.mark("first_audio", self._around.now_ms())
        if self._speaking_turn is None:
            self._speaking_turn = line.turn
            self._emit({"type": "speaking", "turn": line.turn})

    def _stopped(self, reason: str) -> None:
        if self._speaking_turn is not None:
            self._emit({"type": "stopped", "turn": self._speaking_turn, "reason": reason})
            self._speaking_turn = None

    def _close_answers(self) -> None:
        for answer in [answer for answer in self._answers if answer.over]:
            self._answers.remove(answer)
            self._around.spawn(self._finish(answer, [self.speaker.heard(line) for line in answer.lines]))

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
