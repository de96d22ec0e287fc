"""Work orders over HTTP: accepted by two at once, assigned, asked for again, counted."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hotel_site import Site, bearer

from concierge.service.commands import CheckedIn

TOWELS = {"intent": "request.items", "slots": {"items": [{"item": "towel", "quantity": 2}]}, "words": "再要两条毛巾"}
HASH = "0f" * 32


async def post(site: Site, token: str, path: str, body: Mapping[str, Any] | None = None) -> httpx.Response:
    return await site.http.post(path, json=body, headers=bearer(token))


async def placed(site: Site, token: str, **more: object) -> dict[str, Any]:
    answer = await post(site, token, "/v1/orders", {**TOWELS, **more})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_two_staff_press_accept_at_the_same_moment_200_times(site: Site, stay: CheckedIn) -> None:
    guest, *both = await site.room("301"), await site.staff("li_na"), await site.staff("chen_jing")
    async with (
        httpx.AsyncClient(base_url=site.url, headers=bearer(both[0]), trust_env=False) as one,
        httpx.AsyncClient(base_url=site.url, headers=bearer(both[1]), trust_env=False) as other,
    ):
        winners = set()
        for number in range(200):
            order = (await placed(site, guest))["id"]
            pressed = (
                client.post(f"/v1/orders/{order}/accept", headers={"Idempotency-Key": f"{number}"}) for client in (one, other)
            )
            first, second = await asyncio.gather(*pressed)
            won, lost = (first, second) if first.status_code == 200 else (second, first)
            assert (won.status_code, lost.status_code) == (200, 409), (won.text, lost.text)
            problem = lost.json()
            assert (problem["state"], problem["holder"]) == ("accepted", won.json()["holder"])
            assert won.json()["holder"] in problem["detail"]
            winners.add(won.json()["holder"])
    assert winners <= {"li_na", "chen_jing"}


async def test_mine_are_those_dispatched_to_me_or_held_by_me(site: Site, stay: CheckedIn) -> None:
    guest = await site.room("301")
    tokens = {name: await site.staff(name) for name in ("li_na", "chen_jing")}
    orders = [await placed(site, guest) for _ in range(4)]
    seen: dict[str, set[str]] = {}
    for name, token in tokens.items():
        for query in ("mine=true", "assignee=me"):
            answer = await site.http.get(f"/v1/orders?{query}", headers=bearer(token))
            seen.setdefault(name, {one["id"] for one in answer.json()["items"]})
            assert seen[name] == {one["id"] for one in answer.json()["items"]}
    assert [len(ids) for ids in seen.values()] == [2, 2]
    assert seen["li_na"] | seen["chen_jing"] == {one["id"] for one in orders}


async def test_the_desk_assigns_over_http_and_the_guest_sees_no_assignee(site: Site, stay: CheckedIn) -> None:
    guest, desk = await site.room("301"), await site.staff("emma")
    order = await placed(site, guest)
    assert not {"assignee", "skill", "priority", "level", "notes", "refusals", "missed", "escalated_to"} & order.keys()
    moved = await post(site, desk, f"/v1/orders/{order['id']}/assign", {"to": "chen_jing"})
    assert (moved.status_code, moved.json()["assignee"]) == (200, "chen_jing")
    assert (await post(site, desk, f"/v1/orders/{order['id']}/assign", {"to": None})).json()["assignee"] is None
    assert (await post(site, guest, f"/v1/orders/{order['id']}/assign", {"to": "li_na"})).status_code == 403
    assert (await post(site, desk, f"/v1/orders/{order['id']}/assign", {"to": "no such"})).status_code == 400


async def test_guest_sees_no_stamp_of_what_staff_do_among_themselves(site: Site, stay: CheckedIn) -> None:
    guest, people = await site.room("301"), [await site.staff(name) for name in ("li_na", "chen_jing")]
    order = (await placed(site, guest))["id"]
    for number in range(3):  # whoever had it first: both have declined, so it was escalated
        answer = await post(site, people[number % 2], f"/v1/orders/{order}/decline", {"reason": "busy"})
    assert {"declined", "escalated"} < answer.json()["times"].keys()
    [seen] = (await site.http.get("/v1/orders", headers=bearer(guest))).json()["items"]
    assert seen["times"].keys() == {"placed", "dispatched"}


async def test_guest_who_names_no_language_is_told_in_that_of_their_stay(site: Site, stay: CheckedIn) -> None:
    desk = await site.staff("emma")
    stay_in_302 = await post(site, desk, "/v1/stays", {"space": "302", "language": "en"})
    assert stay_in_302.status_code == 201, stay_in_302.text
    order = await placed(site, await site.room("302"))
    assert (order["lang"], order["tell"]) == ("en", "en"), "the example's 302 is a Chinese one"


async def test_guest_reminds_and_adds_a_photo(site: Site, stay: CheckedIn) -> None:
    guest, staff = await site.room("301"), await site.staff("li_na")
    order = (await placed(site, guest))["id"]
    for text in ({"text": "还没到"}, None):
        answer = await post(site, guest, f"/v1/orders/{order}/remind", text)
        assert answer.status_code == 200, answer.text
    assert [one["text"] for one in answer.json()["reminders"]] == ["还没到", ""]
    photo = await post(site, guest, f"/v1/orders/{order}/photo", {"hash": HASH})
    assert photo.json()["photos"] == [HASH]
    assert (await post(site, guest, f"/v1/orders/{order}/photo", {"hash": "x"})).status_code == 422
    assert (await post(site, staff, f"/v1/orders/{order}/remind")).status_code == 403


async def test_the_same_placed_twice_over_http_is_two_orders(site: Site, stay: CheckedIn) -> None:
    guest = await site.room("301")
    assert (await placed(site, guest))["id"] != (await placed(site, guest))["id"]


async def test_what_is_for_later_is_placed_and_a_wake_up_call_too(site: Site, stay: CheckedIn) -> None:
    guest = await site.room("301")
    later = await placed(site, guest, intent="request.cleaning", slots={"when": "明天上午十点"}, words="明天上午十点打扫")
    assert (later["state"], later["planned"][11:]) == ("placed", "02:00:00.000Z")
    call = await placed(site, guest, intent="request.wakeup", slots={"time": "07:00", "day": "tomorrow"}, words="叫醒")
    assert (call["state"], call["planned"][11:]) == ("placed", "23:00:00.000Z")


async def test_rota_and_ones_own_duty(site: Site, stay: CheckedIn) -> None:
    li_na, guest = await site.staff("li_na"), await site.room("301")
    plan = (await site.http.get("/v1/rota", headers=bearer(li_na))).json()
    assert {one["id"]: one["on_duty"] for one in plan["items"]}["li_na"]
    assert sum(one["on_duty"] for one in plan["items"] if one["department"] == "security") == 1, (
        "by day the one, by night the other"
    )
    off = await post(site, li_na, "/v1/me/duty", {"on": False})
    assert (off.json()["said"], off.json()["on_duty"]) == (False, False)
    assert {(await site.http.get("/v1/rota", headers=bearer(guest))).status_code} == {403}
    assert (await post(site, guest, "/v1/me/duty", {"on": True})).status_code == 403
    assert (
        await post(site, await site.staff("emma"), f"/v1/orders/{(await placed(site, guest))['id']}/accept")
    ).status_code == 200
    assert (await post(site, li_na, "/v1/me/duty", {"on": None})).json()["on_duty"] is True


async def test_figures_have_response_times_by_department_and_check_their_bounds(site: Site, stay: CheckedIn) -> None:
    guest, li_na, manager = await site.room("301"), await site.staff("li_na"), await site.staff("emma")
    order = (await placed(site, guest))["id"]
    for step in ("accept", "done"):
        assert (await post(site, li_na, f"/v1/orders/{order}/{step}")).status_code == 200
    figures = (await site.http.get("/v1/figures", headers=bearer(manager))).json()
    mine = figures["departments"]["housekeeping"]
    assert mine["accept_s"].keys() == mine["done_s"].keys() == {"mean", "p50", "p90", "p95"}
    assert 0 <= mine["accept_s"]["p50"] <= mine["done_s"]["p90"] < 60
    assert (mine["accepted_late"], mine["done_late"], mine["late"]) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    "query",
    [
        {"since": "0001-01-01T00:00:00+14:00"},
        {"until": "0001-01-01T00:00:00Z"},
        {"until": "9999-12-31T23:59:59-14:00"},
        {"since": "yesterday"},
        {"since": "2026-11-20T00:00:00"},
        {"since": "2026-11-20T00:00:00Z", "until": "2026-11-19T00:00:00Z"},
        {"since": "1e308"},
        {"since": "99999999999999999999"},
    ],
)
async def test_bounds_that_make_no_sense_are_the_clients_mistake(site: Site, stay: CheckedIn, query: dict[str, str]) -> None:
    answer = await site.http.get("/v1/figures", params=query, headers=bearer(await site.staff("emma")))
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("when", ["in 999999999999 hours", "99999999999999小时后"])
async def test_a_time_that_no_calendar_has_goes_to_somebody_at_once(site: Site, stay: CheckedIn, when: str) -> None:
    order = await placed(site, await site.room("301"), intent="request.cleaning", slots={"when": when}, words=when)
    assert (order["state"], order["planned"]) == ("dispatched", None)


@pytest.mark.parametrize("slots", ['{"asset": "ac", "symptom": "\\ud800"}', '{"asset": "ac", "symptom": NaN}'])
async def test_what_cannot_be_written_down_is_the_clients_mistake(site: Site, stay: CheckedIn, slots: str) -> None:
    body = f'{{"intent": "request.repair", "slots": {slots}, "words": "x"}}'
    headers = bearer(await site.room("301")) | {"Content-Type": "application/json"}
    answer = await site.http.post("/v1/orders", content=body, headers=headers)
    assert answer.status_code in (400, 422), answer.text
