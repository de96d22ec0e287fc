"""``concierge understand`` as scripts use it: the real process, lines in, lines out."""

from __future__ import annotations

import json
import subprocess
import sys

from hypothesis import given, settings
from hypothesis import strategies as st

from concierge.commands.understand import rows
from concierge.property import load
from concierge.understanding import cascade

_HOTEL = load()
_ROUTER = cascade(_HOTEL)


def understand(stdin: bytes, *args: str) -> tuple[int, list[dict[str, object]]]:
    done = subprocess.run(
        [sys.executable, "-m", "concierge.cli", "understand", "--json", *args], input=stdin, capture_output=True, timeout=60
    )
    assert done.returncode in (0, 1, 2), done.stderr.decode()
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_three_requests_in_one_breath_come_out_in_order() -> None:
    code, [row] = understand('{"id":1,"lang":"zh","text":"关灯拉窗帘，再送两瓶水"}\n'.encode())
    assert code == 0
    assert row["id"] == 1
    assert row["decisions"] == [
        {"intent": "device.set", "slots": {"device": "light", "power": "off"}},
        {"intent": "device.set", "slots": {"device": "curtain", "position": 0}},
        {"intent": "request.items", "slots": {"items": [{"item": "water", "quantity": 2}]}},
    ]


def test_a_bad_line_is_an_error_of_its_own_and_the_rest_goes_on() -> None:
    lines = [
        b'{"id":1,"text":"turn on the bedside lamp"}',
        b'{"id":2,"text":',
        b"\xff\xfe",
        b"",
        b'{"id":5,"text":7}',
        b'{"id":6,"text":"hallo","lang":"de"}',
        json.dumps({"id": 7, "text": "x" * 10_000}).encode(),
        "打开床头灯".encode(),
        b'{"id":9,"text":"\\u0000\\u0007 towels please","role":"boss"}',
        b'{"id":"\\ud800","text":"towels please"}',
        b'{"id":NaN,"text":"towels please"}',
    ]
    code, rows = understand(b"\n".join(lines) + b"\n")
    assert code == 1
    assert [row["id"] for row in rows] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert [("error" in row) for row in rows] == [False, True, True, True, True, True, True, False, True, True, True]
    assert [row["line"] for row in rows if "error" in row] == [2, 3, 4, 5, 6, 7, 9, 10, 11]
    said = " ".join(str(row.get("error")) for row in rows)
    for what in ("not JSON", "not UTF-8", "is empty", "'de'", "10000 characters", "U+0000"):
        assert what in said


@settings(max_examples=25, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=60), st.text(max_size=60).map(str.encode)), min_size=1, max_size=30))
def test_every_line_gets_its_answer_whatever_is_in_it(lines: list[bytes]) -> None:
    whole = b"\n".join(line.replace(b"\n", b" ") for line in lines) + b"\n"
    found = list(rows(whole.splitlines(keepends=True), _ROUTER, _HOTEL, None))
    assert len(found) == len(whole.splitlines())
    assert all(("error" in row) != ("decisions" in row) for row in found)


def test_a_line_that_says_its_language_is_read_in_it_whatever_the_flag_says() -> None:
    _, [row] = understand('{"lang":"zh","text":"关灯"}\n'.encode(), "--lang", "en")
    assert row["lang"] == "zh"


def test_what_each_stage_thought_is_told_on_request() -> None:
    _, [row] = understand(b"um could somebody pop up with a couple more pillows maybe\n", "--explain")
    assert [stage["stage"] for stage in row["stages"]][:3] == ["emergency", "grammar", "classifier"]  # type: ignore[index, attr-defined]


def test_what_the_hotel_knows_is_answered_and_what_must_be_done_first_is_not() -> None:
    code, rows = understand("早餐几点开始\nturn on the tv\n".encode())
    assert code == 0
    assert rows[0]["reply"]
    assert rows[1]["reply"] is None


def test_a_room_that_does_not_exist_is_refused() -> None:
    code, rows = understand(b"", "--room", "999")
    assert (code, rows) == (2, [])


def test_only_staff_report_rooms() -> None:
    _, rows = understand('{"text":"三零一打扫好了","role":"staff"}\n{"text":"三零一打扫好了"}\n'.encode())
    assert rows[0]["decisions"] == [{"intent": "room.report", "slots": {"space": "301", "status": "clean"}}]
    assert rows[1]["decisions"] == [{"intent": "none", "slots": {}}]
