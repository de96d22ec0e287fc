"""Asked for again, asked for more, asked for later: what is said and typed in a room, on the real log."""

from __future__ import annotations

import re

import pytest
from voice_room import Room

from concierge.domain.hotel import Property
from concierge.domain.people import Actor
from concierge.service import commands as c
from concierge.understanding import cascade
from intents.router import Router

LI_NA = Actor("staff", "li_na", role="attendant", department="housekeeping")


@pytest.fixture(scope="session")
def understander_(property_: Property) -> Router:
    """All stages: times beside things are the classifier's."""
    return cascade(property_, None)


@pytest.mark.parametrize(
    ("first", "again", "lang", "told"),
    [
        ("送两条毛巾", "送两条毛巾", "zh", "两条毛巾，刚刚已经转给客房部，我再催一下"),
        ("送两条毛巾", "我的毛巾呢", "zh", "两条毛巾，刚刚已经转给客房部，我再催一下"),
        ("two towels please", "two towels please", "en", "Two towels: that went to Housekeeping just now, I've asked again"),
        ("two towels please", "where are my towels?", "en", "Two towels: that went to Housekeeping just now, I've asked again"),
    ],
)
async def test_a_repeat_finds_the_open_order_and_tells_how_it_stands(
    room: Room, first: str, again: str, lang: str, told: str
) -> None:
    await room.types(first, lang)
    assert told in await room.types(again, lang)
    [order] = await room.orders()
    assert (order["event"], order["state"]) == ("reminded", "dispatched")
    assert [one["text"] for one in order["reminders"]] == [again]


async def test_who_has_it_and_since_when_is_told(room: Room) -> None:
    await room.types("送两条毛巾")
    [order] = await room.orders()
    await room.service.do(c.AcceptOrder(order["id"]), LI_NA, "accept")
    assert "李娜刚刚接了单" in await room.types("毛巾怎么还没来")
    assert "Li Na accepted that just now" in await room.types("where are my towels?", "en")
    await room.service.do(c.StartOrder(order["id"]), LI_NA, "start")
    assert "李娜刚刚开始办了" in await room.types("送两条毛巾")
    [order] = await room.orders()
    assert len(order["reminders"]) == 3


@pytest.mark.parametrize(
    ("first", "more", "lang"),
    [
        ("送两条毛巾", "再要两条毛巾", "zh"),
        ("送两条毛巾", "还要两条毛巾", "zh"),
        ("two towels please", "another two towels", "en"),
    ],
)
async def test_more_of_the_same_is_another_order(room: Room, first: str, more: str, lang: str) -> None:
    await room.types(first, lang)
    await room.types(more, lang)
    assert [order["state"] for order in await room.orders()] == ["dispatched", "dispatched"]


async def test_a_spoken_repeat_of_what_was_typed_is_one_order_and_can_be_called_off(room: Room) -> None:
    await room.types("送两条毛巾")
    call = room.call()
    assert "客房部" in await room.says(call, "送两条毛巾")
    assert "取消" in await room.says(call, "取消")
    [order] = await room.orders()
    assert order["state"] == "cancelled"


@pytest.mark.parametrize(
    ("said", "lang", "reply"),
    [
        ("晚上八点送两条毛巾", "zh", "两条毛巾会在.*晚上八点送来"),
        ("two towels at 8 tonight please", "en", "Two towels coming at eight o'clock"),
        ("晚上八点半打扫房间", "zh", "已经请人来打扫，时间是.*晚上八点半"),
        ("please clean my room at 8 tonight", "en", "I've asked housekeeping to come, for eight o'clock"),
    ],
)
async def test_what_is_for_later_is_told_with_its_time_and_waits(room: Room, said: str, lang: str, reply: str) -> None:
    answer = await room.types(said, lang)
    assert re.search(reply, answer), answer
    [order] = await room.orders()
    assert order["planned"]
    assert order["state"] in ("placed", "dispatched"), "dispatched where it is nearly eight now"


async def test_what_is_for_later_is_told_and_nobody_is_reminded_of_it(room: Room) -> None:
    await room.types("明天上午十点打扫房间")
    assert "上午十点" in await room.types("打扫的事情怎么样了")
    [order] = await room.orders()
    assert (order["event"], order["state"]) == ("placed", "placed")


async def test_a_time_beside_another_request_is_not_this_ones(room: Room) -> None:
    await room.types("明天早上七点叫醒我，再送两瓶水")
    states = {order["intent"]: (order["state"], bool(order["planned"])) for order in await room.orders()}
    assert states == {"request.wakeup": ("placed", True), "request.items": ("dispatched", False)}


@pytest.mark.parametrize(
    ("said", "asked", "lang", "told"),
    [
        ("空调坏了", "修空调的人呢", "zh", "维修空调，刚刚已经转给工程部"),
        ("the air conditioner is broken", "when is someone coming to fix the air conditioner", "en", "Repair of the air cond"),
    ],
)
async def test_a_repair_is_found_by_what_is_broken(room: Room, said: str, asked: str, lang: str, told: str) -> None:
    await room.types(said, lang)
    assert told in await room.types(asked, lang)


async def test_a_wake_up_call_put_off_is_one_call(room: Room) -> None:
    await room.types("明天早上七点叫醒我")
    assert "早上八点" in await room.types("把叫醒改到八点")
    assert {order["slots"]["time"]: order["state"] for order in await room.orders()} == {"07:00": "cancelled", "08:00": "placed"}
    await room.types("再加一个早上九点的叫醒")
    assert [order["state"] for order in await room.orders()].count("placed") == 2
