"""What comes of a guest's words: the decisions, and how each stage of the cascade weighed them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from intents.catalogue import Decision

STAGES = ("grammar", "classifier", "nearly", "knowledge", "model")
"""All that may be dropped by settings, in the order they are asked; the emergency gate always stands."""
NONE = Decision("none")
DROPPED_BESIDE = frozenset(f"dialog.{word}" for word in ("yes", "no", "stop", "repeat", "thanks", "greet", "bye")) | {"none"}
"""Polite words, and talk that is not for us: dropped beside a request."""


@dataclass(frozen=True)
class Weighed:
    """One stage's say. ``outcome``: decided, passed (not sure enough), nothing (no reading), failed."""

    stage: str
    outcome: str
    decisions: tuple[Decision, ...] = ()
    confidence: float = 0.0
    ms: float = 0.0
    why: str = ""


@dataclass(frozen=True)
class Understanding:
    """What was understood. ``complete``: the whole text is a full request; ``unfinished``: it asks to go on."""

    decisions: tuple[Decision, ...]
    stage: str
    confidence: float
    complete: bool
    unfinished: bool
    lang: str
    ms: float
    trace: tuple[Weighed, ...] = field(default=(), compare=False)
    """The stages in the order they were asked."""

    @property
    def emergency(self) -> bool:
        return any(decision.intent == "emergency.report" for decision in self.decisions)


class Understands(Protocol):
    """What turns words into an understanding: the grammar alone, or the whole cascade."""

    def understand(self, text: str, lang: str | None = None, role: str = "guest") -> Understanding: ...


def weighty(decisions: tuple[Decision, ...]) -> tuple[Decision, ...]:
    """Without the polite words beside a request; an emergency stands alone."""
    alarms = tuple(one for one in decisions if one.intent == "emergency.report")
    if alarms:
        return alarms[:1]
    kept = tuple(one for one in decisions if one.intent not in DROPPED_BESIDE)
    return kept or decisions[-1:]
