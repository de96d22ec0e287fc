"""What goes over the socket: frames of clients as they must be, frames of ours as JSON text."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, model_validator

from concierge.domain.event import Entry
from concierge.domain.instant import stamp

ClientId = Annotated[str, Field(min_length=1, max_length=200)]
Conversation = Annotated[str, Field(min_length=1, max_length=64)]
Seq = Annotated[int, Field(ge=1, le=2**53)]
StaffId = Annotated[str, Field(min_length=1, max_length=64)]
_HALF_A_PAIR = re.compile("[\ud800-\udfff]")


class Hello(BaseModel):
    """``log`` is the incarnation that ``since`` belongs to, as the last ``ready`` named it. ``presence``: who is here, and
    who comes and goes, is wanted too."""

    token: str
    since: int | None = Field(None, ge=0, le=2**53)
    log: str | None = None
    presence: bool = False


class Card(BaseModel):
    type: Literal["order", "room", "menu"]
    id: str = Field(min_length=1, max_length=64)


class Message(BaseModel):
    """A text, or a file or a card with or without one. ``file``: the hash that ``POST /v1/files`` gave."""

    text: str = Field("", max_length=4000)
    lang: str | None = None
    file: str | None = Field(None, pattern="^[0-9a-f]{64}$")
    card: Card | None = None
    mentions: list[StaffId] = Field(default_factory=list, max_length=50)
    reply_to: Seq | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not (self.text or self.file or self.card):
            raise ValueError("a message has a text, a file or a card")
        return self

    def more(self, client_id: str) -> dict[str, Any]:
        """What :class:`concierge.service.commands.Say` takes beside the text. The client id is in the message's data, so that
        whoever sent it knows the echo of it."""
        return {
            "file": self.file,
            "card": self.card.model_dump() if self.card else None,
            "mentions": tuple(self.mentions),
            "reply_to": self.reply_to,
            "about": {"client_id": client_id},
        }


class Send(Message):
    client_id: ClientId
    conversation: Conversation


class Edit(BaseModel):
    """``message``: the sequence of what was said."""

    client_id: ClientId
    conversation: Conversation
    message: Seq
    text: str = Field(max_length=4000)


class Withdraw(BaseModel):
    client_id: ClientId
    conversation: Conversation
    message: Seq


class Read(BaseModel):
    """Everything in the conversation up to ``seq`` has been read; others see it as the event ``read``."""

    conversation: Conversation
    seq: Seq


class Got(BaseModel):
    """The client holds the conversation up to the message at ``seq``; its author is told that it was delivered."""

    conversation: Conversation
    seq: Seq


class Typing(BaseModel):
    conversation: Conversation


class Voice(BaseModel):
    state: Literal["start", "stop"]
    lang: str | None = None


def text_of(frame: Mapping[str, Any]) -> str:
    """Half a surrogate pair, which a client's JSON may hold and no UTF-8 can, is escaped as it came."""
    text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
    return json.dumps(frame, separators=(",", ":")) if _HALF_A_PAIR.search(text) else text


def frame(entry: Entry) -> dict[str, Any]:
    """An entry as the wire has it."""
    return {
        "type": "event",
        "seq": entry.seq,
        "subject": entry.subject,
        "event": entry.event,
        "at": stamp(entry.at),
        "by": entry.by,
        "data": entry.data,
    }


class Shared:
    """An entry on its way to many sockets. Those that may see the same of it share one text."""

    __slots__ = ("_texts", "entry")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self._texts: list[tuple[Mapping[str, Any], str]] = []

    def text(self, visible: Entry) -> str:
        """``visible``: what :func:`concierge.domain.sight.seen` leaves of the entry for somebody."""
        for data, text in self._texts:
            if data is visible.data or data == visible.data:
                return text
        made = text_of(frame(visible))
        self._texts.append((visible.data, made))
        return made
