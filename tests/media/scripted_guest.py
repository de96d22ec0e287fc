"""A guest, a room and a clock for the voice session's tests: real speech (espeak), real VAD, real playout; time is counted in frames of 20 ms."""

import asyncio
import functools
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from media.asr import Heard
from media.brain import Plan, Reading, Say, TurnRecord
from media.playout import Playout
from media.resample import resample
from media.session import Settings, VoiceSession
from media.tts import CachedVoice, clauses
from media.tts_espeak import EspeakVoice
from media.vad import Vad

FRAME_MS = 20
SAMPLES = 320


@functools.cache
def spoken(text: str, lang: str) -> np.ndarray:
    """16 kHz int16 at -10 dBFS peak, without silence around it."""
    speech = EspeakVoice().say(text, lang)
    pcm = resample(speech.pcm, speech.rate_hz, 16_000).astype(np.float32)
    loud = np.flatnonzero(np.abs(pcm) > 0.01 * np.abs(pcm).max())
    pcm = pcm[loud[0] : loud[-1] + 1]
    return (pcm / np.abs(pcm).max() * 10_000).astype(np.int16)


@dataclass
class Utterance:
    text: str
    at_ms: int
    end_ms: int


@dataclass
class Brain:
    """Answers "…" with "Done: …." after `confirm_ms` of virtual time; records all that it was asked."""

    room: "Room"
    confirm_ms: int = 60
    replies: dict[str, list[Say]] = field(default_factory=dict)
    understood: list[str] = field(default_factory=list)
    planned: list[tuple[str, int]] = field(default_factory=list)
    commits: list[tuple[str, int]] = field(default_factory=list)
    heard_replies: list[tuple[int, str, bool]] = field(default_factory=list)
    records: list[TurnRecord] = field(default_factory=list)
    fast: set[str] = field(default_factory=set)
    """Texts whose effects take no time."""
    open_texts: set[str] = field(default_factory=set)
    """Texts that are no whole request."""
    barge_ins: int = 0
    fail_commits: int = 0
    fail_plan: bool = False

    def understand(self, heard: Heard) -> Reading:
        text = heard.text
        self.understood.append(text)
        low = text.lower().strip("。.!， ")
        return Reading(
            text,
            heard.lang,
            complete=not low.endswith((" and", "还有", " to")) and low not in self.open_texts,
            unfinished=low.endswith((" and", "还有", " to")),
            backchannel=low in ("嗯", "好的", "uh-huh", ""),
            emergency="fire" in low or "着火" in low,
        )

    async def plan(self, reading: Reading, turn: int) -> Plan:
        if self.fail_plan:
            raise RuntimeError("no plan")
        self.planned.append((reading.text, turn))
        return Plan(reading, first_reply=f"Done: {reading.text}.")

    async def commit(self, plan: Plan, turn: int) -> AsyncIterator[Say]:
        self.commits.append((plan.reading.text, turn))
        if self.fail_commits:
            self.fail_commits -= 1
            raise RuntimeError("the log is away")
        if plan.reading.text not in self.fast:
            await self.room.sleep(self.confirm_ms)
        for say in self.replies.get(plan.reading.text, [Say(f"Done: {plan.reading.text}.", plan.reading.lang)]):
            yield say

    def spoken_over(self) -> None:
        self.barge_ins += 1

    async def heard_reply(self, turn: int, text_heard: str, cut: bool) -> None:
        self.heard_replies.append((turn, text_heard, cut))

    async def ended(self, turn: int, record: TurnRecord) -> None:
        self.records.append(record)


class Room:
    """`says` puts speech on the microphone's time line; `run` lets time pass."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.now_ms = 0
        self.script: list[Utterance] = []
        self._mic = np.random.default_rng(1).normal(0, 12, 16_000 * 40).astype(np.int16)
        self.timers: list[tuple[int, asyncio.Event]] = []
        self.events: list[tuple[int, dict[str, Any]]] = []
        self.sent: list[np.ndarray] = []
        self.paused: list[int] = []
        """When the voice was held back, in ms."""
        self.playout = Playout()
        self.voice = CachedVoice(EspeakVoice())
        self.brain = Brain(self)
        self.asr_error: Exception | None = None
        self.echo_gain = 0.0
        """How much of our voice comes back through the microphone."""
        self.echo_delay_ms = 180
        self.session = VoiceSession(
            asr=self,
            voice=self.voice,
            vad=Vad(),
            playout=self.playout,
            brain=self.brain,
            emit=lambda event: self.events.append((self.now_ms, event)),
            settings=settings or Settings(lang="en"),
            clock=lambda: self.now_ms / 1000,
        )

    def says(self, text: str, at_ms: int, *, lang: str = "en", heard: str | None = None) -> Utterance:
        pcm = spoken(text, lang)
        start = at_ms * 16
        self._mic[start : start + len(pcm)] += pcm
        utterance = Utterance(text if heard is None else heard, at_ms, at_ms + len(pcm) // 16)
        self.script.append(utterance)
        return utterance

    def sounds(self, pcm: np.ndarray, at_ms: int, heard: str = "") -> None:
        start = at_ms * 16
        self._mic[start : start + len(pcm)] += pcm
        self.script.append(Utterance(heard, at_ms, at_ms + len(pcm) // 16))

    async def hear(self, pcm: np.ndarray, lang: str | None) -> Heard:
        """The recogniser: what the script says lies in this stretch of audio."""
        start_ms = self.now_ms - len(pcm) // 16
        if self.asr_error:
            raise self.asr_error
        words = [u.text for u in self.script if u.end_ms > start_ms + 250 and u.at_ms < self.now_ms - 60]
        text = " ".join(words)
        return Heard(text, "zh" if any("\u4e00" <= char <= "\u9fff" for char in text) else "en", 1.0, -0.2, 0.0)

    async def sleep(self, ms: int) -> None:
        done = asyncio.Event()
        self.timers.append((self.now_ms + ms, done))
        await done.wait()

    async def run(self, until_ms: int) -> None:
        while self.now_ms < until_ms:
            self.sent.append(self.playout.next_frame())
            if self.playout.paused:
                self.paused.append(self.now_ms)
            start = self.now_ms * 16
            self.now_ms += FRAME_MS
            frame = self._mic[start : start + SAMPLES]
            late = self.echo_delay_ms // FRAME_MS
            if self.echo_gain and len(self.sent) > late:
                frame = frame + (self.sent[-1 - late][::3] * self.echo_gain).astype(np.int16)
            self.session.feed(frame)
            for due, done in self.timers:
                if due <= self.now_ms:
                    done.set()
            for _ in range(40):
                await asyncio.sleep(0)

    def warm(self, *texts: str, lang: str = "en") -> None:
        """Speech is at hand at once, so that virtual time need not wait for a thread."""
        self.voice.warm((text, lang) for text in texts)

    def named(self, kind: str) -> list[tuple[int, dict[str, Any]]]:
        return [(at, event) for at, event in self.events if event["type"] == kind]

    def loud(self, from_ms: int, to_ms: int) -> bool:
        """Whether anything but silence was sent in this time."""
        frames = self.sent[from_ms // FRAME_MS : to_ms // FRAME_MS]
        return any(int(np.abs(frame.astype(np.int32)).max()) > 30 for frame in frames)

    def sound_ms(self) -> int:
        """How long anything but silence was sent."""
        return FRAME_MS * sum(int(np.abs(frame.astype(np.int32)).max()) > 30 for frame in self.sent)

    def length_ms(self, text: str, lang: str = "en") -> int:
        """How long this text sounds."""
        sounding = 0
        for clause in clauses(text):
            speech = self.voice.say(clause, lang)
            frames = resample(speech.pcm, speech.rate_hz, 48_000)
            sounding += FRAME_MS * sum(
                int(np.abs(frames[at : at + 960].astype(np.int32)).max()) > 30 for at in range(0, len(frames), 960)
            )
        return sounding

    def first_sound_ms(self, from_ms: int = 0) -> int:
        for number, frame in enumerate(self.sent[from_ms // FRAME_MS :]):
            if int(np.abs(frame.astype(np.int32)).max()) > 30:
                return from_ms + number * FRAME_MS
        raise AssertionError(f"nothing was sent after {from_ms} ms")
