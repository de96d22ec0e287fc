"""WeCom, end to end against its loopback server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest
from im_hotel import CHEN_JING, TOWELS, Open, config, until, waits
from vendor.loopback import Fault
from vendor.wecom import AES_KEY, AGENT_ID, CORP_ID, SECRET, TOKEN, WecomVendor, encrypted, signed

from concierge.connectors.desk import StaffImError
from concierge.domain.hotel import StaffIm as Config
from concierge.service import commands as c

SEND = "/message/send"
PLACE = "toparty:2"


@pytest.fixture
async def wecom(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[WecomVendor]:
    for name, value in (("SECRET", SECRET), ("TOKEN", TOKEN), ("AES_KEY", AES_KEY)):
        monkeypatch.setenv(f"HOTEL_WECOM_{name}", value)
    async with WecomVendor() as vendor:
        yield vendor


def of(wecom: WecomVendor) -> Config:
    return config(
        "wecom",
        "party:2",
        corp_id=CORP_ID,
        agent_id=AGENT_ID,
        secret_env="HOTEL_WECOM_SECRET",
        token_env="HOTEL_WECOM_TOKEN",
        aes_key_env="HOTEL_WECOM_AES_KEY",
        base_url=wecom.server.url,
    )


async def test_ticket_is_accepted_and_done_from_wecom_and_its_card_tells_everybody(hotel: Open, wecom: WecomVendor) -> None:
    async with hotel(of(wecom)) as house:
        order = await house.order()
        await until(lambda: wecom.shown(PLACE))
        (card,) = wecom.shown(PLACE)
        assert "3 楼 · 301 房" in card
        assert "毛巾 × 2" in card
        assert "再要两条毛巾" in card
        assert waits(card)
        answer = await wecom.press(house.url, "LiNa", PLACE, "accept")
        assert (answer.status_code, answer.text) == (200, "")
        await until(lambda: "李娜已接单" in wecom.shown(PLACE)[0])
        await wecom.press(house.url, "LiNa", PLACE, "start")
        await until(lambda: "李娜正在办理" in wecom.shown(PLACE)[0])
        await wecom.press(house.url, "LiNa", PLACE, "done")
        await until(lambda: "李娜已完成" in wecom.shown(PLACE)[0])
        await house.settled(order)
        assert (len(wecom.cards), wecom.withdrawn, wecom.told) == (1, [], [])
        steps = [step for step in await house.events(order) if step[0] in ("accepted", "started", "done")]
        assert steps == [(event, "staff:li_na") for event in ("accepted", "started", "done")]


async def test_the_one_who_comes_second_is_told_who_has_it_and_sees_it_on_the_card(hotel: Open, wecom: WecomVendor) -> None:
    async with hotel(of(wecom)) as house:
        await house.order()
        await until(lambda: wecom.shown(PLACE))
        presses = (wecom.press(house.url, user, PLACE, "accept") for user in ("LiNa", "ChenJing"))
        assert {answer.status_code for answer in await asyncio.gather(*presses)} == {200}
        await until(lambda: wecom.told)
        assert wecom.told in ([("ChenJing", "这张单已由李娜接了。")], [("LiNa", "这张单已由陈静接了。")])
        # Withdrawn and sent anew, no card lies there for a moment.
        await until(lambda: (cards := wecom.shown(PLACE)) and "已接单" in cards[0])


async def test_card_changes_when_the_ticket_is_taken_elsewhere_also_when_no_code_is_left(hotel: Open, wecom: WecomVendor) -> None:
    async with hotel(of(wecom)) as house:
        order = await house.order()
        await until(lambda: wecom.shown(PLACE))
        (first,) = wecom.cards
        await house.service.do(c.AcceptOrder(order.data["id"]), CHEN_JING, "accept")
        await until(lambda: "陈静已接单" in wecom.shown(PLACE)[0])
        assert list(wecom.cards) == [first]
        # The one code of the sending is used: the card is withdrawn and comes anew, and its buttons work.
        await house.service.do(c.StartOrder(order.data["id"]), CHEN_JING, "start")
        await until(lambda: wecom.shown(PLACE) and "陈静正在办理" in wecom.shown(PLACE)[0])
        assert wecom.withdrawn == [first]
        await wecom.press(house.url, "ChenJing", PLACE, "done")
        await until(lambda: "陈静已完成" in wecom.shown(PLACE)[0])
        assert len(wecom.cards) == 1


async def test_forged_old_and_repeated_presses_are_refused(hotel: Open, wecom: WecomVendor) -> None:
    async with hotel(of(wecom)) as house:
        order = await house.order()
        await until(lambda: wecom.shown(PLACE))
        text = encrypted(wecom.pressed("LiNa", PLACE, "accept"))
        other_corp = encrypted(wecom.pressed("LiNa", PLACE, "accept"), "ww-another")
        good = signed(text)
        for content, params in (
            (text, signed(text, token="another")),
            (text, signed(text, at=time.time() - 301)),
            (text, {}),
            (text, {**good, "nonce": "another"}),
            (encrypted(wecom.pressed("ChenJing", PLACE, "accept")), good),
            (other_corp, signed(other_corp)),
            ("AAAA", signed("AAAA")),
            ("not base64!", signed("not base64!")),
        ):
            assert (await wecom.call(house.url, content, params)).status_code == 401
        other_application = encrypted(wecom.pressed("LiNa", PLACE, "accept", agent=7))
        assert (await wecom.call(house.url, other_application)).status_code == 200
        await house.im.drained()
        assert [event for event, _ in await house.events(order)] == ["placed", "dispatched"]
        assert (await wecom.call(house.url, text, good)).status_code == 200
        await until(lambda: "李娜已接单" in wecom.shown(PLACE)[0])
        assert (await wecom.call(house.url, text, good)).status_code == 401
        assert [event for event, _ in await house.events(order)] == ["placed", "dispatched", "accepted"]


async def test_address_is_checked_by_an_echo(hotel: Open, wecom: WecomVendor) -> None:
    async with hotel(of(wecom)) as house, httpx.AsyncClient(trust_env=False) as http:
        echo = encrypted("5927782489442352469")
        answer = await http.get(f"{house.url}/im/wecom", params={**signed(echo), "echostr": echo})
        assert (answer.status_code, answer.text) == (200, "5927782489442352469")
        forged = await http.get(f"{house.url}/im/wecom", params={**signed(echo, token="x"), "echostr": echo})
        assert forged.status_code == 401


async def test_strangers_and_other_departments_are_told_why_not(hotel: Open, wecom: WecomVendor) -> None:
    async with hotel(of(wecom)) as house:
        order = await house.order()
        await until(lambda: wecom.shown(PLACE))
        await wecom.press(house.url, "Nobody", PLACE, "accept")
        await wecom.press(house.url, "WangWei", PLACE, "accept")
        await until(lambda: len(wecom.told) == 2)
        assert dict(wecom.told) == {
            "Nobody": "这个账号没有登记为本店员工，请管理员把 Nobody 填进员工资料。",
            "WangWei": "这是客房部的单，不归您的部门。",
        }
        assert [event for event, _ in await house.events(order)] == ["placed", "dispatched"]


async def test_wecom_that_is_busy_down_or_talks_nonsense_loses_nothing(
    hotel: Open, wecom: WecomVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concierge.connectors.courier.LONGEST_WAIT_S", 0.5)  # it asks for a minute
    wecom.server.fails("/gettoken", Fault(500), Fault(200, body='{"errcode":40001,"errmsg":"invalid credential"}'))
    wecom.server.fails(
        SEND,
        Fault(200, body='{"errcode":45009,"errmsg":"api freq out of limit"}'),
        Fault(200, body='{"errcode":-1,"errmsg":"system busy"}'),
        Fault(429, {"Retry-After": "0.1"}),
        Fault(200, body="{no json"),
        Fault(200, body="[]"),
        Fault(cut=True, done=True),
    )
    async with hotel(of(wecom)) as house:
        order = await house.order()
        await until(lambda: wecom.shown(PLACE))
        await house.settled(order)
        assert len(wecom.cards) == 1  # though the one whose answer was lost was sent again
        assert wecom.server.times(SEND) == 7
        # Its code is not known to us: the first change takes a new card, which works.
        await house.service.do(c.AcceptOrder(order.data["id"]), CHEN_JING, "accept")
        await until(lambda: "陈静已接单" in wecom.shown(PLACE)[-1])


async def test_token_that_ran_out_early_is_fetched_anew(hotel: Open, wecom: WecomVendor) -> None:
    async with hotel(of(wecom)) as house:
        order = await house.order()
        await until(lambda: wecom.shown(PLACE))
        wecom.expire()
        await house.service.do(c.AcceptOrder(order.data["id"]), CHEN_JING, "tap")
        await until(lambda: "陈静已接单" in wecom.shown(PLACE)[0])
        assert wecom.server.times("/gettoken") == 2


async def test_long_words_are_cut_to_what_a_card_takes(hotel: Open, wecom: WecomVendor) -> None:
    async with hotel(of(wecom)) as house:
        await house.order(c.PlaceOrder(TOWELS.intent, TOWELS.slots, "<b>&" + "很长的话" * 400, "zh"))
        await until(lambda: wecom.shown(PLACE))


async def test_key_of_the_wrong_length_is_told_at_the_start(
    hotel: Open, wecom: WecomVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTEL_WECOM_AES_KEY", "short")
    with pytest.raises(StaffImError, match="HOTEL_WECOM_AES_KEY is no EncodingAESKey of 43 characters"):
        async with hotel(of(wecom)):
            pass


async def test_answer_comes_at_once_while_the_work_goes_on(
    hotel: Open, wecom: WecomVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hotel(of(wecom)) as house:
        await house.order()
        await until(lambda: wecom.shown(PLACE))
        do = house.service.do

        async def slowly(*command: object) -> object:
            await asyncio.sleep(1)
            return await do(*command)  # type: ignore[arg-type]

        monkeypatch.setattr(house.service, "do", slowly)
        began = time.monotonic()
        assert (await wecom.press(house.url, "LiNa", PLACE, "accept")).status_code == 200
        assert time.monotonic() - began < 0.9
        await until(lambda: "李娜已接单" in wecom.shown(PLACE)[0])
