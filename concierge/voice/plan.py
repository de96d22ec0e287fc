"""What would be done if the guest stopped speaking now. A plan has no effects: it is made at every pause and often thrown away.

Voice and text go the same way: words → understanding → plan → commit (``commit.py``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from concierge.domain.hotel import Property
from concierge.voice.replies import Replies
from intents import Decision, Understanding

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
    """``ready``: the whole reply, if it depends on no effect; its first audio can be made before the turn ends."""

    words: str
    lang: str
    decisions: tuple[Decision, ...]
    stage: str
    confidence: float
    ready: str | None = None


@dataclass
class Dialogue:
    """What a conversation remembers between turns. One a call and one a chat."""

    last_reply: str = ""
    misses: int = 0
    undo: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """(device, what it was) of the last change."""


def make(understanding: Understanding, words: str, lang: str, property: Property, replies: Replies, dialogue: Dialogue) -> Plan:
    """Pure. ``lang`` is the language of the reply."""
    decisions = understanding.decisions or (Decision("none", {}),)
    said = [_certain(decision, lang, property, replies, dialogue) for decision in decisions]
    ready = None if None in said else replies.sentence([clause for clause in said if clause], lang)
    return Plan(words, lang, decisions, understanding.stage, understanding.confidence, ready)


def _certain(decision: Decision, lang: str, property: Property, replies: Replies, dialogue: Dialogue) -> str | None:
    """The clause of a decision whose answer is known without doing anything; None if something must be done first."""
    if decision.intent == "info.ask":
        topic = property.topics.get(str(decision.slots.get("topic")))
        return topic.answer[lang].rstrip("。.") if topic else None
    if decision.intent == "dialog.repeat":
        return dialogue.last_reply.rstrip("。.") or replies.text("dialog.repeat.none", lang)
    if decision.intent == "none":
        return replies.text("ask.again", lang) if dialogue.misses == 0 else None
    if decision.intent.startswith("dialog.") and decision.intent != "dialog.undo":
        return replies.text(decision.intent, lang)
    return None
