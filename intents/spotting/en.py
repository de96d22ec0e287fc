"""Expressions of numbers in English: rooms, quantities, percent, temperatures, channels; times stand in ``en_times``."""

from __future__ import annotations

import re

from intents.spotting import en_times
from intents.spotting.en_words import NUMBER, ORDINAL, UNDER_100, L, R, S, number, ordinal
from intents.spotting.spots import Heard, Pattern, Reading, from_degrees, pattern

_WATER = re.compile(r"\b(?:water|boiler|geyser|tank|immersion)\b")
_NO_ROOM = re.compile(r"\b(?:channel|volume|level|brightness|cost|costs|paid|pay|flight|train|bus|bill|x)\s+(?:\w+\s+){0,2}$")
_PERCENTS = {"half": 50, "½": 50, "halfway": 50, "half way": 50, "half-way": 50, "midway": 50,
             "to the middle": 50, "to the centre": 50, "to the center": 50, "1/2": 50, "a third": 33,
             "1/3": 33, "two thirds": 67, "two-thirds": 67, "2/3": 67, "a quarter": 25, "quarter": 25, "¼": 25, "1/4": 25,
             "three quarters": 75, "three-quarters": 75, "¾": 75, "3/4": 75}  # fmt: skip
_SET_TO = re.compile(r"\b(?:to|at|up|down)\s+$")
_NOT_HALF = (
    rf"(?![\s-]*(?:past|to(?= \w+ (?:in|o))|an? (?:hour|dozen|day)|hour|dozen|board|asleep|awake|empty|full|day|floor|of an|"
    rf"(?:{UNDER_100}){R}|time|bottle|price|term|moon))"
)
_IN_PAIRS = re.compile(r"(?:\s+\w+){0,3}?\s+(?:slippers?|chopsticks|socks|shoes|glasses|scissors|pants|trousers)\b")


def _room(match: re.Match[str], heard: Heard) -> Reading | None:
    """Named as a room: "room 302", "room eight oh one"."""
    said = match["n"]
    if re.search(r"\b(?:the|this|my|our)\s+$", heard.plain[: match.start()]) and len(said) < 3 + 20 * (not said.isdigit()):
        return None  # make the room twenty-one
    value = said.upper() if any(char.isdigit() for char in said) else number(re.sub(r"\bo\b", "oh", said))
    return None if value is None or isinstance(value, float) else Reading(str(value), start=match.start("n"))


def _digits_room(match: re.Match[str], heard: Heard) -> Reading | None:
    """Three or four digits, written or spelled: in a hotel that is a room unless the words make it something else."""
    said = match["n"]
    before = heard.plain[: match.start()]
    if (
        _NO_ROOM.search(before)
        or re.search(r"\bchannels?\b", heard.plain)
        or (_SET_TO.search(before) and _WATER.search(heard.plain))
    ):
        return None
    if not said.isdigit() and en_times.timed(match, heard):
        return None
    value = said if said.isdigit() else str(number(re.sub(r"\bo\b", "oh", said)))
    return Reading(value) if 3 <= len(value) <= 4 and value.isdigit() and not re.fullmatch(r"20[2-4]\d", said) else None


def _percent(match: re.Match[str], heard: Heard) -> Reading | None:
    value = number(match["n"])
    return None if value is None or value > 100 else Reading(value)


def _fraction(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(_PERCENTS[re.sub(r"\s+", " ", match["share"])])


def _temperature(match: re.Match[str], heard: Heard) -> Reading | None:
    value = number(match["n"])
    if value is None:
        return None
    unit = re.sub(r"^degrees?|\s|°", "", match["unit"])[:1]
    fahrenheit = True if unit in ("f", "℉") else False if unit in ("c", "℃") else None
    said = from_degrees(-value if match["minus"] else value, fahrenheit, water=bool(_WATER.search(heard.plain)))
    return None if said is None else Reading(said)


def _count(match: re.Match[str], heard: Heard) -> Reading | None:
    value = number(match["n"])
    return None if value is None or value != int(value) else Reading(int(value))


def _one_more(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(1)


def _floor(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(ordinal(match["n"]))


def _which(match: re.Match[str], heard: Heard) -> Reading | None:
    if match["n"] == "second" and re.search(r"\b(?:a|one|per)\s+$", heard.plain[: match.start()]):
        return None  # of time
    return Reading(ordinal(match["n"]))


def _few(match: re.Match[str], heard: Heard) -> Reading:
    """A couple of, a pair of: two; but one pair of what comes in pairs."""
    return Reading(1 if match["what"] == "pair" and _IN_PAIRS.match(heard.plain[match.end() :]) else 2)


def _dozen(match: re.Match[str], heard: Heard) -> Reading | None:
    value = 0.5 if match["half_"] else number(match["n"]) if match["n"] else 1
    return None if value is None else Reading(int(12 * value))


def _money(match: re.Match[str], heard: Heard) -> Reading | None:
    value = number(match["n"] or match["n2"])
    return None if value is None else Reading(value)


def _times(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(int(match["n"] or match["n2"]))


def _number(match: re.Match[str], heard: Heard) -> Reading | None:
    said = match["n"]
    if said == "one" and not _counts(heard.plain[: match.start()], heard.plain[match.end() :]):
        return None
    value = number(said)
    return None if value is None or (said.isdigit() and len(said) > 4) else Reading(value)


def _either(match: re.Match[str], heard: Heard) -> Reading | None:
    """Two or three: the greater, so that nobody is short."""
    first, second = number(match["n"]), number(match["n2"])
    return Reading(second) if first is not None and second == first + 1 else None


_POINTED_AT = re.compile(
    r"\b(?:(?:the|this|that|which|every|each|another|other|my|your)\s+(?:\w+\s+)?|(?:no|any|near|loved|dear|last|some|first|second|"
    r"third|(?!bring|thing)\w+ing|bedside|desk|night|main|bathroom|big|bigger|small|smaller|left|right|wrong|new|old|same|good)\s+)$"
)
_AFTER_ONE = re.compile(
    r"\s+(?!(?:is|was|in|on|at|by|near|and|or|that|from|to|for|please|day|has|can|should|could|would|who|i|we|he|she|it|too|"
    r"here|there|as|if|thing)\b)[a-z]"
)


def _counts(before: str, after: str) -> bool:
    """Whether a "one" is a number: "one more towel", "just one", "latte, one", not "the other one", "that one is nice"."""
    if re.match(r"\s+(?:of\s+(?:those|these|the|your)|is (?:enough|fine|plenty)|will do)\b", after) or re.search(
        r"\b(?:only|just) the\s+$", before
    ):
        return True
    if _POINTED_AT.search(before) or after.startswith(("'s", "'d", "'ll")):
        return False
    return bool(_AFTER_ONE.match(after)) or bool(re.match(r"\s*(?:$|[^\w\s]|please\b|and\b|for\b)", after) and before.strip())


_ROOMS = rf"(?:{NUMBER}|oh|zero|o)"
_MORE = r"(?:more|extra|additional|further|other)"
_NOT_COUNTED = (
    r"(?![:°]|\s*-?\s*(?:years?|yrs?|months?)(?:[\s-]old)?\b|\s?(?:ml|km|kg|cm|m|metres?|meters?|grams?|litres?|liters?)\b|"
    r"(?:st|nd|rd|th)\b)"
)
PATTERNS: tuple[Pattern, ...] = (
    pattern("room", rf"{L}(?:rooms?|suite|rm)(?:{S}(?:number|no\.?))?{S}(?P<n>[a-z]?\d{{1,4}}[a-z]?|{_ROOMS}(?:{S}{_ROOMS})*){R}", _room),
    *(one for one in en_times.PATTERNS if one.kind == "clock"),
    pattern("room", rf"{L}(?P<n>\d{{3,4}}){R}(?!\s*(?:%|percent|yuan|rmb|dollars|degrees|°|ml|grams|people)|[.,/]\d)", _digits_room),
    pattern("room", rf"{L}(?P<n>{UNDER_100}(?:{S}(?:oh|o|zero|{UNDER_100}))+){R}", _digits_room),
    pattern("percent", rf"{L}(?P<n>{NUMBER})\s*(?:%|percent\b|per{S}cent\b|pct\b)", _percent),
    pattern("percent", rf"{L}(?P<share>three[ -]quarters|two[ -]thirds|half(?:[ -]?way)?|midway|to the (?:middle|centre|center)|"
                       rf"a{S}third|(?:a{S})?quarter|[½¼¾]|[123]/[234])"
                       rf"{R}{_NOT_HALF}", _fraction),
    pattern("temperature", rf"{L}(?P<minus>minus{S}|(?<!\d)-)?(?P<n>{NUMBER})\s*(?P<unit>degrees?(?:{S}(?:celsius|centigrade|fahrenheit|[cf]))?|"
                           rf"°\s*[cf]?|℃|℉|celsius|fahrenheit|centigrade|[cf]){R}", _temperature),
    *(one for one in en_times.PATTERNS if one.kind != "clock"),
    pattern("channel", rf"\bchannel(?:{S}(?:number|no\.?))?{S}(?P<n>{NUMBER}){R}", _count),
    pattern("nights", rf"{L}(?P<n>{NUMBER})(?:{S}{_MORE})?{S}(?:nights?|days?){R}", _count),
    pattern("nights", rf"{L}(?:(?:another|an?{S}{_MORE}|by{S}an?|extra){S}(?:night|day)|an?{S}(?:night|day){S}(?:longer|more)){R}", _one_more),
    pattern("floor", rf"{L}(?P<n>{ORDINAL}){S}floor\b", _floor),
    pattern("floor", rf"\bfloor{S}(?P<n>{NUMBER}){R}", _count),
    pattern("money", rf"{L}(?:[¥$€£]\s*(?P<n>\d+(?:[.,]\d+)*)|(?P<n2>{NUMBER})\s*(?:yuan|rmb|dollars?|euros?|bucks|kuai|pounds?)\b)", _money),
    pattern("number", rf"{L}(?:a{S})?(?P<what>couple|pair)(?:{S}of\b)?{R}", _few),
    pattern("number", rf"{L}(?:(?P<half_>half{S}(?:a{S})?)|(?P<n>{NUMBER}){S}|a{S})?dozen{R}(?:{S}of\b)?", _dozen),
    pattern("ordinal", rf"\b(?P<n>{ORDINAL}){R}(?!{S}floor|\s+of all)", _which),
    pattern("number", r"(?<![a-z\d])(?:x\s?(?P<n>\d{1,2})|(?P<n2>\d{1,2})\s?x)(?![a-z\d])", _times),
    pattern("number", rf"{L}(?P<n>{UNDER_100}|\d){S}or{S}(?P<n2>{UNDER_100}|\d){R}{_NOT_COUNTED}", _either),
    pattern("number", rf"{L}(?P<n>{NUMBER}){R}{_NOT_COUNTED}", _number),
)  # fmt: skip
