"""A guest's words → decisions of the catalogue, in order, without a language model.

The whole text is cut into sentences of the grammar, polite words and joining words, at the least cost. Nothing may be
left over: words that the grammar does not know make the text not understood, for a wrong action is worse than a
question. Words of emergency are looked for before all that, anywhere in the text.
"""

from __future__ import annotations

import heapq
import time
from dataclasses import dataclass, replace
from typing import Any

from intents import grammar, numerals
from intents.backchannel import is_backchannel
from intents.catalogue import CATALOGUE, Decision
from intents.gate import Gate
from intents.matcher import Match, Matcher
from intents.meaning import Meant, meaning
from intents.nearly import NearlyEn, NearlyZh, believable, without_repeats
from intents.nodes import Scan, Sounds
from intents.text import Text, detect, plain, read
from intents.understanding import NONE, Understanding, weighty
from intents.vocabulary import LANGUAGES, Vocabulary, builtin, merged

_SENTENCE, _FILLER, _JOIN = 10.0, 1.0, 1.5
_WILD = 0.4
_FAR = 8.0
_DOUBT = 0.8
_BY_SOUND = 0.6
"""How sure an emergency is that was known by its sound alone: staff are told, the guest is asked back."""


@dataclass(frozen=True)
class _Step:
    """A piece of the text on the way to its end."""

    kind: str
    end: int
    meant: Meant | None
    before: _Step | None


@dataclass(frozen=True)
class _Reading:
    """The cheapest way through a text; None decisions: there is none."""

    decisions: tuple[Decision, ...] | None
    unfinished: bool = False
    distance: float = 0.0


class Understander:
    """Understands one property's guests. Loading takes a second or so; ``understand`` a few milliseconds."""

    def __init__(self, words: Vocabulary) -> None:
        grammars = {lang: grammar.load(lang, words) for lang in LANGUAGES}
        self._matchers = {lang: Matcher(grammars[lang], plain) for lang in LANGUAGES}
        self._gates = {lang: Gate(grammars[lang]) for lang in LANGUAGES}
        self._nearly: dict[str, NearlyZh | NearlyEn] = {
            "zh": NearlyZh(self._matchers["zh"].fragments),
            "en": NearlyEn(self._matchers["en"].fragments),
        }
        for misheard in (
            "打开窗头登",
            "turn on the bed sight lump",
        ):  # the tables of sounds are made now, not for the first guest
            self.understand(misheard)

    @classmethod
    def load(cls, words: Vocabulary | None = None) -> Understander:
        """With the property's own names (the built-in ones are added), or the built-in ones alone."""
        return cls(builtin() if words is None else merged(words))

    def understand(self, text: str, lang: str | None = None, role: str = "guest") -> Understanding:
        """``role`` is guest or staff: some intents are for staff only."""
        began = time.perf_counter()
        if lang not in LANGUAGES:
            lang = detect(text)
        result = self._decide(read(text, lang), role)
        return replace(result, ms=(time.perf_counter() - began) * 1000)

    def _decide(self, text: Text, role: str) -> Understanding:
        alarm = self.alarm(text)
        if alarm:
            return alarm
        found, unfinished = self.by_grammar(text, role)
        found = found or self.alarm_by_sound(text) or self.nearly(text, role, unfinished)
        return found or Understanding((NONE,), "none", 0.0, False, unfinished, text.lang, 0.0)

    def alarm(self, text: Text) -> Understanding | None:
        """Words of emergency, anywhere in the text."""
        return _alarm(self._gates[text.lang].kind(text), text, 1.0)

    def alarm_by_sound(self, text: Text) -> Understanding | None:
        """The same, heard nearly right: staff are told, the guest is asked back."""
        return _alarm(self._gates[text.lang].kind_by_sound(text), text, _BY_SOUND)

    def by_grammar(self, text: Text, role: str) -> tuple[Understanding | None, bool]:
        """The reading of the whole text, if there is one; and whether the text breaks off in the middle of a sentence."""
        reading = self._read(text, self._matchers[text.lang], role) if text.chars else _Reading(None)
        return _understood(text, reading, "grammar", 1.0) if reading.decisions else None, reading.unfinished

    def nearly(self, text: Text, role: str, unfinished: bool = False) -> Understanding | None:
        """The reading of words that sound like the text's."""
        matcher = self._matchers[text.lang]
        for heard in filter(None, (text, without_repeats(text))):
            sounds = self._nearly[text.lang].sounds(heard)
            near = self._read(heard, matcher, role, sounds) if sounds is not None else _Reading(None)
            if sounds is not None and near.decisions and near.distance <= _DOUBT * sounds.limit:
                near = replace(near, unfinished=near.unfinished or unfinished)
                return _understood(heard, near, "nearly", 1.0 - 0.5 * near.distance / sounds.limit)
        return None

    def _read(self, text: Text, matcher: Matcher, role: str, sounds: Sounds | None = None) -> _Reading:
        """The cheapest way through the text; if there is none, whether it breaks off in the middle of a sentence."""
        scan = Scan(text, sounds)
        possible = matcher.possible(text, sounds)
        goal = len(text.chars)
        done: set[tuple[int, bool, bool]] = set()
        queue: list[tuple[float, int, int, float, bool, bool, _Step | None]] = [(0.0, 0, 0, 0.0, False, False, None)]
        count = 0
        found_at: dict[int, list[Match]] = {}
        while queue:
            cost, _, at, distance, sentence, joined, path = heapq.heappop(queue)
            if (at, sentence, joined) in done:
                continue
            done.add((at, sentence, joined))
            if at == goal:
                if sentence:
                    return _Reading(_decisions(path), joined, distance)
                continue
            if at not in found_at:
                found_at[at] = matcher.at(scan, at, possible)
            for match in found_at[at]:
                far = distance + match.distance
                if sounds is not None and (far > sounds.limit or not believable(match, text.lang)):
                    continue
                step = self._step(match, text, role, sentence, path)
                if step is None:
                    continue
                price, after = step
                price += _FAR * match.distance
                count += 1
                now = after.kind == "sentence"
                heapq.heappush(
                    queue,
                    (cost + price, count, match.end, far, sentence or now, after.kind == "join", after),
                )
        if sounds is not None:
            return _Reading(None)
        return _Reading(None, unfinished=self._breaks_off(text, matcher, {at for at, _, _ in done}))

    def _step(self, match: Match, text: Text, role: str, sentence: bool, path: _Step | None) -> tuple[float, _Step] | None:
        intent = match.block.intent
        if intent == "_filler":
            if match.block.metadata.get("where") == "tail" and not sentence:
                return None
            return _FILLER, _Step("filler", match.end, None, path)
        if intent == "_join":
            return _JOIN, _Step("join", match.end, None, path)
        alone, last = match.block.metadata.get("alone"), match.block.metadata.get("last")
        if (alone and match.start > 0) or ((alone or last) and not text.stops(match.end)):
            return None
        if CATALOGUE[intent].staff and role != "staff":
            return None
        meant = meaning(match, text)
        if meant is None:
            return None
        wild = sum(c.end - c.start for c in match.captures if c.value is None)
        price = _SENTENCE + _WILD * wild + match.block.metadata.get("cost", 0)
        return price, _Step("sentence", match.end, meant, path)

    def _breaks_off(self, text: Text, matcher: Matcher, reached: set[int]) -> bool:
        """Whether some sentence that begins where the others ended wants to go on after the last word."""
        if _is_number(text):
            return True
        if all(at == len(text.chars) for at in reached - {0}) and len(text.chars) in reached:
            return True  # polite words alone
        scan = Scan(text)
        every = matcher.every()
        for at in reached - {len(text.chars)}:
            matcher.at(scan, at, every)
            if scan.ran_out:
                return True
        return False


def _alarm(kind: str | None, text: Text, sure: float) -> Understanding | None:
    if kind is None:
        return None
    return Understanding((Decision("emergency.report", {"kind": kind}),), "emergency", sure, True, False, text.lang, 0.0)


def _understood(text: Text, reading: _Reading, stage: str, sure: float) -> Understanding:
    midway = numerals.may_go_on(text.words(0, len(text.chars)), text.lang)
    complete = not reading.unfinished and not midway
    return Understanding(reading.decisions or (NONE,), stage, sure, complete, reading.unfinished, text.lang, 0.0)


def _is_number(text: Text) -> bool:
    return numerals.parse(text.words(0, len(text.chars)), text.lang) is not None


def _decisions(path: _Step | None) -> tuple[Decision, ...]:
    steps: list[Meant] = []
    while path is not None:
        if path.meant is not None:
            steps.append(path.meant)
        path = path.before
    decisions: list[Decision] = []
    felt = False
    for meant in reversed(steps):
        first = meant.decisions[0]
        if meant.implied and decisions and _joins(decisions[-1].slots, first):
            decisions[-1] = Decision("device.set", decisions[-1].slots | first.slots)
        else:
            if felt and first.intent == "device.set" and first.slots["device"] == decisions[-1].slots["device"]:
                decisions.pop()  # "it's cold, set the AC to 26": the feeling was only the reason
            decisions += [one for one in meant.decisions if one not in decisions[-1:]]
        felt = meant.implied and first.intent == "device.set"
    return weighty(tuple(decisions))


def _joins(earlier: dict[str, Any], later: Decision) -> bool:
    """Whether "… and set it to 24" only says more about the device just named."""
    return (
        later.intent == "device.set"
        and earlier.get("device") == later.slots.get("device")
        and not (set(earlier) & set(later.slots)) - {"device"}
    )


__all__ = ["Understander", "Understanding", "is_backchannel"]
