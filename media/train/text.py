"""The one text normalisation: what the model learns to write and what the benchmarks compare.

Chinese: simplified characters, numbers as spoken (二十四度), no punctuation, no spaces. English: lower-case words,
apostrophes kept, numbers as words, hyphens opened ("wi-fi" is written wifi). Latin words inside Chinese stay, unspaced.
"""

import re
import unicodedata

_FIXED = (("wi-fi", "wifi"), ("wi fi", "wifi"), ("t.v.", "tv"), ("o'clock", "o'clock"), ("a.m.", "am"), ("p.m.", "pm"))
_NOT_EN = re.compile(r"[^a-z' ]+")
_NOT_ZH = re.compile(r"[^a-z一-鿿]+")
_LONE_APOSTROPHE = re.compile(r"(?<![a-z])'|'(?![a-z])")

#: How a Mandarin speaker says the Latin words that occur inside Chinese requests, as pinyin.
LATIN_PINYIN = {
    "wifi": "wai1 fai1",
    "tv": "ti4 wei1",
    "vip": "wei1 ai4 pi4",
    "app": "ei1 pi1 pi1",
    "usb": "you1 ai2 si5 bi4",
    "type": "tai4 pu5",
    "ktv": "kei1 ti4 wei1",
    "spa": "si1 pa4",
    "ok": "ou1 kei1",
    "atm": "ei1 ti4 em2",
}


def normalise(text: str, lang: str) -> str:
    """The normal form of a text in `lang` ("zh" or "en"). Digits are dropped: spell them first if they matter."""
    text = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    for old, new in _FIXED:
        text = text.replace(old, new)
    if lang == "zh":
        return _NOT_ZH.sub("", text)
    text = _NOT_EN.sub(" ", text.replace("-", " "))
    return " ".join(_LONE_APOSTROPHE.sub(" ", text).split())


def units(text: str, lang: str) -> list[str]:
    """What an error rate counts: characters in Chinese (a Latin word counts as one), words in English."""
    if lang == "zh":
        return re.findall(r"[a-z]+|[一-鿿]", normalise(text, lang))
    return normalise(text, lang).split()


def edit_distance(a: list[str], b: list[str]) -> int:
    """Levenshtein distance between two unit lists."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        above, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (x != y))
    return row[-1]
