"""How Chinese numbers are worded, and the many words that only look like one."""

from __future__ import annotations

import re

from intents import numerals
from intents.spotting.spots import Heard

DIGIT = "零〇一二三四五六七八九两幺廿卅"
INTEGER = rf"(?:[{DIGIT}十百千]+|\d+)"
MEASURE = "(?:条|杯|瓶|份|碗|盘|套|床|双|张|把|壶|听|罐|卷|盒|包)"
"""Of what is brought whole: 七点一杯 is one at seven and not 7.1 of them."""
NUMBER = rf"(?:[{DIGIT}十百千]+(?:点[零〇一二三四五六七八九]+(?!{MEASURE}))?|\d+(?:,\d{{3}})*(?:\.\d+)?)"
L, R = rf"(?<![{DIGIT}十百千万\d第])(?<!\d[.,])", rf"(?![{DIGIT}十百千万\d])"
"""Where a number may begin and end."""
MEASURES = (
    "个条瓶双件份杯碗只支把张床套块包盒卷袋壶罐串副付对桶位间台盘根片颗粒本部辆打客听扎斤盆盏样提筒束枚晚夜天度楼层号分"
    "樽袭档格扇道笼屉勺壸圈枝管板联架扎小大"
)

_IDIOMS = re.compile(
    # 一, not counting anything
    r"一(?:下|起|些|会儿?|样|直|定|般|切|共|路|边|旦|向|再|同|致|律|时半会|时|块儿|手|键|次|趟|遍|眼|句|声|口气|番|家|早(?!上)|流|旁|阵|批|步|头|身|心|方面|股|种|丝|面|脸|回事"
    r"|点(?=[儿也都不没])|大早(?!上)|半天|方|位难求|副样子)|(?:统|唯|之|万|专|同|均|单|初|独)一"
    # a little: 亮一点
    r"|(?<!最)(?:有|早|晚|快|慢|高|低|大|小|亮|暗|热|冷|凉|暖|多|少|好|轻|重|厚|薄|远|近|软|硬|淡|浓|强|弱|净|服|静|宜|楚|单|辣|甜|咸|差|松|紧|柔|深|浅|久|长|短|早)了?一点(?!半|一刻|三刻|钟|\d)"
    # very, never, many, in part
    r"|(?<!点)(?<!点过)(?<!\d)十分(?!钟|后|之|到|叫|，叫)|千万|十足|[几好]十|十[几来多]|[几好]百|几千|半[天路]|一半天|八成(?!新|热)|七七八八|乱七八糟|三三两两|七上八下|三心二意|一五一十|五五开"
    # dishes, places, things
    r"|三明治|八宝|四川|五花|五香|三鲜|三文|三里屯|二维码|七喜|百事|千岛|三亚|百货|千层|九寨|六神|四季|三轮|五官|百合|百度|八卦|二手|十字|双十一|三星|五粮|六必|一次性|一条龙|四件套|三件套|八达岭|五道口|三峡|二锅头"
    r"|四周|四处|两[边侧旁]|老[大二三四五]|小[二三四五六](?!点)|第一时间|二话|[三四五]星|(?:星期|礼拜|周)[一二三四五六](?=[^点])"
)
_AGE_OR_UNIT = re.compile(
    rf"{NUMBER}多?(?:周?岁|公里|千米|厘米|毫米|平米|平方|毫升|公斤|克拉?|升|米(?!饭|粥)|寸|年|个月(?!后)|ml|km|kg|cm|代(?!理)|届|星级|号楼|号线|环|折|人份|人(?!民)|口人)"
)


def value(text: str) -> float | int | None:
    """The value of a number's characters; None: they say none."""
    try:
        return numerals.parse(text.replace("〇", "零").replace("廿", "二十").replace("卅", "三十").replace(",", ""), "zh")
    except (ValueError, OverflowError):
        return None


def digits(said: str) -> str:
    """A room's number as digits: 八零一 and 八百零一 are 801."""
    if any(char in "十百千" for char in said):
        return str(value(said))
    return "".join(char if char.isascii() else str(value(char)) for char in said)


def is_word(match: re.Match[str], heard: Heard) -> bool:
    """Whether the match lies in a word that only looks like a number: 一下, 千万, 三明治, 五岁."""
    low, high = max(0, match.start() - 4), min(len(heard.plain), match.end() + 4)
    return any(
        word.start() < match.end() and match.start() < word.end()
        for regex in (_IDIOMS, _AGE_OR_UNIT)
        for word in regex.finditer(heard.plain, low, high)
    )
