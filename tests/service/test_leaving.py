"""A guest checks out while orders of theirs are open: what is of no use any more is called off, the rest goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from example_people import DESK, LI_NA, WANG_WEI

from concierge.bus.log import Log
from concierge.domain.conversation import of_stay
from concierge.domain.leaving import ENDS_WITH_THE_STAY
from concierge.domain.people import Actor
from concierge.domain.routing import ORDERABLE
from concierge.service import commands as c
from concierge.service.handlers import Service

TOWELS = c.PlaceOrder("request.items", {"items": [{"item": "towel"}]}, "毛巾", "zh")
CALL = c.PlaceOrder("request.wakeup", {"time": "07:00", "day": "tomorrow"}, "明早七点叫我", "zh")
REPAIR = c.PlaceOrder("request.repair", {"asset": "ac"}, "空调坏了", "zh")


def test_only_what_can_be_ordered_ends_with_the_stay() -> None:
    assert ENDS_WITH_THE_STAY < ORDERABLE


@pytest.mark.parametrize(("order", "accepted"), [(TOWELS, False), (TOWELS, True), (CALL, False)])
async def test_what_nobody_has_begun_is_called_off_and_says_why(
    service: Service, guest: Actor, log: Log, order: c.PlaceOrder, accepted: bool
) -> None:
    placed = await service.do(order, guest, "1")
    if accepted:
        await service.do(c.AcceptOrder(placed.data["id"]), LI_NA, "2")
    before = [entry async for entry in log.read(f"h.demo.im.{of_stay(guest.stay)}")]
    out = await service.do(c.CheckOut(guest.stay), DESK, "out")
    assert (out.subject, out.event) == (f"h.demo.stay.{guest.stay}", "checked_out")
    last = await log.last(placed.subject)
    assert last is not None
    assert (last.event, last.data["state"], last.command) == ("cancelled", "cancelled", out.command)
    assert last.data["times"]["guest_left"] == last.data["times"]["cancelled"]
    assert last.data["notes"][-1]["text"] == "客人已退房。"
    assert [entry async for entry in log.read(f"h.demo.im.{of_stay(guest.stay)}")] == before, "nobody is there to be told"
    assert await service.do(c.CheckOut(guest.stay), DESK, "out") == out
    assert await log.last(placed.subject) == last


async def test_the_rooms_repair_and_what_is_begun_go_on_and_staff_see_that_the_guest_has_left(
    service: Service, guest: Actor, log: Log
) -> None:
    repair = await service.do(REPAIR, guest, "1")
    towels = (await service.do(TOWELS, guest, "2")).data["id"]
    await service.do(c.AcceptOrder(towels), LI_NA, "3")
    started = await service.do(c.StartOrder(towels), LI_NA, "4")
    over = (await service.do(replace(TOWELS, words="水"), guest, "5")).data["id"]
    cancelled = await service.do(c.CancelOrder(over), guest, "6")
    await service.do(c.CheckOut(guest.stay), DESK, "out")
    for placed, state in ((repair, "dispatched"), (started, "started")):
        last = await log.last(placed.subject)
        assert last is not None
        assert (last.event, last.data["state"]) == ("noted", state)
        assert last.data["times"]["guest_left"]
    assert await log.last(cancelled.subject) == cancelled, "what was over stays as it was"
    for number, command in enumerate((c.AcceptOrder(repair.data["id"]), c.DoneOrder(repair.data["id"]))):
        await service.do(command, WANG_WEI, f"w{number}")
    assert (await service.do(c.DoneOrder(towels), LI_NA, "7")).data["state"] == "done"
