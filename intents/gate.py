"""The emergency gate: words that raise an incident wherever they stand, before anything else is weighed."""

from __future__ import annotations

from intents.grammar import Grammar
from intents.text import Text, plain


class Gate:
    """Looks for a language's phrases of emergency."""

    def __init__(self, grammar: Grammar) -> None:
        self._phrases = [(kind, plain(phrase)) for kind, phrases in grammar.gate.items() for phrase in phrases]
        self._harmless = tuple(plain(phrase) for phrase in grammar.harmless)

    def kind(self, text: Text) -> str | None:
        """The kind of emergency that the text speaks of; None if of none. The first kind of the file wins."""
        chars = text.chars
        hits = [kind for kind, phrase in self._phrases if phrase in chars and _whole_words(text, phrase)]
        if not hits or any(phrase in chars and _whole_words(text, phrase) for phrase in self._harmless):
            return None
        return hits[0]


def _whole_words(text: Text, phrase: str) -> bool:
    """Whether ``phrase`` stands in the text from the edge of a word to the edge of a word."""
    at = text.chars.find(phrase)
    while at >= 0:
        if at in text.edges and at + len(phrase) in text.edges:
            return True
        at = text.chars.find(phrase, at + 1)
    return False
