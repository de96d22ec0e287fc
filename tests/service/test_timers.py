"""The clockwork over the real log, with clocks that the test sets. Escalated, dispatched, closed: once, and never early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest
from example_people import DESK, LI_NA

from concierge.bus.log import Log
from concierge.domain.conversation import of_stay
from concierge.domain.event import Entry
from concierge.domain.people import Actor, staff
from concierge.service import commands as c
from concierge.service.handlers import Service
from concierge.timers import Clockwork
from concierge.views.views import Views

TOWELS = c.PlaceOrder("request.items", {"items": [{"item": "towel", "quantity": 2}]}, "两条毛巾", "zh")
ACCEPT_S, DONE_S, AGAIN_S = 180, 900, 900
"""Of the example hotel's request.items."""
SETTLED_S = 1.2
"""Longer than the clockwork looks away."""


@dataclass
class Clocks:
    """``wall`` can be set like a machine's; ``elapsed`` only goes on."""

    wall: datetime = field(default_factory=lambda: datetime.now(UTC))
    elapsed: float = 5000.0

    async def pass_s(self, seconds: float) -> None:
        """Both go on, once what is on the log has been seen."""
        await asyncio.sleep(0.4)
        self.wall += timedelta(seconds=seconds)
        self.elapsed += seconds

    def set(self, seconds: float) -> None:
        """The wall clock alone jumps."""
        self.wall += timedelta(seconds=seconds)


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def timed(service: Service, clocks: Clocks) -> Service:
    return Service(replace(service.world, clock=lambda: clocks.wall))


@asynccontextmanager
async def clockwork(timed: Service, views: Views, log: Log, clocks: Clocks) -> AsyncIterator[None]:
    task = asyncio.create_task(Clockwork(timed, views, log, wall=lambda: clocks.wall, elapsed=lambda: clocks.elapsed).run())
    await asyncio.sleep(0.2)  # it reads what is there; the tests move the clocks after that
    yield
    assert not task.done(), task
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def history(log: Log, order: Entry) -> list[str]:
    return [entry.event async for entry in log.read(order.subject)]


async def comes(log: Log, order: Entry, event: str, times: int = 1) -> Entry:
    async with asyncio.timeout(10):
        while True:
            found = [entry async for entry in log.read(order.subject) if entry.event == event]
            if len(found) >= times:
                return found[-1]
            await asyncio.sleep(0.05)


async def told(log: Log, stay: str) -> list[str]:
    return [entry.data["text"] async for entry in log.read(f"h.demo.im.{of_stay(stay)}")]


async def test_late_orders_climb_the_ladder_and_the_guest_is_told_once(
    timed: Service, views: Views, log: Log, guest: Actor, clocks: Clocks
) -> None:
    async with clockwork(timed, views, log, clocks):
        order = await timed.do(TOWELS, guest, "1")
        await clocks.pass_s(ACCEPT_S - 2)
        await asyncio.sleep(SETTLED_S)
        assert await history(log, order) == ["placed", "dispatched"]
        await clocks.pass_s(3)
        late = await comes(log, order, "late")
        assert (late.data["level"], late.data["escalated_to"], late.data["missed"]) == (1, "supervisor", ["accept"])
        await clocks.pass_s(DONE_S - ACCEPT_S)
        second = await comes(log, order, "escalated", 2)
        assert (second.data["escalated_to"], second.data["missed"]) == ("manager", ["accept", "done"])
        await clocks.pass_s(AGAIN_S + 1)
        third = await comes(log, order, "escalated", 3)
        assert (third.data["level"], third.data["escalated_to"]) == (2, "manager")
    assert await history(log, order) == ["placed", "dispatched", "escalated", "late", "escalated", "late", "escalated"]
    said = await told(log, guest.stay)
    assert len(said) == 2
    assert "毛巾 × 2" in said[0]


async def test_accepted_in_time_is_not_escalated_and_a_day_after_done_it_is_closed(
    timed: Service, views: Views, log: Log, guest: Actor, clocks: Clocks
) -> None:
    async with clockwork(timed, views, log, clocks):
        order = await timed.do(TOWELS, guest, "1")
        await timed.do(c.AcceptOrder(order.data["id"]), LI_NA, "2")
        await clocks.pass_s(ACCEPT_S + 60)
        await asyncio.sleep(SETTLED_S)
        await timed.do(c.DoneOrder(order.data["id"]), LI_NA, "3")
        await clocks.pass_s(24 * 3600 - 5)
        await asyncio.sleep(SETTLED_S)
        assert (await history(log, order))[-1] == "done"
        await clocks.pass_s(6)
        await comes(log, order, "closed")
    assert await history(log, order) == ["placed", "dispatched", "accepted", "done", "closed"]


async def test_what_is_for_later_is_dispatched_when_its_time_comes(
    timed: Service, views: Views, log: Log, guest: Actor, clocks: Clocks
) -> None:
    wanted = c.PlaceOrder("request.cleaning", {"when": "in an hour"}, "clean in an hour", "en")
    async with clockwork(timed, views, log, clocks):
        order = await timed.do(wanted, guest, "1")
        assert (order.event, order.data["state"], order.data["assignee"]) == ("placed", "placed", None)
        await clocks.pass_s(3600 - 900 - 5)
        await asyncio.sleep(SETTLED_S)
        assert await history(log, order) == ["placed"]
        await clocks.pass_s(6)
        dispatched = await comes(log, order, "dispatched")
        assert dispatched.data["assignee"] in ("li_na", "chen_jing")
        assert dispatched.data["deadlines"]["done"] > dispatched.data["planned"] > dispatched.data["deadlines"]["accept"]
        await clocks.pass_s(ACCEPT_S + 1)
        await comes(log, order, "escalated")
        assert "late" not in await history(log, order), "it is not late for the guest yet"


@pytest.mark.parametrize("jump_s", [7200.0, -7200.0])
async def test_a_clock_that_is_set_fires_nothing_early_and_delays_nothing(
    timed: Service, views: Views, log: Log, guest: Actor, clocks: Clocks, jump_s: float
) -> None:
    async with clockwork(timed, views, log, clocks):
        order = await timed.do(TOWELS, guest, "1")
        await asyncio.sleep(0.3)
        clocks.set(jump_s)
        await timed.do(c.NoteOrder(order.data["id"], "a note"), LI_NA, "note")  # its stamp is of the clock that was set
        after = await timed.do(replace(TOWELS, words="after the jump"), guest, "2")
        await asyncio.sleep(SETTLED_S)
        assert await history(log, order) == ["placed", "dispatched", "noted"]
        await clocks.pass_s(ACCEPT_S - 5)
        await asyncio.sleep(SETTLED_S)
        assert await history(log, order) == ["placed", "dispatched", "noted"]
        assert await history(log, after) == ["placed", "dispatched"]
        await clocks.pass_s(6)
        await comes(log, order, "escalated")
        await comes(log, after, "escalated")
        await asyncio.sleep(SETTLED_S)
    assert (await history(log, order)).count("escalated") == 1
    assert (await history(log, after)).count("escalated") == 1


async def test_due_while_nobody_was_here_fires_once_after_the_start(
    timed: Service, views: Views, log: Log, guest: Actor, clocks: Clocks
) -> None:
    order = await timed.do(TOWELS, guest, "1")
    await clocks.pass_s(DONE_S + 7 * AGAIN_S)  # both deadlines and many an interval
    async with clockwork(timed, views, log, clocks):
        late = await comes(log, order, "late")
        await asyncio.sleep(SETTLED_S)
    assert late.data["missed"] == ["accept", "done"]
    assert await history(log, order) == ["placed", "dispatched", "escalated", "late"]
    assert len(await told(log, guest.stay)) == 1
    async with clockwork(timed, views, log, clocks):
        await asyncio.sleep(SETTLED_S)
    assert await history(log, order) == ["placed", "dispatched", "escalated", "late"]


async def test_a_clock_behind_the_log_at_the_start_fires_nothing_early(
    timed: Service, views: Views, log: Log, guest: Actor, clocks: Clocks
) -> None:
    order = await timed.do(TOWELS, guest, "1")
    clocks.set(-30 * 86400.0)  # the machine came up with a clock of last month
    async with clockwork(timed, views, log, clocks):
        await clocks.pass_s(ACCEPT_S - 5)
        await asyncio.sleep(SETTLED_S)
        assert await history(log, order) == ["placed", "dispatched"]
        await clocks.pass_s(6)
        await comes(log, order, "escalated")


async def test_two_processes_fire_once(timed: Service, views: Views, log: Log, guest: Actor, clocks: Clocks) -> None:
    async with clockwork(timed, views, log, clocks), clockwork(timed, views, log, clocks):
        orders = [await timed.do(TOWELS, guest, str(number)) for number in range(10)]
        await asyncio.sleep(0.3)
        await clocks.pass_s(ACCEPT_S + 1)
        for order in orders:
            await comes(log, order, "late")
        await asyncio.sleep(SETTLED_S)
    for order in orders:
        assert await history(log, order) == ["placed", "dispatched", "escalated", "late"]
    assert len(await told(log, guest.stay)) == len(orders)


async def test_handing_an_order_on_does_not_let_it_escape(
    timed: Service, views: Views, log: Log, guest: Actor, clocks: Clocks
) -> None:
    async with clockwork(timed, views, log, clocks):
        order = await timed.do(TOWELS, guest, "1")
        for minute in range(7):  # 14 minutes, never 3 without a dispatch
            await clocks.pass_s(120)
            here = staff(order.data["assignee"], "attendant", "housekeeping")
            order = await timed.do(c.DeclineOrder(order.data["id"]), here, f"d{minute}")
        await asyncio.sleep(SETTLED_S)
        # Once both have declined, each further decline is told up the ladder at once.
        assert [name for name in await history(log, order) if name in ("declined", "escalated")] == [
            "declined", *["declined", "escalated"] * 6,
        ]  # fmt: skip
        await clocks.pass_s(61)
        escalated = await comes(log, order, "escalated", 7)
    assert escalated.data["missed"] == ["done"]


async def test_nothing_is_told_to_a_guest_who_has_left(
    timed: Service, views: Views, log: Log, guest: Actor, clocks: Clocks
) -> None:
    async with clockwork(timed, views, log, clocks):
        order = await timed.do(c.PlaceOrder("request.repair", {"asset": "ac"}, "空调坏了", "zh"), guest, "1")
        await timed.do(c.CheckOut(guest.stay), DESK, "out")
        await clocks.pass_s(ACCEPT_S + 1)
        await comes(log, order, "escalated")
    assert await told(log, guest.stay) == []
