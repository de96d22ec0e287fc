"""Numbers as people say and write them, in Chinese and English."""

from __future__ import annotations

import re

_ZH_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0, "幺": 1, "俩": 2, "仨": 3}
_ZH_UNIT = {"十": 10, "百": 100, "千": 1000}
ZH_GOES_ON = (frozenset(_ZH_DIGIT) | frozenset(_ZH_UNIT)) - frozenset("两俩仨")
ZH_CHARS = frozenset(_ZH_DIGIT) | frozenset(_ZH_UNIT) | frozenset("点半")

_ONES = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
EN_WORDS: dict[str, int] = (
    {word: value for value, word in enumerate(_ONES)}
    | {word: 20 + 10 * i for i, word in enumerate(_TENS)}
    | {"hundred": 100, "oh": 0}
)


_EN_GLUE = frozenset({"and", "a", "an", "point", "half"})


def is_number_word(word: str) -> bool:
    """Whether an English word may be part of a spoken number."""
    return word in EN_WORDS or word in _EN_GLUE or word.isdigit()


def parse(text: str, lang: str) -> float | int | None:
    """The number that ``text`` says ("二十四", "24.5", "twenty four", "two oh eight"), None if it says none."""
    text = text.strip()
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return _whole(float(text))
    return _parse_zh(text) if lang == "zh" else _parse_en(text)


def _whole(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _parse_zh(text: str) -> float | int | None:
    whole, point, fraction = text.partition("点")
    if point:
        left, right = _parse_zh(whole), [_ZH_DIGIT.get(c) for c in fraction]
        if left is None or not right or None in right:
            return None
        return _whole(float(f"{left}.{''.join(str(d) for d in right)}"))
    if not text or any(c not in _ZH_DIGIT and c not in _ZH_UNIT for c in text):
        return None
    if not any(c in _ZH_UNIT for c in text):  # digit by digit: 三零一
        return int("".join(str(_ZH_DIGIT[c]) for c in text))
    total, digit = 0, None
    unit = 1
    for char in text:
        if char in _ZH_UNIT:
            unit = _ZH_UNIT[char]
            total += (1 if digit is None else digit) * unit
            digit = None
        else:
            digit = _ZH_DIGIT[char]
            if digit == 0:
                unit = 10  # 一百零五: the next digit counts as ones
    if digit:
        # 一百五 is a hundred and fifty, 一百零五 a hundred and five
        total += digit * (unit // 10 if unit >= 100 else 1)
    return total


def _parse_en(text: str) -> float | int | None:
    words = text.replace("-", " ").replace(" and ", " ").split()
    if not words:
        return None
    if words[0] in ("a", "an") and len(words) > 1:
        words = ["one", *words[1:]]
    if "point" in words:
        at = words.index("point")
        left = _parse_en(" ".join(words[:at]))
        right = [EN_WORDS.get(word) for word in words[at + 1 :]]
        if left is None or not right or any(d is None or d > 9 for d in right):
            return None
        return _whole(float(f"{left}.{''.join(str(d) for d in right)}"))
    if words[-2:] == ["a", "half"]:
        left = _parse_en(" ".join(words[:-2]))
        return None if left is None else left + 0.5
    values = [int(w) if w.isdigit() else EN_WORDS.get(w) for w in words]
    if any(value is None for value in values):
        return None
    numbers = [value for value in values if value is not None]
    if "hundred" not in words:
        return _digits_en(numbers)
    at = words.index("hundred")
    if at > 1 or words.count("hundred") > 1:
        return None
    rest = _digits_en(numbers[at + 1 :]) if numbers[at + 1 :] else 0
    return None if rest is None or rest > 99 else (numbers[0] if at else 1) * 100 + rest


def _digits_en(numbers: list[int]) -> int | None:
    """twenty four → 24; two oh eight → 208; eight ten → 810."""
    groups: list[int] = []
    for value in numbers:
        if groups and 20 <= groups[-1] <= 90 and groups[-1] % 10 == 0 and 1 <= value <= 9:
            groups[-1] += value
        else:
            groups.append(value)
    return int("".join(str(group) for group in groups)) if groups else None


def may_go_on(words: str, lang: str) -> bool:
    """Whether a text that ends in ``words`` may be in the middle of a number: 二十… 四度, "twenty… four"."""
    if lang == "zh":
        run = re.search(f"(百分之)?([{''.join(ZH_GOES_ON)}]+)$", words)
        return run is not None and not run[1] and (len(run[2]) == 1 or run[2][-1] in "十百")
    return words.split()[-1:] != [] and words.split()[-1] in {*_TENS, "hundred", "point", "oh"}


def say(value: float | int, lang: str) -> str:
    """``value`` in spoken words: 二十四点五, "twenty four"."""
    whole = int(value)
    if value != whole:
        tenth = round((value - whole) * 10)
        return f"{say(whole, lang)}{'点' if lang == 'zh' else ' point '}{say(tenth, lang)}"
    return _say_zh(whole) if lang == "zh" else _say_en(whole)


def _say_zh(value: int) -> str:
    digits = "零一二三四五六七八九"
    if value < 10:
        return digits[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return ("" if tens == 1 else digits[tens]) + "十" + (digits[ones] if ones else "")
    hundreds, rest = divmod(value, 100)
    if hundreds > 9:
        return "".join(digits[int(c)] for c in str(value))
    if not rest:
        return digits[hundreds] + "百"
    if rest < 10:
        return f"{digits[hundreds]}百零{digits[rest]}"
    return f"{digits[hundreds]}百{'一' if rest < 20 else ''}{_say_zh(rest)}"


def _say_en(value: int) -> str:
    if value < 20:
        return _ONES[value]
    if value < 100:
        tens, ones = divmod(value, 10)
        return _TENS[tens - 2] + (f" {_ONES[ones]}" if ones else "")
    hundreds, rest = divmod(value, 100)
    if hundreds > 9:
        return " ".join(_ONES[int(c)] for c in str(value))
    return f"{_ONES[hundreds]} hundred" + (f" {_say_en(rest)}" if rest else "")
