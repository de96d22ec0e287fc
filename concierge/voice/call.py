"""A guest's call: what the media session thinks and acts through (``media.brain.Brain``), bound to one stay."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from dataclasses import replace
from typing import Any

from concierge.domain import conversation
from concierge.domain.hotel import Property
from concierge.domain.people import SERVICE, Actor
from concierge.service import commands
from concierge.service.handlers import Service
from concierge.voice import plan as planning
from concierge.voice.commit import Committer
from concierge.voice.deliberation import Deliberation, Thought
from concierge.voice.dialogues import Dialogues, Held
from concierge.voice.step import Tell
from intents import Understanding, is_backchannel
from intents.understanding import Understands
from media.brain import Heard, Plan, Reading, Say, TurnRecord

log = logging.getLogger(__name__)


class CallBrain:
    """``id`` names the call on the log; ``lang`` is the stay's language, for what has no language of its own."""

    def __init__(
        self,
        id: str,
        actor: Actor,
        lang: str,
        *,
        service: Service,
        committer: Committer,
        understander: Understands,
        planner: planning.Planner,
        dialogues: Dialogues,
        property: Property,
        tell: Tell,
        deliberation: Deliberation | None = None,
    ) -> None:
        self.id = id
        self._actor = actor
        self._lang = lang
        self._service = service
        self._committer = committer
        self._understander = understander
        self._property = property
        self._planner = planner
        self._dialogues = dialogues
        self._tell = tell
        self._deliberation = deliberation
        self._thinking: set[asyncio.Task[None]] = set()
        self._settled: dict[int, planning.Plan] = {}
        self._writing: set[asyncio.Task[None]] = set()

    def understand(self, heard: Heard) -> Reading:
        lang = heard.lang if heard.lang in self._property.languages else self._lang
        understanding = self._understander.understand(heard.text, lang, self._role)
        # By itself 再高一点 is no request and 嗯 is no answer: how long to wait for more depends on what was said before.
        resolved = self._planner.resolve(understanding, heard.text, lang, self._held, self._role)
        answered = resolved.leant and bool(resolved.decisions)
        return Reading(
            text=heard.text,
            lang=lang,
            complete=resolved.complete,
            unfinished=resolved.unfinished,
            backchannel=is_backchannel(heard.text, lang) and not answered,
            emergency=any(decision.intent == "emergency.report" for decision in understanding.decisions),
            payload=understanding,
        )

    async def plan(self, reading: Reading, turn: int) -> Plan:
        understanding: Understanding = reading.payload
        made = self._planner.plan(understanding, reading.text, reading.lang, self._held, self._role)
        return Plan(reading, made.ready, made)

    async def commit(self, plan: Plan, turn: int) -> AsyncIterator[Say]:
        held = self._held
        thought = Thought(plan.payload)
        # The words are final: the conversation has them, whatever comes of them.
        self._write(self._say(self._actor, thought.plan.words, thought.plan.lang, turn))
        if turn not in self._settled and self._deliberation and self._deliberation.needed(thought.plan):
            async for say in self._think(self._deliberation, thought, held):
                yield say
            if thought.dropped:
                return
        made = self._settled.get(turn) or self._planner.settle(thought.plan, held, self._role)
        self._settled[turn] = made
        self._tell({"type": "decision", "turn": turn, **made.told()})
        key = f"{self.id}-{turn}"
        async for say in self._committer.carry_out(made, self._actor, key, held, self._with_turn(turn)):
            yield replace(say, spans={**thought.spans, **say.spans})
            thought.spans = {}

    async def _think(self, deliberation: Deliberation, thought: Thought, held: Held) -> AsyncIterator[Say]:
        """The language model's turn. A guest who speaks on while it thinks has the floor: nothing was done yet, so the request
        is closed."""
        says: asyncio.Queue[Say | None] = asyncio.Queue()

        async def think() -> None:
            async for say in deliberation.think(thought, self._actor, held, self._role):
                says.put_nowait(say)

        task = asyncio.ensure_future(think())
        task.add_done_callback(lambda _: says.put_nowait(None))  # also if it was cancelled before it began
        self._thinking.add(task)
        try:
            while (say := await says.get()) is not None:
                yield say
            thought.dropped = task.cancelled()
            if not thought.dropped:
                task.result()
        finally:
            self._thinking.discard(task)
            task.cancel()

    def spoken_over(self) -> None:
        for task in self._thinking:
            task.cancel()

    async def heard_reply(self, turn: int, text_heard: str, cut: bool) -> None:
        """The conversation holds what the guest heard, not what we meant to say."""
        if text_heard:
            lang = self._settled[turn].lang if turn in self._settled else self._lang
            self._write(self._say(SERVICE, text_heard, lang, turn, cut=cut))

    async def ended(self, turn: int, record: TurnRecord) -> None:
        made = self._settled.pop(turn, None)
        data = {
            "turn": turn,
            "heard": record.heard,
            "lang": record.lang,
            "reply": record.reply,
            "reply_heard": record.reply_heard,
            "cut": record.cut,
            **(made.told() if made else {"stage": "", "decisions": []}),
            **({"model": dict(made.asked)} if made and made.asked else {}),
            "moments_ms": dict(record.moments),
            "spans_ms": dict(record.spans),
            "overruns": list(record.overruns),
        }
        self._write(self._record(turn, data))

    async def drained(self) -> None:
        """All that was to be written is on the log (or has failed and is in our own log)."""
        if self._writing:
            await asyncio.wait(set(self._writing))

    @property
    def _held(self) -> Held:
        return self._dialogues.of(self._actor, self.id)

    @property
    def _role(self) -> str:
        return "staff" if self._actor.kind == "staff" else "guest"

    def _with_turn(self, turn: int) -> Tell:
        return lambda event: self._tell({**event, "turn": turn})

    async def _say(self, actor: Actor, text: str, lang: str, turn: int, *, cut: bool = False) -> None:
        if not self._actor.stay:
            return
        about = {"call": self.id, "turn": turn, "cut": cut}
        say = commands.Say(conversation.of_stay(self._actor.stay), text, lang, via="voice", about=about)
        await self._service.do(say, actor, f"{self.id}-{turn}-said")

    async def _record(self, turn: int, data: dict[str, Any]) -> None:
        await self._service.do(commands.RecordTurn(self.id, self._actor.stay or None, data), SERVICE, f"{self.id}-{turn}-turn")

    def _write(self, work: Coroutine[Any, Any, None]) -> None:
        """Beside the reply, never before it; kept until done so that a call's end loses nothing."""
        task = asyncio.ensure_future(work)
        self._writing.add(task)
        task.add_done_callback(self._written)

    def _written(self, task: asyncio.Task[None]) -> None:
        self._writing.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("call %s: not written: %s", self.id, error)
