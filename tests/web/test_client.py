"""The JavaScript client in a real browser against the real service: nothing typed is lost, doubled or out of order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from hotel_site import House, Site
from test_pages import CHROMIUM, FLAGS, playwright

from concierge.domain.conversation import of_stay, of_two
from concierge.domain.people import SERVICE
from concierge.service.commands import CheckedIn, Say

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: no browser test")

OPEN = """async ([token, account, options]) => {
  const { Client } = await import('/static/client.js');
  const client = (window.client = new Client(token, { account, ...options }));
  window.heard = [];
  for (const name of ['event', 'ready', 'reset', 'state', 'refused', 'failed', 'cursors', 'typing', 'presence']) {
    client.on(name, (detail) => window.heard.push([name, detail]));
  }
  client.start();
}"""
UNTIL = """async () => {{
  for (const end = Date.now() + 15000; !({0}); await new Promise((go) => setTimeout(go, 20))) {{
    if (Date.now() > end) throw new Error(`not so: {0}; ${{JSON.stringify(window.heard)}}`);
  }}
}}"""
HEARD = "window.heard.some(([name]) => name === '{}')"
TEXTS = "window.heard.filter(([name, e]) => name === 'event' && e.event === 'said').map(([, e]) => e.data.text)"


class Lines:
    """Contexts of one browser; ``cut`` keeps their sockets from the service, as a dead spot does."""

    def __init__(self, chromium: Any, site: Site) -> None:
        self._chromium = chromium
        self.site = site
        self.cut = False
        self.mute = False
        """The line looks open and carries nothing, as after a phone's sleep."""

    async def context(self) -> Any:
        return await self._chromium.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN")

    async def page(self, context: Any = None, path: str = "/") -> Any:
        page = await (context or await self.context()).new_page()
        page.set_default_timeout(10_000)

        async def routed(ws: Any) -> None:
            if self.cut:
                await ws.close(code=1001, reason="")
                return
            server = ws.connect_to_server()
            ws.on_message(lambda message: None if self.mute else server.send(message))
            server.on_message(lambda message: None if self.mute else ws.send(message))

        await page.route_web_socket("**/v1/socket", routed)
        await page.goto(self.site.url + path)
        return page

    async def client(self, who: str, page: Any = None, **options: Any) -> Any:
        """A page with nothing but the module; ``window.client`` is of ``who``."""
        page = page or await self.page()
        kind, _, name = who.partition(":")
        token = await (self.site.staff(name) if kind == "staff" else self.site.room("301"))
        await page.evaluate(OPEN, [token, who, options])
        if not self.cut:
            await page.evaluate(UNTIL.format(HEARD.format("ready")))
        return page

    async def drop(self, page: Any) -> None:
        self.cut = True
        await page.evaluate("client.drop()")


@pytest.fixture
async def lines(site: Site) -> AsyncIterator[Lines]:
    async with playwright.async_playwright() as driver:
        chromium = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield Lines(chromium, site)
        await chromium.close()


async def texts(house: House, conversation: str) -> list[str]:
    return [e.data["text"] async for e in house.log.read(f"h.demo.im.{conversation}") if e.event == "said"]


async def test_typed_in_a_dead_spot_it_survives_a_reload_and_arrives_once(lines: Lines, house: House, stay: CheckedIn) -> None:
    context = await lines.context()
    page = await lines.page(context, f"/room#token={await lines.site.room('301')}")
    await page.wait_for_selector('.page[data-ready="yes"]')
    lines.cut = True
    await page.evaluate("document.querySelector('concierge-room').socket.drop()")
    typed = [f"第 {n} 条" for n in range(5)]
    for text in typed:
        await page.fill("input[name=text]", text)
        await page.keyboard.press("Enter")
    await page.wait_for_selector(f".mine.waiting >> text={typed[-1]}")
    await page.reload()
    await page.wait_for_selector(f".mine.waiting >> text={typed[-1]}")
    assert await page.locator(".mine.waiting").count() == 5
    assert await texts(house, of_stay(stay.id)) == []
    lines.cut = False
    await page.wait_for_selector(f".mine:not(.waiting) >> text={typed[-1]}", timeout=20_000)
    assert await page.locator(".mine").count() == 5
    assert await texts(house, of_stay(stay.id)) == typed
    await page.reload()
    await page.wait_for_selector('.page[data-ready="yes"]')
    assert await page.locator(".mine").all_inner_texts() == [*typed[:4], f"{typed[4]} 已发送"]
    assert await page.evaluate("Object.keys(localStorage).filter((key) => key.includes('outbox'))") == []


async def test_two_pages_of_one_device_send_what_both_hold_once(lines: Lines, house: House, stay: CheckedIn) -> None:
    context, me, talk = await lines.context(), f"guest:{stay.id}", of_stay(stay.id)
    one, other = await lines.page(context), await lines.page(context)
    lines.cut = True
    await lines.client(me, one)
    await one.evaluate("(talk) => { for (let n = 0; n < 10; n += 1) client.send(talk, `a${n}`); }", talk)
    await lines.client(me, other)
    await other.evaluate("(talk) => { for (let n = 0; n < 10; n += 1) client.send(talk, `b${n}`); }", talk)
    lines.cut = False
    for page in (one, other):
        await page.evaluate(UNTIL.format("client.live && !client.pending().length"))
    said = await texts(house, talk)
    assert sorted(said) == sorted([f"{page}{n}" for page in "ab" for n in range(10)])
    assert [text for text in said if text[0] == "a"] == [f"a{n}" for n in range(10)]


async def test_a_message_is_sent_then_delivered_then_read(lines: Lines, house: House, stay: CheckedIn) -> None:
    talk = of_two("emma", "li_na")
    emma = await lines.client("staff:emma", since=0)
    await emma.evaluate("(talk) => client.send(talk, '301 要毛巾').done", talk)
    await emma.evaluate(UNTIL.format(HEARD.format("event")))
    state = "client.statesOf(window.heard.find(([name, e]) => name === 'event' && e.event === 'said')[1])"
    assert await emma.evaluate(state) == {"state": "sent", "read": [], "delivered": []}
    li_na = await lines.client("staff:li_na", since=0)
    await emma.evaluate(UNTIL.format(f"{state}.state === 'delivered'"))
    (said,) = [e.seq async for e in house.log.read(f"h.demo.im.{talk}")]
    await li_na.evaluate("([talk, seq]) => client.read(talk, seq)", [talk, said])
    await emma.evaluate(UNTIL.format(f"{state}.state === 'read'"))
    assert await emma.evaluate(state) == {"state": "read", "read": ["staff:li_na"], "delivered": ["staff:li_na"]}
    # delivered is on no log: who comes back is told again, and what was read stays read
    again = await lines.client("staff:emma", since=0)
    assert await again.evaluate(state) == {"state": "read", "read": ["staff:li_na"], "delivered": ["staff:li_na"]}


async def test_typing_and_who_is_here_are_told_to_whom_it_concerns(lines: Lines, house: House, stay: CheckedIn) -> None:
    wang_wei = await lines.client("staff:wang_wei", presence=True)
    guest = await lines.client(f"guest:{stay.id}", presence=True)
    emma = await lines.client("staff:emma", presence=True)
    await wang_wei.evaluate(UNTIL.format("window.heard.some(([name, f]) => name === 'presence' && f.who === 'staff:emma')"))
    await emma.evaluate("(talk) => client.typing(talk)", of_stay(stay.id))
    await guest.evaluate(UNTIL.format(HEARD.format("typing")))
    heard = await emma.evaluate("window.heard.filter(([name]) => name === 'presence').map(([, f]) => f.who)")
    assert set(heard) == {"staff:wang_wei", f"guest:{stay.id}"}
    assert await guest.evaluate(f"{HEARD.format('presence')}") is False
    assert await wang_wei.evaluate("window.heard.filter(([name, f]) => name === 'typing' || f?.who?.startsWith('guest'))") == []


async def test_edits_and_withdrawals_wait_their_turn_and_a_refusal_is_told(lines: Lines, house: House, stay: CheckedIn) -> None:
    emma = await lines.client("staff:emma", since=0)
    await emma.evaluate("client.send('dept-housekeeping', 'first').done")
    seq = await house.log.end()
    await lines.drop(emma)
    await emma.evaluate(
        """(seq) => {
          client.edit('dept-housekeeping', seq, 'better');
          client.send('direct-li_na--zhou_min', 'not mine');
          client.send('dept-housekeeping', 'second');
          client.withdraw('dept-housekeeping', seq);
        }""",
        seq,
    )
    lines.cut = False
    await emma.evaluate(UNTIL.format("client.live && client.pending().every((item) => item.state === 'failed')"))
    events = [(e.event, e.data.get("text")) async for e in house.log.read("h.demo.im.dept-housekeeping")]
    assert events == [("said", "first"), ("edited", "better"), ("said", "second"), ("withdrawn", None)]
    (failed,) = await emma.evaluate("client.pending().map((item) => [item.frame.text, item.error.code])")
    assert failed == ["not mine", "forbidden"]
    await emma.evaluate("client.dismiss(client.pending()[0])")
    assert await emma.evaluate("client.pending().length") == 0


async def test_a_tap_in_a_dead_spot_is_done_once_the_line_is_back(lines: Lines, house: House, stay: CheckedIn) -> None:
    guest = await lines.site.http.post(
        "/v1/orders",
        json={"intent": "request.items", "slots": {"items": [{"item": "towel"}]}, "words": "毛巾", "lang": "zh"},
        headers={"Authorization": f"Bearer {await lines.site.room('301')}"},
    )
    order = guest.json()["id"]
    context = await lines.context()
    page = await lines.client("staff:li_na", await lines.page(context))
    await context.set_offline(True)
    await page.evaluate("(order) => { client.act(`/v1/orders/${order}/accept`); client.act(`/v1/orders/${order}/done`); }", order)
    await page.evaluate("client.drop()")
    await context.set_offline(False)
    await page.evaluate(UNTIL.format("!client.pending().length"))
    events = [e.event async for e in house.log.read(f"h.demo.order.*.{order}")]
    assert events == ["placed", "dispatched", "accepted", "done"]


async def test_a_line_that_died_in_its_sleep_is_found_when_the_page_is_back(lines: Lines, house: House, stay: CheckedIn) -> None:
    emma = await lines.client("staff:emma")
    lines.mute = True
    await emma.evaluate("client.send('dept-housekeeping', 'after a nap')")
    await emma.evaluate("window.dispatchEvent(new Event('online'))")
    assert await emma.evaluate("client.live")
    await emma.evaluate(UNTIL.format("!client.live"))
    lines.mute = False
    await emma.evaluate(UNTIL.format("client.live && !client.pending().length"))
    assert await texts(house, "dept-housekeeping") == ["after a nap"]


async def test_another_log_means_to_begin_anew(lines: Lines, house: House, stay: CheckedIn) -> None:
    await house.service.do(Say(of_stay(stay.id), "hello", "en"), SERVICE, "1")
    page = await lines.client(f"guest:{stay.id}", since=1, log="of a hotel that is gone")
    assert await page.evaluate("window.heard.map(([name, e]) => e?.event ?? name)") == [
        "reset", "checked_in", "occupied", "said", "state", "ready"
    ]  # fmt: skip
    assert await page.evaluate("client.log") == house.log.incarnation
    assert await page.evaluate(TEXTS) == ["hello"]


async def test_a_token_that_is_worth_nothing_stops_it_and_keeps_what_was_typed(lines: Lines, stay: CheckedIn) -> None:
    page = await lines.page()
    await page.evaluate(OPEN, ["nonsense", "staff:emma", {}])
    await page.evaluate("client.send('dept-housekeeping', 'later')")
    await page.evaluate(UNTIL.format(HEARD.format("refused")))
    assert await page.evaluate("client.live") is False
    await page.evaluate("window.heard = []")
    await lines.client("staff:emma", page, since=0)
    await page.evaluate(UNTIL.format("!client.pending().length"))
    assert await page.evaluate(TEXTS) == ["later"]
