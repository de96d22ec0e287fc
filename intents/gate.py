"""The emergency gate: words that raise an incident wherever they stand, before anything else is weighed."""

from __future__ import annotations

from functools import cached_property

from intents import pinyin
from intents.grammar import Grammar
from intents.text import Text, plain

_SURE = 3
"""Syllables of a phrase that is known by its sound alone."""


class Gate:
    """Looks for a language's phrases of emergency."""

    def __init__(self, grammar: Grammar) -> None:
        self._phrases = [(kind, plain(phrase)) for kind, phrases in grammar.gate.items() for phrase in phrases]
        self._long = [(kind, phrase) for kind, phrase in self._phrases if len(phrase) >= _SURE and not phrase.isascii()]
        self._harmless = tuple(plain(phrase) for phrase in grammar.harmless)

    def kind(self, text: Text) -> str | None:
        """The kind of emergency that the text speaks of; None if of none. The first kind of the file wins."""
        chars = text.chars
        hits = [kind for kind, phrase in self._phrases if phrase in chars and _whole_words(text, phrase)]
        if not hits or any(phrase in chars and _whole_words(text, phrase) for phrase in self._harmless):
            return None
        if hits[0] == "unknown":  # a cry for help: what for may stand beside it, heard with other characters
            return self._sounds_like(text) or "unknown"
        return hits[0]

    def _spoken_of(self, text: Text) -> bool:
        """Whether the words themselves stand there, or such as make them harmless."""
        return any(phrase in text.chars for phrase in (*self._harmless, *(phrase for _, phrase in self._phrases)))

    @cached_property
    def _sounding(self) -> list[tuple[str, str]]:
        return [(kind, _sound(phrase)) for kind, phrase in self._long]

    def kind_by_sound(self, text: Text) -> str | None:
        """The same by sound alone, in Chinese: a long phrase syllable for syllable, written with other characters."""
        return None if self._spoken_of(text) else self._sounds_like(text)

    def _sounds_like(self, text: Text) -> str | None:
        if text.lang != "zh" or len(text.chars) < _SURE:
            return None
        heard = _sound(text.chars)
        return next((kind for kind, phrase in self._sounding if phrase in heard), None)


def _sound(chars: str) -> str:
    return "|" + "|".join(pinyin.syllables(chars)) + "|"


def _whole_words(text: Text, phrase: str) -> bool:
    """Whether ``phrase`` stands in the text from the edge of a word to the edge of a word."""
    at = text.chars.find(phrase)
    while at >= 0:
        if at in text.edges and at + len(phrase) in text.edges:
            return True
        at = text.chars.find(phrase, at + 1)
    return False
