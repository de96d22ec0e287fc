"""What the grammar and the classifier leave over, decided by a language model inside a budget.

``LanguageModel.decide`` asks the property's models in their order until one decides, and never for longer than the
budget. It returns decisions of the catalogue, or none: then the caller gives the words to a person. It never states a
fact: a model's text is used only where it is a short question back to the guest.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import prompts
from intents.model_stream import Endpoint, ModelChoice, Outcome, Received, Trouble
from intents.model_turn import Attempt, ModelAnswer, Turn
from intents.tools import decisions_of, tools
from intents.vocabulary import LANGUAGES, Vocabulary

MAX_WORDS = 2000
MAX_QUESTION = 160
TURNS, TURN_CHARS, ORDERS = 6, 300, 8


@dataclass(frozen=True)
class Facts:
    """All that a model is told beside the words: no room, no name, nobody else's. ``time`` is the hotel's own.

    ``devices``: (kind, zone) of the guest's room. ``turns``: (guest or hotel, text) of this conversation, the last
    last. ``orders``: (short words, state) of this stay's open ones.
    """

    time: datetime
    hotel: str
    devices: tuple[tuple[str, str | None], ...] = ()
    turns: tuple[tuple[str, str], ...] = ()
    orders: tuple[tuple[str, str], ...] = ()


class LanguageModel:
    """The models of one property in the order in which they are asked. Lives in one event loop; close it there."""

    def __init__(self, choices: Sequence[ModelChoice], words: Vocabulary) -> None:
        self._words = words
        self._endpoints = [Endpoint(choice) for choice in choices]
        self._tools = {(lang, role): tools(words, lang, role) for lang in LANGUAGES for role in ("guest", "staff")}
        self._loading: asyncio.Task[None] | None = None

    async def load(self) -> Sequence[str]:
        """Import and set up what the models need, beside the event loop (a second or two, once): at the start of the
        service, so that no guest waits for it. What cannot be used is returned, a line each."""
        if self._loading is None:
            self._loading = asyncio.create_task(asyncio.to_thread(self._load))
        await asyncio.shield(self._loading)
        return [f"{one.choice.name}: {one.absent}" for one in self._endpoints if one.absent]

    async def close(self) -> None:
        if self._loading is not None:
            with suppress(Exception):
                await self._loading
        for endpoint in self._endpoints:
            await endpoint.close()

    async def decide(
        self,
        words: str,
        lang: str,
        role: str,
        facts: Facts,
        *,
        first_token_s: float = 0.7,
        whole_s: float = 4.0,
        on_slow: Callable[[], None] | None = None,
    ) -> ModelAnswer:
        """What ``words`` ask for, within ``whole_s``, whatever the models do. Raises nothing of theirs.

        ``role``: guest or staff. ``on_slow`` is called at most once, when ``first_token_s`` has passed without a token:
        time for a spoken filler. Cancelling the task closes the stream.
        """
        lang = lang if lang in LANGUAGES else "en"
        if len(words) > MAX_WORDS:
            return ModelAnswer((), "refused", problems=(f"more than {MAX_WORDS} characters are not sent",))
        asked = prompts.prompt("decide", lang).render(**_values(words, facts))
        turn = Turn(self._endpoints, asyncio.get_running_loop(), first_token_s, whole_s, on_slow)
        try:
            async with asyncio.timeout_at(turn.deadline):
                await self.load()
            while turn.answer is None and (endpoint := await turn.next()):
                await self._attempt(turn, endpoint, asked, words, lang, role)
        except TimeoutError:
            turn.late = True
        finally:
            turn.over()
        return turn.result()

    async def _attempt(self, turn: Turn, endpoint: Endpoint, asked: prompts.Prompt, words: str, lang: str, role: str) -> None:
        began = turn.now()
        until = turn.patience(endpoint)
        role = role if role == "staff" else "guest"
        received = Received(on_token=lambda: turn.token(limit))
        outcome: Outcome = "answered"
        error: str | None = None
        answer: ModelAnswer | None = None
        try:
            async with asyncio.timeout_at(until) as limit:
                await endpoint.ask(asked.system, asked.user, self._tools[lang, role], (lang, role), received)
            answer = self._read(received, words, role)
        except TimeoutError:
            outcome, error = "slow", "the stream was late" if received.began else "no first token"
            turn.spent(endpoint)
        except Trouble as trouble:
            outcome, error = trouble.outcome, str(trouble)
            turn.failed(endpoint, trouble)
        first_ms = (turn.first_token - began) * 1000 if received.began and turn.first_token is not None else None
        tokens = (received.tokens_in, received.tokens_out)
        turn.tried(Attempt(endpoint.choice.name, outcome, first_ms, (turn.now() - began) * 1000, error, *tokens), endpoint)
        if answer is not None:
            turn.answer = replace(answer, model=endpoint.choice.name)

    def _read(self, received: Received, words: str, role: str) -> ModelAnswer:
        """Raises :class:`Trouble` if what came is no decision and no question."""
        decisions, problems = decisions_of(received.tool_calls, self._words, words, role)
        if decisions:
            return ModelAnswer(decisions, "answered", problems=problems)
        if problems:
            raise Trouble("malformed", "; ".join(problems)[:300])
        question = question_of(received.text)
        if question is None:
            raise Trouble("refused", "text instead of a decision" if received.text else "an empty answer")
        return ModelAnswer((), "answered", say=question)

    def _load(self) -> None:
        for endpoint in self._endpoints:
            endpoint.load()


def question_of(text: str) -> str | None:
    """The model's text if it may be asked back: one short line that ends as a question does, and leads nowhere else."""
    asked = re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL).strip()
    plain = asked.isprintable() and "://" not in asked and "<" not in asked and "{" not in asked
    return asked if plain and len(asked) <= MAX_QUESTION and asked.endswith(("?", "？")) else None


def _values(words: str, facts: Facts) -> dict[str, str]:
    """The prompt's variables. All that others wrote is JSON, so that no text can end its own quotation."""
    turns = [{"who": who, "text": text[:TURN_CHARS]} for who, text in facts.turns[-TURNS:]]
    orders = [{"request": what, "state": state} for what, state in facts.orders[:ORDERS]]
    devices = sorted({kind if zone is None else f"{kind} ({zone})" for kind, zone in facts.devices})
    return {
        "hotel": facts.hotel,
        "time": f"{facts.time:%Y-%m-%d %H:%M, %A}",
        "devices": _json(devices),
        "turns": _json(turns),
        "orders": _json(orders),
        "words": _json(words),
    }


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


__all__ = ["Attempt", "Facts", "LanguageModel", "ModelAnswer", "ModelChoice", "Outcome", "question_of"]
