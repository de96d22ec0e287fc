"""Replies on their way to the guest: line by line, clause by clause, synthesised in a thread, and what of them was heard."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field

from media.brain import Say
from media.budget import BUDGETS, Ledger
from media.playout import Playout
from media.tts import CachedVoice, Speech, clauses, units

log = logging.getLogger(__name__)


@dataclass(eq=False)
class Line:
    """One `Say` being spoken for a turn. Dropped when `generation` is no longer the speaker's."""

    turn: int
    say: Say
    generation: int
    ledger: Ledger | None = None
    offers: int = 1
    """How often this has been offered to the guest."""
    parts: list[tuple[Speech, int]] = field(default_factory=list)
    """Clauses handed to the playout, each with its mark."""
    closed: bool = False
    """Nothing more of it will be handed to the playout."""
    failed: bool = False
    spoken: bool = False
    """All of it was sent, or it was dropped."""


class Speaker:
    """`put` lines; `drop` raises the generation. Calls `on_ready(line)` before each clause is handed to the playout, `on_started(line)` when a
    clause's first sound is sent, `on_settled()` when something may be over, `on_failed(line)` when it could not be spoken."""

    def __init__(
        self,
        voice: CachedVoice,
        playout: Playout,
        *,
        bridges: Mapping[str, str],
        now_ms: Callable[[], float],
        on_ready: Callable[[Line], None],
        on_started: Callable[[Line], None],
        on_settled: Callable[[], None],
        on_failed: Callable[[Line], None],
    ) -> None:
        self._voice, self._playout, self._bridges, self._now_ms = voice, playout, bridges, now_ms
        self._on_ready, self._on_started, self._on_settled, self._on_failed = on_ready, on_started, on_settled, on_failed
        self._queue: asyncio.Queue[Line] = asyncio.Queue()
        self._marks = itertools.count(1)
        self._by_mark: dict[Hashable, Line] = {}
        self._open: list[Line] = []
        playout.on_started = self._started
        playout.on_drained = self._settle

    @property
    def generation(self) -> int:
        """Lines of an older one are dropped wherever they are."""
        return self._playout.generation

    @property
    def idle(self) -> bool:
        return not self._open

    def put(self, line: Line) -> None:
        self._open.append(line)
        self._queue.put_nowait(line)

    def drop(self) -> list[Line]:
        """Silence at once; returns the lines that were cut."""
        self._playout.stop()
        cut = self._open
        self._open = []
        for line in cut:
            self._end(line)
        return cut

    def heard(self, line: Line) -> str:
        """The text of the line that reached the guest."""
        heard = []
        for speech, mark in line.parts:
            progress = self._playout.position(mark)
            fraction = progress.sent / progress.total if progress and progress.total else 1.0
            heard.append(speech.heard(fraction))
            if fraction < 1:
                break
        return _joined(heard, line.say.lang)

    def heard_fraction(self, line: Line) -> float:
        whole = units(line.say.text)
        return units(self.heard(line)) / whole if whole else 1.0

    def saying(self) -> str:
        """The clauses of which sound was sent but that may still be in the air: the current one and the one before."""
        begun = [
            speech.text
            for line in self._open
            for speech, mark in line.parts
            if (progress := self._playout.position(mark)) is not None and progress.sent
        ]
        return " ".join(begun[-2:])

    async def run(self) -> None:
        while True:
            line = await self._queue.get()
            try:
                await self._say(line)
            except Exception:
                log.exception("turn %d: could not speak %r", line.turn, line.say.text)
                line.failed = True
            line.closed = True
            if line.failed:
                self._on_failed(line)
            if not self._playout.speaking:
                self._settle()

    async def _say(self, line: Line) -> None:
        for number, clause in enumerate(clauses(line.say.text)):
            if line.generation != self.generation:
                return
            speech = self._voice.ready(clause, line.say.lang) or await self._synthesise(clause, line, first=number == 0)
            if line.generation != self.generation:
                return
            mark = next(self._marks)
            self._by_mark[mark] = line
            line.parts.append((speech, mark))
            if line.ledger:
                line.ledger.mark("first_speech", self._now_ms())
            self._on_ready(line)
            self._playout.play(speech.pcm, speech.rate_hz, line.generation, mark)

    async def _synthesise(self, clause: str, line: Line, *, first: bool) -> Speech:
        work = asyncio.ensure_future(asyncio.to_thread(self._voice.say, clause, line.say.lang))
        if first:
            done, _ = await asyncio.wait([work], timeout=BUDGETS["tts_first_audio"].p95_ms / 1000)
            bridge = self._voice.ready(self._bridges.get(line.say.lang, ""), line.say.lang)
            if not done and bridge is not None and line.generation == self.generation and not self._playout.speaking:
                self._on_ready(line)
                self._playout.play(bridge.pcm, bridge.rate_hz, line.generation)
        return await work

    def _started(self, mark: Hashable) -> None:
        line = self._by_mark.get(mark)
        if line is not None:
            self._on_started(line)

    def _settle(self) -> None:
        """The playout has nothing left: lines whose clauses were all handed to it have been spoken."""
        for line in [line for line in self._open if line.closed]:
            self._open.remove(line)
            self._end(line)
        self._on_settled()

    def _end(self, line: Line) -> None:
        line.closed = line.spoken = True
        for _, mark in line.parts:
            self._by_mark.pop(mark, None)


def _joined(pieces: list[str], lang: str) -> str:
    return ("" if lang == "zh" else " ").join(piece for piece in pieces if piece)
