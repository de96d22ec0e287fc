"""What is typed: kept in the conversation, and a guest's own words are understood and answered as spoken ones are."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Any

from concierge.domain import conversation as talks
from concierge.domain.errors import Unavailable
from concierge.domain.event import Entry, now
from concierge.domain.instant import instant, stamp
from concierge.domain.people import SERVICE, Actor
from concierge.service.commands import Say
from concierge.service.handlers import Service
from concierge.service.reading import Reading
from concierge.voice import plan as planning
from concierge.voice.commit import Committer
from concierge.voice.deliberation import Deliberation, Thought
from concierge.voice.dialogues import Dialogues
from intents import Decision, Understanding
from intents.understanding import Understands

log = logging.getLogger(__name__)
REMEMBERED = 1000
"""Messages that were answered; the oldest are forgotten first."""
FRESH_S = 60
"""A message that has been on the log for longer is a repeat, whoever took it first; unanswered, it is a person's to answer."""
RETRY_S = 1.0
DRAIN_S = 5.0
FOR_A_PERSON = Understanding((Decision("handoff.human", {"to": "front_desk"}),), "person", 1.0, True, False, "", 0.0)


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
            self._begin(actor, words, lang, talks.words_key({}, entry.seq))
        return entry

    async def resume(self, since: datetime) -> int:
        """Answers what guests said from ``since`` on and the service was killed before it could answer; how many that were.
        The keys are the words' own, so what was done is not done twice. Words of long ago are a person's to look at: nobody
        wants the lamp on that they asked for an hour ago."""
        views, world = self._service.world.views, self._service.world
        await views.caught_up(await world.log.end())
        found = 0
        for said in await views.talks.unanswered(stamp(since)):
            stay, _ = await Reading(world).stay(talks.stay_of(said["conversation"]) or "")
            words = said["text"] or said.get("transcript") or ""
            if stay.state != "open" or not words or await self._recorded(stay.id, said) or not self._take(said["seq"]):
                continue
            old = (world.clock() - instant(said["at"])).total_seconds() > FRESH_S
            self._begin(stay.guest, words, said["lang"], talks.words_key(said, said["seq"]), for_person=old)
            found += 1
        return found

    async def _recorded(self, stay: str, said: Mapping[str, Any]) -> bool:
        """Whether the turn in which it was spoken is over: its reply may have been cut before a word of it was heard."""
        if "call" not in said:
            return False
        subject = Reading(self._service.world).subject("turn", stay, said["call"])
        async with aclosing(self._service.world.log.read(subject)) as entries:
            return any([entry.data.get("turn") == said["turn"] async for entry in entries])

    def _begin(self, actor: Actor, words: str, lang: str, key: str, *, for_person: bool = False) -> None:
        task = asyncio.ensure_future(self._answer_surely(actor, words, lang, key, for_person))
        self._answering.add(task)
        task.add_done_callback(self._over)

    def _first_time(self, entry: Entry) -> bool:
        """A repeat gets its first entry again, and must not switch a lamp a second time."""
        return (now() - entry.at).total_seconds() <= FRESH_S and self._take(entry.seq)

    def _take(self, seq: int) -> bool:
        """Whether nobody in this process has begun to answer it; from now on somebody has."""
        if seq in self._answered:
            return False
        self._answered[seq] = None
        while len(self._answered) > REMEMBERED:
            del self._answered[next(iter(self._answered))]
        return True

    async def drained(self) -> None:
        """What is being answered is answered; what takes longer is answered after the next start."""
        if self._answering:
            await asyncio.wait(set(self._answering), timeout=DRAIN_S)

    async def _answer_surely(self, actor: Actor, text: str, lang: str, key: str, for_person: bool) -> None:
        """Again while the log is away. Whatever else goes wrong, a person gets the words."""
        while True:
            try:
                understanding = FOR_A_PERSON if for_person else self._understander.understand(text, lang)
                await self._answer(actor, understanding, text, lang, f"{key}-person" if for_person else key, key)
            except Unavailable:
                await asyncio.sleep(RETRY_S)
            except Exception:
                if for_person:
                    raise
                log.exception("%s could not be answered: a person is asked", key)
                for_person = True
            else:
                return

    async def _answer(self, actor: Actor, understanding: Understanding, text: str, lang: str, key: str, to: str) -> None:
        conversation = talks.of_stay(actor.stay)
        held = self._dialogues.of(actor)
        plan = self._planner.plan(understanding, text, lang, held)
        if self._deliberation and self._deliberation.needed(plan):
            thought = Thought(plan)
            async for _ in self._deliberation.think(thought, actor, held):
                pass  # a screen needs no filler
            plan = thought.plan
        plan = self._planner.settle(plan, held)
        async for say in self._committer.carry_out(plan, actor, key, held):
            if say.kind != "filler":  # a screen shows that we are at it
                await self._service.do(Say(conversation, say.text, lang, about={"to": to}), SERVICE, f"{key}-reply")

    def _over(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a message was kept but not answered: %s", error, exc_info=error)


def guess_language(text: str) -> str:
    """Han characters make it Chinese: 「把AC调到24度」 is."""
    return "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en"
