from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge.domain.errors import BadRequest, Forbidden, IllegalStep, NotFound
from concierge.domain.hotel import Deadline
from concierge.domain.order import (
    EVENTS,
    INTERNAL,
    MOST_PHOTOS,
    MOST_REMINDERS,
    OPEN,
    STEPS,
    Order,
    changed,
    check_right,
    diagram,
    guest_view,
    noted,
    photographed,
    placed,
    reminded,
    same_request,
    step,
)
from concierge.domain.people import SERVICE, guest, staff

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LI_NA = staff("li_na", "attendant", "housekeeping")
NEW = placed(Order("o1", "request.items", {}, "两条毛巾", "zh", "301", 3, "housekeeping", "s1"), AT)


def run(*verbs: str) -> Order:
    order = NEW
    for number, verb in enumerate(verbs, 1):
        order = step(order, verb, LI_NA, AT + timedelta(minutes=number), rating=5 if verb == "rate" else 0)
    return order


def test_every_state_of_the_table_is_reached_and_every_verb_has_its_event() -> None:
    reached = {"placed"} | {to for row in STEPS.values() for to in row.values()}
    assert reached == set(STEPS)
    assert {verb for row in STEPS.values() for verb in row} == set(EVENTS)
    assert set(STEPS) >= OPEN


@given(st.lists(st.sampled_from(sorted(EVENTS)), max_size=12))
def test_illegal_step_raises_and_changes_nothing(verbs: list[str]) -> None:
    order = NEW
    for verb in verbs:
        before = order.data()
        if verb in STEPS[order.state]:
            order = step(order, verb, LI_NA, AT, rating=3)
            assert EVENTS[verb] in order.times
        else:
            with pytest.raises(IllegalStep) as caught:
                step(order, verb, LI_NA, AT, rating=3)
            assert (caught.value.state, caught.value.holder) == (order.state, order.holder)
            assert order.data() == before


def test_done_from_accepted_also_records_started() -> None:
    order = run("dispatch", "accept", "done")
    assert order.times["started"] == order.times["done"]


def test_started_keeps_its_own_time() -> None:
    order = run("dispatch", "accept", "start", "done")
    assert order.times["started"] < order.times["done"]


def test_declined_order_has_no_holder_and_keeps_the_reason() -> None:
    order = step(run("dispatch", "accept"), "decline", LI_NA, AT, text="on the third floor")
    assert order.holder is None
    assert order.refusals[0].text == "on the third floor"


def test_dispatch_sets_the_deadlines() -> None:
    order = step(NEW, "dispatch", SERVICE, AT, deadline=Deadline(180, 900))
    assert order.deadlines == {"accept": "2026-11-20T08:03:00.000Z", "done": "2026-11-20T08:15:00.000Z"}


def test_escalation_leaves_the_state_and_raises_the_level() -> None:
    order = run("dispatch", "escalate", "escalate")
    assert (order.state, order.level) == ("dispatched", 2)


@pytest.mark.parametrize("rating", [0, 6, -1])
def test_rating_out_of_range_is_refused(rating: int) -> None:
    with pytest.raises(BadRequest):
        step(run("dispatch", "accept", "done"), "rate", LI_NA, AT, rating=rating)


def test_guest_view_has_no_notes_reasons_or_priority() -> None:
    order = noted(step(run("dispatch"), "decline", LI_NA, AT, text="too tired"), LI_NA, AT, "difficult guest")
    seen = json.dumps(guest_view(order.data()))
    assert "difficult" not in seen
    assert "tired" not in seen
    assert not set(INTERNAL) & set(json.loads(seen))
    assert {"priority", "assignee", "skill", "missed"} <= set(INTERNAL)
    assert "两条毛巾" in json.loads(seen)["words"]


def test_order_comes_back_from_json_as_it_went() -> None:
    order = noted(step(run("dispatch", "accept"), "decline", LI_NA, AT, text="no"), LI_NA, AT, "a note")
    assert Order.of(json.loads(json.dumps(order.data()))) == order


def test_order_of_another_version_is_still_read() -> None:
    data = NEW.data()
    del data["refusals"], data["level"]
    assert Order.of({**data, "tenant": "later"}) == NEW


def test_guest_may_cancel_change_and_rate_only_and_only_their_own() -> None:
    mine, other = guest("s1", "301"), guest("s2", "301")
    for verb in (*EVENTS, "change", "note", "remind", "photo"):
        if verb in ("cancel", "change", "rate", "remind", "photo"):
            check_right(NEW, verb, mine)
        else:
            with pytest.raises(Forbidden):
                check_right(NEW, verb, mine)
        with pytest.raises(NotFound):
            check_right(NEW, verb, other)


def test_manager_may_finish_what_another_holds() -> None:
    check_right(run("dispatch", "accept"), "done", staff("m", "manager", "front_desk"))


def test_a_change_keeps_the_step_and_the_holder_and_notes_the_words() -> None:
    order = run("dispatch", "accept")
    after = changed(order, {"items": [{"item": "towel", "quantity": 3}]}, "三条吧", guest("s1", "301"), AT)
    assert (after.state, after.holder) == (order.state, order.holder)
    assert after.slots == {"items": [{"item": "towel", "quantity": 3}]}
    assert after.notes[-1].text == "三条吧"
    assert Order.of(after.data()) == after


@pytest.mark.parametrize("steps", [("dispatch", "accept", "start"), ("dispatch", "accept", "done"), ("cancel",)])
def test_what_is_begun_or_over_is_not_changed(steps: tuple[str, ...]) -> None:
    with pytest.raises(IllegalStep):
        changed(run(*steps), {}, "", guest("s1", "301"), AT)


def test_staff_do_not_rate_in_the_guests_place() -> None:
    with pytest.raises(Forbidden):
        check_right(run("dispatch", "accept", "done"), "rate", staff("m", "manager", "front_desk"))


def test_diagram_has_every_step() -> None:
    text = diagram()
    assert text.startswith("stateDiagram-v2")
    assert "accepted --> declined: decline" in text
    assert "closed --> [*]" in text


def test_the_same_request_said_in_another_way_is_the_same() -> None:
    one, two = {"item": "towel"}, {"item": "pillow", "quantity": 2}
    order = placed(replace(NEW, slots={"items": [one, two]}), AT)
    assert same_request(order, "request.items", {"items": [two, {**one, "quantity": 1}]}, "", None)
    assert not same_request(order, "request.items", {"items": [one]}, "", None)
    assert not same_request(order, "request.items", {"items": [one, two]}, "", "2026-11-20T12:00:00.000Z")
    call = replace(NEW, intent="request.wakeup", slots={"time": "07:00"}, planned="2026-11-20T23:00:00.000Z")
    assert same_request(call, "request.wakeup", {"time": "07:00", "day": "tomorrow"}, "", call.planned)


def test_photos_have_an_end_and_one_is_kept_once() -> None:
    order = NEW
    for number in range(MOST_PHOTOS):
        order = photographed(photographed(order, f"{number:064x}"), f"{number:064x}")
    assert len(order.photos) == MOST_PHOTOS
    with pytest.raises(BadRequest, match="photos"):
        photographed(order, "f" * 64)


def test_reminders_of_a_guest_who_goes_on_asking_do_not_grow_without_end() -> None:
    order = run("dispatch")
    for number in range(MOST_REMINDERS + 5):
        order = reminded(order, guest("s1", "301"), AT, str(number))
    assert (len(order.reminders), order.reminders[-1].text) == (MOST_REMINDERS, str(MOST_REMINDERS + 4))
    with pytest.raises(IllegalStep):
        reminded(run("dispatch", "accept", "done"), guest("s1", "301"), AT, "")
