"""What a conversation remembers between turns. Frozen and made of plain data, so that it can be kept anywhere.

Times are seconds of whatever clock the caller uses; only their differences count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from intents.catalogue import Decision

REFERS_S = 600.0
"""How long what was decided can be meant by "it"."""
ANSWER_S = 30.0
"""How long a question waits for its answer."""
UNDO_S = 60.0
"""How long something done can be taken back by "undo"."""
_KEPT = 12
"""Turns, effects and orders remembered."""

ORDERS = frozenset({
    "request.items", "order.food", "request.cleaning", "request.repair", "request.laundry", "request.luggage", "request.taxi",
    "request.wakeup",
})  # fmt: skip
"""Intents that leave an order which a guest may mean by "that" and call off again."""
DEVICES = frozenset({"device.set", "device.query"})
_REFERRED = DEVICES | ORDERS | {"scene.set", "info.ask", "order.change", "order.cancel", "request.dnd", "emergency.report"}


@dataclass(frozen=True)
class Turn:
    """What was decided at ``at``."""

    at: float
    decisions: tuple[Decision, ...]


@dataclass(frozen=True)
class Question:
    """One question back, waiting for its answer.

    ``asks`` names what is missing: device, light (which one), zone, value, time, where, order, item, asset; or either (which
    of ``readings``), confirm (yes or no to ``readings``), offer (the same, but it may go unanswered). ``partial``: what is
    known so far; it need not be a whole decision of the catalogue. ``first``: decisions that the answer's come after (a wrong
    one taken back).
    """

    asks: str
    at: float
    partial: Decision = field(default_factory=lambda: Decision("none"))
    readings: tuple[Decision, ...] = ()
    first: tuple[Decision, ...] = ()


@dataclass(frozen=True)
class Effect:
    """Something that was done and can be taken back.

    ``kind`` and ``data``: devices ``{device id: what it was}``; order ``{"order": id}`` (was placed); changed ``{"order": id,
    "slots": as it was}``; cancelled ``{"intent", "slots", "words"}``; dnd ``{"on": as it was}``; emergency (never taken back).
    ``turn`` names the turn: all effects of a turn go back together.
    """

    kind: str
    turn: str
    at: float
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Dialogue:
    """``zones``: kind of device → the zones of those in the room ("" for one without). ``orders``: ids of the orders placed
    here, the newest last, and ``seq`` the log's sequence that holds them. ``misses``: 1 if what was said last was not
    understood and was asked for again; the next such goes to a person."""

    turns: tuple[Turn, ...] = ()
    question: Question | None = None
    effects: tuple[Effect, ...] = ()
    orders: tuple[str, ...] = ()
    seq: int = 0
    misses: int = 0
    last_reply: str = ""
    zones: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def at(self, now: float) -> Dialogue:
        """Without what is too old to be meant."""
        turns = tuple(turn for turn in self.turns if now - turn.at <= REFERS_S)
        question = self.question if self.question and now - self.question.at <= ANSWER_S else None
        if turns == self.turns and question == self.question:
            return self
        return replace(self, turns=turns, question=question)

    def decided(self, decisions: tuple[Decision, ...], now: float) -> Dialogue:
        """After a turn that meant ``decisions``. A question that was open is answered or dropped."""
        missed = not decisions or all(one.intent == "none" for one in decisions)
        kept = tuple(one for one in decisions if one.intent in _REFERRED)
        turns = (*self.turns, Turn(now, kept))[-_KEPT:] if kept else self.turns
        return replace(self, turns=turns, question=None, misses=1 - self.misses if missed else 0)

    def asking(self, question: Question) -> Dialogue:
        return replace(self, question=question, misses=0)

    def did(self, effect: Effect) -> Dialogue:
        return replace(self, effects=(*self.effects, effect)[-_KEPT:])

    def placed(self, order: str, seq: int) -> Dialogue:
        """An order is on the log."""
        orders = (*(one for one in self.orders if one != order), order)[-_KEPT:]
        return replace(self, orders=orders, seq=max(self.seq, seq))

    def newest_first(self) -> Iterator[Decision]:
        """All that was decided, the last of the last turn first."""
        for turn in reversed(self.turns):
            yield from reversed(turn.decisions)

    @property
    def last(self) -> Turn | None:
        return self.turns[-1] if self.turns else None

    def last_of(self, intents: frozenset[str]) -> tuple[Decision, ...]:
        """The decisions of ``intents`` in the newest turn that had any, in order."""
        for turn in reversed(self.turns):
            if found := tuple(one for one in turn.decisions if one.intent in intents):
                return found
        return ()

    def about(self, intents: frozenset[str]) -> bool:
        """Whether the last thing decided was one of ``intents``."""
        return any(one.intent in intents for one in self.turns[-1].decisions[-1:]) if self.turns else False

    def undoing(self, now: float) -> tuple[Effect, ...]:
        """The effects that "undo" takes back, the newest first: those of the last turn that had any; none if that is too long
        ago, or was an emergency."""
        if self.undo_refused(now):
            return ()
        turn = self.effects[-1].turn
        return tuple(reversed([effect for effect in self.effects if effect.turn == turn]))

    def undo_refused(self, now: float) -> str | None:
        """Why nothing can be taken back: ``none`` (there is nothing), ``late``, ``emergency``."""
        if not self.effects:
            return "none"
        newest = self.effects[-1]
        if any(effect.kind == "emergency" for effect in self.effects if effect.turn == newest.turn):
            return "emergency"
        return "late" if now - newest.at > UNDO_S else None

    def undone(self, effects: tuple[Effect, ...]) -> Dialogue:
        return replace(self, effects=tuple(effect for effect in self.effects if effect not in effects))

    def data(self) -> dict[str, Any]:
        """As JSON holds it; :meth:`of` reads it again."""
        return {
            "turns": [{"at": turn.at, "decisions": _rows(turn.decisions)} for turn in self.turns],
            "question": _question_row(self.question),
            "effects": [{"kind": e.kind, "turn": e.turn, "at": e.at, "data": dict(e.data)} for e in self.effects],
            "orders": list(self.orders),
            "seq": self.seq,
            "misses": self.misses,
            "last_reply": self.last_reply,
            "zones": {kind: list(zones) for kind, zones in self.zones.items()},
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Dialogue:
        asked = data.get("question")
        return cls(
            turns=tuple(Turn(one["at"], _decisions(one["decisions"])) for one in data["turns"]),
            question=None
            if asked is None
            else Question(
                asked["asks"],
                asked["at"],
                _decisions([asked["partial"]])[0],
                _decisions(asked["readings"]),
                _decisions(asked["first"]),
            ),
            effects=tuple(Effect(**one) for one in data["effects"]),
            orders=tuple(data["orders"]),
            seq=data["seq"],
            misses=data["misses"],
            last_reply=data["last_reply"],
            zones={kind: tuple(zones) for kind, zones in data["zones"].items()},
        )


def _question_row(question: Question | None) -> dict[str, Any] | None:
    if question is None:
        return None
    return {
        "asks": question.asks,
        "at": question.at,
        "partial": _rows((question.partial,))[0],
        "readings": _rows(question.readings),
        "first": _rows(question.first),
    }


def _rows(decisions: tuple[Decision, ...]) -> list[dict[str, Any]]:
    return [{"intent": one.intent, "slots": one.slots} for one in decisions]


def _decisions(rows: list[Any]) -> tuple[Decision, ...]:
    return tuple(Decision(row["intent"], dict(row["slots"])) for row in rows)
