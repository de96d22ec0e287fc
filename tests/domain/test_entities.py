"""Rooms, stays, incidents, conversations, routes, instants."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from concierge.domain import conversation, incident, room, routing, stay
from concierge.domain.errors import BadRequest, IllegalStep
from concierge.domain.event import Entry
from concierge.domain.hotel import Property
from concierge.domain.incident import Incident
from concierge.domain.instant import instant, seconds_between, stamp
from concierge.domain.people import guest, staff
from concierge.domain.room import STATUSES, Room
from concierge.domain.stay import Stay

AT = datetime(2026, 11, 20, 8, 0, 0, 123456, tzinfo=UTC)


def test_stamp_goes_back_and_forth_to_the_millisecond() -> None:
    assert stamp(AT) == "2026-11-20T08:00:00.123Z"
    assert stamp(instant(stamp(AT))) == stamp(AT)
    assert seconds_between("2026-11-20T08:00:00.500Z", "2026-11-20T08:01:00.000Z") == 59.5
    assert seconds_between(None, stamp(AT)) is None
    with pytest.raises(ValueError, match="offset"):
        instant("2026-11-20T08:00:00")


def test_room_is_not_inspected_before_it_is_clean() -> None:
    with pytest.raises(IllegalStep):
        room.reported(Room("301", "dirty"), "inspected", "", "staff:x", AT)
    clean = room.reported(Room("301", "dirty"), "clean", "", "staff:x", AT)
    assert room.reported(clean, "inspected", "", "staff:x", AT).status == "inspected"


def test_unknown_status_is_refused() -> None:
    with pytest.raises(BadRequest, match="out_of_order"):
        room.reported(Room("301"), "sparkling", "", "staff:x", AT)


def test_same_status_again_is_a_report() -> None:
    assert all(room.reported(Room("301", status), status, "", "x", AT).status == status for status in STATUSES)


def test_second_guest_in_a_room_is_refused_with_the_first() -> None:
    with pytest.raises(IllegalStep) as caught:
        room.occupied(Room("301", stay="s1"), "s2")
    assert caught.value.holder == "s1"


def test_room_after_check_out_is_dirty_and_may_be_disturbed() -> None:
    after = room.vacated(Room("301", "clean", "s1", dnd=True))
    assert (after.status, after.stay, after.dnd) == ("dirty", None, False)
    assert room.vacated(Room("301", "out_of_order", "s1")).status == "out_of_order"


def test_room_code_is_known_however_it_is_typed() -> None:
    assert stay.code_hash("ABCD-EFGH") == stay.code_hash(" abcd efgh")


def test_stay_knows_the_sequence_of_its_check_in() -> None:
    opened = stay.check_in(Stay("s1", "301", "", "zh", "hash"), AT)
    entry = Entry(42, "h.demo.stay.s1", "checked_in", json.loads(json.dumps(opened.data())), "x", AT)
    found = Stay.of(entry)
    assert found.guest == guest("s1", "301", since=42)
    closed = Entry(99, entry.subject, "checked_out", stay.check_out(found, AT).data(), "x", AT)
    assert Stay.of(closed).checked_in == 42
    with pytest.raises(IllegalStep):
        stay.check_out(Stay.of(closed), AT)


def test_incident_is_answered_once_and_the_second_is_told_by_whom() -> None:
    li, wu = staff("li", "security", "security"), staff("wu", "security", "security")
    raised = incident.raised(Incident("i1", "fire", "着火了", 0.9, "301", 3, "s1"), guest("s1", "301"), AT)
    acked = incident.step(raised, "ack", li, AT)
    with pytest.raises(IllegalStep) as caught:
        incident.step(acked, "ack", wu, AT)
    assert caught.value.holder == "staff:li"
    cleared = incident.step(acked, "clear", wu, AT, "a television")
    assert cleared.people == {"raised": "guest:s1", "acknowledged": "staff:li", "cleared": "staff:wu"}
    assert Incident.of(json.loads(json.dumps(cleared.data()))) == cleared


@pytest.mark.parametrize(("kind", "certainty"), [("party", 1.0), ("fire", 1.5), ("fire", -0.1), ("fire", float("nan"))])
def test_incident_that_makes_no_sense_is_refused(kind: str, certainty: float) -> None:
    with pytest.raises(BadRequest):
        incident.raised(Incident("i1", kind, "", certainty, "301", 3, None), guest("s1", "301"), AT)


def test_message_is_neither_empty_nor_endless() -> None:
    with pytest.raises(BadRequest):
        conversation.message(" \n", "zh", "text")
    with pytest.raises(BadRequest):
        conversation.message("啊" * 4001, "zh", "text")
    said = conversation.message(" 你好 ", "zh", "voice", {"turn": 3})
    assert said == {"turn": 3, "text": "你好", "lang": "zh", "via": "voice", "kind": "text"}


def test_message_cannot_pose_as_another_kind_by_what_it_is_about() -> None:
    assert conversation.message("hi", "en", "text", {"via": "service", "text": "x"})["via"] == "text"


@pytest.mark.parametrize(
    ("intent", "slots", "department"),
    [
        ("request.items", {"items": [{"item": "towel"}]}, "housekeeping"),
        ("request.repair", {"asset": "ac"}, "engineering"),
        ("request.repair", {"asset": "phone"}, "front_desk"),
        ("order.food", {"dishes": [{"dish": "steak"}]}, "food_beverage"),
        ("handoff.human", {"to": "concierge"}, "concierge"),
        ("stay.extend", {}, "front_desk"),
        ("request.repair", {"asset": ["ac"]}, "engineering"),
    ],
)
def test_request_reaches_its_department(property_: Property, intent: str, slots: dict[str, object], department: str) -> None:
    routing.check(property_, intent, slots, "words")
    assert routing.department(property_, intent, slots) == department
