"""How English numbers are worded: pieces of regular expressions, and what they are worth."""

from __future__ import annotations

import re

from intents import numerals

ONE = "one|two|three|four|five|six|seven|eight|nine"
TEEN = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
TEN = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
S = r"[\s-]+"
"""Between two words of a number."""
UNDER_100 = rf"(?:(?:{TEN})(?:{S}(?:{ONE})\b)?|{TEEN}|{ONE})"
_WHOLE = rf"(?:(?:(?:{UNDER_100}|a|\d+){S})?hundred(?:{S}and)?(?:{S}{UNDER_100})?|{UNDER_100}|zero|\d+(?:[.,]\d+)*)"
NUMBER = rf"(?:{_WHOLE}(?:{S}point(?:{S}(?:{ONE}|zero|oh))+)?(?:{S}and{S}a{S}half)?)"
L, R = r"(?<![a-z\d_'])(?<!\d[.,:])", r"(?![a-z\d_])"
"""Where a number may begin and end."""

_ORDINALS = {word: i for i, word in enumerate(
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
     "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"), 1
)} | {"thirtieth": 30}  # fmt: skip
ORDINAL = rf"(?:(?:twenty|thirty){S}(?:{'|'.join(list(_ORDINALS)[:9])})|{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))"


def number(text: str) -> float | int | None:
    """The value of a number's words; None: they say none."""
    plain = re.sub(r"[\s-]+", " ", text).strip()
    if re.fullmatch(r"\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    if plain.endswith(" and a half"):
        whole = number(plain.removesuffix(" and a half"))
        return None if whole is None else whole + 0.5
    if plain == "hundred":
        return 100
    try:
        return numerals.parse(plain, "en")
    except (ValueError, OverflowError):
        return None


def ordinal(text: str) -> int:
    """The number of a word or digits that fit :data:`ORDINAL`."""
    digits = re.match(r"\d+", text)
    if digits:
        return int(digits[0])
    *tens, last = re.split(S, text)
    return ({"twenty": 20, "thirty": 30}[tens[0]] if tens else 0) + _ORDINALS[last]
