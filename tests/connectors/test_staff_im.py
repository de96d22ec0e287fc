"""What all staff IMs share: which chat a ticket goes to and in which language, who is who, what is missing at the start."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest
from im_hotel import CHEN_JING, LI_NA, Open, config, until
from vendor.slack import SIGNING_SECRET, TOKEN, SlackVendor

from concierge.connectors.desk import StaffImError
from concierge.connectors.replays import Replays
from concierge.connectors.staff_directory import Directory
from concierge.domain.account import Account
from concierge.domain.event import Draft, Entry, now
from concierge.domain.hotel import Chat, Property
from concierge.domain.hotel import StaffIm as Config
from concierge.domain.people import SERVICE, guest, staff
from concierge.domain.sight import seen
from concierge.service import commands as c

TAP = c.PlaceOrder("request.repair", {"asset": "sink"}, "the sink leaks", "en")


@pytest.fixture
async def slack(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    monkeypatch.setenv("HOTEL_SLACK_TOKEN", TOKEN)
    monkeypatch.setenv("HOTEL_SLACK_SIGNING_SECRET", SIGNING_SECRET)
    async with SlackVendor() as vendor:
        yield vendor


def of(slack: SlackVendor, chat: str | None = None) -> Config:
    options = {"token_env": "HOTEL_SLACK_TOKEN", "signing_secret_env": "HOTEL_SLACK_SIGNING_SECRET", "base_url": slack.url}
    return config("slack", chat, "en", **options)


async def test_each_department_has_its_chat_and_language_and_the_rest_the_common_one(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(replace(of(slack, "CALL"), departments={"housekeeping": Chat("CHK", "zh")})) as house:
        await house.order()
        await house.order(TAP)
        await until(lambda: slack.shown("CHK") and slack.shown("CALL"))
        assert "3 楼 · 301 房" in slack.shown("CHK")[0]
        assert "Floor 3 · Room 301" in slack.shown("CALL")[0]


async def test_late_ticket_is_shown_to_those_above_too_and_changes_in_both_places(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(replace(of(slack, "CHK"), escalations=Chat("CBOSS", "zh"))) as house:
        order = await house.order()
        await until(lambda: slack.shown("CHK"))
        last = await house.log.last(order.subject)
        assert last is not None
        await house.log.append(Draft(order.subject, "escalated", {**last.data, "level": 1}, SERVICE.who, last.seq))
        await until(lambda: slack.shown("CBOSS"))
        await until(lambda: "[LATE]" in slack.shown("CHK")[0])
        assert "[已超时]" in slack.shown("CBOSS")[0]
        await slack.press(house.url, "ULINA", "CBOSS", "accept")
        await until(lambda: "Li Na has accepted" in slack.shown("CHK")[0] and "李娜已接单" in slack.shown("CBOSS")[0])


async def test_chat_that_the_vendor_does_not_know_keeps_no_other_from_its_card(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(replace(of(slack, "nowhere"), escalations=Chat("CBOSS", "zh"))) as house:
        order = await house.order()
        last = await house.log.last(order.subject)
        assert last is not None
        await house.log.append(Draft(order.subject, "escalated", {**last.data, "level": 1}, SERVICE.who, last.seq))
        await until(lambda: slack.shown("CBOSS"))


async def test_alarm_is_shown_without_buttons_until_it_is_cleared(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(replace(of(slack), alarms=Chat("CALARM", "en"))) as house:
        raised = await house.service.do(c.RaiseIncident("smoke", "smells burnt", 0.8), house.guest, "alarm")
        await until(lambda: slack.shown("CALARM"))
        assert slack.shown("CALARM")[0].startswith("[EMERGENCY] Floor 3 · Room 301\n*Smoke*")
        await house.service.do(c.AckIncident(raised.data["id"]), LI_NA, "ack")
        await until(lambda: "Li Na is on the way" in slack.shown("CALARM")[0])


async def test_user_id_that_a_manager_changed_counts_at_once_and_who_left_presses_in_vain(
    hotel: Open, slack: SlackVendor
) -> None:
    async with hotel(of(slack, "CHK")) as house:
        order = await house.order()
        await until(lambda: slack.shown("CHK"))
        for person, change in (("li_na", {"active": False}), ("chen_jing", {"im": {"slack": "UNEW"}})):
            data = replace(Account.first(house.service.world.property.staff[person]), **change).data()  # type: ignore[arg-type]
            await house.log.append(Draft(f"h.demo.staff.{person}", "changed", data, SERVICE.who, None))
        await until(lambda: house.im.knows("slack", "UNEW"))
        for user in ("ULINA", "UCHEN"):
            await slack.press(house.url, user, "CHK", "accept")
        await until(lambda: len(slack.told) == 2)
        assert all("not registered" in text for _, text in slack.told)
        await slack.press(house.url, "UNEW", "CHK", "accept")
        await until(lambda: "Chen Jing has accepted" in slack.shown("CHK")[0])
        assert (await house.log.last(order.subject)).data["holder"] == "chen_jing"  # type: ignore[union-attr]


def test_somebody_who_is_not_in_the_property_file_is_known_from_the_log(property_: Property) -> None:
    directory = Directory(property_)
    data = {"id": "new", "name": {"en": "New"}, "role": "attendant", "department": "housekeeping", "im": {"feishu": "ou_new"}}
    directory.learn(Entry(1, "h.demo.staff.new", "hired", data, "staff:lin", now()))
    found = directory.find("feishu", "", "ou_new")
    assert found is not None
    assert found.actor == staff("new", "attendant", "housekeeping")
    assert directory.find("feishu", "") is None


async def test_secret_that_is_not_set_is_named_at_the_start(hotel: Open, slack: SlackVendor, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.delenv("HOTEL_SLACK_SIGNING_SECRET")
    with pytest.raises(
        StaffImError, match=r"\[staff_im\.slack\]: the environment variable HOTEL_SLACK_SIGNING_SECRET is not set"
    ):
        async with hotel(of(slack, "CHK")):
            pass


@pytest.mark.parametrize(
    ("vendor", "package"),
    [
        ("slack", "slack_bolt.async_app"),
        ("feishu", "lark_oapi"),
        ("wecom", "wechatpy.enterprise.crypto"),
        ("dingtalk", "dingtalk_stream"),
        ("apprise", "apprise"),
    ],
)
async def test_package_that_is_not_installed_is_told_with_what_to_install(hotel: Open, monkeypatch, vendor, package) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setitem(sys.modules, package, None)  # what Python takes for "cannot be imported"
    with pytest.raises(StaffImError, match=r"pip install concierge-voice\[staff-im\]"):
        async with hotel(config(vendor, "CHK")):
            pass


def test_where_cards_lie_is_nobodys_to_see() -> None:
    entry = Entry(7, "h.demo.card.o1", "shown", {"order": "o1", "seq": 1, "vendors": {}}, "service:concierge", now())
    for actor in (CHEN_JING, staff("lin", "manager", "management"), staff("emma", "desk", "front_desk"), guest("s1", "301")):
        assert seen(entry, actor) is None


def test_memory_of_callbacks_is_bounded_and_forgets_what_is_too_old_to_be_valid() -> None:
    replays = Replays(window_s=300, limit=3)
    assert [replays.first(key, 0.0) for key in ("a", "b", "a", "c")] == [True, True, False, True]
    assert [replays.first("d", 1.0), replays.first("b", 1.0), replays.first("a", 1.0)] == [True, False, True]
    assert replays.first("d", 700.0)
    assert [replays.fresh(stamped, 1000.0) for stamped in ("700", "1300", "699", "1301", None, "", "x", "nan", "1e400")] == [
        True, True, False, False, False, False, False, False, False,
    ]  # fmt: skip
