"""DingTalk, end to end against its loopback server."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from im_hotel import CHEN_JING, Open, config, until, waits
from vendor.dingtalk import CLIENT_ID, CLIENT_SECRET, TEMPLATE, TOPIC, DingtalkVendor
from vendor.loopback import Fault

from concierge.domain.hotel import StaffIm as Config
from concierge.service import commands as c

SEND = "/createAndDeliver"
GROUP, PLACE = "cidHk==", "IM_GROUP.cidHk=="


@pytest.fixture
async def dingtalk(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DingtalkVendor]:
    monkeypatch.setenv("HOTEL_DINGTALK_SECRET", CLIENT_SECRET)
    monkeypatch.setattr("concierge.connectors.staff_dingtalk.FIRST_PAUSE_S", 0.05)
    async with DingtalkVendor() as vendor:
        yield vendor


def of(dingtalk: DingtalkVendor, chat: str = GROUP) -> Config:
    options = {"client_id": CLIENT_ID, "client_secret_env": "HOTEL_DINGTALK_SECRET", "template": TEMPLATE}
    return config("dingtalk", chat, **options, base_url=dingtalk.server.url)


async def test_ticket_is_accepted_and_done_from_dingtalk_and_its_card_tells_everybody(
    hotel: Open, dingtalk: DingtalkVendor
) -> None:
    async with hotel(of(dingtalk)) as house:
        order = await house.order()
        await until(lambda: dingtalk.shown(PLACE) and dingtalk.lines)
        (card,) = dingtalk.shown(PLACE)
        assert "3 楼 · 301 房" in card
        assert "毛巾 × 2" in card
        assert "再要两条毛巾" in card
        assert waits(card)
        await dingtalk.press("0101", PLACE, "accept")
        assert "李娜已接单" in dingtalk.shown(PLACE)[0]  # with the answer, before any request of ours
        await dingtalk.press("0101", PLACE, "start")
        await dingtalk.press("0101", PLACE, "done")
        await house.settled(order)
        assert "李娜已完成" in dingtalk.shown(PLACE)[0]
        assert dingtalk.noted == [("0101", f"已{word}：毛巾 × 2") for word in ("接单", "开始", "完成")]
        assert len(dingtalk.cards) == 1
        steps = [step for step in await house.events(order) if step[0] in ("accepted", "started", "done")]
        assert steps == [(event, "staff:li_na") for event in ("accepted", "started", "done")]


async def test_the_one_who_comes_second_is_told_who_has_it_and_sees_it_on_the_card(hotel: Open, dingtalk: DingtalkVendor) -> None:
    async with hotel(of(dingtalk)) as house:
        await house.order()
        await until(lambda: dingtalk.shown(PLACE) and dingtalk.lines)
        await asyncio.gather(*(dingtalk.press(user, PLACE, "accept") for user in ("0101", "0102")))
        notes = {note for _, note in dingtalk.noted}
        assert notes in ({"已接单：毛巾 × 2", "这张单已由李娜接了。"}, {"已接单：毛巾 × 2", "这张单已由陈静接了。"})
        assert "已接单" in dingtalk.shown(PLACE)[0]


async def test_card_changes_when_the_ticket_is_taken_elsewhere(hotel: Open, dingtalk: DingtalkVendor) -> None:
    async with hotel(of(dingtalk)) as house:
        order = await house.order()
        await until(lambda: dingtalk.shown(PLACE))
        await house.service.do(c.AcceptOrder(order.data["id"]), CHEN_JING, "tap")
        await until(lambda: "陈静已接单" in dingtalk.shown(PLACE)[0])


async def test_frame_that_comes_again_acts_once(hotel: Open, dingtalk: DingtalkVendor) -> None:
    """The vendor repeats a frame that it has no answer to."""
    async with hotel(of(dingtalk)) as house:
        order = await house.order()
        await until(lambda: dingtalk.shown(PLACE) and dingtalk.lines)
        data = dingtalk.pressed("0101", PLACE, "accept")
        for _ in range(3):
            assert (await dingtalk.send("CALLBACK", TOPIC, data, "the same"))["code"] == 200
        assert [event for event, _ in await house.events(order)].count("accepted") == 1


async def test_presses_come_by_the_stream_alone_which_needs_the_applications_secret(
    hotel: Open, dingtalk: DingtalkVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTEL_DINGTALK_SECRET", "another")
    async with hotel(of(dingtalk)) as house, httpx.AsyncClient(trust_env=False) as http:
        await until(lambda: dingtalk.server.times("/connections/open") >= 2)
        assert dingtalk.lines == []
        assert (await http.post(f"{house.url}/im/dingtalk", json={})).status_code == 404


async def test_pings_nonsense_and_unknown_frames_do_no_harm(hotel: Open, dingtalk: DingtalkVendor) -> None:
    async with hotel(of(dingtalk)) as house:
        await house.order()
        await until(lambda: dingtalk.shown(PLACE) and dingtalk.lines)
        pong = await dingtalk.send("SYSTEM", "ping", {"opaque": "xyz"})
        assert (pong["code"], pong["data"]) == (200, '{"opaque": "xyz"}')
        for raw in (
            "{no json",
            "[]",
            "{}",
            '{"type":"CALLBACK"}',
            json.dumps({"type": "CALLBACK", "headers": {"topic": TOPIC}, "data": "[]"}),
        ):
            await dingtalk.lines[-1].send(raw)
        await dingtalk.press("0101", PLACE, "accept")
        assert "李娜已接单" in dingtalk.shown(PLACE)[0]


async def test_stream_that_ends_breaks_or_is_refused_is_opened_again(hotel: Open, dingtalk: DingtalkVendor) -> None:
    dingtalk.server.fails("/connections/open", Fault(500), Fault(200, body="{no json"), Fault(401, body='{"code":"authFailed"}'))
    async with hotel(of(dingtalk)) as house:
        await house.order()
        await until(lambda: dingtalk.shown(PLACE) and dingtalk.lines)
        first = dingtalk.lines[-1]
        await dingtalk.send("SYSTEM", "disconnect", {"reason": "the server is renewed"})
        await until(lambda: dingtalk.lines and dingtalk.lines[-1] is not first)
        second = dingtalk.lines[-1]
        second.transport.abort()
        await until(lambda: dingtalk.lines and dingtalk.lines[-1] is not second)
        await dingtalk.press("0101", PLACE, "accept")
        assert "李娜已接单" in dingtalk.shown(PLACE)[0]


async def test_strangers_and_other_departments_are_told_why_not(hotel: Open, dingtalk: DingtalkVendor) -> None:
    async with hotel(of(dingtalk)) as house:
        order = await house.order()
        await until(lambda: dingtalk.shown(PLACE) and dingtalk.lines)
        await dingtalk.press("9999", PLACE, "accept")
        await dingtalk.press("0201", PLACE, "accept")
        assert dingtalk.noted == [
            ("9999", "这个账号没有登记为本店员工，请管理员把 9999 填进员工资料。"),
            ("0201", "这是客房部的单，不归您的部门。"),
        ]
        assert [event for event, _ in await house.events(order)] == ["placed", "dispatched"]


async def test_answer_is_in_time_while_the_work_goes_on(
    hotel: Open, dingtalk: DingtalkVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concierge.connectors.callbacks.ANSWER_WITHIN_S", 0.2)
    async with hotel(of(dingtalk)) as house:
        await house.order()
        await until(lambda: dingtalk.shown(PLACE) and dingtalk.lines)
        do = house.service.do

        async def slowly(*command: object) -> object:
            await asyncio.sleep(1)
            return await do(*command)  # type: ignore[arg-type]

        monkeypatch.setattr(house.service, "do", slowly)
        began = time.monotonic()
        await dingtalk.press("0101", PLACE, "accept")
        assert time.monotonic() - began < 0.9
        assert dingtalk.noted == [("0101", "正在处理……")]
        await until(lambda: "李娜已接单" in dingtalk.shown(PLACE)[0])


async def test_dingtalk_that_is_busy_down_or_talks_nonsense_loses_nothing(
    hotel: Open, dingtalk: DingtalkVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concierge.connectors.courier.LONGEST_WAIT_S", 0.3)  # it is waited for as long as it asks
    dingtalk.server.fails("/accessToken", Fault(500), Fault(400, body='{"code":"invalidClientIdOrSecret"}'))
    dingtalk.server.fails(
        SEND,
        Fault(403, body='{"code":"Forbidden.AccessDenied.QpsLimitForApi","message":"qps"}'),
        Fault(429, {"Retry-After": "0.1"}),
        Fault(503, body='{"code":"ServiceUnavailable"}'),
        Fault(200, body="{no json"),
        Fault(cut=True, done=True),
    )
    async with hotel(of(dingtalk)) as house:
        order = await house.order()
        await until(lambda: dingtalk.shown(PLACE))
        await house.settled(order)
        assert len(dingtalk.cards) == 1
        assert dingtalk.server.times(SEND) == 6


async def test_token_that_ran_out_early_is_fetched_anew(hotel: Open, dingtalk: DingtalkVendor) -> None:
    async with hotel(of(dingtalk)) as house:
        order = await house.order()
        await until(lambda: dingtalk.shown(PLACE))
        dingtalk.expire()
        await house.service.do(c.AcceptOrder(order.data["id"]), CHEN_JING, "tap")
        await until(lambda: "陈静已接单" in dingtalk.shown(PLACE)[0])
        assert dingtalk.server.times("/accessToken") == 2


async def test_card_goes_to_a_person_too(hotel: Open, dingtalk: DingtalkVendor) -> None:
    async with hotel(of(dingtalk, "user:0101")) as house:
        await house.order()
        await until(lambda: dingtalk.shown("IM_ROBOT.0101"))
