"""Expressions of numbers in Chinese."""

from __future__ import annotations

import re

from intents import numerals
from intents.spotting import times
from intents.spotting.spots import Heard, Pattern, Reading, from_degrees

_DIGIT = "零〇一二三四五六七八九两幺"
_INT = rf"(?:[{_DIGIT}十百千]+|\d+)"
_NUM = rf"(?:[{_DIGIT}十百千]+(?:点[零〇一二三四五六七八九]+)?|\d+(?:,\d{{3}})*(?:\.\d+)?)"
_L = rf"(?<![{_DIGIT}十百千万\d.第])"
_R = rf"(?![{_DIGIT}十百千万\d])"
_PARTS = {
    **dict.fromkeys(("凌晨", "清晨", "清早", "大清早", "一大早", "早上", "早晨", "上午", "早", "大早上", "大早"), "morning"),
    **dict.fromkeys(("中午", "正午", "晌午"), "noon"),
    **dict.fromkeys(("下午", "午后"), "afternoon"),
    **dict.fromkeys(("傍晚", "晚上", "晚间", "晚", "今晚", "明晚"), "evening"),
    **dict.fromkeys(("夜里", "夜晚", "夜间", "深夜", "半夜", "夜", "大半夜"), "night"),
}
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_SAID_PART = rf"(?:(?<![今明昨后天当])(?P<part>早|晚|夜)|(?P<part2>{'|'.join(p for p in sorted(_PARTS, key=len, reverse=True) if len(p) > 1 and p not in ('今晚', '明晚'))}))的?"
_HOUR = r"(?P<hour>\d{1,2}|二十[一二三四]?|十[一二三四五六七八九]?|[零〇一二两三四五六七八九])"
_MINUTE = r"(?P<minute>半|[一三]刻钟?|整|(?:过|零|〇)?(?:[二三四五]?十[一二三四五六七八九]?|[一二三四五六七八九]|\d{1,2})分?)"
_WEEK = {**{c: i for i, c in enumerate("一二三四五六")}, "日": 6, "天": 6}
_MEASURE = "个条瓶双件份杯碗只支把张床套块包盒卷袋壶罐串副对桶位间台盘根片颗粒本部辆打客听扎斤盆盏样种提筒束枚晚夜天度楼层号分"
_NEAR = 12
"""Characters around a time in which a word of the day's part belongs to it."""
_ABOUT_ROOMS = re.compile(
    r"房|住|打扫|干净|清洁|脏|查|扫|维修|停用|退|净|客人|隔壁|入住|做床|铺床|收拾|搞定|弄好|完了|好了|保洁|整理"
)
_TV = re.compile(r"电视|频道|换|看|调|转|切|跳|台")
_WATER = re.compile(r"热水器|热水|水温|水箱")
_NOT_A_NUMBER = re.compile(
    r"一(?:下|起|些|会儿?|样|直|定|般|切|共|路|边|旦|向|再|同|致|律|时半会|时|点(?=[儿也都不没])|块儿|手|键|次|趟|遍|眼|句|声|口气|番|家|早(?!上)|流|旁|阵|批|步|头|身|心|方面|股|种|层|大早|回|丝|面|脸)"
    r"|(?:统|唯|之|万|专|同|均|单|初|单)一|(?<!点)(?<!点过)十分(?!钟|后|之)|千万|十足|百分百(?!之)|三明治|八宝|四川|五花|五香|三鲜|三文|三里屯|二维码|七喜|百事|千岛|"
    r"三亚|百货|千层|四周|四处|两[边侧旁]|乱七八糟|三三两两|七上八下|三心二意|老[大二三四五]|小[二三四五六](?!点)|[几好]十|十[几来多]|[几好]百|几千|双十一|五星|四星|三星|六神|九寨"
    r"|星期[一二三四五六]|礼拜[一二三四五六]|周[一二三四五六](?!点)|十字|百合|百度|八卦|二手|二话|第一时间|三轮|五官|四季|半[天路]|一半天|八成(?!新|热)|万一|一二"
    r"|(?:有|早|晚|快|慢|高|低|大|小|亮|暗|热|冷|凉|暖|多|少|好|轻|重|厚|薄|远|近|软|硬|淡|浓|强|弱|干净|舒服|安静|便宜|清楚|简单|辣|甜|咸|差)了?一点(?!半|一刻|三刻|钟)"
)
_AGE_OR_UNIT = re.compile(
    rf"{_NUM}多?(?:周?岁|公里|千米|厘米|毫米|平米|平方|毫升|公斤|克拉?|升|米|寸|年|个月(?!后)|ml|km|kg|cm|代|届|星级?|号楼|号线|环|折|人份)"
)


def value(text: str) -> float | int | None:
    """The value of a number's characters; None: they say none."""
    plain = text.replace("〇", "零").replace(",", "")
    try:
        return numerals.parse(plain, "zh")
    except ValueError:
        return None


def _masked(heard: Heard, match: re.Match[str]) -> bool:
    """Whether the match lies in a word that only looks like a number: 一下, 千万, 三明治."""
    low = max(0, match.start() - 4)
    for regex in (_NOT_A_NUMBER, _AGE_OR_UNIT):
        for word in regex.finditer(heard.plain, low, min(len(heard.plain), match.end() + 4)):
            if word.start() < match.end() and match.start() < word.end():
                return True
    return False


def _part(match: re.Match[str], heard: Heard) -> str | None:
    groups = match.groupdict()
    said = groups.get("part") or groups.get("part2")
    if said:
        return _PARTS[said]
    before = heard.plain[max(0, match.start() - _NEAR) : match.start()]
    after = heard.plain[match.end() : match.end() + _NEAR // 2]
    near = list(re.finditer(_PART, before))
    found = near[-1] if near else re.search(_PART, after)
    if found is None or (found[0] in ("早", "晚") and not re.search("[今明后天]" + found[0], before + after)):
        return None
    return _PARTS[found[0]]


def _minute(said: str | None) -> int | None:
    if not said or said == "整":
        return 0
    if said[0] in "半一三" and (said == "半" or "刻" in said):
        return {"半": 30, "一": 15, "三": 45}[said[0]]
    number = value(said.strip("过零〇分") or "零")
    return None if number is None else int(number)


def _clock(match: re.Match[str], heard: Heard, hour: int, minute: int) -> Reading | None:
    part = _part(match, heard)
    if part == "morning" and hour > 12:
        part = None
    said = times.clock(hour, minute, part)
    return None if said is None else Reading(said[0], said[1], part)


_ONE_OCLOCK = re.compile(r"(?:叫|退|打扫|打|来|出|送|起|之|以|前|后|左右|吧|走|到|有|开|收|要|叫醒|过来|$|[，。,.!?！？])")


def _spoken(match: re.Match[str], heard: Heard) -> Reading | None:
    """六点, 六点半, 早上七点一刻, 6点30分, 十八时."""
    said = match["hour"]
    hour, minutes = value(said), _minute(match["minute"])
    if hour is None or minutes is None:
        return None
    minute = match["minute"] or ""
    if len(minute) == 1 and minute not in "半整" and "分" not in match[0]:
        return None  # 六点五 is a number
    certain = match["part"] or match["part2"] or minute or "钟" in match[0]
    if said == "一" and not certain:
        before, after = heard.plain[: match.start()], heard.plain[match.end() :]
        if _masked(heard, match) or not (re.search(r"(?:^|[到在是约前后天日晚早，。,. ])$", before) and _ONE_OCLOCK.match(after)):
            return None
    if re.match(r"[儿心建]", heard.plain[match.end() :]):
        return None
    return _clock(match, heard, int(hour), minutes)


def _digital(match: re.Match[str], heard: Heard) -> Reading | None:
    reading = _clock(match, heard, int(match["hour"]), int(match["minute"]))
    return reading and (Reading(reading.value, True, reading.daypart) if match["hour"].startswith("0") else reading)


def _short_of(match: re.Match[str], heard: Heard) -> Reading | None:
    """差五分八点, 八点差一刻."""
    hour = value(match["hour"])
    said = match["short"]
    minutes = 15 if said == "一刻" else value(said)
    if hour is None or minutes is None or not 1 <= hour <= 24 or not 1 <= minutes < 60:
        return None
    return _clock(match, heard, *times.before(int(hour), int(minutes)))


def _named_hour(match: re.Match[str], heard: Heard) -> Reading:
    night = match[0] not in ("中午", "正午", "晌午")
    return Reading("00:00" if night else "12:00", True, "night" if night else "noon")


def _percent(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    return None if number is None or number > 100 else Reading(number)


def _tenths(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    return None if number is None or not 0 < number < 10 else Reading(int(number * 10) + (5 if match["half"] else 0))


def _fraction(match: re.Match[str], heard: Heard) -> Reading | None:
    below, above = value(match["below"]), value(match["above"])
    if not below or above is None or above > below:
        return None
    return Reading(round(100 * above / below))


def _temperature(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    if number is None or (match["n"] == "一" and _masked(heard, match)):
        return None
    if match["half"]:
        number += 0.5
    unit = (match["unit"] or "") + (match["scale"] or "")
    fahrenheit = True if "f" in unit or "℉" in unit or "华" in unit else False if set("c℃摄") & set(unit) else None
    said = from_degrees(-number if match["minus"] else number, fahrenheit, water=bool(_WATER.search(heard.plain)))
    return None if said is None else Reading(said)


def _length(match: re.Match[str], heard: Heard) -> Reading | None:
    unit = match["unit"]
    number = 0.5 if match["half"] else value(match["n"])
    if number is None:
        return None
    if match["more"]:
        number += 0.5
    per = 60 if unit in ("小时", "钟头") else 15 if unit.startswith("刻") else 1 / 60 if unit.startswith("秒") else 1
    minutes = number * per
    return Reading(int(minutes) if minutes == int(minutes) else round(minutes, 2))


_DAYS = {"今": "today", "明": "tomorrow"}


def _day(match: re.Match[str], heard: Heard) -> Reading | None:
    part = _PARTS.get(match["dpart"] or "")
    return Reading(_DAYS[match["day"]], True, part)


def _day_after(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(times.days_on(heard.now, 3 if match[0].startswith("大") else 2), True, _PARTS.get(match["dpart"] or ""))


def _days_on(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    return None if number is None else Reading(times.days_on(heard.now, int(number) * (1 if match["unit"] == "天" else 7)))


def _weekday(match: re.Match[str], heard: Heard) -> Reading:
    week = {"下": 1, "这": 0, "本": 0}.get((match["which"] or " ")[0])
    return Reading(times.weekday(heard.now, _WEEK[match["name"]], week), True, _PARTS.get(match["dpart"] or ""))


def _date(match: re.Match[str], heard: Heard) -> Reading | None:
    month, day = value(match["month"]), value(match["day"])
    year = value(match["year"]) if match["year"] else None
    if month is None or day is None or not times.possible(int(month), int(day)):
        return None
    return Reading(times.dated(heard.now, int(month), int(day), int(year) if year and year > 1000 else None))


def _iso(match: re.Match[str], heard: Heard) -> Reading | None:
    said = times.dated(heard.now, int(match[2]), int(match[3]), int(match[1]))
    return Reading(said) if said else None


def _of_month(match: re.Match[str], heard: Heard) -> Reading | None:
    day = value(match["day"])
    return None if day is None or not 1 <= day <= 31 else Reading(times.dated(heard.now, None, int(day)))


def _digits(said: str) -> str:
    """A room's number as digits: 八零一 and 八百零一 are 801."""
    if any(char in "十百千" for char in said):
        return str(value(said))
    return "".join(char if char.isdigit() and char.isascii() else str(value(char)) for char in said)


def _room(match: re.Match[str], heard: Heard) -> Reading | None:
    return Reading(
        (match["n"] if match["n"][0].isascii() else _digits(match["n"])).upper(), start=match.start("n"), end=match.end("n")
    )


def _digits_room(match: re.Match[str], heard: Heard) -> Reading | None:
    said = match["n"]
    if said[0].isascii() and not _ABOUT_ROOMS.search(heard.plain):
        return None
    if "百" in said and not _ABOUT_ROOMS.search(heard.plain):
        return None
    digits = _digits(said)
    return Reading(digits) if 3 <= len(digits) <= 4 else None


def _channel(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"] if "n" in match.groupdict() and match["n"] else match["n2"])
    return None if number is None or number != int(number) or not 0 < number < 1000 else Reading(number)


def _station(match: re.Match[str], heard: Heard) -> Reading | None:
    """换到五台: 台 counts machines too, so the words must be about a channel."""
    if re.match(r"[电空机风充手灯洗]|吹风", heard.plain[match.end() :]) or not _TV.search(heard.plain.replace(match[0], "")):
        if not re.fullmatch(r"[\s，。,.!！看吧啊]*", heard.plain[: match.start()] + heard.plain[match.end() :]):
            return None
    return _channel(match, heard)


def _named_channel(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(heard.source[match.start() : match.end()])


def _count(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    return None if number is None or number != int(number) or _masked(heard, match) else Reading(number)


def _number(match: re.Match[str], heard: Heard) -> Reading | None:
    said = match["n"]
    after = heard.plain[match.end() : match.end() + 1]
    if _masked(heard, match) or (said.isascii() and len(said) > 4 and said.isdigit()):
        return None
    if said in ("一", "百", "千", "十百") and not (after and after in _MEASURE):
        return None
    if set(said) <= set("百千零〇幺"):
        return None if said != "零" else Reading(0)
    number = value(said)
    return None if number is None else Reading(number)


def _pairs(match: re.Match[str], heard: Heard) -> Reading | None:
    number = value(match["n"])
    return None if number is None else Reading(number * {"对": 2, "打": 12}[match["unit"]])


def _half_dozen(match: re.Match[str], heard: Heard) -> Reading:
    return Reading(6)


def _together(match: re.Match[str], heard: Heard) -> Reading | None:
    return Reading(2 if match[0] == "俩" else 3)


def _either(match: re.Match[str], heard: Heard) -> Reading | None:
    """两三瓶: the greater, so that nobody is short."""
    first, second = value(match["n"][0]), value(match["n"][1])
    return (
        Reading(second)
        if first is not None and second is not None and second == first + 1 and not _masked(heard, match)
        else None
    )


def _p(kind: str, regex: str, read: object) -> Pattern:
    return Pattern(kind, re.compile(regex), read)  # type: ignore[arg-type]


_DPART = rf"(?P<dpart>{'|'.join(p for p in sorted(_PARTS, key=len, reverse=True) if _PARTS[p] != 'noon' and p not in ('今晚', '明晚'))})?"
_LENGTH = rf"{_L}(?:(?P<half>半)个?|(?P<n>{_NUM})个?(?P<more>半)?)(?P<unit>小时|钟头|分钟|刻钟|秒钟?|分(?=之?后|以后))"
PATTERNS = (
    _p("room", rf"(?<![a-z\d])(?P<n>[a-z]?\d{{1,4}}[a-z]?|[{_DIGIT}十百千]+)(?:号房间?|房间?|室|号客房|号屋|号套房|号间)(?!卡|费|价|型)", _room),
    _p("room", rf"(?:房间号?码?|房号|客房|套房|房)(?:是|号|：|:)?\s*(?P<n>[a-z]?\d{{3,4}}[a-z]?|[{_DIGIT}]{{3,4}}|[{_DIGIT}]百[{_DIGIT}十]+){_R}", _room),
    _p("room", rf"{_L}(?P<n>\d{{3,4}}|[零〇一二三四五六七八九幺]{{3,4}}|[一二三四五六七八九两]百零?[一二三四五六七八九]?十?[一二三四五六七八九]?){_R}(?!\s*[%元块度台频集点:月年瓶条]|百分)", _digits_room),
    _p("clock", rf"(?:{_SAID_PART})?{_L}{_HOUR}(?:点钟?|时(?!候|间)){_MINUTE}?{_R}(?!\s*[%度])", _spoken),
    _p("clock", rf"(?:{_SAID_PART})?\s*(?<![\d:.])(?P<hour>\d{{1,2}}):(?P<minute>[0-5]\d)(?![\d:])", _digital),
    _p("clock", rf"(?:{_SAID_PART})?差(?P<short>一刻|\d{{1,2}}|[一二两三四五六七八九十]+)(?:分钟?)?(?:就)?(?:到)?{_HOUR}点钟?", _short_of),
    _p("clock", rf"(?:{_SAID_PART})?{_L}{_HOUR}点钟?差(?P<short>一刻|\d{{1,2}}|[一二两三四五六七八九十]+)分?钟?", _short_of),
    _p("clock", r"中午|正午|晌午|午夜|子夜|半夜(?=叫|来|送|$)", lambda m, h: _named_hour(m, h) if m[0] != "半夜" else None),
    _p("percent", rf"百分之(?P<n>{_NUM})", _percent),
    _p("percent", rf"{_L}(?P<n>{_NUM})\s*%", _percent),
    _p("percent", rf"{_L}(?P<n>[一二两三四五六七八九1-9])成(?P<half>半)?(?![了为功不本员新热])", lambda m, h: None if re.search(r"[换改变调做完]$", h.plain[: m.start()]) and not re.search(r"[调开到]$", h.plain[: m.start()]) else _tenths(m, h)),
    _p("percent", r"一半|(?<=[开到拉放关])半(?![个天夜小点分双打路价截边关开])|½", lambda m, h: Reading(50) if not re.search("另$", h.plain[: m.start()]) else None),
    _p("percent", r"(?<![一二三四五六七八九十\d])半(?=开|关(?!门)|拉)", lambda m, h: Reading(50)),
    _p("percent", rf"(?P<below>[二三四五六七八九十])分之(?P<above>[一二两三四五六七八九])", _fraction),
    _p("temperature", rf"{_L}(?:(?P<minus>零下|负|-)\s*)?(?P<scale>摄氏|华氏)?(?P<n>{_NUM})\s*(?P<unit>(?:摄氏|华氏)?度|°\s*[cf]?|℃|℉|[cf](?![a-z])){{1}}(?P<half>半)?(?!假|数|过)", _temperature),
    _p("duration", rf"{_LENGTH}(?:之后|以后|过后|后)", _length),
    _p("duration", rf"过{_LENGTH}(?!前)", _length),
    _p("length", _LENGTH, _length),
    _p("day", rf"{_L}(?P<n>{_INT})个?(?P<unit>天|周|星期|礼拜)(?:之后|以后|后)", _days_on),
    _p("day", rf"(?P<day>[今明])(?:天|日|儿个?|个儿)?{_DPART}(?<!今)(?<!明)", _day),
    _p("day", r"(?P<day>[今明])(?:天|日|儿个?|个儿)(?P<dpart>早)?", _day),
    _p("day", rf"大?后(?:天|日|儿个?){_DPART}", _day_after),
    _p("day", rf"(?P<which>下个?|这个?|本)?(?:周|星期|礼拜)(?P<name>[一二三四五六日天])(?!边|围|到[周星]){_DPART}", _weekday),
    _p("day", r"(?P<which>下个?|这个?|本)?(?:周|星期|礼拜)(?P<name>[一二三四五六日天])(?!边|围|到[周星])(?P<dpart>)", _weekday),
    _p("day", rf"(?<!\d)(?:(?P<year>\d{{4}}|[二两]零[{_DIGIT}]{{2}})年)?(?P<month>\d{{1,2}}|十[一二]?|[一二三四五六七八九])月(?P<day>\d{{1,2}}|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])[号日]?{_R}", _date),
    _p("day", r"(?<![\d-])(20\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)", _iso),
    _p("day", rf"{_L}(?P<day>\d{{1,2}}|三十一?|二十[一二三四五六七八九]?|十[一二三四五六七八九]?|[一二三四五六七八九])[号](?![楼线房桌厅门店客间屋套桥馆码机厅位电梯])", _of_month),
    _p("channel", rf"(?:第\s*(?P<n>{_INT})|{_L}(?P<n2>{_INT}))\s*个?(?:频道|号台|号频道)", _channel),
    _p("channel", rf"频道\s*(?P<n>{_INT}){_R}", _channel),
    _p("channel", rf"第\s*(?P<n>{_INT})台", _channel),
    _p("channel", rf"(?:中央|央视|cctv|湖南|浙江|东方|凤凰|江苏|北京|上海|广东)[\s-]*{_INT}(?:[台套]|频道)?", _named_channel),
    _p("channel", rf"{_L}(?P<n>{_INT})台{_R}", _station),
    _p("nights", rf"{_L}(?P<n>{_INT})\s*个?(?:晚上?|宿|夜(?!班)|天(?!后|以后|之后|内|前|气|花))(?!安)", _count),
    _p("floor", rf"{_L}(?P<n>{_INT})(?:楼|层(?!被|床))", _count),
    _p("ordinal", rf"第(?P<n>{_INT})(?!时间|次)(?:个|盏|条|间)?", lambda m, h: None if (v := value(m["n"])) is None else Reading(v, end=m.end("n"))),
    _p("money", rf"{_L}(?P<n>{_NUM})\s*(?:元|块钱|块(?=[，。,.!？?]|$)|毛钱|人民币|rmb)|¥\s*(?P<n2>\d+(?:\.\d+)?)", lambda m, h: None if (v := value(m["n"] or m["n2"])) is None else Reading(v)),
    _p("number", rf"{_L}(?P<n>{_INT})(?P<unit>[对打])(?!开|扫|印|电|折|包|的|过|算|车|不|外|了|招)", _pairs),
    _p("number", r"半打", _half_dozen),
    _p("number", r"(?<![们他她它咱你我])[俩仨](?!人|口)", _together),
    _p("number", rf"{_L}(?P<n>[两二三四五六七八][二三四五六七八九])(?=[{_MEASURE}])", _either),
    _p("number", rf"{_L}(?P<n>{_NUM}){_R}(?!\s*(?:ml|km|kg|cm)|[a-z])", _number),
)  # fmt: skip
