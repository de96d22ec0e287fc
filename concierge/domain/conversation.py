"""Conversations: each message stands for itself; who takes part follows from the conversation's name, in a group from its members.

``stay-<stay>``, ``dept-<department>``, ``floor-<n>``, ``shift-<shift>``, ``direct-<a>--<b>`` (staff ids in order),
``incident-<incident>``, ``group-<id>``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Any

from concierge.domain.errors import BadRequest, Forbidden, NotFound
from concierge.domain.event import Entry
from concierge.domain.people import Actor, require

MAX_TEXT = 4000
MAX_NAME = 80
MAX_MEMBERS = 200
STAY, DEPARTMENT, FLOOR, SHIFT, DIRECT, INCIDENT, GROUP = "stay-", "dept-", "floor-", "shift-", "direct-", "incident-", "group-"
KINDS = (STAY, DEPARTMENT, FLOOR, SHIFT, DIRECT, INCIDENT, GROUP)
EDITABLE = timedelta(hours=24)
CARDS = ("order", "room", "menu")


def of_stay(stay: str) -> str:
    return STAY + stay


def of_department(department: str) -> str:
    return DEPARTMENT + department


def of_floor(floor: int) -> str:
    return f"{FLOOR}{floor}"


def of_shift(shift: str) -> str:
    return SHIFT + shift


def of_incident(incident: str) -> str:
    return INCIDENT + incident


def of_two(one: str, other: str) -> str:
    """Of two staff ids. Raises :class:`BadRequest` for somebody with themself."""
    if one == other:
        raise BadRequest("a conversation of two is with somebody else")
    return f"{DIRECT}{'--'.join(sorted((one, other)))}"


def split(conversation: str) -> tuple[str, str]:
    """(kind with its hyphen, what it is of): ``("dept-", "housekeeping")``; an unknown kind is ``("", conversation)``."""
    kind = next((kind for kind in KINDS if conversation.startswith(kind)), "")
    return kind, conversation.removeprefix(kind)


def stay_of(conversation: str) -> str | None:
    """The stay whose conversation it is, if it is a stay's."""
    return conversation.removeprefix(STAY) if conversation.startswith(STAY) else None


def two_of(conversation: str) -> tuple[str, ...]:
    """The staff ids of a conversation of two; nobody's if the name is none that :func:`of_two` gives."""
    kind, rest = split(conversation)
    pair = rest.split("--")
    return tuple(pair) if kind == DIRECT and len(pair) == 2 and all(pair) and pair[0] < pair[1] else ()


def takes_part(actor: Actor, conversation: str, members: Collection[str] = ()) -> bool:
    """Whether the actor may read and write there. ``members``: staff ids, of a group."""
    if actor.kind == "service":
        return True
    kind, of = split(conversation)
    if actor.kind == "guest":
        return kind == STAY and bool(of) and of == actor.stay
    match kind:
        case "direct-":
            return actor.id in two_of(conversation)
        case "group-":
            return actor.id in members
        case "incident-":
            return True
        case "dept-":
            return actor.leads or of == actor.department
        case "floor-":
            return actor.leads or of in {str(floor) for floor in actor.floors}
        case "shift-":
            return actor.leads or (bool(of) and of == actor.shift)
    return kind == STAY and actor.leads


@dataclass(frozen=True)
class File:
    """A file that a message refers to. ``hash``: SHA-256 in hex, its name in the state folder. ``seconds``: of sound."""

    hash: str
    type: str
    name: str
    bytes: int
    seconds: float | None = None
    transcript: str | None = None

    @property
    def kind(self) -> str:
        """What a message with it is: ``image`` or ``voice``."""
        return "image" if self.type.startswith("image/") else "voice"


def message(
    text: str,
    lang: str,
    via: str,
    about: Mapping[str, Any] | None = None,
    *,
    file: File | None = None,
    card: Mapping[str, str] | None = None,
    mentions: Sequence[str] = (),
    reply_to: int | None = None,
) -> dict[str, Any]:
    """A message's data: ``text``, ``lang``, ``via`` (text, voice, service), ``kind`` (text, image, voice, card), what hangs on
    it, and what it is about (order, call, turn…). ``card``: ``{"type": "order", "id": …}``.

    Raises :class:`BadRequest`.
    """
    text = _checked(text, empty=bool(file or card))
    if file and card:
        raise BadRequest("a message has a file or a card, not both")
    if card and (set(card) != {"type", "id"} or card["type"] not in CARDS):
        raise BadRequest(f"a card has an id and a type: {', '.join(CARDS)}")
    data: dict[str, Any] = {**(about or {}), "text": text, "lang": lang, "via": via}
    data["kind"] = file.kind if file else "card" if card else "text"
    if file:
        data["file"] = {key: value for key, value in asdict(file).items() if key != "transcript" and value is not None}
        if file.kind == "voice":
            data["transcript"] = file.transcript or ""
    if card:
        data["card"] = dict(card)
    if mentions:
        data["mentions"] = list(dict.fromkeys(mentions))
    if reply_to is not None:
        data["reply_to"] = reply_to
    return data


def words(data: Mapping[str, Any]) -> str:
    """All that a message says, to be searched: its text, the transcript of its voice, its file's name."""
    return "\n".join(filter(None, (data.get("text"), data.get("transcript"), data.get("file", {}).get("name"))))


def edited(said: Entry, text: str, by: Actor, at: datetime) -> dict[str, Any]:
    """What an edit leaves. Raises :class:`Forbidden` for a stranger's message or an old one, :class:`BadRequest`."""
    _require_author(said, by)
    require(at - said.at <= EDITABLE, f"a message can be changed for {EDITABLE // timedelta(hours=1)} hours")
    return {"message": said.seq, "text": _checked(text, empty=said.data.get("kind", "text") != "text")}


def withdrawn(said: Entry, by: Actor) -> dict[str, Any]:
    """What a withdrawal leaves: from now on nobody is shown the words. Raises :class:`Forbidden`."""
    _require_author(said, by)
    return {"message": said.seq}


def without_words(data: Mapping[str, Any]) -> dict[str, Any]:
    """What is left of a message, or of an edit of it, that was withdrawn."""
    return {key: data[key] for key in ("message", "lang", "via", "kind", "members", "client_id") if key in data} | {
        "text": "",
        "withdrawn": True,
    }


@dataclass(frozen=True)
class Group:
    """A group that staff made. ``members``: staff ids, in the order in which they joined."""

    id: str
    name: str
    members: tuple[str, ...]

    def data(self) -> dict[str, Any]:
        return {**asdict(self), "members": list(self.members)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Group:
        known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        return cls(**{**known, "members": tuple(known["members"])})

    def joined(self, who: Iterable[str]) -> Group:
        members = tuple(dict.fromkeys((*self.members, *who)))
        if len(members) > MAX_MEMBERS:
            raise BadRequest(f"a group has at most {MAX_MEMBERS} members")
        return replace(self, members=members)

    def left(self, who: str) -> Group:
        """Raises :class:`NotFound` if it has no such member."""
        if who not in self.members:
            raise NotFound(f"{who!r} is not in this group")
        return replace(self, members=tuple(member for member in self.members if member != who))

    def named(self, name: str) -> Group:
        """Raises :class:`BadRequest`."""
        name = name.strip()
        if not 0 < len(name) <= MAX_NAME:
            raise BadRequest(f"a group's name has 1 to {MAX_NAME} characters")
        return replace(self, name=name)


def _require_author(said: Entry, by: Actor) -> None:
    if said.event != "said" or said.by != by.who:
        raise Forbidden("a message is changed and withdrawn by who wrote it")


def _checked(text: str, *, empty: bool) -> str:
    text = text.strip()
    if not text and not empty:
        raise BadRequest("the message is empty")
    if len(text) > MAX_TEXT:
        raise BadRequest(f"the message has {len(text)} characters, at most {MAX_TEXT} are taken")
    return text


def words_key(data: Mapping[str, Any], seq: int) -> str:
    """The idempotency key of all that follows from a guest's words: of their turn in a call, or of the typed message."""
    return f"{data['call']}-{data['turn']}" if "call" in data and "turn" in data else f"chat-{seq}"
