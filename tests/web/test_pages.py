"""The pages in a real browser: what a guest and a member of staff see of each other."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hotel_site import House, Site, bearer

from concierge.domain.people import SERVICE
from concierge.service.commands import CheckedIn, CheckOut, RaiseIncident, Say

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed: no browser test")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: no browser test")

FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
]
# wait_for_function would evaluate a string in the page, which its Content-Security-Policy forbids.
UNTIL = """async () => {{
  while (!({})) await new Promise((go) => setTimeout(go, 50));
}}"""
SETTLED = UNTIL.format("document.querySelector('concierge-room').state.messages.length === 1")
HEARS_US = UNTIL.format("""[...(await document.querySelector('concierge-room').call.peer.getStats()).values()]
  .some((report) => report.type === 'inbound-rtp' && report.totalSamplesReceived > 4800)""")
TOWELS = {"intent": "request.items", "slots": {"items": [{"item": "towel", "quantity": 2}]}, "words": "两条毛巾", "lang": "zh"}


class Browser:
    """Opens pages and notes what they complain of and what they ask of other machines."""

    def __init__(self, chromium: Any, site: Site) -> None:
        self._chromium = chromium
        self.url = site.url
        self.complaints: list[str] = []

    async def open(self, path: str) -> Any:
        context = await self._chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")
        page = await context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._watch(request.url))
        await page.goto(self.url + path)
        return page

    def _watch(self, url: str) -> None:
        if not url.removeprefix("blob:").startswith(self.url):
            self.complaints.append(f"asked elsewhere: {url}")

    async def room(self, room: str = "301") -> Any:
        page = await self.open("/room")
        await page.click(f'[data-room="{room}"]')
        await page.wait_for_selector('.page[data-ready="yes"]')
        return page

    async def staff(self, user: str) -> Any:
        page = await self.open("/staff")
        await page.click(f'[data-user="{user}"]')
        await page.wait_for_selector(".dot.live")
        return page


@pytest.fixture
async def browser(site: Site) -> AsyncIterator[Browser]:
    async with playwright.async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        browser = Browser(chromium, site)
        yield browser
        await chromium.close()
    assert browser.complaints == []


async def test_accept_and_done_on_staff_are_seen_in_the_room(browser: Browser, site: Site, stay: CheckedIn) -> None:
    room, staff = await browser.room(), await browser.staff("chen_jing")  # who gets it: all else alike, the first by name
    await site.http.post("/v1/orders", json=TOWELS, headers=bearer(await site.room("301")))
    ticket = staff.locator("staff-ticket article")
    await ticket.wait_for()
    assert await ticket.locator(".room").inner_text() == "301"
    assert "两条毛巾" in await ticket.inner_text()
    for verb, state in (("accept", "accepted"), ("start", "started"), ("done", "done")):
        await staff.locator(f'[data-verb="{verb}"]').click()
        await room.wait_for_selector(f'room-order [data-state="{state}"]')
    assert "请打 1 到 5 分" in await room.locator(".theirs").last.inner_text()
    await room.locator("room-order .star").nth(4).click()
    await room.fill("room-order input[name=comment]", "很快")
    await room.keyboard.press("Enter")
    await room.wait_for_selector('room-order [data-state="rated"]')
    await staff.locator('[data-tab="finished"]').click()
    await staff.wait_for_selector(".stars >> text=★★★★★")
    await staff.locator("[data-details]").click()
    await staff.wait_for_selector("staff-details >> text=「很快」")


async def test_taps_in_a_dead_spot_are_kept_and_a_colleague_who_was_faster_is_named(
    browser: Browser, site: Site, house: House, stay: CheckedIn
) -> None:
    """Two tickets, a phone without a network: both are tapped through, the page is closed and opened again. One of them a
    colleague has accepted meanwhile."""
    room, colleague = bearer(await site.room("301")), bearer(await site.staff("li_na"))
    staff = await browser.staff("chen_jing")
    orders = [
        (await site.http.post("/v1/orders", json={**TOWELS, "words": words}, headers=room)).json() for words in ("一", "二")
    ]
    manager = bearer(await site.staff("lin_manager"))
    for order in orders:
        await site.http.post(f"/v1/orders/{order['id']}/assign", json={"to": "chen_jing"}, headers=manager)
        await staff.locator(f'[data-list="mine"] [data-order="{order["id"]}"]').wait_for()
    await staff.evaluate("navigator.serviceWorker.ready")
    await staff.context.set_offline(True)
    await staff.evaluate("document.querySelector('concierge-staff').sync.client.drop()")  # as a line does that is dead
    for order in orders:
        for verb in ("accept", "done"):
            await staff.locator(f'[data-order="{order["id"]}"] [data-verb="{verb}"]').click()
    await staff.wait_for_selector("text=没有网络：4 步等着同步")
    await staff.reload()
    await staff.wait_for_selector("text=没有网络：4 步等着同步")
    await staff.locator('[data-tab="finished"]').click()
    assert await staff.locator('[data-list="finished"] >> text=待同步').count() == 2
    await site.http.post(f"/v1/orders/{orders[1]['id']}/accept", headers=colleague)
    await staff.context.set_offline(False)
    await staff.wait_for_selector(".toast >> text=李娜 已经接了")
    await staff.locator('[data-tab="others"]').click()
    await staff.locator(f'[data-list="others"] [data-order="{orders[1]["id"]}"][data-state="accepted"]').wait_for()
    await staff.wait_for_selector(".dot.live")
    assert await staff.locator("text=待同步").count() == 0
    events = {id: [entry.event async for entry in house.log.read(f"h.demo.order.*.{id}")] for id in (o["id"] for o in orders)}
    done, taken = events.values()
    assert done[-2:] == ["accepted", "done"]
    assert (taken.count("accepted"), "done" in taken) == (1, False)


async def test_the_lamp_lights_only_when_it_has_confirmed(browser: Browser, house: House, stay: CheckedIn) -> None:
    room = await browser.room()
    house.devices.may_confirm.clear()
    lamp = room.locator('room-device[data-device="bedside"]')
    await lamp.locator("button").click()
    await lamp.locator(".waiting").wait_for()
    assert await lamp.get_attribute("data-power") == "unknown"
    house.devices.may_confirm.set()
    await room.wait_for_selector('room-device[data-device="bedside"][data-power="on"]')
    await lamp.locator(".lit").wait_for()


async def test_a_silent_lamp_is_said_to_be_silent(browser: Browser, house: House, stay: CheckedIn) -> None:
    house.devices.silent.add("bedside")
    room = await browser.room()
    lamp = room.locator('room-device[data-device="bedside"]')
    await lamp.locator("button").click()
    await lamp.locator("text=没有反应").wait_for()
    assert await lamp.get_attribute("data-power") == "unknown"


async def test_what_is_typed_is_on_the_log_and_stands_once(browser: Browser, house: House, stay: CheckedIn) -> None:
    room = await browser.room()
    await room.fill("input[name=text]", "打开床头灯")
    await room.keyboard.press("Enter")
    await room.wait_for_selector(".mine:not(.waiting) >> text=打开床头灯")
    assert await room.locator(".mine").count() == 1
    await house.service.do(Say(f"stay-{stay.id}", "好的，床头灯开了。", "zh"), SERVICE, "reply")
    await room.wait_for_selector(".theirs >> text=好的，床头灯开了。")
    said = [entry.data["text"] async for entry in house.log.read(f"h.demo.im.stay-{stay.id}")]
    assert said == ["打开床头灯", "好的，床头灯开了。"]


async def test_a_call_carries_sound_and_shows_what_was_heard(browser: Browser, house: House, stay: CheckedIn) -> None:
    room = await browser.room()
    await room.click("#talk")
    await room.wait_for_selector('#talk[data-state="live"]')
    (call,) = house.calls
    call.send_event({"type": "heard", "turn": 1, "text": "打开", "lang": "zh", "final": False})
    await room.wait_for_selector(".mine.interim >> text=打开")
    call.send_event({"type": "heard", "turn": 1, "text": "打开床头灯", "lang": "zh", "final": True})
    await room.wait_for_selector(".mine:not(.interim) >> text=打开床头灯")
    call.send_event({"type": "reply", "turn": 1, "text": "好的，床头灯开了。", "kind": "reply"})
    await room.wait_for_selector(".theirs >> text=好的，床头灯开了。")
    guest = await house.service.open_stay("301")
    assert guest is not None
    about = {"call": "c-1", "turn": 1}
    await house.service.do(Say(f"stay-{stay.id}", "打开床头灯", "zh", "voice", about), guest.guest, "heard")
    await room.evaluate(SETTLED)
    assert await room.locator(".mine").count() == 1  # the caption has become the message
    await room.evaluate(HEARS_US)
    assert house.frames > 0
    await room.click("#talk")
    await room.wait_for_selector('#talk[data-state="ended"]')
    await call.closed.wait()


async def test_a_rooms_link_opens_it_and_does_not_stay_in_the_address(browser: Browser, stay: CheckedIn) -> None:
    for link in (f"/room#code={stay.code}", f"/room?code={stay.code}"):
        room = await browser.open(link)
        await room.wait_for_selector('.page[data-ready="yes"]')
        assert room.url == f"{browser.url}/room"
        assert await room.locator("h1").inner_text() == "301 房"
        await room.locator("header button").click()
        assert await room.locator("h1").inner_text() == "Room 301"


async def test_check_out_closes_the_room(browser: Browser, house: House, stay: CheckedIn) -> None:
    room = await browser.room()
    await house.service.do(CheckOut(stay.id), SERVICE, "out")
    await room.wait_for_selector("text=您的入住已结束")
    await room.reload()
    await room.wait_for_selector("room-entry")


async def test_an_alarm_stands_above_everything_until_it_is_cleared(browser: Browser, house: House, stay: CheckedIn) -> None:
    staff = await browser.staff("he_tao")
    await house.service.do(RaiseIncident("smoke", "走廊里有烟味", 0.86, "204"), SERVICE, "heard")
    alarm = staff.locator("staff-incident article")
    await alarm.wait_for()
    assert "走廊里有烟味" in await alarm.inner_text()
    await alarm.locator('[data-verb="ack"]').click()
    await alarm.locator("text=何涛 正在处理").wait_for()
    await alarm.locator('[data-verb="clear"]').click()
    await alarm.wait_for(state="detached")


async def test_the_page_comes_back_by_itself(browser: Browser, house: House, stay: CheckedIn) -> None:
    room = await browser.room()
    await room.evaluate("document.querySelector('concierge-room').socket.drop()")
    await house.service.do(Say(f"stay-{stay.id}", "while away", "en"), SERVICE, "1")
    await room.wait_for_selector(".theirs >> text=while away")
    await house.service.do(Say(f"stay-{stay.id}", "and after", "en"), SERVICE, "2")
    await room.wait_for_selector(".theirs >> text=and after")
    assert await room.locator(".theirs").count() == 2
