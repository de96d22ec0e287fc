"""Of one dish, some this way and some that: 「炒饭四份，其中两份不放蛋」 is two fried rice, and two without egg."""

from __future__ import annotations

import re
from typing import Any

from intents.classifier.values import readings
from intents.spotting import Spot

MOST = 12
_REPAIRED = re.compile(r"不对|不是|算了|哎|等一下|\b(?:i mean|no|wait|sorry|actually)\b", re.IGNORECASE)
"""Two numbers of a second thought are no shares."""


def portions(dish: str, text: str, spots: list[Spot], notes: list[tuple[int, str]]) -> list[dict[str, Any]] | None:
    """The lines of the order, those without a note first; None: the words do not share out the dish.

    ``text``: all that was said; ``spots``: the numbers of the part; ``notes``: (where each begins, its words), in order. A number
    in front of each note is how many are so; one more before all of them is how many there are in all.
    """
    counts = [
        (one.start, n)
        for one in spots
        if isinstance(n := readings(one).get("quantity", [None])[0], int)
        and 1 <= n <= MOST
        and not any(start <= one.start < start + len(words) for start, words in notes)
    ]
    if _REPAIRED.search(text[: notes[-1][0]]):
        return None
    before = [(at, n) for at, n in counts if at < notes[-1][0]]
    whole = before[0][1] if len(before) == len(notes) + 1 else None
    shares = before[-len(notes) :]
    if len(shares) != len(notes) or (whole is None and (len(notes) < 2 or len(before) != len(notes))):
        return None
    if any(at > start for (at, _), (start, _) in zip(shares, notes, strict=True)) or any(
        at < start for (at, _), (start, _) in zip(shares[1:], notes, strict=False)
    ):
        return None  # a number for each note, between it and the note before
    rest = (whole or 0) - sum(n for _, n in shares)
    if whole is not None and rest < 0:
        return None
    plain = [{"dish": dish, "quantity": rest}] if rest > 0 else []
    return plain + [{"dish": dish, "quantity": n, "note": words} for (_, n), (_, words) in zip(shares, notes, strict=True)]
