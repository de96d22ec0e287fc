"""Expressions of numbers in Chinese: rooms, quantities, percent, temperatures, channels; times stand in ``zh_times``."""

from __future__ import annotations

import re

from intents.spotting import zh_times
from intents.spotting.spots import Heard, Pattern, Reading, from_degrees, pattern
from intents.spotting.zh_words import DIGIT, INTEGER, MEASURES, NUMBER, L, R, digits, is_word, value

_NO_ROOM = re.compile(r"音量|亮度|频道|换到|调到|转到|开到|航班|车次|花了?|价格|尾号$")
_TELEVISION = re.compile(r"电视|频道|换|看|调|转|切|跳")
_NOT_A_STATION = re.compile(r"[电空机风充手灯洗打相]|吹风")
_WATER = re.compile(r"热水|水温|水箱")
_STATIONS = "中央|央视|cctv|湖南|浙江|东方|凤凰|江苏|北京|上海|广东"


def _room(match: re.Match[str], heard: Heard) -> Reading:
    said = match["n"]
    return Reading((said if said.isascii() else digits(said)).upper(), start=match.start("n"), end=match.end("n"))


def _digits_room(match: re.Match[str], heard: Heard) -> Reading | None:
    """Three or four digits, written or spelled: in a hotel that is a room unless the words make it something else."""
    said = match["n"]
    if is_word(match, heard) or _NO_ROOM.search(heard.plain[max(0, match.start() - 6) : match.start()]):
        return None
    room = said if said.isascii() else digits(said)
    return Reading(room) if 3 <= len(room) <= 4 and not re.fullmatch(r"20[2-4]\d", said) else None


def _channel(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    return None if number is None or number != int(number) or not 0 < number < 1000 else Reading(int(number))


def _station(match: re.Match[str], heard: Heard) -> Reading | None:
    """换到五台: 台 counts machines too, so the words must be about a channel."""
    before, after = heard.plain[: match.start()], heard.plain[match.end() :]
    alone = not re.search(r"\w", before) and not re.search(r"\w", after.strip("吧啊看"))
    if _NOT_A_STATION.match(after) or not (alone or _TELEVISION.search(before + after)):
        return None
    return _channel(match, heard)


def _named_station(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(heard.source[match.start() : match.end()])


def _percent(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    return None if number is None or number > 100 else Reading(number)


def _tenths(match: re.Match[str], heard: Heard) -> Reading | None:
    """三成, 七成半; but not 换成两瓶, 一成不变."""
    number = value(match["n"])
    if not number or (number == 1 and match["half"] is None and is_word(match, heard)):
        return None
    return Reading(int(number * 10) + (5 if match["half"] else 0))


def _half(match: re.Match[str], heard: Heard) -> Reading | None:
    return None if heard.plain[: match.start()].endswith(("另", "夜")) else Reading(50)


def _fraction(match: re.Match[str], heard: Heard) -> Reading | None:
    below, above = value(match["below"]), value(match["above"])
    return Reading(round(100 * above / below)) if below and above and above <= below else None


def _temperature(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    if number is None:
        return None
    if match["half"]:
        number += 0.5 if match["half"] == "半" else (value(match["half"]) or 0) / 10
    unit = match["unit"] + (match["scale"] or "")
    fahrenheit = True if set("f℉华") & set(unit) else False if set("c℃摄") & set(unit) else None
    said = from_degrees(-number if match["minus"] else number, fahrenheit, water=bool(_WATER.search(heard.plain)))
    return None if said is None else Reading(said)


def _half_degree(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(0.5)


def _count(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    return None if number is None or number != int(number) or is_word(match, heard) else Reading(int(number))


def _which(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    return None if number is None else Reading(number)


def _money(match: re.Match[str], heard: Heard) -> Reading | None:
    """五十块, 三十元; 一块 and the like count pieces."""
    number = value(match["n"] or match["n2"])
    return None if number is None or (match["unit"] == "块" and number < 5) else Reading(number)


def _packs(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    return None if number is None else Reading(number * {"对": 2, "打": 12}[match["unit"]])


def _half_dozen(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(6)


def _together(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(2 if match[0] == "俩" else 3)


def _either(match: re.Match[str], heard: Heard) -> Reading | None:
    """两三瓶: the greater, so that nobody is short."""
    first, second = value(match["n"][0]), value(match["n"][1])
    return Reading(second) if first is not None and second == first + 1 and not is_word(match, heard) else None


def _times(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(int(match["n"]))


def _number(match: re.Match[str], heard: Heard) -> Reading | None:
    said, after = match["n"], heard.plain[match.end() : match.end() + 2]
    if is_word(match, heard) or (said.isascii() and said.isdigit() and len(said) > 4):
        return None
    if said == "一" and not (
        after[:1] and after[0] in MEASURES and (after[0] not in "小大" or after[1:] in set(MEASURES) - {""})
    ):
        return None
    if set(said) <= set("十百千零〇幺") and said not in ("零", "〇", "十"):
        return None
    number = value(said)
    return None if number is None else Reading(number)


PATTERNS: tuple[Pattern, ...] = (
    pattern("room", rf"(?<![a-z\d])(?P<n>[a-z]?\d{{1,4}}[a-z]?|{L}[{DIGIT}十百千]+)"
                    rf"(?:号?房间?|室|号客房|号屋|号套房|号间)(?!卡|费|价|型|的?钱)", _room),
    pattern("room", rf"(?:房间号?码?|房号|客房|套房|房)(?:是|号|:)?\s*"
                    rf"(?P<n>[a-z]?\d{{3,4}}[a-z]?|[{DIGIT}]{{3,4}}|[{DIGIT}]百[{DIGIT}十]+){R}", _room),
    *(one for one in zh_times.PATTERNS if one.kind == "clock"),
    pattern("room", rf"{L}(?P<n>\d{{3,4}}(?!\d)|(?:[零〇一二三四五六七八九幺]{{3,4}}|"
                    rf"[一二三四五六七八九两]百(?:零[一二三四五六七八九]|[一二三四五六七八九]?十[一二三四五六七八九]?)){R})"
                    rf"(?!\s*(?:[%元块度台频集点:月年瓶条人°℃个米]|ml|rmb))", _digits_room),
    pattern("percent", rf"百分之(?P<n>{NUMBER})", _percent),
    pattern("percent", rf"{L}(?P<n>{NUMBER})\s*%", _percent),
    pattern("percent", r"(?P<n>[一二两三四五六七八九1-9])成(?P<half>半)?(?![了为功不本员新热年人])", _tenths),
    pattern("percent", r"(?P<n>[一二两三四五六七八九])分(?P<half>)(?=亮|满|开|关)", _tenths),
    pattern("percent", r"一半|½|(?<=[开到拉放关])半(?![个天夜小点分双打路价截边开关])"
                       r"|(?<![一二三四五六七八九十\d点度])半(?=个?[开拉卷掩遮]|关(?!门))", _half),
    pattern("percent", r"(?P<below>[二三四五六七八九十])分之(?P<above>[一二两三四五六七八九])", _fraction),
    pattern("temperature", rf"{L}(?:(?P<minus>零下|负|(?<!\d)-)\s*)?(?P<scale>摄氏|华氏)?(?P<n>{NUMBER})\s*"
                           rf"(?P<unit>(?:摄氏|华氏)?度|°\s*[cf]?|℃|℉|[cf](?![a-z]))"
                           rf"(?P<half>半|[一二三四五六七八九](?=[吧，。,\s]|$))?(?!假|数|过)", _temperature),
    pattern("temperature", r"(?<![一二三四五六七八九十零\d])半度", _half_degree),
    *(one for one in zh_times.PATTERNS if one.kind != "clock"),
    pattern("channel", rf"(?:第\s*|{L})(?P<n>{INTEGER})\s*个?(?:频道|号台|号频道)", _channel),
    pattern("channel", rf"频道\s*(?P<n>{INTEGER}){R}", _channel),
    pattern("channel", rf"第\s*(?P<n>{INTEGER})个?台", _channel),
    pattern("channel", rf"(?:{_STATIONS})[\s-]*{INTEGER}(?:[台套]|频道)?", _named_station),
    pattern("channel", rf"{L}(?P<n>{INTEGER})台{R}", _station),
    pattern("nights", rf"{L}(?P<n>{INTEGER})\s*个?(?:晚上?|宿|夜(?!班|宵|灯)|天(?!后|以后|之后|内|前|气|花))(?!安)", _count),
    pattern("floor", rf"{L}(?P<n>{INTEGER})(?:楼|层(?!被|床))", _count),
    pattern("ordinal", rf"第(?P<n>{INTEGER})(?!时间|次)", _which),
    pattern("money", rf"{L}(?P<n>{NUMBER})\s*(?P<unit>元|块钱|块(?=[，。,.!？?]|$|够|吗|吧|行|左右)|毛钱|人民币|rmb)|"
                     r"¥\s*(?P<n2>\d+(?:\.\d+)?)", _money),
    pattern("number", rf"{L}(?P<n>{INTEGER})(?P<unit>[对打])(?!开|扫|印|电|折|包|的|过|算|车|不|外|了|招)", _packs),
    pattern("number", r"半打(?!开)", _half_dozen),
    pattern("number", r"(?<![们他她它咱你我])[俩仨](?!人|口)", _together),
    pattern("number", rf"{L}(?P<n>[两二三四五六七八][二三四五六七八九])(?=[{MEASURES}])", _either),
    pattern("number", r"(?<![a-z\d])[x×*]\s?(?P<n>\d{1,2})(?![a-z\d])", _times),
    pattern("number", rf"{L}(?P<n>{NUMBER}){R}(?!\s*(?:ml|km|kg|cm)|[a-z])", _number),
)  # fmt: skip
