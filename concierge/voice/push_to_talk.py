"""One utterance of a client without WebRTC: recorded while a button is held, understood and carried out when it is let go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import numpy as np

from concierge.voice.call import CallBrain
from media.brain import Recogniser, TurnRecord
from media.budget import Ledger

Emit = Callable[[Mapping[str, Any]], Awaitable[None]]
HZ = 16_000
_SERVING: set[asyncio.Task[None]] = set()
log = logging.getLogger(__name__)
LEAST_S = 0.2
"""Less sound than this is a slip of the thumb."""


class Utterance:
    """``brain`` is this utterance's own; what it tells (``decision``, ``confirmed``) goes to ``emit`` in order."""

    def __init__(
        self, brain: CallBrain, told: asyncio.Queue[Mapping[str, Any]], asr: Recogniser, lang: str | None, emit: Emit
    ) -> None:
        self._brain = brain
        self._told = told
        self._asr = asr
        self._lang = lang
        self._emit = emit
        self._pcm: list[bytes] = []
        self._gone = False

    def feed(self, pcm: bytes) -> None:
        self._pcm.append(pcm)

    def cancel(self) -> None:
        self._pcm.clear()

    async def stop(self) -> None:
        """Answers: ``heard``, ``decision``, ``confirmed``, ``reply``, ``ledger``; a slip of the thumb or silence: ``heard`` with no text.

        What was begun is finished and recorded, also when the client is gone meanwhile.
        """
        serving = asyncio.create_task(self._serve())
        _SERVING.add(serving)
        serving.add_done_callback(_SERVING.discard)
        await asyncio.shield(serving)

    async def _serve(self) -> None:
        try:
            await self._answer()
        except Exception:
            log.exception("push-to-talk failed")
            await self._tell(
                {"type": "error", "turn": 1, "where": "voice", "code": "failed", "detail": "that could not be carried out"}
            )

    async def _tell(self, frame: Mapping[str, Any]) -> None:
        if self._gone:
            return
        try:
            await self._emit(frame)
        except Exception:  # whatever a closed socket raises
            self._gone = True

    async def _answer(self) -> None:
        ledger = Ledger(1)
        loop = asyncio.get_running_loop()
        ledger.mark("speech_end", loop.time() * 1000)
        sound = np.frombuffer(b"".join(self._pcm), "<i2").astype(np.float32) / np.float32(32768)
        self._pcm.clear()
        heard = await self._asr.hear(sound, self._lang) if len(sound) >= HZ * LEAST_S else None
        ledger.mark("heard", loop.time() * 1000)
        text = heard.text if heard else ""
        await self._tell({"type": "heard", "turn": 1, "text": text, "lang": heard.lang if heard else None, "final": True})
        if heard is None or not text:
            return
        ledger.add("asr", heard.ms)
        reading = self._brain.understand(heard)
        plan = await self._brain.plan(reading, 1)
        said: list[str] = []
        async for say in self._brain.commit(plan, 1):
            await self._pass_on()
            for span, ms in say.spans.items():
                ledger.add(span, ms)
            await self._tell({"type": "reply", "turn": 1, "text": say.text, "kind": say.kind})
            if say.kind != "filler":
                said.append(say.text)
        ledger.mark("first_say", loop.time() * 1000)
        await self._pass_on()
        reply = ("" if reading.lang == "zh" else " ").join(said)
        budgets, overruns = ledger.budgets(), tuple(ledger.overruns())
        await self._tell({"type": "ledger", "turn": 1, "spans": ledger.spans(), "budgets": budgets, "overruns": list(overruns)})
        await self._brain.heard_reply(1, reply, cut=False)
        record = TurnRecord(1, text, reading.lang, reply, reply, False, ledger.moments(), ledger.spans(), budgets, overruns)
        await self._brain.ended(1, record)
        await self._brain.drained()

    async def _pass_on(self) -> None:
        while not self._told.empty():
            await self._tell(self._told.get_nowait())
