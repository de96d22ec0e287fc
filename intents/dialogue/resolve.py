"""A sentence and the conversation so far → what is meant. Pure: the clock is passed in, nothing is kept here.

``Understander.understand`` takes a sentence by itself; what it cannot settle alone ("it", 再高一点, "make that two", a bare
"the desk one") the conversation completes here. A sentence that stands by itself keeps its own meaning.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from intents import numerals
from intents.backchannel import is_backchannel
from intents.catalogue import Decision
from intents.dialogue.answers import answer
from intents.dialogue.devices import DEVICE_ACTS, Meant, Talk
from intents.dialogue.orders import ORDER_ACTS
from intents.dialogue.sentences import Act, Sentences
from intents.dialogue.state import Dialogue, Question
from intents.dialogue.words import words_of
from intents.text import read
from intents.vocabulary import LANGUAGES, Vocabulary, builtin, merged

NONE = Decision("none")
YES = Decision("dialog.yes")
PERSON = Decision("handoff.human")
_ACTS = {**DEVICE_ACTS, **ORDER_ACTS}
_CALM = frozenset({"dialog.thanks", "dialog.greet", "dialog.repeat"})
"""Said while a question waits, they neither answer nor drop it."""
_SETTLED = frozenset({"grammar", "emergency"})
"""Stages that read a sentence word by word; what they name is meant."""
_BY_SOUND = "nearly"
_NEAR_S = 120.0
"""What was spoken of longer ago does not change a sentence that has a meaning of its own."""
_CUTS = 2
"""Places where a sentence is tried to be cut in two: each may take as long as a sentence by itself."""


class Alone(Protocol):
    """A sentence as it stands by itself (:class:`intents.understand.Understanding`)."""

    @property
    def decisions(self) -> tuple[Decision, ...]: ...
    @property
    def stage(self) -> str: ...
    @property
    def complete(self) -> bool: ...
    @property
    def unfinished(self) -> bool: ...
    @property
    def emergency(self) -> bool: ...


@dataclass(frozen=True)
class _Nothing:
    """A sentence that means nothing by itself."""

    decisions: tuple[Decision, ...] = (NONE,)
    stage: str = "none"
    complete: bool = False
    unfinished: bool = False
    emergency: bool = False


_NOTHING = _Nothing()
Understand = Callable[[str, str, str], Alone]
"""(text, language, role) → the sentence by itself."""


@dataclass(frozen=True)
class Resolved:
    """``decisions`` are to be carried out, then ``question`` is to be asked; without either there was nothing to do.

    ``dialogue``: the conversation after this turn, to be kept only if the turn counts. ``complete``, ``unfinished``: as of an
    understanding. ``leant``: the conversation made the meaning, not the sentence alone.
    """

    decisions: tuple[Decision, ...]
    question: Question | None
    dialogue: Dialogue
    complete: bool
    unfinished: bool
    leant: bool = False


class Resolver:
    """Loading takes a quarter of a second, a sentence about a millisecond.

    With ``understand``, a sentence of which only a part leans on the conversation is cut in two: 关掉它，再送两瓶水.
    """

    def __init__(self, words: Vocabulary, understand: Understand | None = None) -> None:
        self._words = words
        self._understand = understand
        self._sentences = {lang: Sentences(lang, words) for lang in LANGUAGES}
        self._words_of = {lang: words_of(lang) for lang in LANGUAGES}

    @classmethod
    def load(cls, words: Vocabulary | None = None, understand: Understand | None = None) -> Resolver:
        """With the property's own names (the built-in ones are added), or the built-in ones alone."""
        return cls(builtin() if words is None else merged(words), understand)

    def resolve(
        self, dialogue: Dialogue, text: str, lang: str, understanding: Alone, now: float, role: str = "guest"
    ) -> Resolved:
        """``understanding``: the sentence by itself; ``now``: seconds of the clock that the dialogue was made with."""
        lang = lang if lang in self._sentences else LANGUAGES[-1]
        dialogue = dialogue.at(now)
        if understanding.emergency:
            return self._decided(understanding.decisions, dialogue, understanding, now)
        acts = self._sentences[lang].acts(text)
        talk = self._talk(dialogue, text, lang, now)
        if dialogue.question is not None:
            found = answer(dialogue.question, acts, understanding.decisions, talk, lang)
            if found is not None:
                return self._meant(found, dialogue, now, text, lang)
            if _only(understanding, _CALM):
                return Resolved(understanding.decisions, None, dialogue, True, False)
            if is_backchannel(text, lang):
                return Resolved((YES,), None, dialogue, True, False)
        found = self._leaning(acts, talk, understanding)
        if found is None and self._understand is not None and understanding.stage not in _SETTLED:
            parts = self._parts(dialogue, text, lang, now, role)
            if parts is not None and _finer(parts.decisions, understanding):
                return parts
        asked = dialogue.question is not None and dialogue.question.asks != "offer"
        if found is None and asked and (_missed(understanding) or _only(understanding, {"dialog.yes"})):
            # asked once already: now a person
            after = dialogue.decided((PERSON,), now)
            return Resolved((PERSON,), None, after, False, understanding.unfinished, True)
        if found is not None:
            return self._meant(found, dialogue, now, text, lang, understanding)
        if understanding.stage == _BY_SOUND and any(act.name in _ACTS for act in acts):
            # heard right, it leans on a conversation that is not there; what it sounds like is not what was said
            return Resolved((NONE,), None, dialogue.decided((NONE,), now), False, understanding.unfinished)
        return self._decided(understanding.decisions or (NONE,), dialogue, understanding, now)

    def either(self, dialogue: Dialogue, readings: Sequence[Decision], now: float, asks: str = "either") -> Resolved:
        """One question back between equal readings; ``asks`` confirm: yes or no to all of them together."""
        question = Question(asks, now, readings=tuple(readings))
        return Resolved((), question, dialogue.at(now).asking(question), True, False, True)

    def offered(self, topic: str, lang: str) -> Decision | None:
        """What an answer about ``topic`` offers to do where it ends in a question: "Shall I call a taxi?" """
        offer = self._words_of[lang].offers.get(topic) if lang in self._words_of else None
        return None if offer is None else Decision(str(offer["intent"]), dict(offer["slots"]))

    def _leaning(self, acts: Sequence[Act], talk: Talk, alone: Alone) -> Meant:
        """The first way to take the words that the conversation bears out."""
        own = alone.decisions
        bound = alone.stage in _SETTLED and not _missed(alone)
        last = talk.dialogue.last
        if bound and (len(own) != 1 or not _open_to_context(own[0])):
            return None
        for act in acts:
            handler = _ACTS.get(act.name)
            if handler is None or not talk.fresh(act):
                continue
            meant = handler(act, talk)
            if meant is None:
                continue
            if bound and isinstance(meant, Question) and act.name not in ("lamp", "cancel"):
                continue
            if bound and (last is None or talk.now - last.at > _NEAR_S) and act.name not in ("lamp", "cancel", "time"):
                continue
            return meant
        return None

    def _parts(self, dialogue: Dialogue, text: str, lang: str, now: float, role: str) -> Resolved | None:
        """Two sentences in one, of which one leans on the conversation or on the other."""
        assert self._understand is not None
        tried = 0
        for cut in self._cut(text, lang):
            halves = [text[:cut], text[cut:]]
            if not all(map(str.strip, halves)) or not any(self._leans(half, lang) for half in halves):
                continue
            tried += 1
            if tried > _CUTS:
                break
            after, leant = dialogue, False
            decisions: tuple[Decision, ...] = ()
            for half in halves:
                whole = self._resolved_alone(after, half, lang, role, now)
                if whole is None:
                    break
                after, decisions, leant = whole.dialogue, decisions + whole.decisions, leant or whole.leant
            else:
                if leant:
                    turn = dialogue.decided(decisions, now)
                    return Resolved(decisions, None, turn, True, False, True)
        return None

    def _resolved_alone(self, dialogue: Dialogue, text: str, lang: str, role: str, now: float) -> Resolved | None:
        """A part of a sentence; None where it means nothing, or nothing certain."""
        found = self._leaning(self._sentences[lang].acts(text), self._talk(dialogue, text, lang, now), _NOTHING)
        if isinstance(found, Question) or self._understand is None:
            return None
        decisions = found
        if decisions is None:
            alone = self._understand(text, lang, role)
            if alone.emergency or _missed(alone) or alone.stage == _BY_SOUND:
                return None
            decisions = alone.decisions
        return Resolved(decisions, None, dialogue.decided(decisions, now), True, False, found is not None)

    def _leans(self, text: str, lang: str) -> bool:
        return any(act.name in _ACTS for act in self._sentences[lang].acts(text))

    def _cut(self, text: str, lang: str) -> list[int]:
        """Where a second sentence may begin."""
        lower = text.lower()
        cuts = {at + 1 for at, char in enumerate(text) if char in "，,。.；;、"}
        for join in self._words_of[lang].joins:
            at = lower.find(join, 1)
            while at > 0:
                cuts.add(at)
                at = lower.find(join, at + 1)
        return sorted(cuts)

    def _meant(
        self,
        found: tuple[Decision, ...] | Question,
        dialogue: Dialogue,
        now: float,
        text: str,
        lang: str,
        alone: Alone | None = None,
    ) -> Resolved:
        if isinstance(found, Question):
            unfinished = alone.unfinished if alone else False
            return Resolved((), found, dialogue.asking(found), not unfinished, unfinished, True)
        words = read(text, lang)
        midway = numerals.may_go_on(words.words(0, len(words.chars)), lang)
        return Resolved(found, None, dialogue.decided(found, now), not midway, False, True)

    def _decided(self, decisions: tuple[Decision, ...], dialogue: Dialogue, alone: Alone, now: float) -> Resolved:
        return Resolved(decisions, None, dialogue.decided(decisions, now), alone.complete, alone.unfinished)

    def _talk(self, dialogue: Dialogue, text: str, lang: str, now: float) -> Talk:
        return Talk(dialogue, now, text, lambda token: self._name(token, lang), self._words_of[lang].place(text))

    def _name(self, token: str, lang: str) -> str:
        """What the guest calls an item, a dish or a kind of request."""
        for names in (self._words.items, self._words.dishes):
            if token in names and names[token].get(lang):
                return names[token][lang][0]
        return self._words_of[lang].names.get(token, token.replace("_", " "))


def _missed(alone: Alone) -> bool:
    return all(one.intent == "none" for one in alone.decisions)


def _finer(parts: tuple[Decision, ...], alone: Alone) -> bool:
    """Whether the parts say what the whole did, only more exactly (which thing "it" is), or the whole said nothing sure."""
    if _missed(alone) or alone.stage == _BY_SOUND:
        return True
    return len(parts) > 1 and [one.intent for one in parts] == [one.intent for one in alone.decisions]


def _only(alone: Alone, intents: frozenset[str] | set[str]) -> bool:
    return len(alone.decisions) == 1 and alone.decisions[0].intent in intents


def _open_to_context(own: Decision) -> bool:
    """Whether a sentence's own meaning rests on a default that the conversation knows better."""
    if own.intent == "device.set":
        return "zone" not in own.slots
    if own.intent == "order.change":
        return "which" not in own.slots
    return own.intent in ("order.cancel", "dialog.undo", "dialog.no", "dialog.stop", "dialog.repeat", "info.ask", "device.query")
