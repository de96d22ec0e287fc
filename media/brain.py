"""The port through which a voice session thinks and acts, and the data that crosses it. The service implements
`Brain`; media knows nothing of hotels."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

Kind = Literal["filler", "reply", "apology", "news"]
"""`news`: what no turn asked for."""


class Heard(Protocol):
    """What a recogniser made of an utterance. `ms`: what it took."""

    @property
    def text(self) -> str: ...
    @property
    def lang(self) -> str: ...
    @property
    def ms(self) -> float: ...
    @property
    def avg_logprob(self) -> float: ...
    @property
    def no_speech_prob(self) -> float: ...


class Recogniser(Protocol):
    async def hear(self, pcm: npt.NDArray[np.float32], lang: str | None) -> Heard:
        """`pcm`: 16 kHz mono in -1..1. `lang` None: whichever of the languages it is. Never blocks the loop. The text is empty where there were no
        words: what a model makes up out of silence is the recogniser's to drop."""
        ...


@dataclass(frozen=True, slots=True)
class Reading:
    """Words understood. `complete`: a whole request; `unfinished`: more must follow; `backchannel`: 嗯, 好的, "uh-huh", nothing at all;
    `emergency`: a person may be in danger, so that neither completeness nor anything else is waited for."""

    text: str
    lang: str
    complete: bool = False
    unfinished: bool = False
    backchannel: bool = False
    emergency: bool = False
    payload: Any = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done. `first_reply`: words that probably come first, so that they are spoken into the cache ahead of time."""

    reading: Reading
    first_reply: str | None = None
    payload: Any = None


@dataclass(frozen=True, slots=True)
class Say:
    """Words for the guest. An `obligation` is something the guest must get to hear: cut off, it is offered again.
    `spans`: what the work behind it took, in ms, for the turn's ledger."""

    text: str
    lang: str
    kind: Kind = "reply"
    obligation: bool = False
    spans: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """One turn, over: words both ways and the time ledger (ms; `moments` count from the end of speech)."""

    turn: int
    heard: str
    lang: str
    reply: str
    reply_heard: str
    cut: bool
    moments: Mapping[str, float]
    spans: Mapping[str, float]
    budgets: Mapping[str, int]
    overruns: tuple[str, ...]


class Brain(Protocol):
    def understand(self, heard: Heard) -> Reading:
        """At each pause; at most some 10 ms, without effects."""
        ...

    async def plan(self, reading: Reading, turn: int) -> Plan:
        """At each pause, after `understand`; without effects; may be cancelled. `turn` is the number the turn will have if it is committed."""
        ...

    def commit(self, plan: Plan, turn: int) -> AsyncIterator[Say]:
        """At the end of the turn, once; effects happen here. Repeated with the same turn only after a failure before the first word, so effects
        must be keyed by call and turn. A barge-in does not cancel it."""
        ...

    def spoken_over(self) -> None:
        """The guest has the floor again: a commit that has done nothing yet may end with nothing done."""
        ...

    async def heard_reply(self, turn: int, text_heard: str, cut: bool) -> None:
        """What of the reply reached the guest; `cut`: less than all."""
        ...

    async def ended(self, turn: int, record: TurnRecord) -> None:
        """The turn is over, its reply spoken or cut."""
        ...
