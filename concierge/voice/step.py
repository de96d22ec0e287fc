"""One decision of a plan being carried out, and how a person is asked to take it over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from concierge.domain.people import Actor
from concierge.service.commands import PlaceOrder
from concierge.service.handlers import Service
from concierge.voice.dialogues import Held
from concierge.voice.plan import Plan
from intents import Decision
from intents.dialogue import Effect

Tell = Callable[[dict[str, Any]], None]


@dataclass(frozen=True)
class Step:
    """``key``: its idempotency key; ``turn``: that of the whole plan."""

    plan: Plan
    decision: Decision
    actor: Actor
    key: str
    turn: str
    held: Held
    tell: Tell

    @property
    def lang(self) -> str:
        return self.plan.lang

    @property
    def slots(self) -> Mapping[str, Any]:
        return self.decision.slots

    def did(self, kind: str, **data: Any) -> None:
        """Something that "undo" can take back (:class:`intents.dialogue.Effect`)."""
        effect = Effect(kind, self.turn, self.held.now(), data)
        self.held.change(lambda dialogue: dialogue.did(effect))


@dataclass(frozen=True)
class Done:
    """A step carried out. ``clause`` tells of it; ``owed``: the guest must get to hear it; ``spans``: what it took, ms."""

    clause: str
    owed: bool = False
    spans: Mapping[str, float] = field(default_factory=dict)


async def hand_over(service: Service, step: Step, again: str = "") -> None:
    """A ticket for the front desk with the guest's words. ``again`` tells its key from another effect's of the step."""
    order = PlaceOrder("handoff.human", {"to": "front_desk"}, step.plan.words, step.lang)
    await service.do(order, step.actor, f"{step.key}{again}")
