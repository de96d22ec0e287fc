"""The staff page's "me": the audit that a manager reads, the second factor that anybody may turn on."""

from __future__ import annotations

import pytest
from hotel_site import House, Site, bearer
from test_pages import CHROMIUM, TOWELS, Browser, browser
from test_people import code_of

from concierge.domain.people import SERVICE
from concierge.service.commands import CheckedIn, RaiseIncident

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: no browser test")
__all__ = ["browser"]  # a fixture


async def test_a_manager_reads_who_did_what_and_nobody_else_is_offered_it(browser: Browser, site: Site, stay: CheckedIn) -> None:
    answer = await site.http.post("/v1/orders", json=TOWELS, headers=bearer(await site.room("301")))
    await site.http.post(f"/v1/orders/{answer.json()['id']}/accept", headers=bearer(await site.staff("li_na")))
    manager, worker = await browser.staff("lin_manager"), await browser.staff("li_na")
    for page in (manager, worker):
        await page.locator('[data-page="me"]').click()
    await worker.locator("staff-me [data-logout]").wait_for()
    assert await worker.locator("[data-audit]").count() == 0
    await manager.locator("[data-audit]").click()
    audit = manager.locator("staff-audit")
    await audit.locator("details").first.wait_for()
    await audit.locator("select[name=subject]").select_option("order.")
    await audit.locator('[aria-busy="false"]').wait_for()
    told = [" ".join(each.split()) for each in await audit.locator("summary").all_inner_texts()]
    assert [each.split(" ", 2)[2] for each in told] == [
        "李娜 · 接单 301 · 毛巾 × 2",
        "系统 · 派单 301 · 毛巾 × 2",
        "客人 · 客人提出 301 · 毛巾 × 2",
    ]
    await audit.locator("summary").first.click()
    assert "两条毛巾" in await audit.locator("dl").first.inner_text()
    await audit.locator("select[name=who]").select_option("staff:chen_jing")
    await audit.locator("text=没有记录").wait_for()
    await audit.locator("select[name=who]").select_option("")
    await audit.locator("details").first.wait_for()
    await audit.locator("input[name=day]").fill("2001-01-01")
    await audit.locator("text=没有记录").wait_for()
    await manager.keyboard.press("Escape")
    await audit.wait_for(state="detached")


async def test_an_alarm_is_seen_whatever_was_being_read(browser: Browser, house: House, stay: CheckedIn) -> None:
    manager = await browser.staff("lin_manager")
    await manager.locator('[data-page="me"]').click()
    await manager.locator("[data-audit]").click()
    await manager.locator("staff-audit details").first.wait_for()
    await house.service.do(RaiseIncident("smoke", "走廊里有烟味", 0.86, "204"), SERVICE, "heard")
    await manager.locator("staff-incident").wait_for()
    await manager.locator("staff-audit").wait_for(state="detached")
    await manager.locator('staff-incident [data-verb="ack"]').click()


async def test_a_second_factor_is_turned_on_and_moved_to_a_new_phone(browser: Browser, site: Site) -> None:
    page = await browser.staff("li_na")
    await page.locator('[data-page="me"]').click()
    factor = page.locator("staff-factor")
    await factor.locator("[data-factor]").click()
    secret = await factor.locator("code").inner_text()
    await factor.locator("input[name=code]").fill("000000")
    await factor.locator("button").click()
    await factor.locator("text=验证码不对").wait_for()
    await factor.locator("input[name=code]").fill(code_of(secret))
    await factor.locator("button").click()
    await factor.locator("ol code").first.wait_for()
    (recovery, *others) = await factor.locator("ol code").all_inner_texts()
    assert len(others) == 9
    await factor.locator("button").click()
    await factor.locator("text=已打开").wait_for()
    for tab in ("tickets", "me"):  # it is still known when the page is drawn anew
        await page.locator(f'[data-page="{tab}"]').click()
    await factor.locator("text=已打开").wait_for()
    login = {"user": "li_na", "password": "demo-li_na"}
    assert (await site.http.post("/v1/login", json=login)).status_code == 428
    await factor.locator("[data-factor]").click()
    await factor.locator("input[name=code]").fill(recovery)
    await factor.locator("button").click()
    await factor.locator("img").wait_for()
    new = await factor.locator("code").inner_text()
    assert new != secret
    await factor.locator("input[name=code]").fill(code_of(new))
    await factor.locator("button").click()
    await factor.locator("ol code").first.wait_for()
    assert (await site.http.post("/v1/login", json={**login, "code": code_of(new, 30)})).status_code == 200
