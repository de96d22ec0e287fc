"""The effects of a plan, once, at the end of the turn: devices set and confirmed, tickets on the log, then the reply.

Every effect carries a client id made of the turn's key, so that a repeated commit finds its first answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

from concierge.domain.errors import DomainError
from concierge.domain.people import Actor
from concierge.service.handlers import Service
from concierge.voice.dialogues import Held
from concierge.voice.plan import Plan
from concierge.voice.replies import Replies
from concierge.voice.step import Done, Step, Tell, hand_over
from concierge.voice.steps import Steps
from intents.dialogue import Dialogue
from media.brain import Say

FILLER_AFTER_S = 0.3
"""DESIGN 4: not confirmed this long after the commit, the guest hears "one moment"."""
SETTLE_FIRST = frozenset({"dialog.undo", "order.cancel", "order.change"})
"""What comes after these in a turn waits for them: "not that one, the desk one" puts the wrong one back, then sets."""
ANSWERED_FIRST = frozenset({"device.set", "scene.set"})
"""Chinese replies to these begin with 「好的」."""

log = logging.getLogger(__name__)


class Committer:
    """Carries out the plans of one property."""

    def __init__(self, steps: Steps, replies: Replies, service: Service) -> None:
        self._service = service
        self._steps = steps
        self._replies = replies
        self._running: set[asyncio.Task[Done]] = set()

    async def carry_out(
        self, plan: Plan, actor: Actor, key: str, held: Held, tell: Tell = lambda event: None
    ) -> AsyncIterator[Say]:
        """Do what the plan says, then ask what it asks, and yield what to say. ``key`` is the turn's idempotency key; ``tell``
        hears of each confirmation. A step that fails says so in its own clause; the others are still done."""
        if plan.ready is not None:
            held.change(_replied(plan.ready))
            yield Say(plan.ready, plan.lang, obligation=plan.question is not None)
            return
        # An emergency is on the log before anything else is weighed.
        order = sorted(range(len(plan.decisions)), key=lambda i: plan.decisions[i].intent != "emergency.report")
        steps: list[asyncio.Task[Done]] = []
        last: dict[str, asyncio.Task[Done]] = {}
        first: asyncio.Task[Done] | None = None
        for i in order:
            step = Step(plan, plan.decisions[i], actor, f"{key}-{i}", key, held, tell)
            # Side by side, but what is said of one kind of device is done in the order it was said: "off, no, on".
            same = "scene" if step.decision.intent == "scene.set" else str(step.slots.get("device", i))
            task = asyncio.create_task(self._carry(step, [one for one in (last.get(same), first) if one]))
            last[same] = task
            if step.decision.intent in SETTLE_FIRST:
                first = task
            steps.append(task)
            self._running.add(task)
            task.add_done_callback(self._over)
        # A cancelled call takes back nothing: what was begun is finished, only nobody is told.
        _, late = await asyncio.wait(steps, timeout=FILLER_AFTER_S)
        if late:
            yield Say(self._replies.sentence([self._replies.text("filler", plan.lang)], plan.lang), plan.lang, "filler")
            await asyncio.wait(late)
        done = [task.result() for task in steps]
        apart = any(decision.intent in ANSWERED_FIRST for decision in plan.decisions)
        ok = [self._replies.text("ok", plan.lang)] if apart else []
        asked = [self._replies.question(plan.question, plan.lang)] if plan.question else []
        reply = self._replies.sentence([*ok, *(one.clause for one in done), *asked], plan.lang)
        held.change(_replied(reply))
        spans = {span: ms for one in done for span, ms in one.spans.items()}
        yield Say(reply, plan.lang, obligation=any(one.owed for one in done), spans=spans)

    async def _carry(self, step: Step, before: list[asyncio.Task[Done]]) -> Done:
        if before:
            await asyncio.wait(before)
        try:
            return await self._steps.carry(step)
        except Exception as error:
            level = logging.WARNING if isinstance(error, DomainError) else logging.ERROR
            log.log(level, "turn %s: %s failed: %s", step.key, step.decision.intent, error, exc_info=level == logging.ERROR)
            return Done(await self._apology(step), owed=True)

    async def _apology(self, step: Step) -> str:
        """A person takes over; if not even that ticket reaches the log, the guest is told to call."""
        try:
            await hand_over(self._service, step, "-failed")
        except Exception:
            log.exception("turn %s: no ticket either", step.key)
            return self._replies.text("apology.alone", step.lang)
        return self._replies.text("apology", step.lang)

    def _over(self, task: asyncio.Task[Done]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a step failed", exc_info=error)


def _replied(reply: str) -> Callable[[Dialogue], Dialogue]:
    return lambda dialogue: replace(dialogue, last_reply=reply)
