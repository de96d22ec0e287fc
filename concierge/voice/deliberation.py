"""What no local stage was sure of goes to the language model: once, when the words are final, before anything is done."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from concierge.domain.hotel import Property
from concierge.domain.people import Actor
from concierge.voice.dialogues import Held
from concierge.voice.model_facts import facts
from concierge.voice.order_steps import OpenOrders
from concierge.voice.plan import Plan, Planner
from concierge.voice.replies import Replies
from intents import Decision, Understanding
from intents.language_model import LanguageModel
from intents.model_turn import ModelAnswer
from intents.router import NOT_FOR_US
from intents.understanding import NONE, Weighed, weighty
from media.brain import Say

log = logging.getLogger(__name__)
PERSON = Decision("handoff.human")
SURE = 0.7
"""How sure a model's decision is said to be: it tells no chance of its own."""
BROKEN = frozenset({"slow", "failed", "malformed", "cut", "refused"})
"""Outcomes after which a person gets the words as a ticket: a model was there to be asked and did not decide."""


@dataclass
class Thought:
    """What came of it, once the deliberation is over: the plan to settle, and what it took for the ledger. ``dropped``: it
    was cut short, and nothing is to be done."""

    plan: Plan
    spans: Mapping[str, float] = field(default_factory=dict)
    dropped: bool = False


class Deliberation:
    """Asks the property's models; without one every plan stands as it is."""

    def __init__(
        self, model: LanguageModel | None, orders: OpenOrders, planner: Planner, property: Property, replies: Replies
    ) -> None:
        self._model = model
        self._orders = orders
        self._planner = planner
        self._property = property
        self._replies = replies

    def needed(self, plan: Plan) -> bool:
        """Whether the plan came of words that nobody understood, and that may be meant for us."""
        said = plan.understanding
        if self._model is None or said is None or plan.stage == "dialogue" or said.decisions != (NONE,):
            return False
        return said.confidence < NOT_FOR_US

    async def think(self, thought: Thought, actor: Actor, held: Held, role: str = "guest") -> AsyncIterator[Say]:
        """Leaves in ``thought`` the plan that the models' answer makes; yields a filler if their first token is late. Has no
        effects; cancelled, the request is closed at once."""
        assert self._model is not None
        plan = thought.plan
        late = asyncio.Event()
        orders, _ = await self._orders.orders(stay=actor.stay, open=True) if actor.stay else ((), None)
        turns = (("hotel", held.dialogue.last_reply),) if held.dialogue.last_reply else ()
        told = facts(self._property, actor, plan.lang, datetime.now(UTC), turns, orders)
        asking = asyncio.ensure_future(self._model.decide(plan.words, plan.lang, role, told, on_slow=late.set))
        waiting = asyncio.ensure_future(late.wait())
        try:
            await asyncio.wait({asking, waiting}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                yield Say(self._replies.sentence([self._replies.text("thinking", plan.lang)], plan.lang), plan.lang, "filler")
            answer = await asking
        finally:
            waiting.cancel()
            asking.cancel()
        account = _account(answer)
        log.info("language model: %s", account)
        thought.plan = replace(self._planned(plan, answer, held, role), asked=account)
        thought.spans = _spans(answer)

    def _planned(self, plan: Plan, answer: ModelAnswer, held: Held, role: str) -> Plan:
        assert plan.understanding is not None
        if answer.say is not None and not answer.decisions:
            return replace(plan, ready=answer.say, stage="model", confidence=SURE)
        decisions = weighty(answer.decisions) if answer.decisions else (PERSON,) if answer.outcome in BROKEN else (NONE,)
        outcome = "decided" if answer.decisions else "failed" if answer.outcome in BROKEN else "passed"
        why = "; ".join(f"{one.model} {one.outcome} {one.ms:.0f} ms" for one in answer.attempts) or answer.outcome
        weighed = Weighed("model", outcome, decisions, SURE if answer.decisions else 0.0, answer.ms, why)
        stage = "model" if answer.decisions else "person" if decisions == (PERSON,) else plan.understanding.stage
        understanding = Understanding(
            decisions, stage, weighed.confidence, True, False, plan.lang, answer.ms, (*plan.understanding.trace, weighed)
        )
        return self._planner.plan(understanding, plan.words, plan.lang, held, role)


def _account(answer: ModelAnswer) -> dict[str, Any]:
    """Who was asked, what came of it and what it cost; no words."""
    attempts = [
        {
            "model": one.model,
            "outcome": one.outcome,
            "ms": round(one.ms),
            "tokens_in": one.tokens_in,
            "tokens_out": one.tokens_out,
        }
        for one in answer.attempts
    ]
    return {"outcome": answer.outcome, "attempts": attempts, "cost": answer.cost}


def _spans(answer: ModelAnswer) -> dict[str, float]:
    """For the turn's ledger, in ms."""
    first = {} if answer.first_token_ms is None else {"model_first_token": round(answer.first_token_ms, 1)}
    return {"model": round(answer.ms, 1), **first}
