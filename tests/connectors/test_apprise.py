"""Apprise itself, telling a JSON receiver on the loopback: one way, for tickets and alarms."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from im_hotel import CHEN_JING, Open, config, until
from vendor.loopback import Asked, Fault, Loopback

from concierge.connectors.desk import StaffImError
from concierge.domain.event import Draft
from concierge.domain.hotel import Chat
from concierge.domain.people import SERVICE
from concierge.service import commands as c


@pytest.fixture
async def receiver(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Loopback]:
    async def answer(_: Asked) -> tuple[int, Any]:
        return 200, {}

    async with Loopback(answer) as server:
        port = server.url.rpartition(":")[2]
        monkeypatch.setattr("concierge.connectors.staff_apprise.PAUSES_S", (0.05, 0.05))
        monkeypatch.setenv("HOTEL_TICKETS", f"json://127.0.0.1:{port}/tickets")
        monkeypatch.setenv("HOTEL_ALARMS", f"json://127.0.0.1:{port}/alarms json://127.0.0.1:{port}/fire-room")
        yield server


def told(receiver: Loopback, path: str) -> list[str]:
    return [f"{one.body['type']} {one.body['title']}\n{one.body['message']}" for one in receiver.asked if one.path == path]


async def test_tickets_are_told_once_and_again_when_they_are_late(hotel: Open, receiver: Loopback) -> None:
    async with hotel(config("apprise", "HOTEL_TICKETS")) as house:
        order = await house.order()
        await until(lambda: told(receiver, "/tickets"))
        (first,) = told(receiver, "/tickets")
        assert first.startswith("info 3 楼 · 301 房\n毛巾 × 2\n")
        await house.service.do(c.AcceptOrder(order.data["id"]), CHEN_JING, "tap")
        await house.settled(order)
        last = await house.log.last(order.subject)
        assert last is not None
        await house.log.append(Draft(order.subject, "escalated", {**last.data, "level": 1}, SERVICE.who, last.seq))
        await until(lambda: len(told(receiver, "/tickets")) == 2)
        await house.settled(order)
        assert told(receiver, "/tickets")[1].startswith("failure [已超时] 3 楼 · 301 房")


async def test_alarms_reach_everybody_named_though_one_receiver_fails_at_first(hotel: Open, receiver: Loopback) -> None:
    receiver.fails("/fire-room", Fault(500))
    async with hotel(replace(config("apprise", None), alarms=Chat("HOTEL_ALARMS", "en"))) as house:
        raised = await house.service.do(c.RaiseIncident("fire", "着火了", 0.9), house.guest, "alarm")
        await until(lambda: len(told(receiver, "/fire-room")) == 2)
        assert told(receiver, "/alarms")[0] == "failure [EMERGENCY] Floor 3 · Room 301\nFire\nnobody has answered yet\n“着火了”"
        await house.settled(raised)
        assert [len(told(receiver, path)) for path in ("/alarms", "/fire-room", "/tickets")] == [1, 2, 0]


async def test_receiver_that_stays_away_holds_up_no_other_message_and_doubles_none(hotel: Open, receiver: Loopback) -> None:
    receiver.fails("/fire-room", *(Fault(500) for _ in range(100)))
    async with hotel(replace(config("apprise", None), alarms=Chat("HOTEL_ALARMS", "en"))) as house:
        for number in range(3):
            await house.service.do(c.RaiseIncident("fire", "着火了", 0.9), house.guest, f"alarm {number}")
        await until(lambda: len(told(receiver, "/alarms")) == 3)
        await until(lambda: not sum(house.im.waiting().values()))
        assert len(told(receiver, "/alarms")) == 3


async def test_url_that_is_none_and_variable_that_is_not_set_are_told_at_the_start_without_the_key(
    hotel: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTEL_TICKETS", "nosuch://secret-key")
    with pytest.raises(StaffImError, match="HOTEL_TICKETS holds something that is no Apprise URL") as error:
        async with hotel(config("apprise", "HOTEL_TICKETS")):
            pass
    assert "secret-key" not in str(error.value)
    with pytest.raises(StaffImError, match="HOTEL_UNSET is not set"):
        async with hotel(config("apprise", "HOTEL_UNSET")):
            pass
