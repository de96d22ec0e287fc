"""The effects of a plan, once, at the end of the turn: devices set and confirmed, tickets on the log, then the reply.

Every effect carries a client id made of the turn's key, so that a repeated commit finds its first answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

from concierge.domain.errors import DomainError
from concierge.domain.people import Actor
from concierge.voice.plan import Dialogue, Plan
from concierge.voice.replies import Replies
from concierge.voice.steps import Done, Step, Steps, Tell
from media.brain import Say

FILLER_AFTER_S = 0.3
"""DESIGN 4: not confirmed this long after the commit, the guest hears "one moment"."""
ANSWERED_FIRST = frozenset({"device.set", "scene.set"})
"""Chinese replies to these begin with 「好的」."""

log = logging.getLogger(__name__)


class Committer:
    """Carries out the plans of one property."""

    def __init__(self, steps: Steps, replies: Replies) -> None:
        self._steps = steps
        self._replies = replies
        self._running: set[asyncio.Task[Done]] = set()

    async def carry_out(
        self, plan: Plan, actor: Actor, key: str, dialogue: Dialogue, tell: Tell = lambda event: None
    ) -> AsyncIterator[Say]:
        """Do what the plan says and yield what to say. ``key`` is the turn's idempotency key; ``tell`` hears of each
        confirmation. A step that fails says so in its own clause; the others are still done."""
        missed = plan.decisions[0].intent == "none"
        if plan.ready is not None:
            dialogue.misses = dialogue.misses + 1 if missed else 0
            dialogue.last_reply = plan.ready
            yield Say(plan.ready, plan.lang)
            return
        # An emergency is on the log before anything else is weighed.
        order = sorted(range(len(plan.decisions)), key=lambda i: plan.decisions[i].intent != "emergency.report")
        steps: list[asyncio.Task[Done]] = []
        last: dict[str, asyncio.Task[Done]] = {}
        for i in order:
            step = Step(plan, plan.decisions[i], actor, f"{key}-{i}", dialogue, tell)
            # Side by side, but what is said of one kind of device is done in the order it was said: "off, no, on".
            same = "scene" if step.decision.intent == "scene.set" else str(step.slots.get("device", i))
            task = asyncio.create_task(self._carry(step, last.get(same)))
            last[same] = task
            steps.append(task)
            self._running.add(task)
            task.add_done_callback(self._over)
        # A cancelled call takes back nothing: what was begun is finished, only nobody is told.
        _, late = await asyncio.wait(steps, timeout=FILLER_AFTER_S)
        if late:
            yield Say(self._replies.sentence([self._replies.text("filler", plan.lang)], plan.lang), plan.lang, "filler")
            await asyncio.wait(late)
        done = [task.result() for task in steps]
        dialogue.misses = dialogue.misses + 1 if missed else 0
        apart = any(decision.intent in ANSWERED_FIRST for decision in plan.decisions)
        first = [self._replies.text("ok", plan.lang)] if apart else []
        reply = self._replies.sentence([*first, *(one.clause for one in done)], plan.lang)
        dialogue.last_reply = reply
        spans = {span: ms for one in done for span, ms in one.spans.items()}
        yield Say(reply, plan.lang, obligation=any(one.owed for one in done), spans=spans)

    async def _carry(self, step: Step, before: asyncio.Task[Done] | None) -> Done:
        if before is not None:
            await asyncio.wait([before])
        try:
            return await self._steps.carry(step)
        except Exception as error:
            level = logging.WARNING if isinstance(error, DomainError) else logging.ERROR
            log.log(level, "turn %s: %s failed: %s", step.key, step.decision.intent, error, exc_info=level == logging.ERROR)
            return Done(await self._apology(step), owed=True)

    async def _apology(self, step: Step) -> str:
        """A person takes over; if not even that ticket reaches the log, the guest is told to call."""
        try:
            await self._steps.hand_over(step, "-failed")
        except Exception:
            log.exception("turn %s: no ticket either", step.key)
            return self._replies.text("apology.alone", step.lang)
        return self._replies.text("apology", step.lang)

    def _over(self, task: asyncio.Task[Done]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a step failed", exc_info=error)
