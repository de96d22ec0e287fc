"""What a turn may take and what it took. Pure: moments are given in ms of any one clock."""

from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Budget:
    """A span's limit: 95th percentile in ms, the median where one is set, and what an overrun does."""

    span: str
    p95_ms: int
    median_ms: int | None
    on_overrun: str


BUDGETS: Final = MappingProxyType(
    {
        budget.span: budget
        for budget in (
            Budget("voice_to_voice", 600, 400, "—"),
            Budget("endpoint_silence", 900, None, "the turn ends"),
            Budget("asr_after_endpoint", 150, None, "the last hypothesis serves"),
            Budget("understand", 10, None, "next stage"),
            Budget("llm_first_token", 700, None, "a spoken filler"),
            Budget("llm_decision", 4_000, None, "a person gets it as a ticket"),
            Budget("device_confirmation", 1_500, None, '"not answering", engineering order'),
            Budget("tts_first_audio", 120, None, "a cached phrase"),
            Budget("barge_in_stop", 200, 120, "—"),
        )
    }
)

_BETWEEN: Final = MappingProxyType(
    {
        "endpoint_silence": ("speech_end", "endpoint"),
        "asr_after_endpoint": ("endpoint", "heard"),
        "commit": ("endpoint", "first_say"),
        "tts_first_audio": ("first_say", "first_speech"),
        "voice_to_voice": ("speech_end", "first_audio"),
    }
)
"""Spans that two moments make. A hypothesis that was ready before the endpoint took nothing after it."""


class Ledger:
    """One turn's moments and spans."""

    def __init__(self, turn: int) -> None:
        self.turn = turn
        self._moments: dict[str, float] = {}
        self._spans: dict[str, float] = {}

    def mark(self, moment: str, at_ms: float) -> None:
        """The first mark of a moment counts."""
        self._moments.setdefault(moment, at_ms)

    def add(self, span: str, ms: float) -> None:
        """A span measured elsewhere; of several the longest counts."""
        self._spans[span] = max(ms, self._spans.get(span, 0.0))

    def moments(self) -> dict[str, float]:
        """Milliseconds since the end of speech (or since the first moment, in a turn without speech), in order of time."""
        if not self._moments:
            return {}
        zero = self._moments.get("speech_end", min(self._moments.values()))
        return {name: round(at - zero, 1) for name, at in sorted(self._moments.items(), key=lambda item: item[1])}

    def spans(self) -> dict[str, float]:
        between = {
            span: max(0.0, self._moments[end] - self._moments[start])
            for span, (start, end) in _BETWEEN.items()
            if start in self._moments and end in self._moments
        }
        return {span: round(ms, 1) for span, ms in (between | self._spans).items()}

    def budgets(self) -> dict[str, int]:
        return {span: BUDGETS[span].p95_ms for span in self.spans() if span in BUDGETS}

    def overruns(self) -> list[str]:
        return [span for span, ms in self.spans().items() if span in BUDGETS and ms > BUDGETS[span].p95_ms]
