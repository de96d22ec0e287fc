"""To whom an order goes, and who is on duty."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concierge.domain.dispatch import Worker, choose
from concierge.domain.hotel import Property, Shift
from concierge.domain.order import Note, Order
from concierge.domain.rota import on_duty, on_shift

ORDER = Order("o1", "request.repair", {"asset": "ac"}, "空调坏了", "zh", "301", 3, "engineering", "s1", skill="hvac")
AT = "2026-11-20T08:00:00.000Z"


def declined(order: Order, *who: str) -> Order:
    return replace(order, refusals=tuple(Note(f"staff:{one}", AT, "") for one in who))


def test_nobody_on_duty_leaves_it_to_the_department() -> None:
    assert choose(ORDER, []) is None


def test_skill_comes_before_floor_and_floor_before_load() -> None:
    far = Worker("far", frozenset({1}), frozenset({"hvac"}), 5)
    near = Worker("near", frozenset({3}), frozenset({"hvac"}), 9)
    handy = Worker("handy", frozenset({3}))
    other = Worker("other", frozenset({3}), frozenset({"it"}))
    assert choose(ORDER, [far, handy, near, other]) == "near"
    assert choose(ORDER, [far, handy, other]) == "far"
    assert choose(ORDER, [handy, other]) == "handy"
    assert choose(ORDER, [other]) is None
    assert choose(replace(ORDER, skill=None), [far, other]) == "other"


def test_fewest_open_orders_then_longest_idle_then_by_name() -> None:
    plain = replace(ORDER, skill=None)
    assert choose(plain, [Worker("a", open_orders=2), Worker("b", open_orders=1, busy_until=99)]) == "b"
    assert choose(plain, [Worker("a", busy_until=8), Worker("b", busy_until=7)]) == "b"
    assert choose(plain, [Worker("b"), Worker("a")]) == "a"


def test_who_declined_is_passed_over_until_everybody_has() -> None:
    plain = replace(ORDER, skill=None)
    people = [Worker("a"), Worker("b", open_orders=3), Worker("c", open_orders=5)]
    assert choose(declined(plain, "a"), people) == "b"
    assert choose(declined(plain, "a", "b"), people) == "c"
    assert choose(declined(plain, "a", "b", "c"), people) == "a"
    assert choose(declined(plain, "a", "b", "c", "a"), people) == "b"


workers = st.builds(
    Worker,
    st.sampled_from("abcdefgh"),
    st.frozensets(st.integers(1, 3)),
    st.frozensets(st.sampled_from(["hvac", "it"])),
    st.integers(0, 4),
    st.integers(0, 9),
)


@given(st.lists(workers, max_size=6, unique_by=lambda one: one.id), st.lists(st.sampled_from("abcdefgh"), max_size=9))
def test_the_choice_does_not_hang_on_the_order_of_the_list(people: list[Worker], refused: list[str]) -> None:
    order = declined(replace(ORDER, skill=None), *refused)
    assert choose(order, people) == choose(order, people[::-1])
    assert (choose(order, people) is None) == (not people)


NIGHT = Shift("night", {}, "22:00", "06:00", frozenset({4}))
"""Friday's."""


@pytest.mark.parametrize(
    ("local", "on"),
    [
        ("2026-11-20T21:59", False),
        ("2026-11-20T22:00", True),
        ("2026-11-21T05:59", True),
        ("2026-11-21T06:00", False),
        ("2026-11-20T02:00", False),
        ("2026-11-21T23:00", False),
    ],
)
def test_a_night_shift_is_that_of_the_day_it_begins_on(local: str, on: bool) -> None:
    at = (datetime.fromisoformat(local) - timedelta(hours=8)).replace(tzinfo=UTC)
    assert on_shift(NIGHT, at, "Asia/Shanghai") is on


def test_a_day_shift_goes_by_the_propertys_clock_in_summer_and_winter() -> None:
    day = Shift("day", {}, "07:00", "15:00")
    assert on_shift(day, datetime(2026, 7, 1, 5, 30, tzinfo=UTC), "Europe/Berlin")
    assert not on_shift(day, datetime(2026, 12, 1, 5, 30, tzinfo=UTC), "Europe/Berlin")


def test_ones_own_word_counts_before_the_plan_and_no_plan_is_always(property_: Property) -> None:
    noon = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    assert on_duty(property_, "day", None, noon)
    assert not on_duty(property_, "night", None, noon)
    assert on_duty(property_, "night", True, noon)
    assert not on_duty(property_, "day", False, noon)
    assert on_duty(property_, None, None, noon)
