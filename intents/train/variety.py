"""More than was written: sentences joined, numbers and things exchanged, marks left out, letters misheard."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

from pypinyin import Style, lazy_pinyin

from intents.catalogue import Decision
from intents.corpus import Sentence
from intents.numerals import EN_WORDS
from intents.train.glosses import glosses
from intents.vocabulary import Vocabulary, read_yaml

_JOIN = {
    "zh": [
        "，",
        "，",
        "，再",
        "，然后",
        "，还有",
        "。",
        " ",
        "",
        "，顺便",
        "，另外",
        "，对了",
        "再",
        "然后",
        "，哦还有",
        "，接着",
        "，也",
        "、",
    ],
    "en": [
        ", ",
        " and ",
        ", and ",
        ". ",
        " then ",
        ", also ",
        " ",
        " oh and ",
        "; ",
        " plus ",
        ", and also ",
        " and then ",
        ". Also, ",
    ],
}
_FILL = {
    "zh": ["嗯", "那个", "呃", "啊", "就是", "我说", "这个", "喂", "你好", "麻烦", "哎", "请问", "就是说", "不好意思"],
    "en": ["um", "uh", "like", "hey", "hi", "so", "you know", "please", "well", "okay", "sorry", "look", "hello", "erm"],
}
_TAIL = {
    "zh": ["谢谢", "啊", "吧", "呗", "哈", "好吗", "行吗", "麻烦了", "快点"],
    "en": ["please", "thanks", "thank you", "okay", "if you can", "right away", "cheers"],
}
_MARKS = re.compile(r"[,.;:!?，。；：！？、…~～]+")
_ALONE = ("none", "dialog.", "emergency.", "room.")
_CN = "零一二三四五六七八九"
_EN = {value: word for word, value in EN_WORDS.items()}
OWN = {
    kind: {lang: [(name, f"own_{kind}_{lang}_{i}") for i, name in enumerate(names)] for lang, names in by_lang.items()}
    for kind, by_lang in read_yaml(Path(__file__).parent / "own.yaml").items()
}
"""kind → language → (name, token) of things that no built-in list has."""


@dataclass(frozen=True)
class Edit:
    start: int
    end: int
    new: str


def edited(sentence: Sentence, edits: Iterable[Edit]) -> Sentence:
    """The sentence with pieces of its words replaced; bounds and free text move along (or change, where an edit is inside)."""
    text, moved = sentence.text, list(range(len(sentence.text) + 1))
    for edit in sorted(edits, key=lambda one: -one.start):
        text = text[: edit.start] + edit.new + text[edit.end :]
        shift = len(edit.new) - (edit.end - edit.start)
        for at in range(len(moved)):
            if at >= edit.end and at > edit.start:
                moved[at] += shift
            elif at > edit.start:
                moved[at] = min(moved[at], edit.start + len(edit.new))
    spans = tuple((n, s, moved[a], moved[b]) for n, s, a, b in sentence.spans)
    return replace(sentence, text=text, bounds=tuple(moved[b] for b in sentence.bounds), spans=spans)


def joined(first: Sentence, second: Sentence, by: str) -> Sentence:
    """Both, one after the other."""
    head = _MARKS.sub("", first.text[-1:])
    base = first.text[:-1] + head
    shift = len(base) + len(by)
    return Sentence(
        base + by + second.text,
        (*first.decisions, *second.decisions),
        first.lang,
        "joined",
        first.where,
        (*first.bounds, len(base), *(b + shift for b in second.bounds)),
        first.role,
        (*first.spans, *((n + len(first.decisions), s, a + shift, b + shift) for n, s, a, b in second.spans)),
    )


class Variety:
    """Draws variants of the corpus' sentences."""

    def __init__(self, sentences: Sequence[Sentence], vocabulary: Vocabulary, seed: int) -> None:
        self.random = random.Random(seed)
        self._joinable: dict[str, list[Sentence]] = defaultdict(list)
        for one in sentences:
            if len(one.decisions) == 1 and not one.decisions[0].intent.startswith(_ALONE) and len(one.text) < 70:
                self._joinable[one.lang].append(one)
        self._talk = {
            lang: [s.text for s in sentences if s.lang == lang and s.decisions == (Decision("none"),) and len(s.text) < 60]
            for lang in ("zh", "en")
        }
        self._names = {
            (lang, kind): [(name, token) for name, token in vocabulary.names(kind, lang)]
            for lang in ("zh", "en")
            for kind in ("item", "dish")
        }

    def draw(self, sentence: Sentence) -> Sentence:
        """A variant of ``sentence``, often itself."""
        chance = self.random.random
        if chance() < 0.3:
            sentence = self.other_things(sentence)
        if chance() < 0.5:
            sentence = self.other_numbers(sentence)
        if sentence.decisions[0].intent == "room.report" and chance() < 0.25:
            # what only staff may say is nothing that a guest asks for
            return replace(sentence, decisions=(Decision("none"),), bounds=(), spans=(), role="guest")
        single = len(sentence.decisions) == 1 and not sentence.decisions[0].intent.startswith(_ALONE)
        if single and chance() < 0.3 and len(sentence.text) < 70:
            for _ in range(1 if chance() < 0.7 else 2):
                other = self.other_numbers(self.random.choice(self._joinable[sentence.lang]))
                pair = (sentence, other) if chance() < 0.5 else (other, sentence)
                sentence = joined(*pair, self.random.choice(_JOIN[sentence.lang]))
        if single and chance() < 0.04 and len(sentence.text) < 70 and self._talk[sentence.lang]:
            sentence = self.after_talk(sentence)
        if chance() < 0.12:
            sentence = self.filled(sentence)
        if chance() < 0.3:
            sentence = edited(
                sentence,
                [
                    Edit(m.start(), m.end(), "" if sentence.lang == "zh" else " ")
                    for m in _MARKS.finditer(sentence.text)
                    if not _in_number(sentence.text, m.start())
                ],
            )
        if chance() < 0.3:
            sentence = replace(sentence, text=sentence.text.lower())
        if chance() < 0.15:
            sentence = self.misheard(sentence)
        return sentence

    def after_talk(self, sentence: Sentence) -> Sentence:
        """Behind words that are not for us: the request is what counts."""
        talk = self.random.choice(self._talk[sentence.lang])
        return edited(
            sentence, [Edit(0, 0, talk + self.random.choice(("，", "。", " ") if sentence.lang == "zh" else (", ", ". ", " ")))]
        )

    def filled(self, sentence: Sentence) -> Sentence:
        """With a filler before, a polite word after, or a word said twice."""
        gap = "" if sentence.lang == "zh" else " "
        pick = self.random.random()
        if pick < 0.5:
            by = self.random.choice(("，", "", " ") if sentence.lang == "zh" else (" ", ", "))
            return edited(sentence, [Edit(0, 0, self.random.choice(_FILL[sentence.lang]) + by)])
        if pick < 0.8:
            end = len(sentence.text)
            return edited(sentence, [Edit(end, end, gap + self.random.choice(_TAIL[sentence.lang]))])
        words = list(re.finditer(r"[一-鿿]{2}|[a-zA-Z']+", sentence.text))
        if not words or sentence.spans:
            return sentence
        word = self.random.choice(words)
        return edited(sentence, [Edit(word.start(), word.start(), word[0] + gap)])

    def other_numbers(self, sentence: Sentence) -> Sentence:
        """Quantities, temperatures and percentages exchanged for others, in the manner they were said in."""
        if len(sentence.decisions) != 1 or sentence.spans:
            return sentence
        decision = sentence.decisions[0]
        for slot, low, high in (("temperature", 17, 30), ("level", 5, 99), ("volume", 5, 99), ("nights", 2, 9), ("step", 2, 6)):
            value = decision.slots.get(slot)
            if isinstance(value, int) and not isinstance(value, bool):
                new = self.random.randint(low, high)
                return self._renumbered(sentence, value, new, partial(_with, slot, new))
        for key in ("items", "dishes"):
            listed = decision.slots.get(key, [])
            said = [one["quantity"] for one in listed if "quantity" in one]
            if said and len(set(said)) == len(said):
                old, new = self.random.choice(said), self.random.randint(2, 9)
                if new in said:
                    return sentence

                def exchange(slots: dict[str, Any], key: str = key, old: int = old, new: int = new) -> dict[str, Any]:
                    return {**slots, key: [{**o, "quantity": new} if o.get("quantity") == old else o for o in slots[key]]}

                return self._renumbered(sentence, old, new, exchange)
        return sentence

    def _renumbered(
        self, sentence: Sentence, old: int, new: int, exchange: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> Sentence:
        forms = [str(old), chinese(old), "两" if old == 2 else ""] if sentence.lang == "zh" else [str(old), english(old)]
        found = [
            m
            for form in filter(None, forms)
            for m in re.finditer(
                rf"(?<![\d.:零一二三四五六七八九十百点])(?<![a-z]){re.escape(form)}(?![\d.:%零一二三四五六七八九十百点]|[a-z])",
                sentence.text.lower(),
            )
        ]
        if len(found) != 1:
            return sentence
        said = found[0]
        word = (
            str(new)
            if said[0].isdigit()
            else chinese(new, two="两" if said[0] == "两" or old < 10 else "二")
            if sentence.lang == "zh"
            else english(new)
        )
        decision = sentence.decisions[0]
        changed = Decision(decision.intent, exchange(decision.slots))
        return replace(edited(sentence, [Edit(said.start(), said.end(), word)]), decisions=(changed,))

    def other_things(self, sentence: Sentence) -> Sentence:
        """A thing asked for exchanged for another of the property's, or for one that no model knows."""
        if len(sentence.decisions) != 1 or sentence.spans:
            return sentence
        decision = sentence.decisions[0]
        if decision.intent not in ("request.items", "order.food"):
            return sentence
        key, kind = ("items", "item") if decision.intent == "request.items" else ("dishes", "dish")
        listed = decision.slots[key]
        names = self._names[(sentence.lang, kind)]
        index = self.random.randrange(len(listed))
        own = [name for name, token in names if token == listed[index][kind] and name in sentence.text.lower()]
        if not own:
            return sentence
        name = max(own, key=len)
        found = list(re.finditer(re.escape(name) if sentence.lang == "zh" else rf"\b{re.escape(name)}\b", sentence.text.lower()))
        if len(found) != 1:
            return sentence
        choices = OWN[kind][sentence.lang] if self.random.random() < 0.35 else names
        new, token = self.random.choice(choices)
        if token in {one[kind] for one in listed}:
            return sentence
        things = [{**one, kind: token} if i == index else one for i, one in enumerate(listed)]
        changed = Decision(decision.intent, {key: things})
        return replace(edited(sentence, [Edit(found[0].start(), found[0].end(), new)]), decisions=(changed,))

    def misheard(self, sentence: Sentence) -> Sentence:
        """One character of the same sound, or a slip of the keyboard, outside numbers."""
        text = sentence.text
        places = [
            i
            for i, c in enumerate(text)
            if c not in "零一二三四五六七八九十百两点半" and (("一" <= c <= "鿿") if sentence.lang == "zh" else c.isalpha())
        ]
        if len(places) < 5:
            return sentence
        at = self.random.choice(places)
        if sentence.lang == "zh":
            same = _sounding_like(_sound(text[at]))
            return edited(sentence, [Edit(at, at + 1, self.random.choice(same))]) if same else sentence
        slip = self.random.choice(("", text[at] * 2, text[at + 1 : at + 2] + text[at]))
        end = at + 2 if len(slip) == 2 and slip[1:] == text[at] and slip[0] != text[at] else at + 1
        return edited(sentence, [Edit(at, min(end, len(text)), slip)])


def _with(slot: str, value: int, slots: dict[str, Any]) -> dict[str, Any]:
    return {**slots, slot: value}


def _in_number(text: str, at: int) -> bool:
    return text[at] in ".:：" and text[at - 1 : at].isdigit() and text[at + 1 : at + 2].isdigit()


@cache
def _sound(char: str) -> str:
    return lazy_pinyin(char, style=Style.NORMAL)[0]


@cache
def _by_sound() -> dict[str, list[str]]:
    table: dict[str, list[str]] = defaultdict(list)
    for char in (word for word in glosses() if len(word) == 1):
        table[_sound(char)].append(char)
    return table


def _sounding_like(sound: str) -> list[str]:
    return _by_sound().get(sound, [])


def chinese(value: int, two: str = "二") -> str:
    """0–199 in Chinese characters."""
    if value < 10:
        return two if value == 2 else _CN[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return ("" if tens == 1 else _CN[tens]) + "十" + (_CN[ones] if ones else "")
    return "一百" + ("" if value == 100 else ("零" if value < 110 else "") + chinese(value - 100))


def english(value: int) -> str:
    """0–199 in English words."""
    if value < 20:
        return _EN[value]
    if value < 100:
        tens = _EN[value // 10 * 10]
        return tens + (f" {_EN[value % 10]}" if value % 10 else "")
    return "one hundred" + (f" {english(value - 100)}" if value > 100 else "")
