"""Slack, end to end against its loopback server."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import httpx
import pytest
from im_hotel import CHEN_JING, TOWELS, Open, config, until, waits
from vendor.loopback import Fault
from vendor.slack import SIGNING_SECRET, TOKEN, SlackVendor

from concierge.connectors import staff_im
from concierge.connectors.staff_slack import Slack
from concierge.domain.event import Draft
from concierge.domain.people import SERVICE
from concierge.service import commands as c


@pytest.fixture
async def slack(monkeypatch):
    monkeypatch.setenv("HOTEL_SLACK_TOKEN", TOKEN)
    monkeypatch.setenv("HOTEL_SLACK_SIGNING_SECRET", SIGNING_SECRET)
    async with SlackVendor() as vendor:
        yield vendor


def of(slack: SlackVendor, chat: str | None = "CHK", language: str = "en"):
    options = {"token_env": "HOTEL_SLACK_TOKEN", "signing_secret_env": "HOTEL_SLACK_SIGNING_SECRET", "base_url": slack.url}
    return config("slack", chat, language, **options)


async def test_ticket_is_accepted_and_done_from_slack_and_its_card_tells_everybody(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(of(slack)) as house:
        order = await house.order()
        await until(lambda: slack.shown("CHK"))
        (card,) = slack.shown("CHK")
        assert "Floor 3 · Room 301" in card
        assert "towel × 2" in card
        assert "“再要两条毛巾”" in card
        assert waits(card)
        answer = await slack.press(house.url, "ULINA", "CHK", "accept")
        assert (answer.status_code, answer.text) == (200, "")
        await until(lambda: "Li Na has accepted" in slack.shown("CHK")[0])
        assert "Accept" not in slack.shown("CHK")[0].splitlines()
        await slack.press(house.url, "ULINA", "CHK", "start")
        await until(lambda: "Li Na is on it" in slack.shown("CHK")[0])
        await slack.press(house.url, "ULINA", "CHK", "done")
        await until(lambda: "Li Na has done it" in slack.shown("CHK")[0])
        assert len(slack.cards) == 1
        assert slack.told == []
        steps = [step for step in await house.events(order) if step[0] in ("accepted", "started", "done")]
        assert steps == [(event, "staff:li_na") for event in ("accepted", "started", "done")]


async def test_the_one_who_comes_second_is_told_who_has_it_and_sees_it_on_the_card(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(of(slack)) as house:
        order = await house.order()
        await until(lambda: slack.shown("CHK"))
        pressed = [slack.pressed(user, "CHK", "accept") for user in ("ULINA", "UCHEN")]
        async with httpx.AsyncClient(trust_env=False) as http:
            posts = [http.post(f"{house.url}/im/slack", content=body, headers=slack.signed(body)) for body in pressed]
            assert {answer.status_code for answer in await asyncio.gather(*posts)} == {200}
        await until(lambda: slack.told)
        last = await house.log.last(order.subject)
        assert last is not None
        winner, loser = ("Li Na", "UCHEN") if last.data["holder"] == "li_na" else ("Chen Jing", "ULINA")
        told = {"UCHEN": f"{winner} has this one.", "ULINA": f"这张单已由{'李娜' if winner == 'Li Na' else '陈静'}接了。"}
        assert slack.told == [(loser, told[loser])]
        await until(lambda: f"{winner} has accepted" in slack.shown("CHK")[0])
        assert [event for event, _ in await house.events(order)].count("accepted") == 1


async def test_card_changes_when_the_ticket_is_taken_elsewhere(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(of(slack)) as house:
        order = await house.order()
        await until(lambda: slack.shown("CHK"))
        await house.service.do(c.AcceptOrder(order.data["id"]), CHEN_JING, "tap")
        await until(lambda: "Chen Jing has accepted" in slack.shown("CHK")[0])
        await house.service.do(c.CancelOrder(order.data["id"]), house.guest, "cancel")
        await until(lambda: "cancelled" in slack.shown("CHK")[0])
        assert "Done" not in slack.shown("CHK")[0].splitlines()


async def test_forged_old_and_repeated_presses_are_refused(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(of(slack)) as house, httpx.AsyncClient(trust_env=False) as http:
        order = await house.order()
        await until(lambda: slack.shown("CHK"))
        url, body = f"{house.url}/im/slack", slack.pressed("ULINA", "CHK", "accept")
        good = slack.signed(body)
        bad = [
            slack.signed(body, secret="another"),
            slack.signed(body, at=time.time() - 301),
            slack.signed(body, at=time.time() + 301),
            {**good, "X-Slack-Signature": ""},
            {**good, "X-Slack-Request-Timestamp": "yesterday"},
            {"Content-Type": good["Content-Type"]},
        ]
        for headers in bad:
            assert (await http.post(url, content=body, headers=headers)).status_code == 401
        assert (await http.post(url, content=body.replace(b"ULINA", b"UCHEN"), headers=good)).status_code == 401
        assert (await http.post(url, content=b"x" * 300_000, headers=slack.signed(b"x" * 300_000))).status_code == 413
        assert [event for event, _ in await house.events(order)] == ["placed", "dispatched"]
        assert (await http.post(url, content=body, headers=good)).status_code == 200
        await until(lambda: "Li Na has accepted" in slack.shown("CHK")[0])
        assert (await http.post(url, content=body, headers=good)).status_code == 401
        assert [event for event, _ in await house.events(order)] == ["placed", "dispatched", "accepted"]


async def test_press_that_is_repeated_under_a_new_signature_acts_once(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(of(slack)) as house, httpx.AsyncClient(trust_env=False) as http:
        order = await house.order()
        await until(lambda: slack.shown("CHK"))
        body = slack.pressed("ULINA", "CHK", "accept")
        for at in (time.time(), time.time() - 1):
            assert (await http.post(f"{house.url}/im/slack", content=body, headers=slack.signed(body, at=at))).status_code == 200
        await until(lambda: "Li Na has accepted" in slack.shown("CHK")[0])
        await house.settled(order)
        assert slack.told == []
        assert [event for event, _ in await house.events(order)].count("accepted") == 1


async def test_strangers_and_other_departments_are_told_why_not(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(of(slack)) as house:
        order = await house.order()
        await until(lambda: slack.shown("CHK"))
        await slack.press(house.url, "USTRANGER", "CHK", "accept")
        await slack.press(house.url, "UWANG", "CHK", "accept")
        await until(lambda: len(slack.told) == 2)
        assert dict(slack.told) == {
            "USTRANGER": "This account is not registered as staff here. Ask the administrator to enter USTRANGER with your record.",
            "UWANG": "这是客房部的单，不归您的部门。",
        }
        assert [event for event, _ in await house.events(order)] == ["placed", "dispatched"]


async def test_guests_words_mention_nobody(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(of(slack)) as house:
        await house.order(c.PlaceOrder(TOWELS.intent, TOWELS.slots, "<!channel> <https://evil.example|free> *now*", "en"))
        await until(lambda: slack.shown("CHK"))
        (card,) = slack.cards.values()
        where = [block["text"] for block in card["blocks"] if "evil.example" in str(block)]
        assert [text["type"] for text in where] == ["plain_text"]
        assert "<!channel>" not in card["text"]


async def test_slack_that_is_busy_down_slow_or_talks_nonsense_loses_nothing(hotel: Open, slack: SlackVendor) -> None:
    slack.server.fails(
        "chat.postMessage",
        Fault(429, {"Retry-After": "1"}, '{"ok":false,"error":"ratelimited"}'),
        Fault(500, body="<html>"),
        Fault(200, body="{no json"),
        Fault(cut=True),
        Fault(200, body='{"ok":false,"error":"internal_error"}'),
    )
    async with hotel(of(slack)) as house:
        began = time.monotonic()
        await house.order()
        await until(lambda: slack.shown("CHK"))
        assert time.monotonic() - began >= 1  # the Retry-After
        assert slack.server.times("chat.postMessage") == 6
        slack.server.fails("chat.update", Fault(503), Fault(cut=True, done=True))
        await slack.press(house.url, "ULINA", "CHK", "accept")
        await until(lambda: "Li Na has accepted" in slack.shown("CHK")[0])
    assert len(slack.cards) == 1


async def test_card_that_slack_will_not_have_holds_up_no_other(
    hotel: Open, slack: SlackVendor, caplog: pytest.LogCaptureFixture
) -> None:
    async with hotel(of(slack)) as house:
        slack.server.fails("chat.postMessage", Fault(200, body='{"ok":false,"error":"channel_not_found"}'))
        first = await house.order()
        await house.settled(first)
        assert "channel_not_found" in caplog.text
        await house.order()
        await until(lambda: slack.shown("CHK"))


async def test_restart_posts_nothing_twice_and_brings_what_was_missed(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(of(slack)) as house:
        orders = [await house.order() for _ in range(3)]
        await until(lambda: len(slack.cards) == 3)
    # While the connectors are away: one is taken, one is over, one comes new.
    await house.service.do(c.AcceptOrder(orders[0].data["id"]), CHEN_JING, "tap")
    await house.service.do(c.CancelOrder(orders[1].data["id"]), house.guest, "cancel")
    new = await house.order()
    async with hotel(of(slack)) as again:
        await until(lambda: len(slack.cards) == 4)
        await again.settled(new)
        shown = slack.shown("CHK")
        assert ["Chen Jing has accepted" in shown[0], "cancelled" in shown[1]] == [True, True]
        assert [waits(card) for card in shown] == [False, False, True, True]
        assert slack.server.times("chat.postMessage") == 4


async def test_killed_connectors_start_from_what_the_log_says(hotel: Open, slack: SlackVendor, monkeypatch) -> None:
    """Nothing was noted on the way out: all is read again, nothing is sent again."""

    async def nothing(_: object) -> None: ...

    with monkeypatch.context() as killed:
        killed.setattr("concierge.connectors.courier.Courier.note", nothing)
        async with hotel(of(slack)) as house:
            order = await house.order()
            await until(lambda: slack.shown("CHK"))
            await house.settled(order)
    asked = len(slack.server.asked)
    async with hotel(of(slack)) as again:
        await again.settled(order)
        assert len(slack.server.asked) == asked


async def test_order_that_was_over_before_it_could_be_shown_is_not_shown(hotel: Open, slack: SlackVendor) -> None:
    async with hotel() as house:
        order = await house.order()
        await house.service.do(c.CancelOrder(order.data["id"]), house.guest, "cancel")
    async with hotel(of(slack)) as again:
        new = await again.order()
        await again.settled(new)
        assert len(slack.cards) == 1


class OtherSlack(Slack):
    vendor = "other"


async def test_a_vendor_that_hangs_delays_no_other(hotel: Open, slack: SlackVendor, monkeypatch) -> None:
    monkeypatch.setattr("concierge.connectors.staff_slack.TIMEOUT_S", 0.5)
    async with SlackVendor() as other:
        slack.server.fails("chat.postMessage", *(Fault(silent_s=30) for _ in range(3)))
        monkeypatch.setitem(staff_im.VENDORS, "other", OtherSlack)  # type: ignore[arg-type]
        async with hotel(of(slack), replace(of(other), vendor="other")) as house:
            began = time.monotonic()
            await house.order()
            await until(lambda: other.shown("CHK"))
            assert time.monotonic() - began < 0.5
            await until(lambda: slack.shown("CHK"))


async def test_assignee_is_named_and_mentioned_and_alone_where_the_department_has_no_chat(
    hotel: Open, slack: SlackVendor
) -> None:
    async with hotel(of(slack)) as house:
        order = await house.order()
        await until(lambda: slack.shown("CHK"))
        await _assigned(house, order, "chen_jing")
        await until(lambda: "with Chen Jing, not accepted yet <@UCHEN>" in slack.shown("CHK")[0])
    async with hotel(of(slack, None)) as house:
        order = await house.order()
        await _assigned(house, order, "chen_jing")
        await until(lambda: slack.shown("UCHEN"))


async def _assigned(house, order, person) -> None:
    """As a dispatch to a person leaves the order on the log."""
    last = await house.log.last(order.subject)
    data = {**last.data, "assignee": person}
    await house.log.append(Draft(order.subject, "dispatched", data, SERVICE.who, last.seq))


async def test_answer_comes_at_once_while_the_work_goes_on(
    hotel: Open, slack: SlackVendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with hotel(of(slack)) as house:
        await house.order()
        await until(lambda: slack.shown("CHK"))
        do = house.service.do

        async def slowly(*command: object) -> object:
            await asyncio.sleep(1)
            return await do(*command)  # type: ignore[arg-type]

        monkeypatch.setattr(house.service, "do", slowly)
        began = time.monotonic()
        assert (await slack.press(house.url, "ULINA", "CHK", "accept")).status_code == 200
        assert time.monotonic() - began < 0.9
        await until(lambda: "Li Na has accepted" in slack.shown("CHK")[0])


async def test_who_presses_on_an_outdated_card_gets_the_card_as_it_is(hotel: Open, slack: SlackVendor) -> None:
    async with hotel(of(slack)) as house:
        order = await house.order()
        await until(lambda: slack.shown("CHK"))
        outdated = dict(slack.cards)
        await house.service.do(c.AcceptOrder(order.data["id"]), CHEN_JING, "tap")
        await until(lambda: "Chen Jing has accepted" in slack.shown("CHK")[0])
        slack.cards.update(outdated)  # a client that missed the change
        await slack.press(house.url, "ULINA", "CHK", "accept")
        await until(lambda: "Chen Jing has accepted" in slack.shown("CHK")[0])
