"""Feishu, end to end against its loopback server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import uuid4

import httpx
import pytest
from im_hotel import CHEN_JING, Open, config, until, waits
from vendor.feishu import APP_SECRET, ENCRYPT_KEY, VERIFICATION, FeishuVendor, encrypted, signed
from vendor.loopback import Fault

from concierge.domain.hotel import StaffIm as Config
from concierge.service import commands as c

MESSAGES = "/im/v1/messages"


@pytest.fixture
async def feishu(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FeishuVendor]:
    for name, value in (("SECRET", APP_SECRET), ("ENCRYPT", ENCRYPT_KEY), ("VERIFICATION", VERIFICATION)):
        monkeypatch.setenv(f"HOTEL_FEISHU_{name}", value)
    async with FeishuVendor(f"cli_{uuid4().hex}") as vendor:  # lark-oapi keeps tokens by the application's id
        yield vendor


def of(feishu: FeishuVendor) -> Config:
    return config(
        "feishu",
        "oc_hk",
        app_id=feishu.app_id,
        app_secret_env="HOTEL_FEISHU_SECRET",
        encrypt_key_env="HOTEL_FEISHU_ENCRYPT",
        verification_token_env="HOTEL_FEISHU_VERIFICATION",
        base_url=feishu.server.url,
    )


async def test_ticket_is_accepted_and_done_from_feishu_and_its_card_tells_everybody(hotel: Open, feishu: FeishuVendor) -> None:
    async with hotel(of(feishu)) as house:
        order = await house.order()
        await until(lambda: feishu.shown("oc_hk"))
        (card,) = feishu.shown("oc_hk")
        assert "3 楼 · 301 房" in card
        assert "毛巾 × 2" in card
        assert "“再要两条毛巾”" in card
        assert waits(card)
        assert await feishu.press(house.url, "ou_lina", "oc_hk", "accept") == {"type": "success", "content": "已接单：毛巾 × 2"}
        assert "李娜已接单" in feishu.shown("oc_hk")[0]  # with the answer, before any request of ours
        await feishu.press(house.url, "ou_lina", "oc_hk", "start")
        await feishu.press(house.url, "ou_lina", "oc_hk", "done")
        await house.settled(order)
        assert "李娜已完成" in feishu.shown("oc_hk")[0]
        assert len(feishu.cards) == 1
        steps = [step for step in await house.events(order) if step[0] in ("accepted", "started", "done")]
        assert steps == [(event, "staff:li_na") for event in ("accepted", "started", "done")]


async def test_the_one_who_comes_second_is_told_who_has_it_and_sees_it_on_the_card(hotel: Open, feishu: FeishuVendor) -> None:
    async with hotel(of(feishu)) as house:
        await house.order()
        await until(lambda: feishu.shown("oc_hk"))
        presses = (feishu.press(house.url, user, "oc_hk", "accept") for user in ("ou_lina", "ou_chen"))
        toasts = await asyncio.gather(*presses)
        lost = [toast["content"] for toast in toasts if toast["type"] == "warning"]
        assert lost in (["这张单已由李娜接了。"], ["这张单已由陈静接了。"])
        await until(lambda: "已接单" in feishu.shown("oc_hk")[0])


async def test_card_changes_when_the_ticket_is_taken_elsewhere(hotel: Open, feishu: FeishuVendor) -> None:
    async with hotel(of(feishu)) as house:
        order = await house.order()
        await until(lambda: feishu.shown("oc_hk"))
        await house.service.do(c.AcceptOrder(order.data["id"]), CHEN_JING, "tap")
        await until(lambda: "陈静已接单" in feishu.shown("oc_hk")[0])


async def test_forged_old_and_repeated_presses_are_refused(hotel: Open, feishu: FeishuVendor) -> None:
    async with hotel(of(feishu)) as house, httpx.AsyncClient(trust_env=False) as http:
        order = await house.order()
        await until(lambda: feishu.shown("oc_hk"))
        event = feishu.pressed("ou_lina", "oc_hk", "accept")
        body = encrypted(event)
        good = signed(body)
        bad = [
            (body, signed(body, key="another")),
            (body, signed(body, at=time.time() - 301)),
            (body, {}),
            (body, {**good, "X-Lark-Signature": b"\xe9"}),
            (encrypted(event, "another"), signed(encrypted(event, "another"))),
            (encrypted(feishu.pressed("ou_lina", "oc_hk", "accept", token="another")), None),
            (b"{}", signed(b"{}")),
            (b"[]", signed(b"[]")),
            (b'{"encrypt": "AAAA"}', signed(b'{"encrypt": "AAAA"}')),
        ]
        for content, headers in bad:
            answer = await http.post(
                f"{house.url}/im/feishu", content=content, headers=signed(content) if headers is None else headers
            )
            assert answer.status_code == 401, content
        assert [event for event, _ in await house.events(order)] == ["placed", "dispatched"]
        assert (await http.post(f"{house.url}/im/feishu", content=body, headers=good)).status_code == 200
        assert (await http.post(f"{house.url}/im/feishu", content=body, headers=good)).status_code == 401
        assert [event for event, _ in await house.events(order)] == ["placed", "dispatched", "accepted"]


async def test_address_is_checked_with_the_token_that_only_the_vendor_knows(hotel: Open, feishu: FeishuVendor) -> None:
    async with hotel(of(feishu)) as house, httpx.AsyncClient(trust_env=False) as http:
        for token, status in ((VERIFICATION, 200), ("another", 401)):
            body = encrypted({"challenge": "ajls384kdj", "token": token, "type": "url_verification"})
            answer = await http.post(f"{house.url}/im/feishu", content=body)
            assert answer.status_code == status
        body = encrypted({"challenge": "ajls384kdj", "token": VERIFICATION, "type": "url_verification"})
        assert (await http.post(f"{house.url}/im/feishu", content=body)).json() == {"challenge": "ajls384kdj"}


async def test_strangers_and_other_departments_are_told_why_not(hotel: Open, feishu: FeishuVendor) -> None:
    async with hotel(of(feishu)) as house:
        order = await house.order()
        await until(lambda: feishu.shown("oc_hk"))
        stranger = await feishu.press(house.url, "ou_nobody", "oc_hk", "accept")
        assert stranger == {"type": "warning", "content": "这个账号没有登记为本店员工，请管理员把 ou_nobody 填进员工资料。"}
        other = await feishu.press(house.url, "ou_wang", "oc_hk", "accept")
        assert other == {"type": "warning", "content": "这是客房部的单，不归您的部门。"}
        assert [event for event, _ in await house.events(order)] == ["placed", "dispatched"]


async def test_answer_is_in_time_while_the_work_goes_on(
    hotel: Open, feishu: FeishuVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concierge.connectors.callbacks.ANSWER_WITHIN_S", 0.2)
    async with hotel(of(feishu)) as house:
        await house.order()
        await until(lambda: feishu.shown("oc_hk"))
        do = house.service.do

        async def slowly(*command: object) -> object:
            await asyncio.sleep(1)
            return await do(*command)  # type: ignore[arg-type]

        monkeypatch.setattr(house.service, "do", slowly)
        began = time.monotonic()
        toast = await feishu.press(house.url, "ou_lina", "oc_hk", "accept")
        assert time.monotonic() - began < 0.9
        assert toast == {"type": "info", "content": "正在处理……"}
        await until(lambda: "李娜已接单" in feishu.shown("oc_hk")[0])


async def test_feishu_that_is_busy_down_or_talks_nonsense_loses_nothing(hotel: Open, feishu: FeishuVendor) -> None:
    feishu.server.fails("tenant_access_token/internal", Fault(500, body="oops"), Fault(200, body='{"code":10014,"msg":"no"}'))
    feishu.server.fails(
        MESSAGES,
        Fault(429, {"x-ogw-ratelimit-reset": "1"}, '{"code":99991400,"msg":"request trigger frequency limit"}'),
        Fault(400, {"Retry-After": "0.1"}, '{"code":230020,"msg":"chat rate limit"}'),
        Fault(502, body="<html>"),
        Fault(200, body="{no json"),
        Fault(cut=True, done=True),
    )
    async with hotel(of(feishu)) as house:
        order = await house.order()
        await until(lambda: feishu.shown("oc_hk"))
        await house.settled(order)
        assert len(feishu.cards) == 1  # though the one whose answer was lost was sent again
        assert feishu.server.times(MESSAGES) == 6


async def test_token_that_ran_out_early_is_fetched_anew(hotel: Open, feishu: FeishuVendor) -> None:
    async with hotel(of(feishu)) as house:
        order = await house.order()
        await until(lambda: feishu.shown("oc_hk"))
        feishu.expire()
        await house.service.do(c.AcceptOrder(order.data["id"]), CHEN_JING, "tap")
        await until(lambda: "陈静已接单" in feishu.shown("oc_hk")[0])
        assert feishu.server.times("tenant_access_token/internal") == 2


async def test_restart_posts_nothing_twice_and_brings_what_was_missed(hotel: Open, feishu: FeishuVendor) -> None:
    async with hotel(of(feishu)) as house:
        order = await house.order()
        await until(lambda: feishu.shown("oc_hk"))
        await house.settled(order)
    await house.service.do(c.AcceptOrder(order.data["id"]), CHEN_JING, "tap")
    async with hotel(of(feishu)):
        await until(lambda: "陈静已接单" in feishu.shown("oc_hk")[0])
    assert len(feishu.cards) == 1
