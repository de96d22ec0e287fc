"""Notifications end to end: from the log to a browser's push service on the loopback, which opens and checks each."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest
from hotel_site import House, Site, bearer
from vendor.loopback import Fault
from vendor.push_service import Browser, PushService

from concierge.domain.people import SERVICE
from concierge.domain.push import Subscription, Subscriptions
from concierge.service import commands as c
from concierge.web import push_sender
from concierge.web.push_post import NotOutside, Poster, load_key, public

TOWELS = {
    "intent": "request.items",
    "slots": {"items": [{"item": "towel", "quantity": 2}]},
    "words": "王芳要两条毛巾",
    "lang": "zh",
}
Take = Callable[[str, str], Awaitable[Browser]]


@pytest.fixture
def house(house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(push_sender, "FIRST_PAUSE_S", 0.05)
    house.settings = replace(house.settings, push_inside=True)
    return house


@pytest.fixture
async def push() -> AsyncIterator[PushService]:
    async with PushService() as service:
        yield service


@pytest.fixture
async def take(site: Site, push: PushService) -> Take:
    """One of the staff turns notifications on, in a browser of their own."""

    async def take(token: str, name: str, lang: str = "zh") -> Browser:
        key = (await site.http.get("/v1/push/key", headers=bearer(token))).json()["key"]
        browser = push.browser(name, key)
        body = {**browser.subscription, "lang": lang}
        answer = await site.http.post("/v1/push/subscriptions", json=body, headers=bearer(token))
        assert answer.status_code == 201, answer.text
        return browser

    return take


async def until(so: Callable[[], bool | Awaitable[bool]]) -> None:
    for _ in range(500):
        found = so()
        if found if isinstance(found, bool) else await found:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come to that")


async def told(browser: Browser, number: int) -> list[tuple[str, str]]:
    """(title, text) of all that it shows, once there are so many."""
    await until(lambda: len(browser.shown) >= number)
    await asyncio.sleep(0.1)  # one too many would come now
    return [(one["title"], one["body"]) for one in browser.shown]


async def order(site: Site) -> str:
    answer = await site.http.post("/v1/orders", json=TOWELS, headers=bearer(await site.room("301")))
    return str(answer.json()["id"])


async def subscriptions(house: House, staff: str) -> tuple[Subscription, ...]:
    entry = await house.log.last(f"h.demo.push.{staff}")
    assert entry is not None
    return Subscriptions.of(entry.data).items


async def test_a_ticket_its_reminder_and_its_lateness_reach_its_person_and_no_guests_words(
    site: Site, house: House, stay: c.CheckedIn, take: Take
) -> None:
    mine = await take(await site.staff("chen_jing"), "chen", "zh")
    above = await take(await site.staff("zhou_min"), "zhou", "en")
    other = await take(await site.staff("li_na"), "li")
    id = await order(site)
    assert await told(mine, 1) == [("301 · 3 楼", "派给您：毛巾 × 2")]
    await site.http.post(f"/v1/orders/{id}/remind", json={"text": "快点"}, headers=bearer(await site.room("301")))
    assert (await told(mine, 2))[1] == ("301 · 3 楼", "客人又催了：毛巾 × 2")
    entry = await house.log.last(f"h.demo.order.{stay.id}.{id}")
    assert entry is not None
    await house.service.do(c.EscalateOrder(id, entry.seq, ("accept",)), SERVICE, "late")
    assert (await told(mine, 3))[2] == ("301 · 3 楼", "超时了：毛巾 × 2")
    assert await told(above, 1) == [("301 · floor 3", "Late: towel × 2")]
    assert other.shown == []
    assert "王芳" not in str(mine.shown)
    assert mine.shown[0]["url"] == "/staff#tab=tickets"
    assert {one["tag"] for one in mine.shown} == {id} == {headers["topic"] for headers in mine.headers}


async def test_mentions_direct_messages_and_alarms(site: Site, house: House, stay: c.CheckedIn, take: Take) -> None:
    mine = await take(await site.staff("chen_jing"), "chen", "en")
    guard = await take(await site.staff("li_na"), "li", "zh")
    li_na = bearer(await site.staff("li_na"))

    async def say(conversation: str, **message: Any) -> None:
        answer = await site.http.post(f"/v1/conversations/{conversation}/messages", json=message, headers=li_na)
        assert answer.status_code == 201, answer.text

    await say("dept-housekeeping", text="nobody in particular")
    await say("dept-housekeeping", text="@Chen Jing 301 has arrived", mentions=["chen_jing", "wang_wei"])
    await say("direct-chen_jing--li_na", text="王芳 is here")
    await house.service.do(c.RaiseIncident("smoke", "有烟", 0.9, "204"), SERVICE, "heard")
    assert await told(mine, 3) == [
        ("Li Na", "mentioned you, Housekeeping"),
        ("Li Na", "has written to you"),
        ("Alarm: Smoke", "204 · floor 2"),
    ]
    assert await told(guard, 1) == [("警报：烟雾", "204 · 2 楼")]  # nobody is told of their own doing
    assert [one["urgent"] for one in mine.shown] == [False, False, True]
    assert mine.headers[2]["urgency"] == "high"


@pytest.mark.parametrize(
    "fault", [Fault(503), Fault(429, {"Retry-After": "1"}), Fault(cut=True), Fault(302, {"Location": "http://127.0.0.1:1/"})]
)
async def test_what_passes_is_tried_again_and_a_redirect_is_not_followed(
    fault: Fault, site: Site, stay: c.CheckedIn, take: Take, push: PushService
) -> None:
    mine = await take(await site.staff("chen_jing"), "chen")
    push.server.fails("/send/chen", fault)
    began = asyncio.get_running_loop().time()
    await order(site)
    if fault.status == 302:
        await asyncio.sleep(0.5)
        assert (push.server.times("/send/chen"), mine.shown) == (1, [])
    else:
        assert len(await told(mine, 1)) == 1
        assert push.server.times("/send/chen") == 2
        assert asyncio.get_running_loop().time() - began >= float(fault.headers.get("Retry-After", 0))


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten(
    status: int, site: Site, house: House, stay: c.CheckedIn, take: Take, push: PushService
) -> None:
    token = await site.staff("chen_jing")
    await take(token, "old")
    kept = await take(token, "new")
    push.server.fails("/send/old", Fault(status))
    await order(site)
    await told(kept, 1)

    async def forgotten() -> bool:
        return len(await subscriptions(house, "chen_jing")) == 1

    await until(forgotten)
    (left,) = await subscriptions(house, "chen_jing")
    assert left.endpoint == kept.endpoint
    assert push.server.times("/send/old") == 1


async def test_it_ends_with_the_log_in_with_the_account_and_by_being_turned_off(
    site: Site, stay: c.CheckedIn, take: Take, push: PushService
) -> None:
    token, staying = await site.staff("chen_jing"), await site.staff("chen_jing")
    out, off = await take(token, "out"), await take(staying, "off")
    gone, there = await take(await site.staff("li_na"), "gone"), await take(staying, "there")
    await site.http.delete("/v1/sessions/current", headers=bearer(token))
    (id,) = [Subscription(off.endpoint, "", "", "zh", None, "", "").id]
    assert (await site.http.delete(f"/v1/push/subscriptions/{id}", headers=bearer(staying))).status_code == 204
    manager = bearer(await site.staff("lin_manager"))
    assert (await site.http.post("/v1/staff/li_na", json={"active": False}, headers=manager)).status_code == 200
    alarm = {"kind": "fire", "space": "204"}
    await site.http.post("/v1/incidents", json=alarm, headers=manager)
    await told(there, 1)
    assert [browser.shown for browser in (out, off, gone)] == [[], [], []]


async def test_a_device_that_two_people_use_tells_only_who_took_it_last(
    site: Site, stay: c.CheckedIn, take: Take, push: PushService
) -> None:
    await take(await site.staff("chen_jing"), "shared")
    browser = push.browsers["/send/shared"]
    body = {**browser.subscription, "lang": "zh"}
    answers = [
        await site.http.post("/v1/push/subscriptions", json=body, headers=bearer(await site.staff("li_na"), "k")) for _ in "ab"
    ]
    assert answers[0].json()["id"] == answers[1].json()["id"]
    alarm = {"kind": "fire", "space": "204"}
    await site.http.post("/v1/incidents", json=alarm, headers=bearer(await site.staff("lin_manager")))
    assert len(await told(browser, 1)) == 1


async def test_only_push_services_outside_and_keys_of_browsers_are_taken(site: Site, house: House, push: PushService) -> None:
    token = bearer(await site.staff("chen_jing"))
    good = push.browser("chen", "").subscription
    house.settings = replace(house.settings, push_inside=False)
    wrong = [
        "http://push.example.com/1", "https://127.0.0.1/1", "https://10.0.0.7/1", "https://[::1]/1", "https://169.254.169.254/1",
        "https://localhost/1", "https://printer/1", "https://2130706433/1", "https://a@push.example.com/1", "https://push.example.com:0/1",
        "https://push.example.com:99999/1", "ftp://push.example.com/1", "", "https://",
    ]  # fmt: skip
    bodies = [{**good, "endpoint": endpoint} for endpoint in wrong]
    outside = {**good, "endpoint": "https://push.example.com/1"}
    bodies += [{**outside, "keys": {**good["keys"], name: value}} for name in good["keys"] for value in ("AAAA", "A", "=", "ä")]
    for body in bodies:
        answer = await site.http.post("/v1/push/subscriptions", json=body, headers=token)
        assert answer.status_code in (400, 422), body
    assert (await site.http.post("/v1/push/subscriptions", json=outside, headers=token)).status_code == 201


async def test_a_name_that_leads_into_the_house_is_not_posted_to(house: House, push: PushService) -> None:
    """As a name does that was changed after it was taken."""
    browser = push.browser("chen", "")
    keys = browser.subscription["keys"]
    inside = browser.endpoint.replace("http://127.0.0.1", "https://localhost")
    poster = Poster(load_key(house.settings.state), "mailto:a@example.com")
    with pytest.raises(NotOutside):
        await poster.post(
            Subscription(inside, keys["p256dh"], keys["auth"], "zh", None, "", ""), {}, topic="t", ttl_s=1, urgent=False
        )
    await poster.close()
    assert push.server.asked == []


async def test_the_key_is_made_once_for_its_owner_alone_and_told_to_staff_alone(
    site: Site, house: House, stay: c.CheckedIn, push: PushService
) -> None:
    file = house.settings.state / "push.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told_key = (await site.http.get("/v1/push/key", headers=bearer(await site.staff("li_na")))).json()["key"]
    assert told_key == public(load_key(house.settings.state))
    guest = bearer(await site.room("301"))
    assert (await site.http.get("/v1/push/key", headers=guest)).status_code == 403
    body = push.browser("guest", "").subscription
    assert (await site.http.post("/v1/push/subscriptions", json=body, headers=guest)).status_code == 403
    assert (await site.http.delete("/v1/push/subscriptions/x", headers=guest)).status_code == 403
