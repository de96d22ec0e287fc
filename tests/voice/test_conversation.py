"""One conversation by voice and chat, to the end: the devices' own states, the orders on the log."""

from __future__ import annotations

import pytest
from voice_room import Room, Words

from concierge.domain.people import Actor
from concierge.service import commands as c

LI_NA = Actor("staff", "li_na", role="attendant", department="housekeeping")


async def test_what_is_typed_after_speaking_refers_to_what_was_spoken(room: Room) -> None:
    call = room.call()
    assert "二十四" in (await room.says(call, "空调开到24度")).replace("24", "二十四")
    await room.types("再高一点")
    assert room.state("ac")["temperature"] == 25
    await room.says(call, "再低两度")
    assert room.state("ac")["temperature"] == 23


async def test_undo_puts_a_device_back_as_it_was(room: Room) -> None:
    before = dict(room.state("desk"))
    await room.types("台灯调到百分之三十")
    assert room.state("desk")["level"] == 30
    assert "恢复" in await room.types("撤销")
    assert room.state("desk")["power"] == before["power"] == "off"


async def test_undo_after_a_minute_says_so_and_does_nothing(room: Room) -> None:
    await room.types("打开台灯")
    room.clock.now += 61
    assert "一分钟" in await room.types("撤销")
    assert room.state("desk")["power"] == "on"


async def test_nothing_to_undo_is_said(room: Room) -> None:
    assert "没有" in await room.types("撤销")


async def test_undo_of_a_scene_puts_every_device_back(room: Room) -> None:
    await room.types("打开床头灯")
    before = {device: room.state(device).get("power") for device in ("ceiling", "bedside", "desk", "night")}
    await room.types("睡眠模式")
    assert room.state("bedside")["power"] != before["bedside"] or room.state("night")["power"] != before["night"]
    await room.types("弄回去")
    assert {device: room.state(device).get("power") for device in before} == before


async def test_undo_of_an_order_calls_it_off_on_the_log(room: Room) -> None:
    await room.types("送两条毛巾")
    assert [order["state"] for order in await room.orders()] == ["dispatched"]
    assert "取消" in await room.types("撤销")
    assert [order["state"] for order in await room.orders()] == ["cancelled"]


async def test_undo_takes_back_the_turn_before_the_second_time(room: Room) -> None:
    await room.types("打开台灯")
    await room.types("送两条毛巾")
    await room.types("撤销")
    await room.types("撤销")
    assert [order["state"] for order in await room.orders()] == ["cancelled"]
    assert room.state("desk")["power"] == "off"


async def test_an_emergency_is_never_undone(room: Room) -> None:
    await room.types("打开台灯")
    await room.types("着火了")
    assert "报警" in await room.types("撤销")
    assert room.state("desk")["power"] == "on"
    assert [incident["state"] for incident in await room.views.incidents()] == ["raised"]


async def test_not_that_one_the_other(room: Room) -> None:
    await room.types("打开床头灯")
    await room.types("不是那个，台灯")
    assert (room.state("bedside")["power"], room.state("desk")["power"]) == ("off", "on")


async def test_a_changed_quantity_is_the_same_order_with_other_slots(room: Room) -> None:
    await room.types("送一瓶水")
    assert "两瓶" in await room.types("换成两瓶")
    [order] = await room.orders()
    assert (order["event"], order["state"]) == ("changed", "dispatched")
    assert order["slots"] == {"items": [{"item": "water", "quantity": 2}]}
    await room.types("撤销")
    [order] = await room.orders()
    assert order["slots"] == {"items": [{"item": "water", "quantity": 1}]}


async def test_one_line_of_two_is_changed_and_the_other_stays(room: Room) -> None:
    await room.types("送两条毛巾和一个枕头")
    assert (await room.types("换成三条")).endswith("？")
    await room.types("毛巾")
    [order] = await room.orders()
    assert order["slots"]["items"] == [{"item": "towel", "quantity": 3}, {"item": "pillow", "quantity": 1}]


async def test_a_thing_replaced_by_one_of_another_kind_is_a_new_order(room: Room) -> None:
    await room.types("送一瓶水")
    await room.types("换成一杯拿铁")
    water, latte = await room.orders()
    assert (water["state"], latte["state"]) == ("cancelled", "dispatched")
    assert latte["intent"] == "order.food"


async def test_an_order_that_is_being_done_is_changed_by_a_person(room: Room) -> None:
    await room.types("送一瓶水")
    [order] = await room.orders()
    await room.service.do(c.AcceptOrder(order["id"]), LI_NA, "accept")
    await room.service.do(c.StartOrder(order["id"]), LI_NA, "start")
    assert "前台" in await room.types("换成两瓶")
    orders = await room.orders()
    assert orders[0]["slots"]["items"][0]["quantity"] == 1
    assert orders[1]["intent"] == "handoff.human"


async def test_only_the_order_that_is_named_is_called_off(room: Room) -> None:
    await room.types("two towels please", "en")
    await room.types("a taxi please", "en")
    assert "find" in await room.types("cancel the pizza", "en")
    assert [order["state"] for order in await room.orders()] == ["dispatched", "dispatched"]
    await room.types("never mind the towels", "en")
    assert [order["state"] for order in await room.orders()] == ["cancelled", "dispatched"]
    await room.types("cancel my taxi", "en")
    assert [order["state"] for order in await room.orders()] == ["cancelled", "cancelled"]


async def test_another_time_replaces_the_wake_up_call(room: Room) -> None:
    await room.types("送两条毛巾")
    assert "早上七点" in await room.types("明天早上七点叫醒我")
    assert "早上七点半" in await room.types("改成七点半")
    towels, seven, half_past = await room.orders()
    assert [towels["state"], seven["state"], half_past["state"]] == ["dispatched", "cancelled", "placed"]
    assert half_past["planned"].endswith("23:30:00.000Z")
    assert half_past["slots"] == {"time": "07:30", "day": "tomorrow"}


async def test_one_question_back_and_its_answer(room: Room) -> None:
    call = room.call()
    assert await room.says(call, "把那盏灯打开") == "哪盏灯？"
    assert room.events[-1]["asks"] == "light"
    assert "台灯" in await room.types("书桌上的")
    assert room.state("desk")["power"] == "on"


async def test_a_second_failure_is_a_persons(room: Room) -> None:
    assert await room.types("打开") == "打开什么？"
    await room.types("今天股票跌得厉害")
    assert [order["intent"] for order in await room.orders()] == ["handoff.human"]


async def test_an_answer_is_no_longer_expected_after_half_a_minute(room: Room) -> None:
    await room.types("打开")
    room.clock.now += 31
    await room.types("窗帘")
    assert room.state("curtain")["position"] == 0


async def test_a_plan_that_is_thrown_away_leaves_no_trace(room: Room) -> None:
    call = room.call()
    await room.says(call, "打开台灯")
    before = room.held.dialogue
    for words in ("空调", "空调开到二十度", "打开", "撤销", "取消"):
        await room.plans(call, words)
    assert room.held.dialogue is before
    await room.says(call, "关掉它")
    assert room.state("desk")["power"] == "off"
    assert room.held.dialogue is not before


async def test_what_was_typed_while_the_guest_spoke_counts(room: Room) -> None:
    call = room.call()
    await room.says(call, "打开台灯")
    plan = await room.plans(call, "关掉它")
    await room.types("打开电视")
    _ = [say async for say in call.commit(plan, room.turns)]
    assert (room.state("desk")["power"], room.state("tv")["power"]) == ("on", "off")


async def test_a_commit_repeated_means_what_it_meant_the_first_time(room: Room) -> None:
    call = room.call()
    await room.says(call, "空调开到二十四度")
    plan = await room.plans(call, "送两条毛巾")
    for _ in range(2):
        _ = [say async for say in call.commit(plan, room.turns)]
    assert len(await room.orders()) == 1


async def test_a_bare_sound_answers_only_a_question_that_it_fits(room: Room) -> None:
    call = room.call()
    assert call.understand(Words("嗯")).backchannel
    await room.says(call, "打开台灯")
    assert not call.understand(Words("再亮一点")).unfinished
    assert call.understand(Words("再亮一点")).complete
    assert call.understand(Words("嗯")).backchannel


async def test_a_conversation_is_forgotten_after_ten_minutes(room: Room) -> None:
    await room.types("打开台灯")
    room.clock.now += 601
    assert await room.types("关掉它") == "关掉什么？"


async def test_two_stays_do_not_share_a_conversation(room: Room) -> None:
    await room.types("打开台灯")
    stranger = Actor("guest", "g-other", stay="other", space="302")
    assert not room.dialogues.of(stranger).dialogue.turns


async def test_a_device_that_did_not_follow_can_still_be_meant(room: Room) -> None:
    room.simulator.refuse.add(("301", "desk"))
    assert "工程部" in await room.types("打开台灯")
    room.simulator.refuse.clear()
    await room.types("再打开")
    assert room.state("desk")["power"] == "on"


@pytest.mark.parametrize("words", ["yes", "好的"])
async def test_a_bare_yes_does_nothing(room: Room, words: str) -> None:
    await room.types(words)
    assert await room.orders() == []


async def test_a_yes_takes_what_an_answer_offered(room: Room) -> None:
    assert (await room.types("去机场怎么走")).endswith("？")
    await room.types("好的")
    [taxi] = await room.orders()
    assert (taxi["intent"], taxi["slots"]) == ("request.taxi", {"destination": "机场"})


async def test_an_offer_that_is_passed_over_is_no_failure(room: Room) -> None:
    await room.types("去机场怎么走")
    await room.types("今天股票跌得厉害")
    await room.types("好的")
    assert await room.orders() == []
