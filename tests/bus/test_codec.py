"""Golden bytes, both ways: what is stored once must be read for ever."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from concierge.bus.codec import BadMessage, decode, encode
from concierge.domain.event import Draft, Entry

SUBJECT = "h.demo.order.s-1.o1"
STORED = (
    '{"v":1,"event":"placed","at":"2026-11-20T08:15:30.123Z","by":"stay:s-1","command":"c0ffee",'
    '"data":{"words":"再送两瓶水","quantity":2,"level":22.5,"done":null}}'
).encode()
ENTRY = Entry(
    seq=7,
    subject=SUBJECT,
    event="placed",
    data={"words": "再送两瓶水", "quantity": 2, "level": 22.5, "done": None},
    by="stay:s-1",
    at=datetime(2026, 11, 20, 8, 15, 30, 123000, UTC),
    command="c0ffee",
)


def test_stored_bytes_are_read_as_they_were_meant() -> None:
    assert decode(7, SUBJECT, STORED) == ENTRY


def test_an_event_is_written_as_the_stored_bytes() -> None:
    beijing = ENTRY.at.astimezone(timezone(timedelta(hours=8))) + timedelta(microseconds=456)
    draft = Draft(SUBJECT, "placed", ENTRY.data, "stay:s-1", expected=0, command="c0ffee", at=beijing)
    assert encode(draft) == STORED


@pytest.mark.parametrize("payload", [b"", b"\xff", b"[]", b"{}", STORED.replace(b'"v":1', b'"v":2'), STORED[:-1]])
def test_bytes_that_are_no_event_of_ours_are_refused(payload: bytes) -> None:
    with pytest.raises(BadMessage, match=r"h\.demo\.order\.s-1\.o1 at 7"):
        decode(7, SUBJECT, payload)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_number_that_json_has_not_is_refused(value: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        encode(Draft(SUBJECT, "x", {"value": value}, "test", expected=None))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        encode(Draft(SUBJECT, "x", {}, "test", expected=None, at=datetime(2026, 1, 1)))
