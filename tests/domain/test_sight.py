from __future__ import annotations

from datetime import UTC, datetime

import pytest

from concierge.domain.event import Entry
from concierge.domain.people import SERVICE, Actor, guest, staff
from concierge.domain.sight import guest_filters, guest_may_see, seen

ME = guest("s1", "301", since=100)
LI_NA = staff("li_na", "attendant", "housekeeping")
DESK = staff("emma", "desk", "front_desk")

MINE = [
    "h.demo.stay.s1",
    "h.demo.im.stay-s1",
    "h.demo.order.s1.o1",
    "h.demo.turn.s1.c1",
    "h.demo.space.301",
    "h.demo.device.301.bedside",
]
NOT_MINE = [
    "h.demo.stay.s2",
    "h.demo.stay.s11",
    "h.demo.im.stay-s2",
    "h.demo.im.dept-housekeeping",
    "h.demo.order.s2.o1",
    "h.demo.order.house.o1",
    "h.demo.turn.s2.c1",
    "h.demo.turn.house.c1",
    "h.demo.space.302",
    "h.demo.device.302.bedside",
    "h.demo.device.3010.bedside",
    "h.demo.incident.i1",
    "h.demo.new_kind.s1",
]


def entry(subject: str, seq: int = 150, **data: object) -> Entry:
    return Entry(seq, subject, "some", dict(data), "service:x", datetime(2026, 1, 1, tzinfo=UTC))


@pytest.mark.parametrize("subject", MINE)
def test_guest_sees_own_stay_and_room_from_check_in_to_check_out(subject: str) -> None:
    assert guest_may_see(subject, 100, ME)
    assert not guest_may_see(subject, 99, ME), "the guest before had this room"
    assert guest_may_see(subject, 200, ME, until=200)
    assert not guest_may_see(subject, 201, ME, until=200), "the guest after has this room"


@pytest.mark.parametrize("subject", NOT_MINE)
def test_guest_sees_nothing_of_others(subject: str) -> None:
    assert not guest_may_see(subject, 150, ME)
    assert seen(entry(subject), ME) is None


def test_guest_without_a_stay_sees_nothing() -> None:
    nobody = Actor("guest", "x")
    assert not any(guest_may_see(subject, 150, nobody) for subject in [*MINE, *NOT_MINE, "h.demo.stay.", "h.demo.space."])


def test_filters_cover_all_that_a_guest_may_see() -> None:
    def matches(filter: str, subject: str) -> bool:
        pairs = zip(filter.split("."), subject.split("."), strict=False)
        return filter.count(".") == subject.count(".") and all(f in ("*", s) for f, s in pairs)

    filters = guest_filters("demo", ME)
    assert all(any(matches(one, subject) for one in filters) for subject in MINE)
    assert not any(matches(one, subject) for one in filters for subject in NOT_MINE)


def test_room_code_is_shown_to_nobody() -> None:
    stay = entry("h.demo.stay.s1", id="s1", code_hash="abc")
    for actor in (ME, DESK, SERVICE):
        shown = seen(stay, actor)
        assert shown is not None
        assert "code_hash" not in shown.data


def test_guest_sees_the_room_without_staffs_remarks() -> None:
    shown = seen(entry("h.demo.space.301", status="dirty", remark="smells", reported_by="staff:li_na"), ME)
    assert shown is not None
    assert shown.data == {"status": "dirty"}


def test_staff_see_their_departments_orders_only() -> None:
    assert seen(entry("h.demo.order.s1.o1", department="housekeeping"), LI_NA)
    assert seen(entry("h.demo.order.s1.o1", department="engineering"), LI_NA) is None
    assert seen(entry("h.demo.order.s1.o1", department="engineering"), DESK)


def test_attendant_reads_no_guests_conversation() -> None:
    for subject in ("h.demo.im.stay-s1", "h.demo.turn.s1.c1", "h.demo.stay.s1", "h.demo.im.dept-engineering"):
        assert seen(entry(subject), LI_NA) is None
    assert seen(entry("h.demo.im.dept-housekeeping"), LI_NA)


def test_alarms_are_for_all_staff() -> None:
    assert seen(entry("h.demo.incident.i1"), LI_NA)
