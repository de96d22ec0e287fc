"""Finds every expression of a number in what a guest says: ``spot(text, lang, now)`` → :class:`Spot` by :class:`Spot`."""

from __future__ import annotations

import re
from datetime import datetime

from intents.spotting import en, zh
from intents.spotting.spots import KINDS, Spot, hear, kept

LONGEST = 2_000
"""Characters looked at; what comes after them is not spotted."""
_HAN, _LATIN = re.compile(r"[㐀-鿿]"), re.compile(r"[A-Za-z]{2}")


def spot(text: str, lang: str, now: datetime | None = None) -> list[Spot]:
    """The numbers, times, days, rooms … in ``text``, none over another, in its order; offsets are of ``text``.

    ``now`` is the property's local time, against which days are resolved; without it days other than today and tomorrow have
    no value. Words of the other language are looked for too where there are any. Never raises.
    """
    heard = hear(text[:LONGEST], now)
    has_han, has_latin = bool(_HAN.search(heard.plain)), bool(_LATIN.search(heard.plain))
    patterns = zh.PATTERNS if lang == "zh" else en.PATTERNS
    if lang == "zh" and has_latin:
        patterns += en.PATTERNS
    elif lang != "zh" and has_han:
        patterns = zh.PATTERNS + patterns
    return kept(heard, patterns)


__all__ = ["KINDS", "LONGEST", "Spot", "spot"]
