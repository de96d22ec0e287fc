"""Expressions of numbers in English."""

from __future__ import annotations

import re

from intents import numerals
from intents.spotting import times
from intents.spotting.spots import Heard, Pattern, Reading, from_degrees

_ONE = "one|two|three|four|five|six|seven|eight|nine"
_TEEN = "ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen"
_TEN = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_S = r"[\s-]+"
_GAP = r"[\s-]*"
_UNDER100 = rf"(?:(?:{_TEN})(?:{_S}(?:{_ONE})\b)?|{_TEEN}|{_ONE})"
_WHOLE = rf"(?:(?:(?:{_UNDER100}|a|\d+){_S})?hundred(?:{_S}and)?(?:{_S}{_UNDER100})?|{_UNDER100}|zero|\d+(?:[.,]\d+)*)"
_NUM = rf"(?:{_WHOLE}(?:{_S}point(?:{_S}(?:{_ONE}|zero|oh))+)?(?:{_S}and{_S}a{_S}half)?)"
_L, _R = r"(?<![a-z\d_.,:'])", r"(?![a-z\d_'])"
_DAYPART = r"(?:in the (?P<part>morning|afternoon|evening|night)|at (?P<night>night)|(?P<half>a\.?m\b\.?|p\.?m\b\.?))"
_PART = rf"(?:\s*,?\s*{_DAYPART})?"
_HOUR = rf"(?P<hour>\d{{1,2}}|{_TEEN}|{_ONE})"
_MONTHS = {name: i for i, name in enumerate(
    ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"), 1
)}  # fmt: skip
_MONTH = "|".join([*_MONTHS, *(name[:3] for name in _MONTHS if name != "may"), "sept"])
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_ORDINALS = {word: i for i, word in enumerate(
    ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
     "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"), 1
)} | {"thirtieth": 30}  # fmt: skip
_ORDINAL = rf"(?:(?:twenty|thirty){_S}(?:{'|'.join(list(_ORDINALS)[:9])})|{'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))"
_AROUND = r"(?:morning|afternoon|evening|night|tonight|noon)"
_ABOUT_TIME = re.compile(r"\b(wake|alarm|clock|taxi|cab|car|pick|check\w*|clean\w*|call|leave|leaving|stay|flight|come|collect)")
_ABOUT_AMOUNT = re.compile(
    r"\b(volume|bright\w*|temp\w*|ac|a/c|air\w*|light\w*|lamps?|level|speed|channel|heat\w*|degrees?|set|sound|music|tv)\b"
)
_WATER = re.compile(r"\b(?:water|boiler|geyser|tank|immersion)\b")
_ABOUT_ROOMS = re.compile(
    r"\b(rooms?|clean\w*|dirty|inspect\w*|ready|finish\w*|vacant|occupied|check\w* out|out of (?:order|service)|suite|done|"
    r"make?up|turn\w*|made up|service|next door|neighbou?rs?|guests?|staying|needs?|wants?|asked|asks)\b"
)


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
    except ValueError:
        return None


def _ordinal(text: str) -> int:
    digits = re.match(r"\d+", text)
    if digits:
        return int(digits[0])
    *tens, last = re.split(_S, text)
    return ({"twenty": 20, "thirty": 30}[tens[0]] if tens else 0) + _ORDINALS[last]


def _month(text: str) -> int:
    return next(i for name, i in _MONTHS.items() if name.startswith(text[:3]))


def _minutes(text: str) -> int | None:
    value = number(re.sub(r"^(?:oh|o|zero)[\s-]+", "", text))
    return int(value) if value is not None and value < 60 else None


def _daypart(match: re.Match[str], heard: Heard) -> str | None:
    """What the words of the time say, else the nearest word of the day's part."""
    groups = match.groupdict()
    if groups.get("half"):
        return "am" if groups["half"].startswith("a") else "pm"
    if groups.get("part") or groups.get("night"):
        return groups.get("part") or "night"
    near = heard.plain[max(0, match.start() - 40) : match.end() + 40]
    found = re.search(rf"\b(?:this |tomorrow |in the |to|{'|'.join(day + ' ' for day in _WEEKDAYS)})({_AROUND}|night)\b", near)
    return None if found is None else "evening" if found[1] == "night" and "tonight" in found[0] else found[1]


def _clock(match: re.Match[str], heard: Heard, hour: int, minute: int) -> Reading | None:
    part = _daypart(match, heard)
    said = times.clock(hour, minute, part)
    return None if said is None else Reading(said[0], said[1], _PARTS.get(part, part) if part else None)


_PARTS = {"am": "morning", "pm": None}


def _digital(match: re.Match[str], heard: Heard) -> Reading | None:
    hour, minute = int(match["hour"]), int(match["minute"])
    reading = _clock(match, heard, hour, minute)
    return reading and (reading if not match["hour"].startswith("0") else Reading(reading.value, True, reading.daypart))


def _spoken(match: re.Match[str], heard: Heard) -> Reading | None:
    """six thirty, six oh five, seven fifteen pm."""
    hour, minute = number(match["hour"]), _minutes(match["minute"])
    if hour is None or minute is None or not 1 <= hour <= 24:
        return None
    certain = (
        match["part"]
        or match["night"]
        or match["half"]
        or re.search(r"\b(?:at|by|until|till|before|after|around|about) $", heard.plain[: match.start()])
    )
    if not certain and not _ABOUT_TIME.search(heard.plain):
        return None
    if re.search(r"\b(?:room|suite)\s*$", heard.plain[: match.start()]):
        return None
    return _clock(match, heard, int(hour), minute)


def _sharp(match: re.Match[str], heard: Heard) -> Reading | None:
    """six o'clock, 6 pm, six in the morning."""
    hour = number(match["hour"])
    return None if hour is None else _clock(match, heard, int(hour), 0)


def _relative(match: re.Match[str], heard: Heard) -> Reading | None:
    """half past six, quarter to seven, ten to eight."""
    hour = number(match["hour"])
    named = {"half": 30, "quarter": 15, "a quarter": 15}
    minutes = named.get(re.sub(r"\s+", " ", match["minute"])) or _minutes(match["minute"])
    if hour is None or not minutes or not 1 <= hour <= 24:
        return None
    at, minute = (int(hour), minutes) if match["side"] in ("past", "after") else times.before(int(hour), minutes)
    if match["side"] not in ("past", "after") and match["minute"] not in named and minutes % 5 and "minute" not in match[0]:
        return None
    return _clock(match, heard, at, minute)


def _half_six(match: re.Match[str], heard: Heard) -> Reading | None:
    hour = number(match["hour"])
    return None if hour is None or hour > 12 else _clock(match, heard, int(hour), 30)


def _named_hour(match: re.Match[str], heard: Heard) -> Reading:
    hour = {"midnight": "00:00"}.get(match["name"], "12:00")
    return Reading(hour, True, "night" if hour == "00:00" else "noon")


def _bare_hour(match: re.Match[str], heard: Heard) -> Reading | None:
    """at seven: a time unless the words are about a quantity."""
    hour = number(match["hour"])
    before = heard.plain[max(0, match.start() - 40) : match.start()]
    if hour is None or not 1 <= hour <= 12:
        return None
    timed = _ABOUT_TIME.search(heard.plain) is not None
    if (_ABOUT_AMOUNT.search(before) or match["prep"] in ("for", "to", "from", "about")) and not timed:
        return None
    reading = _clock(match, heard, int(hour), 0)
    return reading and Reading(reading.value, reading.ampm, reading.daypart, start=match.start("hour"))


def _percent(match: re.Match[str], heard: Heard) -> Reading | None:
    value = number(match["n"])
    return None if value is None or value > 100 else Reading(value)


def _fraction(match: re.Match[str], heard: Heard) -> Reading | None:
    return Reading({"half": 50, "½": 50, "halfway": 50, "half way": 50, "half-way": 50, "1/2": 50, "midway": 50, "third": 33, "1/3": 33, "two thirds": 67,
                    "two-thirds": 67, "2/3": 67, "quarter": 25, "¼": 25, "1/4": 25, "three quarters": 75, "three-quarters": 75,
                    "¾": 75, "3/4": 75}[match["part_"]])  # fmt: skip


def _temperature(match: re.Match[str], heard: Heard) -> Reading | None:
    value = number(match["n"])
    if value is None:
        return None
    unit = re.sub(r"^degrees?|\s|°", "", match["unit"])[:1]
    fahrenheit = True if unit in ("f", "℉") else False if unit in ("c", "℃") else None
    said = from_degrees(-value if match["minus"] else value, fahrenheit, water=bool(_WATER.search(heard.plain)))
    return None if said is None else Reading(said)


def _duration(match: re.Match[str], heard: Heard) -> Reading | None:
    return _length(match, heard)


def _length(match: re.Match[str], heard: Heard) -> Reading | None:
    said = match["n"]
    if said is None:
        value: float | int | None = 0.5 if match["half_"] else 1
    else:
        value = number(said)
    if value is None:
        return None
    unit = match["unit"]
    minutes = value * (60 if unit.startswith("h") else 1 / 60 if unit.startswith("sec") else 1)
    if match.groupdict().get("more"):
        minutes += 30 if "half" in match["more"] else 15 if "quarter" in match["more"] else 0
    return Reading(int(minutes) if minutes == int(minutes) else round(minutes, 2))


def _days_on(match: re.Match[str], heard: Heard) -> Reading | None:
    days = number(match["n"])
    return None if days is None else Reading(times.days_on(heard.now, int(days) * (7 if match["unit"] == "week" else 1)))


def _day(match: re.Match[str], heard: Heard) -> Reading | None:
    word, part = match["day"], match["dpart"]
    if word == "tonight":
        return Reading("today", True, "evening")
    if word == "this":
        return Reading("today", True, part) if part else None
    return Reading(word, True, {"night": "evening"}.get(part, part) if part else None)


def _after_tomorrow(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(times.days_on(heard.now, 2))


def _weekday(match: re.Match[str], heard: Heard) -> Reading:
    wanted = next(i for i, name in enumerate(_WEEKDAYS) if name.startswith(match["name"][:3]))
    return Reading(
        times.weekday(heard.now, wanted, 1 if match["which"] and match["which"].startswith("next") else None),
        True,
        match["dpart"],
    )


def _date(match: re.Match[str], heard: Heard) -> Reading | None:
    month, day = _month(match["month"]), _ordinal(match["day"]) if not match["day"].isdigit() else int(match["day"])
    year = int(match["year"]) if match["year"] else None
    return Reading(times.dated(heard.now, month, day, year)) if times.possible(month, day) else None


def _iso(match: re.Match[str], heard: Heard) -> Reading | None:
    said = times.dated(heard.now, int(match[2]), int(match[3]), int(match[1]))
    return Reading(said) if said else None


def _of_month(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(times.dated(heard.now, None, _ordinal(match["day"])), start=match.start("the"))


def _room(match: re.Match[str], heard: Heard) -> Reading | None:
    """Named as a room: "room 302", "room eight oh one", "302's"."""
    said = match["n"]
    if said[0].isdigit() or (said[-1].isdigit() and len(said) > 1):
        return Reading(said.upper(), start=match.start("n"))
    value = number(said)
    return Reading(str(value), start=match.start("n")) if isinstance(value, int) else None


def _digits_room(match: re.Match[str], heard: Heard) -> Reading | None:
    """Three or four digits: a room where the words are about rooms."""
    about = _ABOUT_ROOMS.search(heard.plain) is not None
    spelled = not match["n"][0].isdigit()
    if not about and not (spelled and re.search(r"\boh?\b|zero", match["n"])):
        return None
    value = match["n"] if not spelled else number(re.sub(r"\bo\b", "oh", match["n"]))
    said = str(value)
    return Reading(said) if value is not None and 3 <= len(said) <= 4 else None


def _channel(match: re.Match[str], heard: Heard) -> Reading | None:
    value = number(match["n"])
    return None if value is None or value != int(value) else Reading(value)


def _count(match: re.Match[str], heard: Heard) -> Reading | None:
    value = number(match["n"])
    return None if value is None else Reading(value)


def _ordinal_spot(match: re.Match[str], heard: Heard) -> Reading | None:
    return Reading(_ordinal(match["day"]), start=match.start("day"), end=match.end("day"))


def _number(match: re.Match[str], heard: Heard) -> Reading | None:
    said = match["n"]
    if said == "one" and not _counts(heard.plain[: match.start()], heard.plain[match.end() :]):
        return None
    value = number(said)
    return None if value is None or (said.isdigit() and len(said) > 4) else Reading(value)


_POINTS = re.compile(r"\b(?:the|this|that|other|another|which|every|each|no|any|last|next|first|second|third|big|small|\w+ing|same|good|new|wrong|right|left|"
                     r"my|your|near|by|old|bigger|smaller|bedside|desk|night|main|single|loved|dear)\s+$")  # fmt: skip
_AFTER_ONE = re.compile(
    r"\s+(?!(?:is|was|of|in|on|at|by|near|and|or|that|with|from|to|for|please|day|has|can|should|could|would|who|isn't|i|we|he|she|it|too|here|there|as|if)\b)[a-z]"
)
_JUST = re.compile(r"\b(?:just|only|it|to|make that|send|bring|and|need|want|have|get|me|us|not|no,?)\s+$")


def _counts(before: str, after: str) -> bool:
    """Whether a "one" is a number: "one more towel", "just one", not "the other one", "that one is nice"."""
    if _POINTS.search(before):
        return False
    return bool(_AFTER_ONE.match(after)) or bool(_JUST.search(before) and not re.match(r"\s+(?:that|who|of|with|in|on)\b", after))


def _few(match: re.Match[str], heard: Heard) -> Reading | None:
    paired = match["what"].startswith("pair") and re.match(
        r"\s+(?:of\s+)?(?:\w+\s+)?(?:slippers|chopsticks|socks|shoes|glasses|scissors|pants|trousers)", heard.plain[match.end() :]
    )
    return Reading(1 if paired else 2)


def _dozen(match: re.Match[str], heard: Heard) -> Reading | None:
    if match["half_"]:
        return Reading(6)
    value = number(match["n"]) if match["n"] else 1
    return None if value is None else Reading(12 * value)


def _money(match: re.Match[str], heard: Heard) -> Reading | None:
    value = number(match["n"] or match["n2"])
    return None if value is None else Reading(value)


def _p(kind: str, regex: str, read: object) -> Pattern:
    return Pattern(kind, re.compile(regex), read)  # type: ignore[arg-type]


_LEN = rf"(?:(?P<n>{_NUM}){_GAP}|(?P<half_>half{_S}(?:an?{_S})?)|an?{_S})"
_UNIT_T = rf"(?P<unit>hours?|hrs?|minutes?|mins?|seconds?|secs?){_R}(?P<more>{_S}and{_S}a{_S}(?:half|quarter))?"
PATTERNS = (
    _p("room", rf"{_L}(?:rooms?|suite)(?:{_S}(?:number|no\.?))?{_S}(?P<n>[a-z]?\d{{1,4}}[a-z]?|(?:{_NUM}|oh|zero)(?:{_S}(?:{_NUM}|oh|zero|o))*){_R}", _room),
    _p("room", rf"{_L}(?P<n>\d{{3,4}}){_R}(?!\s*(?:%|percent|yuan|rmb|degrees|°|ml|grams))", _digits_room),
    _p("room", rf"{_L}(?P<n>(?:{_UNDER100})(?:{_S}(?:oh|o|zero|{_UNDER100}))+){_R}", _digits_room),
    _p("clock", rf"{_L}(?P<hour>\d{{1,2}})[:.h](?P<minute>[0-5]\d)\s*(?:o'?clock)?{_PART}(?!\d|\s*(?:degrees|°|percent|%))(?(half)|{_R})", lambda m, h: _digital(m, h) if m[0][len(m["hour"])] != "." or m["half"] else None),
    _p("clock", rf"{_L}(?:(?P<minute>half|(?:a{_S})?quarter|{_UNDER100}|\d{{1,2}})(?:{_S}minutes?)?{_S}(?P<side>past|to|till|after|before|of)){_S}{_HOUR}(?:{_S}o'?{_GAP}clock)?{_R}{_PART}", _relative),
    _p("clock", rf"{_L}{_HOUR}{_S}(?P<minute>(?:oh|o|zero){_S}(?:{_ONE})|(?:twenty|thirty|forty|fifty)(?:{_S}(?:{_ONE}))?|{_TEEN}){_R}{_PART}", _spoken),
    _p("clock", rf"{_L}{_HOUR}{_GAP}o'?{_GAP}clock{_R}{_PART}", _sharp),
    _p("clock", rf"{_L}{_HOUR}\s*,?\s*{_DAYPART}", _sharp),
    _p("clock", rf"{_L}half{_S}(?P<hour>{_TEEN}|{_ONE}){_R}{_PART}", _half_six),
    _p("clock", rf"{_L}(?:12{_S}|twelve{_S})?(?P<name>noon|midnight|midday){_R}", _named_hour),
    _p("clock", rf"\b(?P<prep>at|by|until|till|til|before|after|around|about|for|to|from){_S}{_HOUR}{_R}(?!\s*(?:%|percent|per cent|degrees|°|more|nights?|days?|people|persons|of us|towels?|minutes?|hours?|to\b|and a half|hundred|point))", _bare_hour),
    _p("percent", rf"{_L}(?P<n>{_NUM})\s*(?:%|percent\b|per{_S}cent\b|pct\b)", _percent),
    _p("percent", rf"{_L}(?:an?{_S})?(?P<part_>three[ -]quarters|two[ -]thirds|half(?:[ -]?way)?|midway|third|quarter|½|¼|¾|[123]/[234]){_R}(?![\s-]*(?:past|to(?= \w+ (?:in|o))|an? (?:hour|dozen)|hour|dozen|board|asleep|awake|empty|day|floor|of an|{_TEEN}\b|{_ONE}\b|one\b|time|bottle|price))", lambda m, h: _fraction(m, h) if m["part_"] != "third" or m[0].startswith("a") else None),
    _p("temperature", rf"{_L}(?P<minus>minus{_S}|-)?(?P<n>{_NUM})\s*(?P<unit>degrees?(?:{_S}(?:celsius|centigrade|fahrenheit|[cf]))?|°\s*[cf]?|℃|℉|celsius|fahrenheit|centigrade|[cf]){_R}", _temperature),
    _p("duration", rf"\b(?:in|after|within){_S}(?:about{_S}|around{_S})?{_LEN}{_UNIT_T}(?:'?{_S}time)?", _duration),
    _p("duration", rf"{_L}{_LEN}{_UNIT_T}{_S}(?:from now|later)", _duration),
    _p("length", rf"{_L}{_LEN}{_UNIT_T}", _length),
    _p("day", rf"\bin{_S}(?:about{_S})?(?P<n>{_NUM}){_S}(?P<unit>day|week)s?{_R}", _days_on),
    _p("day", rf"\b(?:the{_S})?day{_S}after{_S}tomorrow\b", _after_tomorrow),
    _p("day", rf"\b(?P<day>tonight|today|tomorrow|this)\b(?:'s)?(?:\s+(?P<dpart>morning|afternoon|evening|night)\b)?", _day),
    _p("day", rf"\b(?P<which>next\s+|this\s+|on\s+|coming\s+)?(?P<name>{'|'.join(_WEEKDAYS)}|mon|tue|tues|wed|thu|thurs|fri)\b(?:\s+(?P<dpart>morning|afternoon|evening|night)\b)?", _weekday),
    _p("day", rf"{_L}(?:the{_S})?(?P<day>{_ORDINAL}|\d{{1,2}})(?:{_S}of)?{_S}(?P<month>{_MONTH})\b\.?(?:,?\s+(?P<year>20\d\d)\b)?", _date),
    _p("day", rf"\b(?P<month>{_MONTH})\b\.?{_S}(?:the{_S})?(?P<day>{_ORDINAL}|\d{{1,2}}){_R}(?:,?\s+(?P<year>20\d\d)\b)?", _date),
    _p("day", r"(?<![\w-])(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\w)", _iso),
    _p("day", rf"\b(?:on|until|till|by|from){_S}(?P<the>the{_S})(?P<day>{_ORDINAL}){_R}(?!{_S}(?:floor|one|\w+))", _of_month),
    _p("channel", rf"\bchannel(?:{_S}(?:number|no\.?))?{_S}(?P<n>{_NUM}){_R}", _channel),
    _p("nights", rf"{_L}(?P<n>{_NUM})(?:{_S}(?:more|extra|additional|further|other))?{_S}(?:nights?|days?){_R}", _count),
    _p("floor", rf"{_L}(?P<day>{_ORDINAL}){_S}floor\b", lambda m, h: Reading(_ordinal(m["day"]))),
    _p("floor", rf"\b(?:floor|level){_S}(?P<n>{_NUM}){_R}(?!\s*(?:%|percent))", lambda m, h: _count(m, h) if m[0].startswith("floor") else None),
    _p("money", rf"{_L}(?:[¥$€£]\s*(?P<n>\d+(?:[.,]\d+)*)|(?P<n2>{_NUM})\s*(?:yuan|rmb|dollars?|euros?|bucks|kuai|pounds?)\b)", _money),
    _p("number", rf"{_L}(?:a{_S})?(?P<what>couple|pair)(?:{_S}of\b)?{_R}", _few),
    _p("number", rf"{_L}(?:(?P<half_>half{_S}(?:a{_S})?)|(?P<n>{_NUM}){_S}|a{_S})?dozen{_R}(?:{_S}of\b)?", _dozen),
    _p("ordinal", rf"\b(?P<day>{_ORDINAL}){_R}(?!{_S}floor)", lambda m, h: _ordinal_spot(m, h) if not re.match(r"\s*(?:s\b|of all)", h.plain[m.end():]) else None),
    _p("number", rf"{_L}(?P<n>{_NUM}){_R}(?![:°]|\s*(?:-|\s)?(?:years?|yrs?|months?)(?:[\s-]old)?\b|\s?(?:ml|km|kg|cm|metres?|meters?|grams?|litres?|liters?)\b|(?:st|nd|rd|th)\b)", _number),
)  # fmt: skip
