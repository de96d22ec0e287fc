"""What an order waits for, by its state alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from concierge.domain.due import due
from concierge.domain.hotel import Deadline
from concierge.domain.instant import stamp
from concierge.domain.order import Order, placed, step, told_late
from concierge.domain.people import SERVICE, staff

AT = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LI_NA = staff("li_na", "attendant", "housekeeping")
DEADLINE = Deadline(180, 900, lead_s=600, again_s=300)
NEW = placed(Order("o1", "request.items", {}, "两条毛巾", "zh", "301", 3, "housekeeping", "s1"), AT)
LADDER = ("supervisor", "manager")


def minutes(order: Order) -> list[tuple[float, str, str]]:
    return sorted(((one.at - AT).total_seconds() / 60, one.what, one.deadline) for one in due(order, DEADLINE))


def at(minute: float) -> datetime:
    return AT + timedelta(minutes=minute)


def dispatched(order: Order = NEW, minute: float = 0) -> Order:
    return step(order, "dispatch", SERVICE, at(minute), deadline=DEADLINE)


def test_each_state_waits_for_its_own() -> None:
    order = dispatched()
    assert minutes(order) == [(3, "escalate", "accept"), (15, "escalate", "done")]
    order = step(order, "accept", LI_NA, at(1))
    assert minutes(order) == [(15, "escalate", "done")]
    order = step(order, "start", LI_NA, at(2))
    assert minutes(order) == [(15, "escalate", "done")]
    order = step(order, "done", LI_NA, at(10))
    assert minutes(order) == [(10 + 24 * 60, "close", "")]
    rated = step(order, "rate", LI_NA, at(60), rating=5)
    assert minutes(rated) == minutes(order), "24 h after done, whenever it was rated"
    assert minutes(step(rated, "close", SERVICE, at(2000))) == []
    assert minutes(step(dispatched(), "cancel", LI_NA, at(1))) == []


def test_what_is_wanted_later_is_dispatched_before_and_done_counts_from_then() -> None:
    order = replace(NEW, planned=stamp(at(60)))
    assert minutes(order) == [(50, "dispatch", "")]
    assert minutes(dispatched(order, 50)) == [(53, "escalate", "accept"), (75, "escalate", "done")]


def test_what_is_late_is_told_again_up_to_the_end_of_the_ladder_and_there_for_good() -> None:
    order = dispatched()
    roles = []
    for minute, missed in ((3, ("accept",)), (8, ()), (13, ()), (15, ("done",)), (20, ())):
        order = step(order, "escalate", SERVICE, at(minute), missed=missed, ladder=LADDER)
        roles.append((order.level, order.escalated_to))
        assert (minute + 5, "escalate", "") in minutes(order)
    assert roles == [(1, "supervisor"), (2, "manager"), (2, "manager"), (2, "manager"), (2, "manager")]
    assert minutes(order) == [(25, "escalate", "")]


def test_accepting_ends_the_escalation_for_it() -> None:
    order = step(dispatched(), "escalate", SERVICE, at(3), missed=("accept",), ladder=LADDER)
    assert minutes(step(order, "accept", LI_NA, at(4))) == [(15, "escalate", "done")]


def test_declining_gives_time_to_accept_but_none_to_be_done() -> None:
    order = step(dispatched(), "escalate", SERVICE, at(3), missed=("accept",), ladder=LADDER)
    for minute in (4.0, 6.0, 8.0):
        order = dispatched(step(order, "decline", LI_NA, at(minute)), minute)
    assert minutes(order) == [(11, "escalate", "accept"), (15, "escalate", "done")]
    order = step(order, "escalate", SERVICE, at(15), missed=("accept", "done"), ladder=LADDER)
    order = dispatched(step(order, "decline", LI_NA, at(16)), 16)
    assert minutes(order) == [(19, "escalate", "accept"), (20, "escalate", "")]


def test_a_clock_that_was_set_back_does_not_bring_a_missed_deadline_up_again() -> None:
    order = step(dispatched(), "escalate", SERVICE, at(-120), missed=("accept",), ladder=LADDER)
    assert (3, "escalate", "accept") not in minutes(order)


def test_the_guest_is_told_once_of_each_deadline() -> None:
    order = told_late(dispatched(), ("accept",), at(3))
    assert (order.late, order.times["late"]) == (("accept",), stamp(at(3)))
    assert Order.of(order.data()) == order
