"""The turns of a test call: files said one after the other, each reply waited for and measured.

Measured at this end, at RTP arrival (DESIGN 8):

- ``voice_to_voice_ms``: last sample of the file above -40 dBFS sent → first packet of the reply that is not silent.
  Below 0 the reply began before the guest had finished.
- ``barge_in_stop_ms``: first such sample of the interrupting file sent → last packet that is not silent before at
  least 200 ms of silence.

"Sent" is when the packet that holds the sample leaves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from concierge.call_record import FRAME_S, RATE_HZ, STOPPED_S, CallRecord, Pcm, spoken
from media.playout import Playout
from media.resample import resample

QUIET_S = 0.7  # a reply that has been silent for so long is over
PATIENCE_S = 6.0  # without a sign of having been heard
COUGH_S = 1.5  # an interruption that is no turn of its own by then was a cough
REPLY_TIMEOUT_S = 20.0
_POLL_S = 0.01


class WavError(Exception):
    """A sound file cannot be played."""


@dataclass(frozen=True)
class Turn:
    """A file to be said. ``barge_in_ms``: so long after the reply to the turn before has begun, into that reply."""

    wav: Path
    barge_in_ms: int | None = None


@dataclass
class TurnResult:
    """One turn. Times ``…_s`` are on the call's clock: seconds since it was connected."""

    turn: int
    wav: str
    barge_in: bool = False
    heard: str = ""
    lang: str | None = None
    reply: str = ""
    decisions: list[Any] = field(default_factory=list)
    stage: str | None = None
    confirmed: list[dict[str, Any]] = field(default_factory=list)
    voice_to_voice_ms: float | None = None
    filler: bool = False
    """The first thing said was "one moment"."""
    barge_in_stop_ms: float | None = None
    reply_audio_ms: float | None = None
    spans: dict[str, float] = field(default_factory=dict)
    budgets: dict[str, Any] = field(default_factory=dict)
    overruns: list[Any] = field(default_factory=list)
    error: str | None = None
    said_from_s: float | None = None
    said_to_s: float | None = None
    reply_from_s: float | None = None
    reply_to_s: float | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    """The service's events of this turn, each with ``at_s``."""

    def row(self) -> dict[str, Any]:
        """The JSON line of ``concierge call``: without the events, and ``error`` only where there is one."""
        row = {name: value for name, value in vars(self).items() if name not in ("events", "error")}
        return row | ({"error": self.error} if self.error else {})


@dataclass
class _Said:
    """A file on its way. ``from_at`` and ``to_at``: when its first and last sample above -40 dBFS left."""

    index: int
    turn: Turn
    result: TurnResult
    speech: tuple[int, int] | None = None
    from_at: float | None = None
    to_at: float | None = None


def read_wav(path: Path) -> Pcm:
    """Any file that libsndfile reads, as int16 mono at 48 kHz. Raises :class:`WavError`."""
    import soundfile

    try:
        sound, rate = soundfile.read(str(path), dtype="int16", always_2d=True)
    except (OSError, RuntimeError) as problem:
        what = "it cannot be read as sound" if path.is_file() else "there is no such file"
        raise WavError(f"{path}: {what}; a WAV, FLAC or Ogg file with speech is expected") from problem
    if not len(sound):
        raise WavError(f"{path}: it is empty; a WAV, FLAC or Ogg file with speech is expected")
    mono = sound[:, 0] if sound.shape[1] == 1 else sound.mean(axis=1).astype(np.int16)
    return resample(mono, int(rate), RATE_HZ)


class Talk:
    """Says the turns. The service's turn numbers belong to the file during which they first come up."""

    def __init__(self, microphone: Playout, record: CallRecord, *, reply_timeout_s: float = REPLY_TIMEOUT_S) -> None:
        self._microphone = microphone
        self._record = record
        self._reply_timeout_s = reply_timeout_s
        self._now = asyncio.get_running_loop().time
        self._saying: _Said | None = None
        self._owner: dict[int, int] = {}  # the service's turn → index of our file; -1: the greeting

    def sent(self, frame: Pcm, at: float) -> None:
        self._record.sent(frame, at)
        if (said := self._saying) is None or said.speech is None:
            return
        first, last = said.speech
        position = self._microphone.heard_samples(said.index)
        if said.from_at is None and position > first:
            said.from_at = at
        if said.to_at is None and position > last:
            said.to_at = at

    def event(self, event: dict[str, Any], at: float) -> None:
        self._record.event(event, at)
        if isinstance(number := event.get("turn"), int):
            self._owner.setdefault(number, self._saying.index if self._saying else -1)

    async def run(
        self, turns: Sequence[Turn], closed: asyncio.Event, on_result: Callable[[TurnResult], None] | None
    ) -> list[TurnResult]:
        """``closed``: the line is down. ``on_result`` hears of each turn in order, when nothing more belongs to it."""
        await self._until(lambda: self._silent_for(QUIET_S), self._reply_timeout_s)  # a greeting, if there is one
        said = [
            _Said(index, turn, TurnResult(index + 1, str(turn.wav), turn.barge_in_ms is not None))
            for index, turn in enumerate(turns)
        ]
        told = 0
        for index, one in enumerate(said):
            cut_short = index + 1 < len(said) and said[index + 1].result.barge_in
            await self._say(one, said[index - 1] if index else None, closed, wait=not cut_short)
            if cut_short:
                continue  # its reply is not over yet
            for place in range(told, index + 1):
                self._measure(said[place], said[place + 1] if place < index else None)
                if on_result:
                    on_result(said[place].result)
            told = index + 1
        return [one.result for one in said]

    async def _say(self, said: _Said, before: _Said | None, closed: asyncio.Event, *, wait: bool) -> None:
        result = said.result
        try:
            pcm = await asyncio.to_thread(read_wav, said.turn.wav)
        except WavError as problem:
            result.error = str(problem)
            return
        if said.turn.barge_in_ms is not None and not await self._into_the_reply(before, said.turn.barge_in_ms):
            result.error = "there was no reply to interrupt"
            return
        said.speech = spoken(pcm)
        self._saying = said
        self._microphone.play(pcm, RATE_HZ, mark=said.index)
        await self._until(lambda: not self._microphone.speaking or closed.is_set(), len(pcm) / RATE_HZ + 5)
        if closed.is_set():
            result.error = "the service hung up"
        elif said.speech is None:
            await asyncio.sleep(QUIET_S)
            result.error = f"{said.turn.wav}: nothing is said in it: no sample is above -40 dBFS"
        elif wait and not await self._until(lambda: self._over(said) or closed.is_set(), self._reply_timeout_s):
            result.error = f"the reply was not over after {self._reply_timeout_s:.0f} s"

    async def _into_the_reply(self, before: _Said | None, after_ms: int) -> bool:
        if before is None or before.from_at is None:
            return False
        began = before.from_at
        if not await self._until(lambda: self._record.first_sound(began) is not None, PATIENCE_S):
            return False
        await asyncio.sleep((self._record.first_sound(began) or 0.0) + after_ms / 1000 - self._now())
        return True

    def _over(self, said: _Said) -> bool:
        """The reply is silent, and the ledger of each turn that was heard has come."""
        if said.to_at is None or not self._silent_for(QUIET_S):
            return False
        waited = self._now() - said.to_at
        numbers = self._numbers(said)
        heard = self._of_type("heard", numbers, final=True)
        if not heard:
            return waited > (COUGH_S if said.result.barge_in and not numbers else PATIENCE_S)
        return waited > QUIET_S and heard <= self._of_type("ledger", numbers)

    def _of_type(self, kind: str, numbers: set[int], **fields: Any) -> set[int]:
        wanted = {"type": kind, **fields}
        return {
            event["turn"] for _, event in self._record.events if event.get("turn") in numbers and wanted.items() <= event.items()
        }

    def _numbers(self, said: _Said) -> set[int]:
        return {number for number, index in self._owner.items() if index == said.index}

    def _silent_for(self, seconds: float) -> bool:
        last = self._record.last_sound(self._now()) or self._record.zero
        return self._now() - last >= seconds

    async def _until(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait for the condition; False when it did not come in time. A voice that is speaking extends the time."""
        deadline = self._now() + seconds
        while not condition():
            if self._now() > deadline and self._silent_for(QUIET_S):
                return False
            await asyncio.sleep(_POLL_S)
        return True

    def _measure(self, said: _Said, interrupted_by: _Said | None) -> None:
        """``interrupted_by``: the file that was said into this turn's reply."""
        result, record = said.result, self._record
        numbers = self._numbers(said)
        for at, event in record.events:
            if event.get("turn") in numbers:
                result.events.append({**event, "at_s": self._clock(at)})
        _read_events(result)
        result.said_from_s, result.said_to_s = self._clock(said.from_at), self._clock(said.to_at)
        if said.from_at is None or said.to_at is None:
            return
        reply_after, reply_before = said.from_at, self._now()
        if result.barge_in:
            if (stopped := record.stopped(said.from_at)) is not None:
                result.barge_in_stop_ms = round((stopped - said.from_at) * 1000, 1)
                reply_after = stopped + STOPPED_S
            if not numbers:
                return  # a cough: what sounds after it is the old reply
        if interrupted_by is not None and interrupted_by.from_at is not None:
            reply_before = record.stopped(interrupted_by.from_at) or interrupted_by.from_at
        first = record.first_sound(reply_after)
        if first is not None and first <= reply_before:
            last = record.last_sound(reply_before) or first
            result.voice_to_voice_ms = round((first - said.to_at) * 1000, 1)
            result.reply_audio_ms = round((last - first + FRAME_S) * 1000, 1)
            result.reply_from_s, result.reply_to_s = self._clock(first), self._clock(last + FRAME_S)
        elif result.error is None:
            result.error = "no reply came; the service " + (f"heard {result.heard!r}" if result.heard else "heard nothing")

    def _clock(self, at: float | None) -> float | None:
        return None if at is None else round(at - self._record.zero, 4)


def _read_events(result: TurnResult) -> None:
    heard: dict[int, str] = {}
    replies: list[dict[str, Any]] = []
    for event in result.events:
        match event.get("type"):
            case "heard":
                heard[event["turn"]] = str(event.get("text", ""))
                result.lang = event.get("lang") or result.lang
            case "reply":
                replies.append(event)
            case "decision":
                result.decisions += event.get("decisions") or []
                result.stage = event.get("stage") or result.stage
            case "confirmed":
                result.confirmed.append({k: v for k, v in event.items() if k not in ("type", "turn", "at_s")})
            case "ledger":
                result.spans |= event.get("spans") or {}
                result.budgets |= event.get("budgets") or {}
                result.overruns += event.get("overruns") or []
            case "error":
                result.error = result.error or f"the service says that it failed: {event.get('where', 'unknown')}"
    result.heard = " ".join(heard.values())
    result.reply = " ".join(str(event.get("text", "")) for event in replies)
    result.filler = bool(replies) and replies[0].get("kind") == "filler"
