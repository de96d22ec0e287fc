"""The staff page in a real browser: conversations, what is seldom done with a ticket, the keyboard, installing, notifications."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from hotel_site import House, Site, bearer
from test_files import photo
from test_pages import CHROMIUM, TOWELS, Browser, browser

from concierge.service.commands import CheckedIn

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: no browser test")
__all__ = ["browser"]  # a fixture

# What a person meets who cannot see the page or has large fingers: (what it is, its name, its size).
CONTROLS = """() => {
  const found = [];
  const walk = (root) => {
    for (const one of root.querySelectorAll('*')) {
      if (one.shadowRoot) walk(one.shadowRoot);
      const box = one.getBoundingClientRect();
      if (!one.matches('button, input, select, a, summary') || !box.height || one.matches('.hidden-but-read')) continue;
      const label = one.closest('label')?.textContent ?? '';
      const name = (one.getAttribute('aria-label') ?? (one.textContent.trim() || label)).trim();
      found.push([one.localName, name, Math.round(box.width), Math.round(box.height)]);
    }
  };
  walk(document);
  return found;
}"""
FOCUSED = """() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  return one ? [one.localName, one.dataset.verb ?? one.dataset.page ?? one.getAttribute('aria-label') ?? ''] : null;
}"""


async def focus_on(page: Any, name: str) -> None:
    for _ in range(40):
        await page.keyboard.press("Tab")
        if (await page.evaluate(FOCUSED) or ["", ""])[1].startswith(name):
            return
    raise AssertionError(f"{name} cannot be reached with the keyboard")


async def place(site: Site, words: str = "两条毛巾") -> str:
    answer = await site.http.post("/v1/orders", json={**TOWELS, "words": words}, headers=bearer(await site.room("301")))
    return str(answer.json()["id"])


async def test_a_ticket_is_done_with_the_keyboard_alone(browser: Browser, site: Site, stay: CheckedIn) -> None:
    staff = await browser.staff("chen_jing")
    await place(site)
    await staff.locator('[data-list="mine"] article').wait_for()
    await focus_on(staff, "accept")
    await staff.keyboard.press("Enter")
    await staff.locator('[data-state="accepted"]').wait_for()
    await focus_on(staff, "详情 301")
    await staff.keyboard.press("Enter")
    await staff.locator("staff-details dialog[open]").wait_for()
    await focus_on(staff, "写备注")
    await staff.keyboard.type("放在门口")
    await staff.keyboard.press("Enter")
    await staff.locator("staff-details >> text=放在门口").wait_for()
    await staff.keyboard.press("Escape")
    await staff.locator("staff-details").wait_for(state="detached")
    await focus_on(staff, "done")
    await staff.keyboard.press("Space")
    await staff.locator('[data-list="finished"] [data-state="done"]').wait_for(state="attached")


async def test_everything_has_a_name_and_is_large_enough_for_a_thumb(browser: Browser, site: Site, stay: CheckedIn) -> None:
    staff = await browser.staff("lin_manager")
    await place(site)
    await staff.locator("article").first.wait_for()
    for page in ("tickets", "talks", "me"):
        await staff.locator(f'[data-page="{page}"]').click()
        controls = await staff.evaluate(CONTROLS)
        assert len(controls) > 4
        assert [control for control in controls if not control[1]] == []
        small = [one for one in controls if one[0] in ("button", "select") and min(one[2:]) < 44]
        assert small == []
    assert await staff.evaluate("document.documentElement.lang") == "zh"
    await staff.locator("header button").first.click()
    assert await staff.evaluate("document.documentElement.lang") == "en"


async def test_every_word_is_there_in_both_languages(browser: Browser) -> None:
    page = await browser.open("/staff")
    missing = await page.evaluate("""async () => {
      const { STAFF } = await import('/static/words-staff.js');
      const { t, LANGUAGES } = await import('/static/words.js');
      const { zh, en } = STAFF;
      const odd = Object.keys({ ...zh, ...en }).filter((key) => !(zh[key] && en[key]));
      const names = 'audit board compose details factor incident login me message messages talk talks ticket'.split(' ');
      const files = await Promise.all(names.map((name) => fetch(`/static/staff-${name}.js`).then((answer) => answer.text())));
      const used = [...files.join().matchAll(/\\bt\\((?:this\\.)?lang, "([\\w.]+)"/g)].map(([, key]) => key);
      return { odd, unknown: used.filter((key) => LANGUAGES.some((lang) => t(lang, key) === key)), used: used.length };
    }""")
    assert missing["used"] > 60
    assert (missing["odd"], missing["unknown"]) == ([], [])


async def test_the_desk_assigns_and_its_person_hands_back_with_a_reason_and_a_photo(
    browser: Browser, site: Site, house: House, stay: CheckedIn
) -> None:
    id = await place(site)
    desk, worker = await browser.staff("zhang_yu"), await browser.staff("li_na")
    await desk.locator(f'[data-list="others"] [data-order="{id}"] [data-details]').click()
    await desk.locator("select[name=assign]").select_option("li_na")
    mine = worker.locator(f'[data-list="mine"] [data-order="{id}"]')
    await mine.locator("[data-details]").click()
    sheet = worker.locator("staff-details")
    await sheet.locator("input[type=file]").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()})
    await sheet.locator("file-view img").first.wait_for()
    await sheet.locator("input[name=reason]").fill("毛巾用完了")
    await sheet.locator('[data-verb="decline"]').click()
    await mine.wait_for(state="detached")
    await desk.locator(f'[data-order="{id}"] >> text=1 张照片').wait_for()
    await desk.locator(f'[data-order="{id}"] [data-details]').click()
    await desk.locator("staff-details >> text=毛巾用完了").wait_for()
    entry = await house.log.last(f"h.demo.order.{stay.id}.{id}")
    assert entry is not None
    assert entry.data["assignee"] == "chen_jing"


async def test_two_colleagues_write_and_see_what_became_of_it(browser: Browser, stay: CheckedIn) -> None:
    li, chen = await browser.staff("li_na"), await browser.staff("chen_jing")
    await li.locator('[data-page="talks"]').click()
    await li.locator('[data-talk="dept-housekeeping"]').click()
    field = li.locator("staff-compose input[name=text]")
    await field.fill("@陈")
    await li.locator("staff-compose [role=option]").click()
    await field.type("302 还要一条浴巾")
    await field.press("Enter")
    mine = li.locator("staff-message .mine").last
    await mine.locator('[data-state="delivered"]').wait_for()
    await chen.locator('[data-page="talks"] .badge >> text=1').wait_for()
    await chen.locator('[data-page="talks"]').click()
    assert await chen.locator('[data-talk="dept-housekeeping"] .badge').inner_text() == "1"
    await chen.locator('[data-talk="dept-housekeeping"]').click()
    await chen.locator(".mentions >> text=@陈静 302 还要一条浴巾").wait_for()
    await mine.locator('[data-state="read"]').wait_for()
    await chen.locator('[data-page="talks"] .badge').wait_for(state="detached")

    await chen.locator("staff-compose input[name=text]").type("好")
    await li.locator("text=陈静 正在输入…").wait_for()
    await mine.locator("summary").click()
    await mine.locator("button >> text=修改").click()
    await field.fill("@陈静 303 还要一条浴巾")
    await field.press("Enter")
    await chen.locator("staff-message >> text=303 还要一条浴巾").wait_for()
    await chen.locator(".back").click()
    await chen.locator("input[type=search]").fill("浴巾")
    await chen.locator("[data-found] >> text=303 还要一条浴巾").click()
    await mine.locator("summary").click()
    await mine.locator("button >> text=撤回").click()
    await chen.locator("staff-message >> text=消息已撤回").wait_for()


async def test_a_voice_note_and_a_picture_go_into_a_group_that_one_makes(browser: Browser, house: House, stay: CheckedIn) -> None:
    house.transcribe = _hears  # type: ignore[attr-defined]
    li, chen = await browser.staff("li_na"), await browser.staff("chen_jing")
    for page in (li, chen):
        await page.locator('[data-page="talks"]').click()
    await li.locator('[aria-label="新会话"]').click()
    await li.locator("form input[name=name]").fill("三楼早班")
    await li.locator('input[name=member][value="chen_jing"]').check()
    await li.locator("form >> text=建好").click()
    await li.locator("staff-talk h2 >> text=三楼早班").wait_for()
    await li.locator("[data-record]").click()
    await li.locator("[role=timer]").wait_for()
    await li.wait_for_timeout(600)
    await li.locator('[data-record="stop"]').click()
    await chen.locator("[data-talk] >> text=三楼早班").click()
    await chen.locator("staff-message audio").wait_for()
    await chen.locator(".transcript >> text=布草车推过来了").wait_for()
    picture = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo()}
    await chen.locator("staff-compose input[type=file]").set_input_files(picture)
    await li.locator("staff-message:not(.mine) file-view img").first.wait_for()


async def _hears(sound: Any, lang: str | None) -> str:
    return "布草车推过来了"


async def test_off_duty_is_one_tap(browser: Browser, site: Site, stay: CheckedIn) -> None:
    staff = await browser.staff("chen_jing")
    await staff.locator('[data-page="me"]').click()
    await staff.locator('[data-duty="off"]').click()
    await staff.locator('[data-duty="off"][aria-pressed="true"]').wait_for()
    manager = bearer(await site.staff("lin_manager"))

    async def here() -> bool:
        rota = (await site.http.get("/v1/rota", headers=manager)).json()["items"]
        return next(bool(one["on_duty"]) for one in rota if one["id"] == "chen_jing")

    await staff.wait_for_timeout(300)
    assert not await here()


async def test_the_page_can_be_installed(site: Site) -> None:
    manifest = await site.http.get("/static/manifest.webmanifest")
    assert manifest.headers["content-type"].startswith("application/manifest+json")
    for icon in manifest.json()["icons"]:
        assert (await site.http.get(icon["src"])).status_code == 200
    worker = await site.http.get("/worker.js")
    assert worker.headers["content-type"].startswith("text/javascript")
    assert worker.headers["cache-control"] == "no-cache"
    shell = json.loads(worker.text.splitlines()[1].removeprefix("const SHELL = ").removesuffix(";"))
    answers: list[httpx.Response] = [await site.http.get(path) for path in shell]
    assert {answer.status_code for answer in answers} == {200}
    assert not [path for path in shell if "room" in path or path.startswith("/v1")]


async def test_a_push_is_shown_unless_the_page_is_looked_at(browser: Browser, stay: CheckedIn) -> None:
    staff = await browser.staff("chen_jing")
    await staff.context.grant_permissions(["notifications"])
    await staff.evaluate("navigator.serviceWorker.ready")
    other = await staff.context.new_page()
    await other.goto(f"{browser.url}/docs")
    devtools = await staff.context.new_cdp_session(other)
    registered: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda found: registered.extend(one["registrationId"] for one in found["registrations"]),
    )
    await devtools.send("ServiceWorker.enable")
    for _ in range(100):
        if not registered:
            await other.wait_for_timeout(50)

    async def pushed(title: str) -> list[str]:
        """What stands on the device's screen after a push."""
        message = {"title": title, "body": "派给您：毛巾 × 2", "tag": title, "url": "/staff#tab=tickets", "urgent": False}
        push = {"origin": browser.url, "registrationId": registered[-1], "data": json.dumps(message)}
        await devtools.send("ServiceWorker.deliverPushMessage", push)
        await other.wait_for_timeout(500)
        return list(
            await other.evaluate("""async () => {
              const shown = await (await navigator.serviceWorker.getRegistration('/staff')).getNotifications();
              return shown.map((one) => one.title);
            }""")
        )

    assert await pushed("while it is looked at") == []
    await staff.evaluate("location.href = '/staff#tab=talks'")  # where a tap on a notification leads an open page
    await staff.locator('[data-page="talks"][aria-current="page"]').wait_for()
    await staff.close()
    assert await pushed("301 · 3 楼") == ["301 · 3 楼"]
