"""Who is here, who types, what was delivered: told to those whom it concerns and forgotten. None of it is on the log.

The property's other processes are told by core NATS, and each repeats from time to time who is connected to it.
"""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from types import TracebackType
from typing import Any

from concierge.bus.live import Live
from concierge.domain.event import Entry
from concierge.domain.people import Actor
from concierge.web.frames import text_of
from concierge.web.line import Line
from concierge.web.tail import Feed, Tail

LINGER_S = 8.0
"""Who comes back within this was not away."""
REPEAT_S = 20.0
FORGET_S = 3 * REPEAT_S
REMEMBERED = 2000
"""Authors for whom it is kept what of theirs was delivered."""
STAFF = "staff"
"""What a guest is told of who got a message: not which of the staff is at a screen."""


class Company:
    """``async with Company(tail, log.live) as company``."""

    def __init__(self, tail: Tail, live: Live) -> None:
        self._tail = tail
        self._live = live
        self._here: Counter[str] = Counter()
        """Who → connections to this process; 0 while they linger."""
        self._elsewhere: dict[str, tuple[float, set[str]]] = {}
        """Process → when it last told, and who is connected to it."""
        self._lines: dict[Feed, Line] = {}
        self._watching: set[Feed] = set()
        self._delivered: OrderedDict[str, dict[tuple[str, str], int]] = OrderedDict()
        """Author → (conversation, by) → sequence."""
        self._telling: set[asyncio.Task[None]] = set()
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Company:
        await self._stack.enter_async_context(self._live.hearing(self._heard))
        repeating = asyncio.create_task(self._repeat(), name="who is here")
        self._stack.callback(repeating.cancel)
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._stack.aclose()
        for task in list(self._telling):
            task.cancel()

    @contextmanager
    def joined(self, feed: Feed, line: Line, *, presence: bool) -> Iterator[None]:
        """For as long as a client is connected."""
        who = feed.actor.who
        self._lines[feed] = line
        self._here[who] += 1
        if presence and feed.actor.kind == "staff":
            self._watching.add(feed)
            for other in sorted(self.online() - {who}):
                if _concerns(other, feed.actor):
                    line.put(text_of({"type": "presence", "who": other, "state": "online"}))
        for (conversation, by), seq in self._delivered.get(who, {}).items():
            line.put(text_of({"type": "delivered", "conversation": conversation, "by": by, "seq": seq}))
        if self._here[who] == 1:
            self._presence(who, "online")
        try:
            yield
        finally:
            del self._lines[feed]
            self._watching.discard(feed)
            asyncio.get_running_loop().call_later(LINGER_S, self._gone, who)

    def online(self) -> set[str]:
        return set(self._here).union(*(people for _, people in self._elsewhere.values()))

    def typing(self, actor: Actor, conversation: str, members: Collection[str]) -> None:
        frame = {"type": "typing", "conversation": conversation, "by": actor.who}
        self._type(frame, members)
        self._tell({**frame, "members": list(members)})

    def got(self, actor: Actor, said: Entry) -> None:
        """The actor's client holds a message of somebody else, and all before it."""
        conversation = said.subject.split(".")[3]
        self._deliver(said.by, conversation, actor.who, said.seq)
        self._tell({"type": "delivered", "to": said.by, "conversation": conversation, "by": actor.who, "seq": said.seq})

    # what others are told

    def _type(self, frame: Mapping[str, Any], members: Collection[str]) -> None:
        text = text_of(frame)
        for feed in self._tail.taking_part(frame["conversation"], members):
            line = self._lines.get(feed)
            if line and line.idle and feed.actor.who != frame["by"]:  # who is behind need not know
                line.put(text)

    def _deliver(self, author: str, conversation: str, by: str, seq: int) -> None:
        by = STAFF if author.startswith("guest:") else by
        known = self._delivered.setdefault(author, {})
        self._delivered.move_to_end(author)
        if len(self._delivered) > REMEMBERED:
            self._delivered.popitem(last=False)
        if known.get((conversation, by), 0) >= seq:
            return
        known[(conversation, by)] = seq
        text = text_of({"type": "delivered", "conversation": conversation, "by": by, "seq": seq})
        for feed in self._tail.of(author):
            if line := self._lines.get(feed):
                line.put(text)

    def _presence(self, who: str, state: str, *, ours: bool = True) -> None:
        text = text_of({"type": "presence", "who": who, "state": state})
        for feed in self._watching:
            if feed.actor.who != who and _concerns(who, feed.actor):
                self._lines[feed].put(text)
        if ours:
            self._tell({"type": "presence", "who": who, "state": state})

    def _gone(self, who: str) -> None:
        self._here[who] -= 1
        if self._here[who] <= 0:
            del self._here[who]
            if who not in self.online():
                self._presence(who, "offline")

    # other processes

    def _tell(self, frame: Mapping[str, Any]) -> None:
        task = asyncio.ensure_future(self._live.tell(frame))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    def _heard(self, frame: dict[str, Any]) -> None:
        match frame:
            case {"type": "typing", "conversation": str(), "by": str(), "members": list(members)}:
                self._type({key: frame[key] for key in ("type", "conversation", "by")}, members)
            case {"type": "delivered", "to": str(to), "conversation": str(conversation), "by": str(by), "seq": int(seq)}:
                self._deliver(to, conversation, by, seq)
            case {"type": "presence", "who": str(who), "state": str(state), "process": str(process)}:
                people = self._elsewhere.get(process, (0.0, set[str]()))[1]
                self._see(process, people | {who} if state == "online" else people - {who})
            case {"type": "here", "who": list(people), "process": str(process)}:
                self._see(process, set(people))

    def _see(self, process: str, people: set[str]) -> None:
        before = self.online()
        self._elsewhere[process] = (asyncio.get_running_loop().time(), people)
        self._changed(before)

    def _changed(self, before: set[str]) -> None:
        after = self.online()
        for who, state in [*((who, "online") for who in after - before), *((who, "offline") for who in before - after)]:
            self._presence(who, state, ours=False)

    async def _repeat(self) -> None:
        while True:
            with suppress(Exception):  # whatever a broker that is away raises: the next time will do
                await self._live.tell({"type": "here", "who": sorted(self._here)})
            await asyncio.sleep(REPEAT_S)
            before, now = self.online(), asyncio.get_running_loop().time()
            for process, (at, _) in list(self._elsewhere.items()):
                if now - at >= FORGET_S:
                    del self._elsewhere[process]
            self._changed(before)


def _concerns(who: str, actor: Actor) -> bool:
    """Staff see staff; guests are seen by who leads."""
    return actor.leads or who.startswith("staff:")
