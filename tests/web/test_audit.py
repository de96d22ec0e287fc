"""Who did what when, off the log, for managers."""

from __future__ import annotations

import json
from typing import Any

from hotel_site import House, Site, bearer
from test_rights import TOWELS, is_problem

from concierge.domain.people import SERVICE, staff
from concierge.service.commands import CheckedIn, MakeGroup, RecordDeviceState, Say, WithdrawMessage

LI_NA = staff("li_na", "attendant", "housekeeping")


async def audit(site: Site, **filters: Any) -> list[dict[str, Any]]:
    answer = await site.http.get("/v1/audit", params=filters, headers=bearer(await site.staff("lin_manager")))
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


async def test_an_orders_way_is_told_step_by_step(site: Site, stay: CheckedIn) -> None:
    guest, li_na = bearer(await site.room("301")), bearer(await site.staff("li_na"))
    order = (await site.http.post("/v1/orders", json=TOWELS, headers=guest)).json()["id"]
    await site.http.post(f"/v1/orders/{order}/accept", headers=li_na)
    steps = await audit(site, subject=f"order.{stay.id}.{order}")
    assert [(step["event"], step["who"]) for step in steps] == [
        ("accepted", "staff:li_na"),
        ("dispatched", "service:concierge"),
        ("placed", f"guest:{stay.id}"),
    ]
    assert steps[0]["data"]["holder"] == "li_na"
    assert steps[0]["at"] > steps[-1]["at"]


async def test_filters_and_pages_leave_nothing_out_and_nothing_twice(site: Site, house: House, stay: CheckedIn) -> None:
    for number in range(7):
        await house.service.do(Say("dept-housekeeping", f"{number}", "zh"), LI_NA, f"{number}")
    lin = bearer(await site.staff("lin_manager"))
    found: list[int] = []
    before: dict[str, int] = {}
    while True:
        filters = {"who": "staff:li_na", "limit": 3, **before}
        page = (await site.http.get("/v1/audit", params=filters, headers=lin)).json()
        found += [item["seq"] for item in page["items"]]
        if page["next"] is None:
            break
        before = {"before": page["next"]}
    said = [entry.seq async for entry in house.log.read("h.demo.im.dept-housekeeping")]
    assert found == said[::-1]
    middle = [item["at"] for item in await audit(site, who="staff:li_na")][3]
    later = await audit(site, who="staff:li_na", since=middle)
    earlier = await audit(site, who="staff:li_na", until=middle)
    assert [item["seq"] for item in later + earlier] == found
    assert await audit(site, subject="im.dept_housekeeping") == [], "an underscore is no wildcard"


async def test_an_instant_without_an_offset_or_beyond_calendars_is_refused(site: Site) -> None:
    lin = bearer(await site.staff("lin_manager"))
    for since in ("2026-11-20T10:00:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        is_problem(await site.http.get("/v1/audit", params={"since": since}, headers=lin), 422, "bad_input")


async def test_what_staff_say_among_themselves_is_told_without_the_words(site: Site, house: House, stay: CheckedIn) -> None:
    group = await house.service.do(MakeGroup("三楼", ["chen_jing"]), LI_NA, "g")
    await house.service.do(Say(f"group-{group.data['id']}", "别告诉经理", "zh"), LI_NA, "1")
    await house.service.do(Say("direct-chen_jing--li_na", "下班去哪", "zh"), LI_NA, "2")
    guest = await house.service.open_stay("301")
    assert guest is not None
    await house.service.do(Say(f"stay-{stay.id}", "你好", "zh"), guest.guest, "3")
    said = [item for item in await audit(site, subject="im.") if item["event"] == "said"]
    assert [item["data"] and item["data"]["text"] for item in said] == ["你好", None, None]
    everything = json.dumps(await audit(site), ensure_ascii=False)
    assert "经理别" not in everything
    assert "别告诉" not in everything


async def test_a_withdrawn_message_has_no_words_here_either(site: Site, house: House) -> None:
    said = await house.service.do(Say("dept-housekeeping", "说错了", "zh"), LI_NA, "1")
    await house.service.do(WithdrawMessage("dept-housekeeping", said.seq), LI_NA, "2")
    assert "说错了" not in json.dumps(await audit(site), ensure_ascii=False)


async def test_secrets_never_leave_and_people_are_told_who_changed_them(site: Site, house: House, stay: CheckedIn) -> None:
    lin = bearer(await site.staff("lin_manager"))
    new = {"password": "three blind mice"}
    await site.http.post("/v1/staff/li_na/password", json=new, headers=lin)
    li_na = await site.http.post("/v1/login", json={"user": "li_na", **new})
    await site.http.post("/v1/me/totp", headers=bearer(li_na.json()["token"]))
    items = await audit(site)
    everything = json.dumps(items)
    for secret in ("argon2", "code_hash", "pending", stay.code, li_na.json()["token"]):
        assert secret not in everything
    of_li_na = [(item["event"], item["who"]) for item in items if item["subject"] == "h.demo.staff.li_na"]
    assert of_li_na == [("totp_offered", "staff:li_na"), ("password_set", "staff:lin_manager")]
    logged_in = [item for item in items if item["subject"] == "h.demo.session.li_na"]
    assert [item["event"] for item in logged_in] == ["logged_in", "logged_out"]
    assert logged_in[0]["data"]["open"][0]["address"] == "127.0.0.1"


async def test_device_states_are_no_deeds(site: Site, house: House) -> None:
    await house.service.do(RecordDeviceState("301", "bedside", {"power": "on"}), SERVICE, "x")
    assert await audit(site, subject="device.") == []


async def test_the_audit_is_a_managers(site: Site, stay: CheckedIn) -> None:
    for token in (await site.staff("emma"), await site.staff("li_na"), await site.room("301")):
        is_problem(await site.http.get("/v1/audit", headers=bearer(token)), 403, "forbidden")
