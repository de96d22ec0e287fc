"""What a spot is, and which of several that overlap are kept."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import zhconv

import intents.text  # noqa: F401 — it loads zhconv's tables by their path

KINDS = ("number", "percent", "temperature", "clock", "day", "duration", "length", "room", "channel", "ordinal", "nights",
         "floor", "money")  # fmt: skip
_HAN = re.compile(r"[㐀-鿿]")

_HOT_AIR, _HOT_WATER = 45, 75

Value = int | float | str | None


@dataclass(frozen=True)
class Spot:
    """An expression of a number at ``[start:end)`` of what was said; ``text`` is that piece as it was written.

    ``value`` by kind: number, ordinal, floor, nights: the number · percent: 0–100 · temperature: °C, whole if °F was said ·
    clock: "HH:MM" · day: "today", "tomorrow" or "YYYY-MM-DD", None if it takes the present day to tell and that was not
    given · duration (from now) and length: minutes · room: its name as a string of digits · channel: a number, or its name
    as said · money: the amount.
    """

    start: int
    end: int
    kind: str
    value: Value
    text: str
    ampm: bool = True
    """Of a clock: whether the words tell which half of the day; if not, ``value`` is the hour as said."""
    daypart: str | None = None
    """Of a clock or a day, if said: morning, noon, afternoon, evening, night."""


@dataclass(frozen=True)
class Heard:
    """``plain`` has a character for each of ``source``: simplified, half width, lower case."""

    source: str
    plain: str
    now: datetime | None


@dataclass(frozen=True)
class Reading:
    """What a pattern makes of a match; ``start`` and ``end`` where they are not the match's own."""

    value: Value
    ampm: bool = True
    daypart: str | None = None
    start: int | None = None
    end: int | None = None


Read = Callable[[re.Match[str], Heard], Reading | None]


@dataclass(frozen=True)
class Pattern:
    """``read`` gives None where the match is no such expression after all."""

    kind: str
    regex: re.Pattern[str]
    read: Read


def pattern(kind: str, regex: str, read: Read) -> Pattern:
    return Pattern(kind, re.compile(regex), read)


def hear(source: str, now: datetime | None) -> Heard:
    simple = zhconv.convert(source, "zh-cn") if _HAN.search(source) else source
    if len(simple) != len(source):
        simple = source
    return Heard(source, "".join(map(_plain, simple)), now)


def _plain(char: str) -> str:
    if char.isascii():
        return char.lower()
    folded = unicodedata.normalize("NFKC", char).lower()
    if folded in "'’ʼ`´‘":
        return "'"
    return folded if len(folded) == 1 else char


def from_degrees(value: float | int, fahrenheit: bool | None, *, water: bool) -> float | int | None:
    """°C: °F (said, or above 45 with no word on it) becomes whole °C. ``water``: of a water heater, which may be that hot.

    None: no temperature.
    """
    if fahrenheit is None:
        fahrenheit = value > (_HOT_WATER if water else _HOT_AIR)
    if not -60 <= value <= (230 if fahrenheit else 110):
        return None
    return round((value - 32) / 1.8) if fahrenheit else value


def kept(heard: Heard, patterns: Iterable[Pattern]) -> list[Spot]:
    """The spots, none over another, that together cover most of the text, and the fewest that do; of one piece's readings
    the pattern that stands first. In the order of the text."""
    readings: dict[tuple[int, int], Spot] = {}
    for pattern in patterns:
        for match in pattern.regex.finditer(heard.plain):
            reading = pattern.read(match, heard)
            if reading is None:
                continue
            start = match.start() if reading.start is None else reading.start
            end = match.end() if reading.end is None else reading.end
            if (start, end) not in readings and start < end:
                text = heard.source[start:end]
                spot = Spot(start, end, pattern.kind, reading.value, text, reading.ampm, reading.daypart)
                readings[start, end] = spot
    best: list[tuple[int, int, tuple[Spot, ...]]] = [(0, 0, ())]
    ends = [0]
    for spot in sorted(readings.values(), key=lambda one: one.end):
        before = best[bisect_right(ends, spot.start) - 1]
        with_it = (before[0] + spot.end - spot.start, before[1] - 1, (*before[2], spot))
        ends.append(spot.end)
        best.append(max(best[-1], with_it, key=lambda one: one[:2]))
    return list(best[-1][2])
