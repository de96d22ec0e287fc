"""Where free text begins and ends: the label rules of ``intents/corpus`` that a few letters settle, whatever the heads make of them."""

from __future__ import annotations

import re

_CUT = {
    ("symptom", "zh"): r"又|也|还(?!是)",
    ("which", "zh"): r"那个|这个",
    ("note", "zh"): r"要(?!求)",
    ("symptom", "en"): r"(?:is|are|was|were)\s+",
    ("when", "en"): r"(?:at|on|for)\s+",
}
"""Words that free text never begins with: they belong to the sentence around it."""
_TAKEN = {
    ("symptom", "zh"): r"一直|老是|总是|老|总",
    ("note", "zh"): r"不要|不|别|少|多|加",
    ("destination", "zh"): r"(?<=[到去往回])[^，。！？、；,.!?\s到去往回来]{1,8}",
    ("when", "en"): r"\b(?:by|before|after|around|about|in|within)\s+",
    ("which", "en"): r"\b(?:the|my|our|that|those|these)\s+",
    ("destination", "en"): r"\b(?:the|my|our)\s+",
}
"""Words right before it that belong to it."""
_CLAUSE = re.compile(r"[，。！？；,!?;]\s*")
"""What an order is called by stands in one clause: a sigh or a story before it belongs to nothing."""
_OWNS = re.compile(r"['’]s$")
CUT = {key: re.compile(pattern, re.IGNORECASE) for key, pattern in _CUT.items()}
TAKEN = {key: re.compile(f"(?:{pattern})$", re.IGNORECASE) for key, pattern in _TAKEN.items()}


def begin(slot: str, text: str, start: int, stop: int, least: int) -> int:
    """Where the ``slot`` that was found at ``text[start:stop]`` begins, not before ``least``."""
    if slot == "which":
        for mark in _CLAUSE.finditer(text, start, stop - 1):
            start = mark.end()
    lang = "en" if text[start:stop].isascii() else "zh"
    taken = TAKEN.get((slot, lang))
    if taken and (found := taken.search(text, least, start)):
        return found.start()
    cut = CUT.get((slot, lang))
    if cut and (found := cut.match(text, start, stop)) and found.end() < stop:
        return found.end()
    return start


def end(slot: str, words: str, rest: str) -> str:
    """``words`` of the ``slot`` without what only ties them to the ``rest``: "my taxi's late" is said of "my taxi"."""
    return _OWNS.sub("", words) if slot == "which" and any(map(str.isalnum, rest)) else words
