"""The cascade: a guest's words go from stage to stage until one is sure.

emergency gate → grammar → classifier → words heard nearly right → the property's knowledge → language model → ask once → a
person. Each stage says what it decided, how sure it is and how long it took (``Understanding.trace``). A stage that is not
sure passes on: a wrong action is worse than a question. The local stages are one synchronous call of a few milliseconds,
made at every pause of a guest who speaks; the language model is asked once, when the words are final. Asking once and then
a person belong to the conversation (``intents.dialogue``).
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from intents.catalogue import CATALOGUE, Decision, check
from intents.classifier.compare import same
from intents.classifier.decode import joined
from intents.classifier.model import Classifier, Reading
from intents.knowledge import Knowledge, is_question
from intents.text import Text, detect, read
from intents.tools import unknown_token
from intents.understand import Understander
from intents.understanding import NONE, STAGES, Understanding, Weighed, weighty
from intents.vocabulary import LANGUAGES, Vocabulary, builtin, merged

SURE = 0.4
"""From this chance on the classifier's reading is acted on."""
TALK = 0.05
"""With a greater chance that any part is talk not meant for us nothing is acted on; chosen on the writer that calibrated
the model."""
ALARM = 0.35
"""A possible emergency is told earlier: staff see how sure we are, and the guest is asked back."""
OVERRULES = 0.7
"""From this chance on the classifier is believed where it reads a sentence of the grammar otherwise."""
NOT_FOR_US = 0.8
"""From this chance on talk is taken as not for us: neither sounds nor a language model are tried on it."""
PLAIN = {"zh": 8, "en": 24}
"""Letters of a sentence of the grammar that leaves no room for a second meaning: 打开床头灯 needs no second opinion."""
NEARLY_LONGEST = {"zh": 16, "en": 40}
"""Letters of a sentence that is tried by its sounds: longer ones take tens of milliseconds and are hardly ever found."""
_COMPLETE = 0.8
_CLEARLY = 0.85
"""From this score on the property's own answer may be taken before a reading of the classifier."""
_YIELDS = {"info.ask": 0.9, "request.items": 0.75, "order.food": 0.75, "request.repair": 0.75, "handoff.human": 0.75}
"""Intent → how sure a reading must be to stand beside the property's own answer. A person is called for what no label covers: a
question that the property answers itself needs none, however sure that reading is, unless somebody is to do something."""
_A_PERSON = Decision("handoff.human", {})
_A_DEED = re.compile(
    r"\b(?:some|any)(?:one|body)\b|\b(?:for|help|call|tell|ring|get|bring|send) (?:me|us)\b|[帮替给叫让派]|人工|找人|有人|个人|谁能",
    re.IGNORECASE,
)
"""Somebody is to do something: no answer of the property's does it."""


class Router:
    """One property's understanding. Loads in about a second."""

    def __init__(
        self,
        grammar: Understander,
        words: Vocabulary,
        classifier: Classifier | None = None,
        knowledge: Knowledge | None = None,
        stages: Sequence[str] = STAGES,
        clock: Callable[[], datetime] = datetime.now,
    ) -> None:
        unknown = set(stages) - set(STAGES)
        if unknown:
            raise ValueError(f"no stage {', '.join(sorted(unknown))}; expected some of {', '.join(STAGES)}")
        self._grammar = grammar
        self._words = words
        self._classifier = classifier if "classifier" in stages else None
        self._knowledge = knowledge if "knowledge" in stages else None
        self._stages = frozenset(stages)
        self._clock = clock

    @classmethod
    def load(
        cls,
        words: Vocabulary | None = None,
        knowledge: Knowledge | None = None,
        stages: Sequence[str] | None = None,
        clock: Callable[[], datetime] = datetime.now,
    ) -> Router:
        """With the property's names and knowledge; the built-in names alone without. ``clock``: the property's local time,
        which settles what 后天 is."""
        known = builtin() if words is None else merged(words)
        stages = STAGES if stages is None else stages
        classifier = Classifier.load(known) if "classifier" in stages else None
        made = cls(Understander(known), known, classifier, knowledge, stages, clock)
        for text, lang in (("嗯那个打开床头灯行吗", "zh"), ("so the bedside lamp would be lovely", "en")):
            made.understand(text, lang)  # tables that are made at first use are made now, not for the first guest
        return made

    def understand(self, text: str, lang: str | None = None, role: str = "guest") -> Understanding:
        """What the local stages make of ``text``; no effects, no waiting. ``role`` is guest or staff."""
        began = time.perf_counter()
        if lang not in LANGUAGES:
            lang = detect(text)
        trace = _Trace()
        found = self._local(read(text, lang), role, trace)
        return replace(found, ms=(time.perf_counter() - began) * 1000, trace=tuple(trace.weighed))

    def _local(self, text: Text, role: str, trace: _Trace) -> Understanding:
        found = trace.of("emergency", self._grammar.alarm(text))
        if found or not text.chars:
            return found or Understanding((NONE,), "none", 0.0, False, False, text.lang, 0.0)
        unfinished = False
        if "grammar" in self._stages:
            found, unfinished = self._grammar.by_grammar(text, role)
            trace.of("grammar", found)
            if found:
                return self._second_opinion(text, role, found, trace)
        guess = self._by_classifier(text, role, unfinished, trace) if self._classifier else None
        if guess and guess.decisions != (NONE,):
            return (self._own_answer(text, guess, trace) if self._knowledge else None) or guess
        if guess is None or guess.confidence < NOT_FOR_US:
            found = trace.of("emergency", self._grammar.alarm_by_sound(text))
            if not found and "nearly" in self._stages and len(text.chars) <= NEARLY_LONGEST[text.lang]:
                found = trace.of("nearly", self._grammar.nearly(text, role, unfinished))
            if found:
                return found
        found = self._by_knowledge(text, trace) if self._knowledge else None
        return found or guess or Understanding((NONE,), "none", 0.0, False, unfinished, text.lang, 0.0)

    def _second_opinion(self, text: Text, role: str, found: Understanding, trace: _Trace) -> Understanding:
        """The grammar's reading, unless the classifier reads otherwise and is sure: a sentence can match by its words and mean
        something else (不要开主灯，开台灯). What the grammar says of its ending stands."""
        if self._classifier is None or len(text.chars) <= PLAIN[text.lang]:
            return found
        other = self._by_classifier(text, role, found.unfinished, trace)
        if other is None or other.confidence < OVERRULES or other.decisions == (NONE,) or other.emergency:
            return found
        if same(joined(other.decisions), joined(found.decisions)):
            return found
        return replace(other, complete=found.complete)

    def _by_classifier(self, text: Text, role: str, unfinished: bool, trace: _Trace) -> Understanding | None:
        """What the classifier is sure of; that the words are not for us, if it is sure of that; else None."""
        assert self._classifier is not None
        reading = self._classifier.read(text.source, text.lang, role, self._clock())
        decisions = weighty(tuple(part.decision for part in reading.parts))
        sure = self._chance(reading, decisions)
        problem = next(filter(None, (check(one) or unknown_token(one, self._words) for one in decisions)), None)
        if role != "staff" and any(CATALOGUE[one.intent].staff for one in decisions):
            problem = "only staff may say that"
        alarm = decisions[0].intent == "emergency.report"
        if not (reading.whole or alarm or decisions == (NONE,)):
            problem = "only its beginning was read: the rest may take it back"
        if not alarm and not all(one.intent.startswith(("dialog.", "none")) for one in decisions):
            talk = max(part.talk for part in reading.parts if part.decision.intent != "none")
            problem = problem or (f"may be talk ({talk:.2f})" if talk > TALK else None)
        good = sure >= (ALARM if alarm else SURE) and problem is None
        trace.add("classifier", "decided" if good else "passed", decisions, sure, problem or "")
        if not good:
            return None
        if decisions == (NONE,):
            return Understanding((NONE,), "classifier", sure, False, unfinished, text.lang, 0.0)
        return Understanding(decisions, "classifier", sure, sure >= _COMPLETE and not unfinished, unfinished, text.lang, 0.0)

    @staticmethod
    def _chance(reading: Reading, decisions: tuple[Decision, ...]) -> float:
        """An emergency among other parts stands by its own chance."""
        if decisions[0].intent == "emergency.report":
            return max(part.sure for part in reading.parts if part.decision.intent == "emergency.report")
        return reading.sure

    def _own_answer(self, text: Text, guess: Understanding, trace: _Trace) -> Understanding | None:
        """The answer that only this property gives, where the classifier, which has never seen it, may have taken the question
        for something it knows: 「自来水能喝吗」 is no request for water."""
        first = guess.decisions[0]
        uncovered = first == _A_PERSON and is_question(text.source) and not _A_DEED.search(text.source)
        if len(guess.decisions) > 1 or not (uncovered or guess.confidence < _YIELDS.get(first.intent, 0.0)):
            return None
        return self._by_knowledge(text, trace, own=True)

    def _by_knowledge(self, text: Text, trace: _Trace, own: bool = False) -> Understanding | None:
        assert self._knowledge is not None
        known = self._knowledge.find(text.source, text.lang)
        if known is None or (own and (known.score < _CLEARLY or known.key in builtin().topics)):
            trace.of("knowledge", None)
            return None
        decision = Decision("info.ask", {"topic": known.key, "question": text.source.strip()})
        trace.add("knowledge", "decided", (decision,), known.score, known.source)
        return Understanding((decision,), "knowledge", known.score, True, False, text.lang, 0.0)


class _Trace:
    """Collects what each stage says, with the time since the stage before."""

    def __init__(self) -> None:
        self.weighed: list[Weighed] = []
        self._last = time.perf_counter()

    def add(self, stage: str, outcome: str, decisions: tuple[Decision, ...], sure: float, why: str = "") -> None:
        now = time.perf_counter()
        self.weighed.append(Weighed(stage, outcome, decisions, sure, (now - self._last) * 1000, why))
        self._last = now

    def of(self, stage: str, found: Understanding | None) -> Understanding | None:
        if found is None:
            self.add(stage, "nothing", (), 0.0)
        else:
            self.add(stage, "decided", found.decisions, found.confidence)
        return found
