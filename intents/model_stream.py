"""One language model behind an endpoint: asked once, its answer read as it streams. LangChain is behind this file.

LangChain takes a second to import, so that is done by :meth:`Endpoint.load` alone. Its own retries are off and its
merging of tool calls is not used: it mends broken JSON, and half an argument must not become a whole one.
"""

from __future__ import annotations

import email.utils
import math
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from intents.tools import ToolCall

Outcome = Literal["answered", "slow", "failed", "malformed", "refused", "cut", "absent"]
OPENAI = "https://api.openai.com/v1"
MAX_ANSWER = 20_000
"""Characters of text and arguments; what is longer is no decision."""
_GOOD_ENDS = frozenset({"stop", "tool_calls", "function_call", "end_turn", "tool_use"})
_FILTERS = ("content_filter", "data_inspection", "content_policy")


@dataclass(frozen=True)
class ModelChoice:
    """A model by name. ``price_in`` and ``price_out``: for a million tokens, in whatever currency the reader counts.

    ``provider`` is LangChain's name of it; ``openai`` with a ``base_url`` is every compatible endpoint. ``api_key_env``
    names the environment variable that holds the key. ``extra``: more fields of the request's body.
    """

    name: str
    provider: str = "openai"
    base_url: str | None = None
    api_key_env: str | None = None
    price_in: float = 0.0
    price_out: float = 0.0
    temperature: float | None = 0.0
    extra: Mapping[str, Any] = field(default_factory=dict)


class Trouble(Exception):
    """The model gave no answer. ``again``: the same model may be asked once more, ``after_s`` from now."""

    def __init__(self, outcome: Outcome, error: str, *, again: bool = False, after_s: float = 0.0) -> None:
        super().__init__(error)
        self.outcome = outcome
        self.again = again
        self.after_s = after_s


@dataclass
class Received:
    """What has come so far; what a stream that is given up has cost is known too, if the endpoint told it."""

    on_token: Callable[[], None]
    text: str = ""
    calls: dict[int, list[str]] = field(default_factory=dict)
    """Index in the answer → [name, arguments as text]."""
    finish: str | None = None
    tokens_in: int = 0
    tokens_out: int = 0
    began: bool = False
    size: int = 0

    def take(self, chunk: Any) -> None:
        """``chunk``: LangChain's ``AIMessageChunk``. Raises :class:`Trouble` when it never ends."""
        text = chunk.text if isinstance(chunk.text, str) else ""
        if not self.began and (text or chunk.tool_call_chunks):
            self.began = True
            self.on_token()
        self.text += text
        self.size += len(text)
        for part in chunk.tool_call_chunks:
            index = part.get("index")
            whole = self.calls.setdefault(len(self.calls) if index is None else int(index), ["", ""])
            whole[0] += part.get("name") or ""
            whole[1] += part.get("args") or ""
            self.size += len(part.get("args") or "") + len(part.get("name") or "")
        if self.size > MAX_ANSWER:
            raise Trouble("malformed", f"more than {MAX_ANSWER} characters")
        told = chunk.response_metadata
        self.finish = told.get("finish_reason") or told.get("stop_reason") or self.finish
        if usage := chunk.usage_metadata:
            self.tokens_in += usage["input_tokens"]
            self.tokens_out += usage["output_tokens"]

    @property
    def tool_calls(self) -> list[ToolCall]:
        return [ToolCall(name, arguments) for _, (name, arguments) in sorted(self.calls.items())]


class Endpoint:
    """A model that can be asked. ``absent`` says why it cannot; None: it can, or was not loaded yet."""

    def __init__(self, choice: ModelChoice) -> None:
        self.choice = choice
        self.absent: str | None = None
        self._model: Any = None
        self._bound: dict[object, Any] = {}
        self._client: Any = None

    def load(self) -> None:
        """Blocks for about a second at the first endpoint. What is missing is told by :attr:`absent`."""
        if self._model is not None or self.absent is not None:
            return
        try:
            self._model = self._made()
        except ImportError as error:
            self.absent = f"provider {self.choice.provider!r} is not installed: {error}"
        except Exception as error:  # every vendor's library has its own for a setting that it does not take
            self.absent = f"cannot be set up: {_said(error)}"

    async def ask(self, system: str, user: str, tools: Sequence[Mapping[str, Any]], kind: object, into: Received) -> None:
        """Streams the answer ``into``. ``kind`` names this set of tools. Cancelled, it closes the HTTP stream at once.

        Raises :class:`Trouble`.
        """
        from langsmith import tracing_context

        messages = [("system", system), ("human", user)]
        try:
            if kind not in self._bound:
                self._bound[kind] = self._model.bind_tools(list(tools))
            # A guest's words go to the vendor that the hotel chose and nowhere else, whatever the environment says.
            with tracing_context(enabled=False):
                async with aclosing(self._bound[kind].astream(messages)) as chunks:
                    async for chunk in chunks:
                        into.take(chunk)
        except Trouble:
            raise
        except Exception as error:  # every vendor's library has its own
            raise _trouble(error, into) from error
        if into.finish == "content_filter":
            raise Trouble("refused", "the vendor's filter")
        if into.finish not in _GOOD_ENDS:
            raise Trouble("cut", f"the stream ended with finish_reason {into.finish!r}", again=into.finish is None)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()

    def _made(self) -> Any:
        from langchain.chat_models import init_chat_model

        choice = self.choice
        settings: dict[str, Any] = {"max_retries": 0, "temperature": choice.temperature}
        key_env = choice.api_key_env or ("OPENAI_API_KEY" if choice.provider == "openai" and not choice.base_url else None)
        if key_env is not None:
            settings["api_key"] = os.environ.get(key_env)
            if not settings["api_key"]:
                raise ValueError(f"the environment variable {key_env} is not set; it holds the key of {choice.name}")
        if choice.provider == "openai":
            import openai

            # Our own client: LangChain's is shared between event loops. An endpoint of the house takes any key.
            self._client = openai.DefaultAsyncHttpxClient()
            settings |= {
                "base_url": choice.base_url or OPENAI,
                "http_async_client": self._client,
                "http_socket_options": (),  # of the client that is not used
                "stream_usage": True,
                "use_responses_api": False,
                "extra_body": dict(choice.extra) or None,
                "stream_chunk_timeout": None,  # its wait_for loses a cancellation that comes with a chunk (Python 3.11)
            }
            settings.setdefault("api_key", "none")
        else:
            settings |= {"base_url": choice.base_url} if choice.base_url else {}
            settings |= choice.extra
        return init_chat_model(choice.name, model_provider=choice.provider, **settings)


def _trouble(error: Exception, into: Received) -> Trouble:
    """What went wrong, by what vendors' errors have in common: an HTTP status, the response, JSON's own error."""
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        if status in (400, 403) and any(name in str(error) for name in _FILTERS):
            return Trouble("refused", _said(error))
        again = status in (408, 409, 425, 429) or status >= 500
        return Trouble("failed", f"{status}: {_said(error)}", again=again, after_s=_retry_after(error))
    if isinstance(error, ValueError) and "No generation chunks" not in str(error):
        return Trouble("malformed", f"no stream of Chat Completions: {_said(error)}")
    if into.began or into.finish or isinstance(error, ValueError):
        return Trouble("cut", _said(error), again=True)
    return Trouble("failed", _said(error), again=True)


def _retry_after(error: Exception) -> float:
    """Seconds, from ``Retry-After`` (RFC 9110 10.2.3: seconds or a date); 0 if it does not say."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    said = str(headers.get("retry-after", "")).strip()
    try:
        seconds = float(said)
    except ValueError:
        try:
            seconds = (email.utils.parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds()
        except (ValueError, TypeError):
            return 0.0
    return max(0.0, seconds) if math.isfinite(seconds) else 0.0


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:200]
