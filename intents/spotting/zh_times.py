"""Times of day, days and lengths of time in Chinese."""

from __future__ import annotations

import re

from intents.spotting import times
from intents.spotting.spots import Heard, Pattern, Reading, pattern
from intents.spotting.zh_words import DIGIT, INTEGER, MEASURE, NUMBER, L, R, digits, is_word, value

_PARTS = {
    **dict.fromkeys(
        ("凌晨", "清晨", "清早", "大清早", "一大早", "早上", "早晨", "上午", "大早上", "早", "晨", "朝早"), "morning"
    ),
    **dict.fromkeys(("中午", "正午", "晌午"), "noon"),
    **dict.fromkeys(("下午", "午后"), "afternoon"),
    **dict.fromkeys(("傍晚", "晚上", "晚间", "晚"), "evening"),
    **dict.fromkeys(("夜里", "夜晚", "夜间", "深夜", "半夜", "大半夜", "夜"), "night"),
}


def _any(parts: list[str]) -> str:
    return "|".join(sorted(parts, key=len, reverse=True))


_LONG_PART = _any([part for part in _PARTS if len(part) > 1])
_SAID_PART = rf"(?:(?:(?<![今明昨后天当听最])(?P<part>早|晚|夜)|(?P<part2>{_LONG_PART}))的?)?"
_DAYPART = rf"(?P<dpart>{_any([part for part, name in _PARTS.items() if name != 'noon'])})"
_NEAR_PART = re.compile(rf"{_LONG_PART}|(?<=[今明后])[早晚夜晨]|[今明后]天(?!{_LONG_PART})")
_NEAR, _AFTER = 12, 3
"""Characters around a time in which a word of the day's part belongs to it."""
_HOUR = r"(?P<hour>\d{1,2}|二十[一二三四]?|十[一二三四五六七八九]?|[零〇一二两三四五六七八九])"
_MINUTE = r"(?P<minute>半|[一三]刻钟?|整|过?(?:[零〇][一二三四五六七八九]|[二三四五]?十[一二三四五六七八九]?|[一二三四五六七八九](?=分)|\d{1,2})分?)"
_COUNTED = rf"(?=[一两二三四五六七八九十\d]{{1,2}}{MEASURE})"
"""How many of a thing: 七点一杯拿铁 is for seven, 两点半两条毛巾 for half past two."""
_SHORT = r"(?P<short>一刻钟?|\d{1,2}|[一二两三四五六七八九十]+)"
_WEEK = {**{char: i for i, char in enumerate("一二三四五六")}, "日": 6, "天": 6}
_DAY_OF_MONTH = r"(?P<day>\d{1,2}|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])"
_ONE_BEFORE = re.compile(r"(?:^|[到在是约前后天日晚早，。,.\s])$")
_ONE_AFTER = re.compile(r"叫|退|打扫|打|来|出|送|起|之|以|前|后|左右|吧|走|到|有|开|收|要|过来|$|[，。,.!?！？]")


def _part(match: re.Match[str], heard: Heard) -> str | None:
    """The part of the day that the time's own words name, else the nearest that is named before or right after it."""
    groups = match.groupdict()
    said = groups.get("part") or groups.get("part2")
    if said:
        return _PARTS[said]
    near = list(_NEAR_PART.finditer(heard.plain, max(0, match.start() - _NEAR), match.start()))
    found = near[-1] if near else _NEAR_PART.search(heard.plain, match.end(), match.end() + _AFTER)
    return _PARTS.get(found[0]) if found else None


def _clock(match: re.Match[str], heard: Heard, hour: int, minute: int) -> Reading | None:
    part = _part(match, heard)
    if part == "morning" and hour > 12:
        part = None
    said = times.clock(hour, minute, part)
    return None if said is None else Reading(said[0], said[1], part)


def _spoken(match: re.Match[str], heard: Heard) -> Reading | None:
    """六点, 六点半, 早上七点一刻, 6点30分, 十八时. 一点 is mostly "a little"."""
    hour, minute = match["hour"], match["minute"] or ""
    named = match["part"] or match["part2"]
    if hour == "一" and not (named or minute or "钟" in match[0]):
        before, after = heard.plain[: match.start()], heard.plain[match.end() :]
        if is_word(match, heard) or not (_ONE_BEFORE.search(before) and _ONE_AFTER.match(after)):
            return None
    if heard.plain[match.end() : match.end() + 1] in ("儿", "心", "建"):
        return None
    if minute.startswith(("半", "一刻", "三刻")):
        minutes: float | int | None = {"半": 30, "一": 15, "三": 45}[minute[0]]
    else:
        minutes = value(minute.strip("整过分零〇") or "零")
    at = value(hour)
    return None if at is None or minutes is None else _clock(match, heard, int(at), int(minutes))


def _digital(match: re.Match[str], heard: Heard) -> Reading | None:
    reading = _clock(match, heard, int(match["hour"]), int(match["minute"]))
    return reading and (Reading(reading.value, True, reading.daypart) if match["hour"].startswith("0") else reading)


def _military(match: re.Match[str], heard: Heard) -> Reading:
    """零五三零叫醒."""
    return Reading(f"{digits(match['hour'])}:{digits(match['minute'])}", True)


def _short_of(match: re.Match[str], heard: Heard) -> Reading | None:
    """差五分八点, 八点差一刻."""
    hour, minutes = value(match["hour"]), 15 if match["short"].startswith("一刻") else value(match["short"])
    if hour is None or minutes is None or not 1 <= hour <= 24 or not 1 <= minutes < 60:
        return None
    return _clock(match, heard, *times.before(int(hour), int(minutes)))


def _named_hour(match: re.Match[str], heard: Heard) -> Reading:
    return Reading("12:00", True, "noon") if match[0] in _PARTS else Reading("00:00", True, "night")


def _length(match: re.Match[str], heard: Heard) -> Reading | None:
    count = 0.5 if match["half"] else value(match["n"])
    if count is None:
        return None
    unit = match["unit"]
    count += 0.5 if match["more"] else 0
    minutes = count * (
        60 if unit in ("小时", "钟头") else 15 if unit.startswith("刻") else 1 / 60 if unit.startswith("秒") else 1
    )
    return Reading(int(minutes) if minutes == int(minutes) else round(minutes, 2))


def _days_on(match: re.Match[str], heard: Heard) -> Reading | None:
    count = value(match["n"])
    return None if count is None else Reading(times.days_on(heard.now, int(count) * (1 if match["unit"] == "天" else 7)))


def _day(match: re.Match[str], heard: Heard) -> Reading:
    """今天, 明早, 后天下午 and the like; regional: 明儿, 明朝, 听日."""
    part = _PARTS.get(match["dpart"]) if "dpart" in match.groupdict() else None
    said = match[0]
    if "后" in said[:2]:
        return Reading(times.days_on(heard.now, 3 if said.startswith("大") else 2), True, part)
    return Reading("today" if said.startswith("今") else "tomorrow", True, part)


def _weekday(match: re.Match[str], heard: Heard) -> Reading:
    week = {"下": 1, "这": 0, "本": 0}.get((match["which"] or " ")[0])
    part = _PARTS.get(match["dpart"]) if "dpart" in match.groupdict() else None
    return Reading(times.weekday(heard.now, _WEEK[match["name"]], week), True, part)


def _date(match: re.Match[str], heard: Heard) -> Reading | None:
    month, day = int(value(match["month"]) or 0), int(value(match["day"]) or 0)
    year = int(value(match["year"]) or 0) if match["year"] else None
    return Reading(times.dated(heard.now, month, day, year)) if times.possible(month, day) else None


def _iso(match: re.Match[str], heard: Heard) -> Reading | None:
    said = times.dated(heard.now, int(match[2]), int(match[3]), int(match[1]))
    return Reading(said) if said else None


def _of_month(match: re.Match[str], heard: Heard) -> Reading | None:
    day = int(value(match["day"]) or 0)
    return Reading(times.dated(heard.now, None, day)) if times.possible(None, day) else None


_LENGTH = rf"{L}(?:(?P<half>半)个?|(?P<n>{NUMBER})个?(?P<more>半)?)(?P<unit>小时|钟头|分钟|刻钟|秒钟?|分(?=之?后|以后))"
_NAMED_DAY = r"(?:今(?:天|日|儿个?|个儿)|明(?:天|日|儿个?|个儿?|朝)|听日|大?后(?:天|日(?!本)|儿个?))"
_NAMED_WEEKDAY = r"(?P<which>下个?|这个?|本)?(?:周|星期|礼拜)(?P<name>[一二三四五六日天])(?!边|围|到[周星])"
PATTERNS: tuple[Pattern, ...] = (
    pattern("clock", rf"{_SAID_PART}{L}{_HOUR}(?:点钟?|时(?!候|间|差)){_MINUTE}?(?:{R}|(?=一[定会起直到过来])|{_COUNTED})(?!\s*[%度])", _spoken),
    pattern("clock", rf"{_SAID_PART}\s*(?<![\d:.])(?P<hour>\d{{1,2}}):(?P<minute>[0-5]\d)(?![\d:])", _digital),
    pattern("clock", rf"{_SAID_PART}差{_SHORT}(?:分钟?)?(?:就|不)?(?:到)?{_HOUR}点钟?", _short_of),
    pattern("clock", rf"{_SAID_PART}{L}{_HOUR}点钟?差{_SHORT}分?钟?", _short_of),
    pattern("clock", r"(?<![零〇一二三四五六七八九\d])(?P<hour>[零〇][零〇一二三四五六七八九])(?P<minute>[零〇一二三四五][零〇一二三四五六七八九])"
                     r"(?![零〇一二三四五六七八九])(?=.{0,4}(?:叫|醒|起|车|闹))", _military),
    pattern("clock", r"中午|正午|晌午|午夜|子夜", _named_hour),
    pattern("duration", rf"{_LENGTH}(?:之后|以后|过后|后)", _length),
    pattern("duration", rf"过{_LENGTH}(?!前)", _length),
    pattern("length", _LENGTH, _length),
    pattern("day", rf"{L}(?P<n>{INTEGER})个?(?P<unit>天|周|星期|礼拜)(?:之后|以后|后)", _days_on),
    pattern("day", rf"{_NAMED_DAY}{_DAYPART}", _day),
    pattern("day", r"[今明](?P<dpart>早上?|晚上?|夜|晨)", _day),
    pattern("day", r"听朝", _day),
    pattern("day", _NAMED_DAY, _day),
    pattern("day", rf"{_NAMED_WEEKDAY}{_DAYPART}", _weekday),
    pattern("day", _NAMED_WEEKDAY, _weekday),
    pattern("day", rf"(?<!\d)(?:(?P<year>20\d\d|[二两][零〇][{DIGIT}]{{2}})年)?"
                   rf"(?P<month>\d{{1,2}}|十[一二]?|[一二三四五六七八九])月{_DAY_OF_MONTH}[号日]?{R}", _date),
    pattern("day", r"(?<![\d-])(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", _iso),
    pattern("day", rf"{L}{_DAY_OF_MONTH}[号](?![楼线房桌厅门店客间屋套桥馆码机位电梯家])", _of_month),
)  # fmt: skip
