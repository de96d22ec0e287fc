"""Times of day, days and lengths of time in English."""

from __future__ import annotations

import re

from intents.spotting import times
from intents.spotting.en_words import NUMBER, ONE, ORDINAL, TEEN, UNDER_100, L, R, S, number, ordinal
from intents.spotting.spots import Heard, Pattern, Reading, pattern

_HOUR = rf"(?P<hour>\d{{1,2}}|{TEEN}|{ONE})"
_SAID_PART = r"(?:in the (?P<part>morning|afternoon|evening|night)|at (?P<night>night)|(?P<half>[ap][. ]?m\b\.?))"
_PART = rf"(?:\s*,?\s*{_SAID_PART})?"
_OCLOCK = r"o[' ]?\s*clock"
_DAY_WORDS = r"to(?:day|night|nite)|tomorr?ow|tmrw?|tmw|2morr?ow|2moro|the morra"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
           "december")  # fmt: skip
_MONTH = "|".join([*_MONTHS, *(name[:3] for name in _MONTHS if name != "may"), "sept"])
_DAYPART = r"(?:\s+(?P<dpart>morning|afternoon|evening|night))?\b"
_NEAR = 40
"""Characters around a time in which a word of the day's part belongs to it."""
_CLOSE = 15
_NEAR_PART = re.compile(
    rf"\b(?:this |(?:{_DAY_WORDS}) |in the |(?:{'|'.join(_WEEKDAYS)}) )(morning|afternoon|evening|night)\b|\b(tonight|tonite)\b|"
    rf"\b(?:{_DAY_WORDS}|{'|'.join(_WEEKDAYS)})\b"
)
_TIMED = re.compile(
    r"\b(?:wak\w*|alarms?|rous\w*|knock|(?:get|call|ring|phone|telephone) (?:me|us)(?: up)?|"
    r"taxi|cab|check[\s-]?(?:ing[\s-])?out|late|clock|flight|leav\w*|train|pick\w*)\b"
)
"""Words of things that have a time: beside them a bare number up to twelve is an hour."""
_TIMELIKE = re.compile(rf"{_TIMED.pattern}|\b(?:car|call|stay|collect|return|dinner|lunch|table|breakfast)\b")
_REPORTED = re.compile(r"\b(?:dirty|clean|cleaned|inspected|vacant|stripped|touched|hoover\w*|done|ready|passed|redone|order)\b")
"""Words by which staff report a room."""
_AMOUNT = re.compile(
    r"\b(?:volume|bright\w*|temp\w*|ac|a/c|air\w*|light\w*|lamps?|level|speed|channel|heat\w*|degrees?|set|sound|music|tv|telly|percent)\b"
)
_CHANGED = re.compile(r"\b(?:reduc\w*|rais\w*|lower\w*|cool\w*|warm\w*|increas\w*|decreas\w*|extend|longer|louder|quieter)\b")
"""Before "by": that much more or less."""
_ENDS = (
    r"(?=\s*(?:$|[^\w\s'%°]|(?:in|on|at|o|please|pls|plz|and|or|but|sharp|if|so|for|instead|then|thanks?|to|with|because|as|when|i|we|"
    r"my|is|it|would|will|could|can|no|not|nope|from|until|till|wake|cheers|mate|ok|forget|okay|prompt|latest|ish|the|every|each|call|next|"
    rf"this|he|she|wait|sorry|i'm|i'll|we're|it's|um|uh|dear|love|sir|tops|max|max|today|tonight|tonite|tom\w+|tmr\w*|{'|'.join(_WEEKDAYS)})\b))"
)


def timed(match: re.Match[str], heard: Heard) -> bool:
    """Whether the words around a row of numbers make it a time and not a room: "at six thirty", "wake me six thirty"."""
    before = heard.plain[: match.start()]
    if re.search(r"\b(?:rooms?|suite|in|into|number)\s+$", before):
        return False
    if re.search(r"\b(?:at|by|until|till|til|before|after|around|about|for)\s+$", before):
        return True
    if re.match(rf"\s+(?:(?:{_DAY_WORDS})\b|in the (?:morning|afternoon|evening))", heard.plain[match.end() :]):
        return True
    return bool(_TIMED.search(heard.plain)) and not _REPORTED.search(heard.plain)


def _daypart(match: re.Match[str], heard: Heard) -> str | None:
    """What the words of the time say, else the nearest words of the day's part. "am" and "pm" stand for themselves."""
    groups = match.groupdict()
    if groups.get("half"):
        return "am" if groups["half"].startswith("a") else "pm"
    if groups.get("part") or groups.get("night"):
        return groups.get("part") or "night"
    near = list(_NEAR_PART.finditer(heard.plain, max(0, match.start() - _NEAR), match.end() + _NEAR))
    if not near:
        return None
    found = min(near, key=lambda one: max(match.start() - one.end(), one.start() - match.end()))
    return found[1] or ("evening" if found[2] else None)


def _clock(match: re.Match[str], heard: Heard, hour: int, minute: int) -> Reading | None:
    part = _daypart(match, heard)
    said = times.clock(hour, minute, part)
    if said is None:
        return None
    return Reading(said[0], said[1], {"am": "morning", "pm": None}.get(part, part) if part else None)


def _digital(match: re.Match[str], heard: Heard) -> Reading | None:
    """18:30, 6:30 pm; 6.30 only with am or pm, 0630 only where a time is expected."""
    mark, hour = match["mark"], match["hour"]
    if (mark == "." and not match["half"] and not timed(match, heard)) or (
        not mark and not (hour.startswith("0") and len(hour) == 2)
    ):
        return None
    reading = _clock(match, heard, int(hour), int(match["minute"]))
    return reading and (Reading(reading.value, True, reading.daypart) if hour.startswith("0") else reading)


def _spoken(match: re.Match[str], heard: Heard) -> Reading | None:
    """six thirty, six oh five, seven fifteen pm: where it is no room."""
    hour, minute = number(match["hour"]), number(re.sub(rf"^(?:oh|o|zero){S}", "", match["minute"]))
    said = match["part"] or match["night"] or match["half"]
    if hour is None or minute is None or not 1 <= hour <= 24 or not (said or timed(match, heard)):
        return None
    return _clock(match, heard, int(hour), int(minute))


def _sharp(match: re.Match[str], heard: Heard) -> Reading | None:
    """six o'clock, 6 pm, six in the morning."""
    hour = number(match["hour"])
    return None if hour is None else _clock(match, heard, int(hour), 0)


def _military(match: re.Match[str], heard: Heard) -> Reading | None:
    """sixteen hundred, oh six hundred hours."""
    hour = number(re.sub(rf"^(?:oh|o|zero){S}", "", match["hour"]))
    if hour is None or not (timed(match, heard) or "hours" in match[0]):
        return None
    return Reading(f"{int(hour):02}:00", True)


def _relative(match: re.Match[str], heard: Heard) -> Reading | None:
    """half past six, quarter to seven, ten to eight."""
    hour, said = number(match["hour"]), match["minute"]
    minutes = 30 if said == "half" else 15 if said.endswith("quarter") else number(said)
    if hour is None or minutes is None or not 1 <= hour <= 24 or not 1 <= minutes < 60:
        return None
    if match["side"] in ("past", "after"):
        return _clock(match, heard, int(hour), int(minutes))
    if match["side"] != "of" and not said.endswith("quarter") and minutes % 5 and "minute" not in match[0]:
        return None
    return _clock(match, heard, *times.before(int(hour), int(minutes)))


def _half_six(match: re.Match[str], heard: Heard) -> Reading | None:
    hour = number(match["hour"])
    return None if hour is None else _clock(match, heard, int(hour), 30)


def _named_hour(match: re.Match[str], heard: Heard) -> Reading:
    return Reading("00:00", True, "night") if match["name"] == "midnight" else Reading("12:00", True, "noon")


def _bare_hour(match: re.Match[str], heard: Heard) -> Reading | None:
    """at seven: a time unless the words are about a quantity."""
    hour = number(match["hour"])
    if hour is None or not 1 <= hour <= 12:
        return None
    before = heard.plain[max(0, match.start() - _NEAR) : match.start()]
    if match["prep"] == "by" and _CHANGED.search(before):
        return None
    if _AMOUNT.search(before[-_CLOSE:]) and not _TIMED.search(before):
        return None
    if (match["prep"] in ("for", "to", "from", "about") or _AMOUNT.search(before)) and not _TIMELIKE.search(heard.plain):
        return None
    reading = _clock(match, heard, int(hour), 0)
    return reading and Reading(reading.value, reading.ampm, reading.daypart, start=match.start("hour"), end=match.end("hour"))


def _lone_hour(match: re.Match[str], heard: Heard) -> Reading | None:
    """wake me, um, ten: an hour beside what has a time."""
    hour = number(match["hour"])
    before = heard.plain[: match.start()]
    if hour is None or not 1 <= hour <= 12 or not _TIMED.search(before) or _AMOUNT.search(before[-_NEAR:]):
        return None
    if re.search(r"\b(?:room|the|this|that|which|other|just|floor|\w+ing|bring|x)\s+$", before):
        return None
    return _clock(match, heard, int(hour), 0)


def _length(match: re.Match[str], heard: Heard) -> Reading | None:
    if re.match(r"an?\s+second$", match[0]) and re.match(r"\s+[a-z]", heard.plain[match.end() :]):
        return None  # a second blanket
    value = number(match["n"]) if match["n"] else 0.5 if match["half_"] else 1
    if value is None:
        return None
    unit, more = match["unit"], match["more"] or ""
    minutes = value * (60 if unit.startswith("h") else 1 / 60 if unit.startswith("sec") else 1)
    minutes += (30 if "half" in more else 15 if "quarter" in more else 0) if unit.startswith("h") else 0
    return Reading(int(minutes) if minutes == int(minutes) else round(minutes, 2))


def _days_on(match: re.Match[str], heard: Heard) -> Reading | None:
    days = number(match["n"])
    return None if days is None else Reading(times.days_on(heard.now, int(days * (7 if match["unit"] == "week" else 1))))


def _day(match: re.Match[str], heard: Heard) -> Reading | None:
    part = match["dpart"]
    if match["day"] == "this":
        return Reading("today", True, part) if part else None
    if match["day"].endswith(("night", "nite")):
        return Reading("today", True, "evening")
    return Reading("today" if match["day"] == "today" else "tomorrow", True, part)


def _after_tomorrow(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(times.days_on(heard.now, 2))


def _weekday(match: re.Match[str], heard: Heard) -> Reading:
    wanted = next(i for i, name in enumerate(_WEEKDAYS) if name.startswith(match["name"][:3]))
    week = 1 if (match["which"] or "").startswith("next") else None
    return Reading(times.weekday(heard.now, wanted, week), True, match["dpart"])


def _date(match: re.Match[str], heard: Heard) -> Reading | None:
    month = next(i for i, name in enumerate(_MONTHS, 1) if name.startswith(match["month"][:3]))
    day = int(match["day"]) if match["day"].isdigit() else ordinal(match["day"])
    year = int(match["year"]) if match["year"] else None
    return Reading(times.dated(heard.now, month, day, year)) if times.possible(month, day) else None


def _iso(match: re.Match[str], heard: Heard) -> Reading | None:
    said = times.dated(heard.now, int(match[2]), int(match[3]), int(match[1]))
    return Reading(said) if said else None


def _of_month(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(times.dated(heard.now, None, ordinal(match["day"])), start=match.start("the"))


_LENGTH = (
    rf"(?:(?P<n>{NUMBER})[\s-]*|(?P<half_>half{S}(?:an?{S})?)|an?{S})"
    rf"(?P<unit>hours?|hrs?|minutes?|mins?|seconds?|secs?){R}(?P<more>{S}and{S}a{S}(?:half|quarter))?"
)
_TO_DATE = rf"(?:the{S})?(?P<day>{ORDINAL}|\d{{1,2}})"
PATTERNS: tuple[Pattern, ...] = (
    pattern("clock", rf"{L}(?P<hour>\d{{1,2}})(?P<mark>[:.h]?)(?P<minute>[0-5]\d){_PART}(?!\d|\s*(?:degrees|°|percent|%))(?(half)|{R})", _digital),
    pattern("clock", rf"{L}(?P<minute>half|(?:a{S})?quarter|{UNDER_100}|\d{{1,2}})(?:{S}minutes?)?{S}(?P<side>past|to|till|after|before|of){S}{_HOUR}"
                     rf"(?:\s*{_OCLOCK})?{R}{_PART}", _relative),
    pattern("clock", rf"{L}{_HOUR}{S}(?P<minute>(?:oh|o|zero){S}(?:{ONE})|(?:twenty|thirty|forty|fifty)(?:{S}(?:{ONE}))?|{TEEN}){R}{_PART}", _spoken),
    pattern("clock", rf"{L}{_HOUR}\s*{_OCLOCK}{R}{_PART}", _sharp),
    pattern("clock", rf"{L}{_HOUR}\s*,?\s*{_SAID_PART}", _sharp),
    pattern("clock", rf"{L}(?P<hour>(?:oh{S}|zero{S}|o{S})?(?:{ONE})|{TEEN}|twenty(?:{S}(?:one|two|three))?){S}hundred(?:{S}hours)?{R}", _military),
    pattern("clock", rf"(?<=\bat )(?P<hour>\d{{1,2}}|{TEEN}|{ONE}){S}hours{R}{_PART}", _sharp),
    pattern("clock", rf"{L}half{S}(?P<hour>{TEEN}|{ONE}){R}{_PART}", _half_six),
    pattern("clock", rf"{L}(?:12{S}|twelve{S})?(?P<name>noon|midnight|midday){R}", _named_hour),
    pattern("clock", rf"\b(?P<prep>at|by|until|till|til|before|after|around|about|for|to|from){S}{_HOUR}{R}{_ENDS}", _bare_hour),
    pattern("clock", rf"{L}{_HOUR}{R}{_ENDS}", _lone_hour),
    pattern("duration", rf"\b(?:in|after|within){S}(?:about{S}|around{S}|like{S})?{_LENGTH}(?:'?{S}time)?", _length),
    pattern("duration", rf"{L}{_LENGTH}{S}(?:from now|later)", _length),
    pattern("length", rf"{L}{_LENGTH}", _length),
    pattern("day", rf"\bin{S}(?:about{S})?(?P<n>{NUMBER}){S}(?P<unit>day|week)s?{R}", _days_on),
    pattern("day", rf"\b(?:the{S})?day{S}after{S}tomorrow\b", _after_tomorrow),
    pattern("day", rf"\b(?P<day>{_DAY_WORDS}|this)\b(?:'s)?{_DAYPART}", _day),
    pattern("day", rf"\b(?P<which>next\s+|this\s+|on\s+|coming\s+)?(?P<name>{'|'.join(_WEEKDAYS)}|mon|tues?|wed|thu|thurs|fri)\b"
                   rf"{_DAYPART}", _weekday),
    pattern("day", rf"{L}{_TO_DATE}(?:{S}of)?{S}(?P<month>{_MONTH})\b(?:\.?,?\s+(?P<year>20\d\d)\b)?", _date),
    pattern("day", rf"\b(?P<month>{_MONTH})\b\.?{S}{_TO_DATE}{R}(?:,?\s+(?P<year>20\d\d)\b)?", _date),
    pattern("day", r"(?<![\w-])(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?![\w-])", _iso),
    pattern("day", rf"\b(?:on|until|till|by|from){S}(?P<the>the{S})(?P<day>{ORDINAL}){R}(?!{S}[a-z])", _of_month),
)  # fmt: skip
