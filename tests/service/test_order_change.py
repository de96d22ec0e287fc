"""An order that is changed is the same order, with other things asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from example_people import CHEN_JING, LI_NA

from concierge.bus.log import Log
from concierge.domain.errors import BadRequest, Forbidden, IllegalStep, NotFound
from concierge.domain.people import SERVICE, Actor
from concierge.domain.people import guest as guest_of
from concierge.service import commands as c
from concierge.service.commands import CheckIn
from concierge.service.handlers import Service

TWO = {"items": [{"item": "towel", "quantity": 2}]}
THREE = {"items": [{"item": "towel", "quantity": 3}]}


async def placed(service: Service, guest: Actor) -> str:
    return str((await service.do(c.PlaceOrder("request.items", TWO, "两条毛巾", "zh"), guest, "place")).data["id"])


async def test_a_change_is_an_event_of_the_order_and_once(service: Service, log: Log, guest: Actor) -> None:
    order = await placed(service, guest)
    entries = [await service.do(c.ChangeOrder(order, THREE, "三条吧"), guest, "change") for _ in range(3)]
    assert {entry.seq for entry in entries} == {entries[0].seq}
    assert [entry.event async for entry in log.read(entries[0].subject)] == ["placed", "dispatched", "changed"]
    assert entries[0].data["slots"] == THREE
    assert entries[0].data["state"] == "dispatched"


async def test_whoever_holds_it_goes_on(service: Service, guest: Actor) -> None:
    order = await placed(service, guest)
    await service.do(c.AcceptOrder(order), LI_NA, "accept")
    changed = await service.do(c.ChangeOrder(order, THREE, "三条吧"), guest, "change")
    assert (changed.data["state"], changed.data["holder"]) == ("accepted", "li_na")
    await service.do(c.StartOrder(order), LI_NA, "start")
    with pytest.raises(IllegalStep):
        await service.do(c.ChangeOrder(order, TWO, "还是两条"), guest, "change again")


@pytest.mark.parametrize(
    "slots",
    [
        {"items": []},
        {"items": [{"item": "towel", "quantity": 0}]},
        {"items": [{"item": "a lion"}]},
        {"dishes": [{"dish": "latte"}]},
    ],
)
async def test_what_the_order_cannot_become_is_refused(service: Service, guest: Actor, slots: Mapping[str, Any]) -> None:
    order = await placed(service, guest)
    with pytest.raises(BadRequest):
        await service.do(c.ChangeOrder(order, slots, "换一个"), guest, "change")


async def test_nobody_else_changes_it(service: Service, guest: Actor) -> None:
    order = await placed(service, guest)
    await service.do(CheckIn("302", "zh", "李四"), SERVICE, "check-in 302")
    stay = await service.open_stay("302")
    assert stay is not None
    with pytest.raises(NotFound):
        await service.do(c.ChangeOrder(order, THREE, "三条"), guest_of(stay.id, "302"), "change")
    with pytest.raises(Forbidden):
        await service.do(c.ChangeOrder(order, THREE, "三条"), CHEN_JING, "change")
