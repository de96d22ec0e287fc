"""What would be done if the guest stopped speaking now. A plan has no effects: it is made at every pause and often thrown away.

Voice and text go the same way: words → understanding → what the conversation makes of it → plan → commit (``commit.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from concierge.domain.hotel import Property, Topic
from concierge.voice.dialogues import Held
from concierge.voice.replies import Replies
from intents import Decision, Understanding
from intents.dialogue import Dialogue, Question, Resolved, Resolver

__all__ = ["TICKETS", "Dialogue", "Plan", "Planner", "make"]

TICKETS: Mapping[str, str] = {
    "request.items": "order.items",
    "request.cleaning": "order.cleaning",
    "request.repair": "order.repair",
    "request.laundry": "order.laundry",
    "request.luggage": "order.luggage",
    "request.taxi": "order.taxi",
    "request.wakeup": "order.wakeup",
    "order.food": "order.food",
    "handoff.human": "order.handoff",
    "stay.extend": "order.front_desk",
    "stay.late_checkout": "order.front_desk",
    "stay.checkout": "order.front_desk",
    "stay.bill": "order.front_desk",
    "stay.change_room": "order.front_desk",
    "stay.key": "order.front_desk",
}
"""Intents that become a ticket for people → the reply once the ticket is on the log."""


@dataclass(frozen=True)
class Plan:
    """``ready``: the whole reply, if it depends on no effect; its first audio can be made before the turn ends.
    ``question`` is asked after what is done. ``before``, ``after``: the conversation as the plan found it and as the commit
    leaves it."""

    words: str
    lang: str
    decisions: tuple[Decision, ...]
    stage: str
    confidence: float
    ready: str | None = None
    question: Question | None = None
    before: Dialogue = field(default_factory=Dialogue)
    after: Dialogue = field(default_factory=Dialogue)
    understanding: Understanding | None = None
    sources: tuple[Mapping[str, str], ...] = ()
    """Of each answer from the property's knowledge: its topic, where the property has it from, and its language."""
    asked: Mapping[str, Any] = field(default_factory=dict)
    """Of the language models, if they were asked: attempts with outcomes and times, tokens and cost. For the turn's record."""

    def told(self) -> dict[str, Any]:
        """As clients are told of it, and as the turn's record has it."""
        asked = {"asks": self.question.asks} if self.question else {}
        decisions = [{"intent": one.intent, "slots": one.slots} for one in self.decisions]
        sources = {"sources": [dict(one) for one in self.sources]} if self.sources else {}
        return {"stage": self.stage, "decisions": decisions, **asked, **sources}


class Planner:
    """Plans for one property. The one place where an understanding meets its conversation."""

    def __init__(self, resolver: Resolver, property: Property, replies: Replies) -> None:
        self._resolver = resolver
        self._property = property
        self._replies = replies

    def resolve(self, understanding: Understanding, words: str, lang: str, held: Held, role: str = "guest") -> Resolved:
        """What is meant, by the conversation so far. Pure; about a millisecond."""
        return self._resolver.resolve(held.dialogue, words, lang, understanding, held.now(), role)

    def plan(self, understanding: Understanding, words: str, lang: str, held: Held, role: str = "guest") -> Plan:
        """Pure. ``lang`` is the language of the reply."""
        resolved = self.resolve(understanding, words, lang, held, role)
        plan = make(understanding, words, lang, self._property, self._replies, held.dialogue, resolved)
        return self._offering(plan, held)

    def settle(self, plan: Plan, held: Held, role: str = "guest") -> Plan:
        """The plan that counts, its turn being over; the conversation has it now. If something else was said or done since it
        was made (typed, while it was spoken), it is made anew."""
        if plan.understanding is not None and held.dialogue is not plan.before:
            plan = replace(self.plan(plan.understanding, plan.words, plan.lang, held, role), asked=plan.asked)
        after = plan.after
        held.change(lambda _: after)
        return plan

    def _offering(self, plan: Plan, held: Held) -> Plan:
        """An answer that ends in "Shall I call a taxi?" waits for a yes."""
        if len(plan.decisions) != 1 or not (plan.ready or "").endswith(("？", "?")):
            return plan
        offer = self._resolver.offered(str(plan.decisions[0].slots.get("topic")), plan.lang)
        if offer is None:
            return plan
        return replace(plan, after=plan.after.asking(Question("offer", held.now(), readings=(offer,))))


def make(
    understanding: Understanding,
    words: str,
    lang: str,
    property: Property,
    replies: Replies,
    dialogue: Dialogue,
    resolved: Resolved | None = None,
) -> Plan:
    """Pure. ``resolved`` None: the sentence means what it says by itself."""
    if resolved is None:
        resolved = Resolved(understanding.decisions or (Decision("none"),), None, dialogue, False, False)
    question = resolved.question
    said = [_certain(decision, lang, property, replies, dialogue) for decision in resolved.decisions]
    asked = [replies.question(question, lang)] if question else []
    ready = None if None in said else replies.sentence([*(clause for clause in said if clause), *asked], lang)
    stage = "dialogue" if resolved.leant else understanding.stage
    return Plan(
        words,
        lang,
        resolved.decisions,
        stage,
        1.0 if resolved.leant else understanding.confidence,
        ready,
        question,
        dialogue,
        resolved.dialogue,
        understanding,
        tuple(replies.source(topic, lang) for topic in _asked_of(resolved.decisions, property)),
    )


def _asked_of(decisions: Sequence[Decision], property: Property) -> list[Topic]:
    asked = [str(one.slots.get("topic")) for one in decisions if one.intent == "info.ask"]
    return [property.topics[key] for key in asked if key in property.topics]


def _certain(decision: Decision, lang: str, property: Property, replies: Replies, dialogue: Dialogue) -> str | None:
    """The clause of a decision whose answer is known without doing anything; None if something must be done first."""
    if decision.intent == "info.ask":
        return next((replies.answer(topic, lang) for topic in _asked_of([decision], property)), None)
    if decision.intent == "dialog.repeat":
        return dialogue.last_reply.rstrip("。.") or replies.text("dialog.repeat.none", lang)
    if decision.intent == "none":
        return replies.text("ask.again", lang) if dialogue.misses == 0 else None
    if decision.intent.startswith("dialog.") and decision.intent != "dialog.undo":
        return replies.text(decision.intent, lang)
    return None
