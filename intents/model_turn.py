"""One decision of the language models on its way: whose turn it is, what was tried, what is left of the budget."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from intents.catalogue import Decision
from intents.model_stream import Endpoint, Outcome, Trouble

MAX_TRIES = 2
"""How often one model is asked for one turn."""
LEAST_S = 0.3
"""With less of the budget left no model is asked any more."""
PAUSE_S = 0.2
"""Before a model that failed is asked again."""


@dataclass(frozen=True)
class Attempt:
    """One request to one model. Milliseconds are of the attempt's own; tokens as the endpoint told them, 0 if it did not."""

    model: str
    outcome: Outcome
    first_token_ms: float | None
    ms: float
    error: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0


@dataclass(frozen=True)
class ModelAnswer:
    """``decisions`` empty and ``say`` None: a person takes over; ``outcome`` and ``attempts`` say why.

    ``say``: a question to ask back, in the guest's language. ``problems``: parts of a model's answer that were dropped
    although others were good. ``cost``: in the unit of the prices. ``first_token_ms`` and ``ms`` are of the whole.
    """

    decisions: tuple[Decision, ...]
    outcome: Outcome
    say: str | None = None
    model: str | None = None
    attempts: tuple[Attempt, ...] = ()
    problems: tuple[str, ...] = ()
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0
    ms: float = 0.0
    first_token_ms: float | None = None


class Turn:
    """All times are the loop's, in seconds."""

    def __init__(
        self,
        endpoints: Sequence[Endpoint],
        loop: asyncio.AbstractEventLoop,
        first_token_s: float,
        whole_s: float,
        on_slow: Callable[[], None] | None,
    ) -> None:
        self.now = loop.time
        self.began = loop.time()
        self.deadline = self.began + whole_s
        self.first_token: float | None = None
        self.answer: ModelAnswer | None = None
        self.late = False
        self._endpoints = endpoints
        self._first_token_s = first_token_s
        self._tries = dict.fromkeys(endpoints, 0)
        self._ready_at = dict.fromkeys(endpoints, 0.0)
        self._out: set[Endpoint] = set()
        self._attempts: list[Attempt] = []
        self._cost = 0.0
        self._streams = False
        self._on_slow = on_slow
        self._timer = loop.call_at(self.began + first_token_s, self._slow)

    async def next(self) -> Endpoint | None:
        """The model to ask now, after the wait that it asked for; None: none is left, or no time."""
        for endpoint in self._endpoints:
            if endpoint.absent and endpoint not in self._out:
                self._out.add(endpoint)
                self._attempts.append(Attempt(endpoint.choice.name, "absent", None, 0.0, endpoint.absent))
        left = [one for one in self._endpoints if one not in self._out and self._tries[one] < MAX_TRIES]
        if not left:
            return None
        chosen = min(left, key=lambda one: (max(self._ready_at[one] - self.now(), 0.0), self._tries[one]))
        wait_s = max(self._ready_at[chosen] - self.now(), 0.0)
        if self.now() + wait_s + LEAST_S > self.deadline:
            return None
        await asyncio.sleep(wait_s)
        self._tries[chosen] += 1
        return chosen

    def patience(self, endpoint: Endpoint) -> float:
        """Until when a first token is waited for: another model that was not asked yet gets its share of the time."""
        others = sum(1 for one in self._endpoints if one is not endpoint and one not in self._out and not self._tries[one])
        share_s = (self.deadline - self.now()) / (others + 1)
        return min(self.deadline, self.now() + max(share_s, self._first_token_s)) if others else self.deadline

    def token(self, limit: asyncio.Timeout) -> None:
        """The first of an attempt: from now on it has all the time there is."""
        self.first_token = self.now()
        self._streams = True
        with suppress(RuntimeError):  # it has just run out
            limit.reschedule(self.deadline)

    def spent(self, endpoint: Endpoint) -> None:
        """It was late: it is not asked again."""
        self._out.add(endpoint)

    def failed(self, endpoint: Endpoint, trouble: Trouble) -> None:
        self._ready_at[endpoint] = self.now() + max(trouble.after_s, PAUSE_S)
        if not trouble.again:
            self._out.add(endpoint)

    def tried(self, attempt: Attempt, endpoint: Endpoint) -> None:
        choice = endpoint.choice
        self._attempts.append(attempt)
        self._cost += (attempt.tokens_in * choice.price_in + attempt.tokens_out * choice.price_out) / 1e6
        self._streams = False
        if attempt.outcome != "answered" and self.now() - self.began >= self._first_token_s:
            self._slow()

    def over(self) -> None:
        self._timer.cancel()

    def result(self) -> ModelAnswer:
        last: Outcome = self._attempts[-1].outcome if self._attempts else "absent"
        answer = self.answer or ModelAnswer((), "slow" if self.late or self.now() >= self.deadline else last)
        first = self.first_token
        return replace(
            answer,
            attempts=tuple(self._attempts),
            tokens_in=sum(attempt.tokens_in for attempt in self._attempts),
            tokens_out=sum(attempt.tokens_out for attempt in self._attempts),
            cost=self._cost,
            ms=(self.now() - self.began) * 1000,
            first_token_ms=(first - self.began) * 1000 if self.answer and first is not None else None,
        )

    def _slow(self) -> None:
        if not self._streams and self._on_slow is not None:
            tell, self._on_slow = self._on_slow, None
            tell()
