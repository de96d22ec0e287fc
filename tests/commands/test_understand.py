"""``concierge understand`` as scripts use it: the real process, lines in, lines out."""

from __future__ import annotations

import json
import subprocess
import sys


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
    ]
    code, rows = understand(b"\n".join(lines) + b"\n")
    assert code == 1
    assert [row["id"] for row in rows] == [1, 2, 3, 5, 6, 7, 8, 9]
    assert [("error" in row) for row in rows] == [False, True, True, True, True, True, False, True]


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
