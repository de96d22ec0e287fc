"""What is typed: kept in the conversation, and a guest's own words are understood and answered as spoken ones are."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

from concierge.domain import conversation as talks
from concierge.domain.event import Entry, now
from concierge.domain.people import SERVICE, Actor
from concierge.service.commands import Say
from concierge.service.handlers import Service
from concierge.voice import plan as planning
from concierge.voice.commit import Committer
from concierge.voice.deliberation import Deliberation, Thought
from concierge.voice.dialogues import Dialogues
from intents.understanding import Understands

log = logging.getLogger(__name__)
REMEMBERED = 1000
"""Messages that were answered; the oldest are forgotten first."""
FRESH_S = 60
"""A message that has been on the log for longer is a repeat, whoever took it first."""


class Chat:
    def __init__(
        self,
        *,
        service: Service,
        committer: Committer,
        understander: Understands,
        planner: planning.Planner,
        dialogues: Dialogues,
        deliberation: Deliberation | None = None,
    ) -> None:
        self._service = service
        self._committer = committer
        self._understander = understander
        self._planner = planner
        self._dialogues = dialogues
        self._deliberation = deliberation
        self._answering: set[asyncio.Task[None]] = set()
        self._answered: dict[int, None] = {}

    async def said(
        self, actor: Actor, conversation: str, text: str, lang: str | None, client_id: str, file: str | None = None, **more: Any
    ) -> Entry:
        """Append the message (durably) and answer it beside; a voice note is answered by its transcript. A repeat gets its
        first answer, and no second reply: the effects' keys are the message's. ``more``: what else a :class:`Say` has."""
        kept = self._service.world.files.find(file) if file else None
        words = text or (kept[0].transcript if kept else "") or ""
        lang = lang or guess_language(words)
        entry = await self._service.do(Say(conversation, text, lang, file=file, **more), actor, client_id)
        if words and actor.kind == "guest" and conversation == talks.of_stay(actor.stay) and self._first_time(entry):
            task = asyncio.ensure_future(self._answer(actor, conversation, words, lang, f"chat-{entry.seq}"))
            self._answering.add(task)
            task.add_done_callback(self._over)
        return entry

    def _first_time(self, entry: Entry) -> bool:
        """A repeat gets its first entry again, and must not switch a lamp a second time."""
        if entry.seq in self._answered or (now() - entry.at).total_seconds() > FRESH_S:
            return False
        self._answered[entry.seq] = None
        while len(self._answered) > REMEMBERED:
            del self._answered[next(iter(self._answered))]
        return True

    async def drained(self) -> None:
        if self._answering:
            await asyncio.wait(set(self._answering))

    async def _answer(self, actor: Actor, conversation: str, text: str, lang: str, key: str) -> None:
        held = self._dialogues.of(actor)
        understanding = self._understander.understand(text, lang)
        plan = self._planner.plan(understanding, text, lang, held)
        if self._deliberation and self._deliberation.needed(plan):
            thought = Thought(plan)
            async for _ in self._deliberation.think(thought, actor, held):
                pass  # a screen needs no filler
            plan = thought.plan
        plan = self._planner.settle(plan, held)
        async for say in self._committer.carry_out(plan, actor, key, held):
            if say.kind != "filler":  # a screen shows that we are at it
                await self._service.do(Say(conversation, say.text, lang, about={"to": key}), SERVICE, f"{key}-reply")

    def _over(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a message was kept but not answered: %s", error, exc_info=error)


def guess_language(text: str) -> str:
    """Han characters make it Chinese: 「把AC调到24度」 is."""
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"
