"""Text as it is written → text as it is said: rooms, times, prices, degrees and numbers, in Chinese and English. Pure."""

import re
from collections.abc import Callable

_ZH_DIGITS = "零一二三四五六七八九"
_RANGE = re.compile(r"(?<=\d)\s*[-–—~～]\s*(?=\d)")
_TIME = re.compile(r"(?<!\d)([01]?\d|2[0-4])[:：]([0-5]\d)(?!\d)")


def speakable(text: str, lang: str) -> str:
    return _apply(_ZH if lang == "zh" else _EN, text)


def zh_number(value: int) -> str:
    """24 → 二十四, 105 → 一百零五; up to 99,999,999."""
    if value >= 10_000:
        rest = value % 10_000
        zero = "零" if 0 < rest < 1_000 else ""
        return zh_number(value // 10_000) + "万" + zero + (zh_number(rest) if rest else "")
    if value < 10:
        return _ZH_DIGITS[value]
    if value < 20:
        return "十" + (_ZH_DIGITS[value - 10] if value > 10 else "")
    said = ""
    gap = False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, value = divmod(value, unit)
        if digit:
            said += ("零" if gap else "") + _ZH_DIGITS[digit] + name
            gap = False
        elif said and value:
            gap = True
    return said


def zh_digits(digits: str) -> str:
    """Digit by digit, 1 as 幺: rooms and telephones."""
    return "".join("幺" if digit == "1" else _ZH_DIGITS[int(digit)] for digit in digits if digit.isdigit())


def en_digits(digits: str) -> str:
    return " ".join("oh" if digit == "0" else digit for digit in digits if digit.isdigit())


def _zh_time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    said = ("两" if hour == 2 else zh_number(hour)) + "点"
    if minute == 30:
        return said + "半"
    return said + (("零" if minute < 10 else "") + zh_number(minute) + "分" if minute else "")


def _en_time(match: re.Match[str]) -> str:
    hour, minute = int(match[1]), int(match[2])
    if not minute:
        return f"{hour}" if match.string[match.end() :].lstrip()[:1].lower() in ("a", "p", "t") else f"{hour} o'clock"
    return f"{hour} oh {minute}" if minute < 10 else f"{hour} {minute}"


def _zh_decimal(match: re.Match[str]) -> str:
    return zh_number(int(match[1])) + "点" + "".join(_ZH_DIGITS[int(digit)] for digit in match[2])


def _zh_integer(match: re.Match[str]) -> str:
    digits = match[0]
    if len(digits) > 8 or (len(digits) > 1 and digits[0] == "0"):
        return zh_digits(digits)
    ordinal = match.string[: match.start()].endswith("第")
    if (
        digits == "2"
        and not ordinal
        and match.string[match.end() : match.end() + 1] in tuple("个瓶条位张份床双杯块间晚天件把包套点小分")
    ):
        return "两"
    return zh_number(int(digits))


_Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]
_COMMON: tuple[_Rule, ...] = ((re.compile(r"(?<=\d),(?=\d{3}(?!\d))"), ""),)
_ZH: tuple[_Rule, ...] = (
    *_COMMON,
    (
        re.compile(r"(\d{4})-(\d{2})-(\d{2})"),
        lambda m: f"{''.join(_ZH_DIGITS[int(d)] for d in m[1])}年{int(m[2])}月{int(m[3])}日",
    ),
    (re.compile(r"\d{3,4}-\d{7,8}|(?<!\d)1\d{10}(?!\d)|(?<!\d)\d{5,}(?=\D*分机|$)"), lambda m: zh_digits(m[0])),
    (re.compile(r"(?<!\d)(?:19|20)\d\d(?=\s*年)"), lambda m: "".join(_ZH_DIGITS[int(d)] for d in m[0])),
    (re.compile(r"(?<![\d零一二三四五六七八九十])[-−](?=\d+(?:\.\d+)?\s*(?:度|°|℃))"), "零下"),
    (re.compile(r"\d{3,4}(?=\s*(?:号?房|室|房间))"), lambda m: zh_digits(m[0])),
    (
        re.compile(r"(?<=房间)\s*\d{3,4}|(?<=房号)\s*\d{3,4}|(?<=分机)\s*\d+|(?<=拨打)\s*\d+|(?<=拨)\s*\d+"),
        lambda m: zh_digits(m[0]),
    ),
    (_RANGE, "到"),
    (_TIME, _zh_time),
    (re.compile(r"[¥￥]\s*(\d+(?:\.\d*[1-9])?)(?:\.?0+(?!\d))?"), r"\1元"),
    (re.compile(r"(\d+(?:\.\d+)?)\s*[%％]"), r"百分之\1"),
    (re.compile(r"\s*(?:°\s*C?|℃)"), "度"),
    (re.compile(r"(\d+)\.(\d+)"), _zh_decimal),
    (re.compile(r"\d+"), _zh_integer),
)
_EN: tuple[_Rule, ...] = (
    *_COMMON,
    (
        re.compile(r"(?i)(?<=\brooms )\d{3,4}|(?<=\broom )\d{3,4}|(?<=\bdial )\d+|(?<=\bextension )\d+|(?<=\bcall )\d{2,}"),
        lambda m: en_digits(m[0]),
    ),
    (re.compile(r"\+?\d{2,4}-\d{3,4}-?\d{4}|(?<!\d)\d{7,}"), lambda m: en_digits(m[0])),
    (_RANGE, " to "),
    (_TIME, _en_time),
    (re.compile(r"(?i)(?<=\d)\s*([ap])\.?m\b\.?"), r" \1 m"),
    (re.compile(r"(?:[¥￥]|\bRMB\s?|\bCNY\s?)(\d+(?:\.\d+)?)"), r"\1 yuan"),
    (re.compile(r"\$(\d+(?:\.\d+)?)"), r"\1 dollars"),
    (re.compile(r"\s*%"), " percent"),
    (re.compile(r"\s*(?:°\s*C?|℃)"), " degrees"),
    (re.compile(r"(?i)\bwi-?fi\b"), "why fye"),
)


def _apply(rules: tuple[_Rule, ...], text: str) -> str:
    for pattern, by in rules:
        text = pattern.sub(by, text)
    return text
