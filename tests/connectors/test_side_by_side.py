"""One ticket in four staff IMs at once, and what the property file says of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from importlib import resources
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from im_hotel import Open, config, until
from vendor import dingtalk, feishu, slack, wecom
from vendor.loopback import Fault

from concierge.domain.hotel import Chat
from concierge.property import PropertyError, load

FILE = """
[staff_im.slack]
token_env = "HOTEL_SLACK_TOKEN"
signing_secret_env = "HOTEL_SLACK_SIGNING_SECRET"
chat = "C0ALL"
alarms = "C0ALARM"
language = "en"
[staff_im.slack.departments.housekeeping]
chat = "C0HK"
language = "zh"

[staff_im.wecom]
corp_id = "ww1"
agent_id = 1000002
secret_env = "HOTEL_WECOM_SECRET"
token_env = "HOTEL_WECOM_TOKEN"
aes_key_env = "HOTEL_WECOM_AES_KEY"
base_url = "https://wecom.hotel.example"
chat = "party:1"
"""


@pytest.fixture
async def vendors(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[dict[str, Any]]:
    for name, value in {
        "SLACK_TOKEN": slack.TOKEN,
        "SLACK_SECRET": slack.SIGNING_SECRET,
        "FEISHU_SECRET": feishu.APP_SECRET,
        "FEISHU_KEY": feishu.ENCRYPT_KEY,
        "FEISHU_TOKEN": feishu.VERIFICATION,
        "WECOM_SECRET": wecom.SECRET,
        "WECOM_TOKEN": wecom.TOKEN,
        "WECOM_KEY": wecom.AES_KEY,
        "DINGTALK_SECRET": dingtalk.CLIENT_SECRET,
    }.items():
        monkeypatch.setenv(name, value)
    async with AsyncExitStack() as stack:
        yield {
            "slack": await stack.enter_async_context(slack.SlackVendor()),
            "feishu": await stack.enter_async_context(feishu.FeishuVendor(f"cli_{uuid4().hex}")),
            "wecom": await stack.enter_async_context(wecom.WecomVendor()),
            "dingtalk": await stack.enter_async_context(dingtalk.DingtalkVendor()),
        }


def everywhere(vendors: dict[str, Any]) -> list[Any]:
    return [
        config("slack", "CHK", token_env="SLACK_TOKEN", signing_secret_env="SLACK_SECRET", base_url=vendors["slack"].url),
        config(
            "feishu",
            "oc_hk",
            app_id=vendors["feishu"].app_id,
            app_secret_env="FEISHU_SECRET",
            encrypt_key_env="FEISHU_KEY",
            verification_token_env="FEISHU_TOKEN",
            base_url=vendors["feishu"].server.url,
        ),
        config(
            "wecom",
            "party:2",
            corp_id=wecom.CORP_ID,
            agent_id=wecom.AGENT_ID,
            secret_env="WECOM_SECRET",
            token_env="WECOM_TOKEN",
            aes_key_env="WECOM_KEY",
            base_url=vendors["wecom"].server.url,
        ),
        config(
            "dingtalk",
            "cid1",
            client_id=dingtalk.CLIENT_ID,
            client_secret_env="DINGTALK_SECRET",
            template=dingtalk.TEMPLATE,
            base_url=vendors["dingtalk"].server.url,
        ),
    ]


PLACES = {"slack": "CHK", "feishu": "oc_hk", "wecom": "toparty:2", "dingtalk": "IM_GROUP.cid1"}


def all_show(vendors: dict[str, Any], words: str) -> bool:
    return all(any(words in card for card in vendors[name].shown(place)) for name, place in PLACES.items())


async def test_accepted_in_one_it_changes_in_all_and_who_presses_elsewhere_is_told(hotel: Open, vendors: dict[str, Any]) -> None:
    async with hotel(*everywhere(vendors)) as house:
        order = await house.order()
        await until(lambda: all_show(vendors, "301 房") and vendors["dingtalk"].lines)
        await vendors["slack"].press(house.url, "ULINA", "CHK", "accept")
        await until(lambda: all_show(vendors, "李娜已接单"))
        toast = await vendors["feishu"].press(house.url, "ou_chen", "oc_hk", "done")
        assert toast["content"] == "这张单已由李娜接了。"
        await vendors["dingtalk"].press("0101", PLACES["dingtalk"], "start")
        await until(lambda: all_show(vendors, "李娜正在办理"))
        await vendors["wecom"].press(house.url, "LiNa", PLACES["wecom"], "done")
        await until(lambda: all_show(vendors, "李娜已完成"))
        assert [event for event, _ in await house.events(order)] == ["placed", "dispatched", "accepted", "started", "done"]


async def test_four_press_accept_in_four_ims_at_once_and_one_wins(hotel: Open, vendors: dict[str, Any]) -> None:
    async with hotel(*everywhere(vendors)) as house:
        for _ in range(5):
            order = await house.order()
            await house.settled(order)
            await until(lambda: vendors["dingtalk"].lines)
            await asyncio.gather(
                vendors["slack"].press(house.url, "ULINA", "CHK", "accept"),
                vendors["feishu"].press(house.url, "ou_chen", "oc_hk", "accept"),
                vendors["wecom"].press(house.url, "LiNa", PLACES["wecom"], "accept"),
                vendors["dingtalk"].press("0102", PLACES["dingtalk"], "accept"),
            )
            await house.im.drained()
            await house.settled(order)
            last = await house.log.last(order.subject)
            assert last is not None
            winner = {"li_na": "李娜", "chen_jing": "陈静"}[last.data["holder"]]
            for name, place in PLACES.items():
                assert f"{winner}已接单" in vendors[name].shown(place)[-1], name
            assert [event for event, _ in await house.events(order)].count("accepted") == 1


async def test_one_that_is_down_delays_none_and_catches_up(hotel: Open, vendors: dict[str, Any]) -> None:
    vendors["wecom"].server.fails("/message/send", *(Fault(503) for _ in range(4)))
    vendors["feishu"].server.fails("/im/v1/messages", Fault(429, {"Retry-After": "2"}, '{"code":99991400,"msg":"busy"}'))
    async with hotel(*everywhere(vendors)) as house:
        await house.order()
        await until(lambda: vendors["slack"].shown("CHK") and vendors["dingtalk"].shown(PLACES["dingtalk"]), 1.5)
        assert not vendors["feishu"].shown("oc_hk")
        await until(lambda: all_show(vendors, "301 房"))


def example(more: str) -> str:
    return (resources.files("concierge") / "example" / "property.toml").read_text("utf-8") + more


def test_property_file_says_which_department_goes_where(tmp_path: Path) -> None:
    file = tmp_path / "property.toml"
    file.write_text(example(FILE).replace("[staff.li_na]\n", '[staff.li_na]\nim = { slack = "ULINA" }\n'), "utf-8")
    property = load(file)
    first, second = property.staff_im
    assert (first.vendor, first.language, first.chat, first.alarms) == ("slack", "en", Chat("C0ALL", "en"), Chat("C0ALARM", "en"))
    assert first.departments == {"housekeeping": Chat("C0HK", "zh")}
    assert first.options["base_url"] == "https://slack.com/api"
    assert (second.vendor, second.chat) == ("wecom", Chat("party:1", "zh"))
    assert second.options["base_url"] == "https://wecom.hotel.example"
    assert property.staff["li_na"].im == {"slack": "ULINA"}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('token_env = "HOTEL_SLACK_TOKEN"', 'token_env = "xoxb-1-secret"', "no name of an environment variable"),
        ('chat = "C0ALL"', 'chat = ""', "staff_im.slack.chat: found a text; expected a text that is not empty"),
        ('language = "en"', 'language = "fr"', "staff_im.slack.language: 'fr' is unknown; expected one of zh, en"),
        ("departments.housekeeping", "departments.housekeping", "no such department here"),
        ("agent_id = 1000002", "", "staff_im.wecom.agent_id: is missing; expected a whole number"),
        ("[staff_im.wecom]", "[staff_im.wechat]", "staff_im.wechat: unknown key 'wechat'"),
        ("corp_id =", "corpid =", "staff_im.wecom.corpid: unknown key 'corpid'; expected one of"),
    ],
)
def test_mistakes_in_the_property_file_are_told_without_what_may_be_a_secret(
    tmp_path: Path, before: str, after: str, told: str
) -> None:
    file = tmp_path / "property.toml"
    file.write_text(example(FILE.replace(before, after, 1)), "utf-8")
    with pytest.raises(PropertyError) as error:
        load(file)
    assert told in str(error.value)
    assert "xoxb" not in str(error.value)


def test_two_people_with_one_user_id_are_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "property.toml"
    text = example(FILE)
    for person in ("li_na", "chen_jing"):
        text = text.replace(f"[staff.{person}]\n", f'[staff.{person}]\nim = {{ slack = "U1" }}\n')
    file.write_text(text, "utf-8")
    with pytest.raises(PropertyError, match=r"staff\.chen_jing\.im\.slack: stands at staff\.li_na\.im\.slack too"):
        load(file)
