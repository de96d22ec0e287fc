"""What is composed by rule after the heads: how many are which way, whose number it is, where free text begins."""

from __future__ import annotations

import numpy as np
import pytest

from intents.classifier.decode import decode
from intents.classifier.extents import begin, end
from intents.classifier.heads import PART, PART_AT, PART_WIDTH, TOKEN_AT, TOKEN_WIDTH
from intents.classifier.model import BUNDLED
from intents.classifier.parts import _quantities
from intents.classifier.pieces import Cutter, Pieces
from intents.classifier.portions import portions
from intents.spotting import spot
from intents.vocabulary import builtin


def line(quantity: int, note: str | None = None) -> dict[str, object]:
    return {"dish": "latte", "quantity": quantity} | ({"note": note} if note else {})


@pytest.mark.parametrize(
    ("text", "lang", "notes", "expected"),
    [
        ("炒饭四份，其中两份不放蛋", "zh", ["不放蛋"], [line(2), line(2, "不放蛋")]),
        ("汉堡两个，一个不要洋葱，另一个照常", "zh", ["不要洋葱"], [line(1), line(1, "不要洋葱")]),
        ("两份薯条一份甜的一份咸的", "zh", ["甜的", "咸的"], [line(1, "甜的"), line(1, "咸的")]),
        ("一份牛排五分熟，另一份要全熟", "zh", ["五分熟", "全熟"], [line(1, "五分熟"), line(1, "全熟")]),
        ("three lattes, two with oat milk", "en", ["oat milk"], [line(1), line(2, "oat milk")]),
        ("一碗面多放辣", "zh", ["多放辣"], None),
        ("两碗面，等一下，一碗就行，不放香菜", "zh", ["不放香菜"], None),
        ("两碗面加三个蛋", "zh", ["加三个蛋"], None),
        ("一碗面，两碗不放葱", "zh", ["不放葱"], None),
    ],
)
def test_of_one_dish_some_this_way_and_some_that(text, lang, notes, expected):
    assert portions("latte", text, spot(text, lang), [(text.index(note), note) for note in notes]) == expected


@pytest.mark.parametrize(
    ("text", "things", "expected"),
    [
        ("毛毯一条枕头三个", ["毛毯", "枕头"], [1, 3]),
        ("一条毛毯三个枕头", ["毛毯", "枕头"], [1, 3]),
        ("毛毯，枕头三个", ["毛毯", "枕头"], [None, 3]),
        ("毛毯和枕头各三个", ["毛毯", "枕头"], [3, 3]),
    ],
)
def test_whose_number_it_is(text, things, expected):
    listed: list[dict[str, object]] = [{"item": thing} for thing in things]
    numbers = [((one.start, one.value), 1.0) for one in spot(text, "zh")]
    pieces = Pieces.__new__(Pieces)
    object.__setattr__(pieces, "text", text)
    _quantities(pieces, listed, [text.index(thing) for thing in things], numbers)
    assert [one.get("quantity") for one in listed] == expected


@pytest.mark.parametrize(
    ("slot", "text", "found", "expected"),
    [
        ("destination", "五点钟车到樟宜机场", "机场", "樟宜机场"),
        ("which", "那个婴儿床不用了", "那个婴儿床", "婴儿床"),
        ("symptom", "马桶又堵了", "又堵了", "堵了"),
        ("symptom", "电视还是蓝屏", "还是蓝屏", "还是蓝屏"),
        ("symptom", "WiFi老掉线", "掉线", "老掉线"),
        ("symptom", "the sink is blocked", "is blocked", "blocked"),
        ("when", "clean the room before noon", "noon", "before noon"),
        ("when", "a cab at nine", "at nine", "nine"),
        ("which", "cancel those towels", "towels", "those towels"),
        ("which", "哎，面还没好", "哎，面", "面"),
        ("note", "啤酒十二瓶，要凉的", "要凉的", "凉的"),
        ("note", "炒饭一份不要葱", "要葱", "不要葱"),
    ],
)
def test_where_free_text_begins(slot, text, found, expected):
    start = text.index(found)
    stop = start + len(found)
    assert text[begin(slot, text, start, stop, 0) : stop] == expected


def test_where_free_text_ends():
    assert end("which", "my taxi's", " late") == "my taxi"
    assert end("which", "the McDonald's", "!") == "the McDonald's"
    assert end("symptom", "the other room's", " lamp") == "the other room's"


@pytest.mark.parametrize(("whole", "halves", "expected"), [(9.0, 0.5, 1), (0.5, 9.0, 2), (9.0, 9.0, 2)])
def test_where_it_is_doubtful_the_likeliest_reading_of_all_decides(whole: float, halves: float, expected: int) -> None:
    """``whole``, ``halves``: how plainly an intent stands out if the sentence is one part, or two. Alike, the place decides."""
    pieces = Cutter(BUNDLED, builtin()).cut("the bill please I am off now", "en")
    token = np.full((len(pieces.ids), TOKEN_WIDTH), -9.0, np.float32)
    token[4, TOKEN_AT["begins"]] = 0.5

    def parts_of(edges: list[tuple[int, int]]) -> np.ndarray:
        rows = np.zeros((len(edges), PART_WIDTH), np.float32)
        for row, (first, _) in zip(rows, edges, strict=True):
            intent = "stay.checkout" if first > 1 else "stay.bill"
            row[PART_AT["intent"]][PART["intent"].index(intent)] = whole if len(edges) == 1 else halves
        return rows

    assert len(decode(pieces, token, parts_of)) == expected
