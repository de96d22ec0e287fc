"""Room 301 as its guest has it: types, says, and looks at what came of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from concierge.bus.log import Log
from concierge.bus.mqtt import DeviceEdge
from concierge.domain.conversation import of_stay
from concierge.domain.hotel import Property
from concierge.domain.people import Actor
from concierge.service.handlers import Service
from concierge.simulator import Simulator
from concierge.views.views import Views
from concierge.voice.call import CallBrain
from concierge.voice.chat import Chat
from concierge.voice.commit import Committer
from concierge.voice.dialogues import Dialogues, Held
from concierge.voice.plan import Planner
from intents import Understander
from media.brain import Plan


@dataclass(frozen=True)
class Words:
    """What a recogniser heard."""

    text: str
    lang: str = "zh"
    ms: float = 1.0
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0


@dataclass
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Room:
    """``guest`` is in 301. ``events``: what the call told its client."""

    property: Property
    log: Log
    service: Service
    views: Views
    devices: DeviceEdge
    simulator: Simulator
    guest: Actor
    chat: Chat
    planner: Planner
    dialogues: Dialogues
    understander: Understander
    committer: Committer
    clock: Clock
    events: list[dict[str, Any]] = field(default_factory=list)
    turns: int = 0

    @property
    def held(self) -> Held:
        return self.dialogues.of(self.guest)

    def state(self, device: str) -> Mapping[str, Any]:
        return self.devices.state("301", device) or {}

    async def types(self, text: str, lang: str = "zh") -> str:
        """What the guest types, and the answer that it gets."""
        self.clock.now += 5
        said = await self.chat.said(self.guest, of_stay(self.guest.stay), text, lang, secrets.token_hex(4))
        await self.chat.drained()
        replies = [
            entry.data["text"]
            async for entry in self.log.read(f"h.demo.im.{of_stay(self.guest.stay)}", said.seq)
            if entry.data.get("to") == f"chat-{said.seq}"
        ]
        return " ".join(replies)

    def call(self) -> CallBrain:
        return CallBrain(
            f"c-{secrets.token_hex(4)}",
            self.guest,
            "zh",
            service=self.service,
            committer=self.committer,
            understander=self.understander,
            planner=self.planner,
            dialogues=self.dialogues,
            property=self.property,
            tell=self.events.append,
        )

    async def plans(self, call: CallBrain, text: str, lang: str = "zh") -> Plan:
        """What a pause in the guest's speech makes of the words: no effect of any kind."""
        self.turns += 1
        return await call.plan(call.understand(Words(text, lang)), self.turns)

    async def says(self, call: CallBrain, text: str, lang: str = "zh") -> str:
        """A whole turn of a call; the reply, fillers left out."""
        self.clock.now += 5
        plan = await self.plans(call, text, lang)
        said = [say.text async for say in call.commit(plan, self.turns) if say.kind != "filler"]
        await call.drained()
        return " ".join(said)

    async def orders(self) -> list[dict[str, Any]]:
        """The stay's orders as the log has them, the oldest first."""
        found: dict[str, dict[str, Any]] = {}
        async for entry in self.log.read(f"h.demo.order.{self.guest.stay}.*"):
            found[entry.data["id"]] = {**entry.data, "event": entry.event}
        return list(found.values())
