"""The routes of DESIGN 8b over real HTTP."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from hotel_site import House, Site, bearer

from concierge.domain.people import SERVICE
from concierge.service.commands import CheckedIn, RaiseIncident
from concierge.web import calls
from media.playout import Playout
from media.rtc_client import RtcClient

TOWELS = {"intent": "request.items", "slots": {"items": [{"item": "towel", "quantity": 2}]}, "words": "两条毛巾", "lang": "zh"}


async def test_an_order_goes_from_the_guest_to_done_and_is_rated(site: Site, stay: CheckedIn) -> None:
    guest, li_na = bearer(await site.room("301")), bearer(await site.staff("li_na"))
    placed = await site.http.post("/v1/orders", json=TOWELS, headers=guest)
    assert placed.status_code == 201
    order = placed.json()
    assert (order["state"], order["space"], order["floor"], order["department"]) == ("dispatched", "301", 3, "housekeeping")
    for verb, state in (("accept", "accepted"), ("start", "started"), ("done", "done")):
        stepped = (await site.http.post(f"/v1/orders/{order['id']}/{verb}", headers=li_na)).json()
        assert (stepped["state"], stepped["holder"]) == (state, "li_na")
    rated = await site.http.post(f"/v1/orders/{order['id']}/rate", json={"rating": 5}, headers=guest)
    assert (rated.json()["state"], rated.json()["rating"]) == ("rated", 5)
    (listed,) = (await site.http.get("/v1/orders", headers=guest)).json()["items"]
    assert listed["state"] == "rated"


async def test_a_repeat_under_the_same_key_is_done_once(site: Site, stay: CheckedIn) -> None:
    guest = await site.room("301")
    answers = [
        await site.http.post("/v1/orders", json=TOWELS, headers=bearer(guest, "tapped twice")) for _ in range(3)
    ]  # fmt: skip
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len((await site.http.get("/v1/orders", headers=bearer(guest))).json()["items"]) == 1
    await site.http.post("/v1/orders", json=TOWELS, headers=bearer(guest))
    assert len((await site.http.get("/v1/orders", headers=bearer(guest))).json()["items"]) == 2


async def test_a_key_used_for_something_else_is_refused(site: Site, stay: CheckedIn) -> None:
    guest = await site.room("301")
    order = (await site.http.post("/v1/orders", json=TOWELS, headers=bearer(guest, "k"))).json()
    again = await site.http.post(f"/v1/orders/{order['id']}/cancel", headers=bearer(guest, "k"))
    assert (again.status_code, again.json()["code"]) == (400, "bad_request")


async def test_two_staff_accept_and_the_second_is_told_who_has_it(site: Site, stay: CheckedIn) -> None:
    order = (await site.http.post("/v1/orders", json=TOWELS, headers=bearer(await site.room("301")))).json()
    tokens = [await site.staff(user) for user in ("li_na", "chen_jing")]
    path = f"/v1/orders/{order['id']}/accept"
    answers = await asyncio.gather(*(site.http.post(path, headers=bearer(token)) for token in tokens))
    won, lost = sorted(answers, key=lambda answer: answer.status_code)
    assert (won.status_code, lost.status_code) == (200, 409)
    assert lost.headers["content-type"] == "application/problem+json"
    assert (lost.json()["state"], lost.json()["holder"]) == ("accepted", won.json()["holder"])


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/orders", {"slots": {}}, 422),
        ("/v1/orders", {"intent": "request.items", "slots": {"items": [{"item": "unicorn"}]}}, 400),
        ("/v1/orders", {"intent": "device.set", "slots": {}}, 400),
        ("/v1/orders/nosuch/cancel", None, 404),
        ("/v1/orders/a.b*c/cancel", None, 400),
        ("/v1/incidents", {"kind": "alien"}, 422),
        ("/v1/devices/301/nosuch/set", {"power": "on"}, 404),
        ("/v1/devices/301/bedside/set", {"power": "perhaps"}, 400),
        ("/v1/devices/301/bedside/set", {}, 422),
        ("/v1/nosuch", {}, 404),
    ],
)
async def test_bad_input_is_a_problem_that_says_what(site: Site, stay: CheckedIn, path: str, body: object, status: int) -> None:
    answer = await site.http.post(path, json=body, headers=bearer(await site.room("301")))
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert answer.json()["detail"]


async def test_a_body_that_is_no_json_is_a_problem(site: Site, stay: CheckedIn) -> None:
    answer = await site.http.post("/v1/orders", content=b"{nope", headers=bearer(await site.room("301")))
    assert answer.status_code == 422
    assert answer.json()["errors"]


async def test_a_device_answers_with_its_confirmed_state(site: Site, house: House, stay: CheckedIn) -> None:
    guest = bearer(await site.room("301"))
    set_to = await site.http.post("/v1/devices/301/bedside/set", json={"power": "on", "level": 40}, headers=guest)
    assert set_to.json() == {"space": "301", "device": "bedside", "ok": True, "ms": 80, "state": {"power": "on", "level": 40}}
    items = {item["id"]: item for item in (await site.http.get("/v1/devices/301", headers=guest)).json()["items"]}
    assert items["bedside"]["state"] == {"power": "on", "level": 40}
    assert items["ac"]["state"] is None


async def test_a_silent_device_is_not_said_to_be_on(site: Site, house: House, stay: CheckedIn) -> None:
    house.devices.silent.add("bedside")
    guest = bearer(await site.room("301"))
    silent = await site.http.post("/v1/devices/301/bedside/set", json={"power": "on"}, headers=guest)
    assert (silent.status_code, silent.json()["code"], silent.json()["state"]) == (504, "not_confirmed", None)


async def test_a_room_is_reported_and_the_board_shows_it(site: Site, stay: CheckedIn) -> None:
    li_na = bearer(await site.staff("li_na"))
    await site.http.post("/v1/spaces/301/status", json={"status": "dirty"}, headers=li_na)
    reported = await site.http.post("/v1/spaces/301/status", json={"status": "cleaning", "remark": "two beds"}, headers=li_na)
    assert reported.json()["status"] == "cleaning"
    board = {line["id"]: line for line in (await site.http.get("/v1/board", headers=li_na)).json()["items"]}
    assert len(board) == 24
    assert (board["301"]["status"], board["301"]["remark"], board["301"]["guest"]["name"]) == ("cleaning", "two beds", "王芳")


async def test_an_alarm_is_seen_answered_and_cleared(site: Site, house: House, stay: CheckedIn) -> None:
    ma_jun = bearer(await site.staff("ma_jun"))
    pressed = await site.http.post("/v1/incidents", json={"kind": "fire"}, headers=bearer(await site.room("301")))
    assert (pressed.status_code, pressed.json()["certainty"], pressed.json()["space"]) == (201, 1.0, "301")
    await house.service.do(RaiseIncident("smoke", "烟味", 0.6, "204"), SERVICE, "heard")
    listed = (await site.http.get("/v1/incidents", headers=ma_jun)).json()["items"]
    assert [incident["kind"] for incident in listed] == ["smoke", "fire"]
    path = f"/v1/incidents/{pressed.json()['id']}"
    assert (await site.http.post(f"{path}/ack", headers=ma_jun)).json()["state"] == "acknowledged"
    cleared = await site.http.post(f"{path}/clear", json={"remark": "toast"}, headers=ma_jun)
    assert (cleared.json()["state"], cleared.json()["remark"]) == ("cleared", "toast")
    assert len((await site.http.get("/v1/incidents", headers=ma_jun)).json()["items"]) == 1


async def test_figures_count_what_was_placed(site: Site, stay: CheckedIn) -> None:
    await site.http.post("/v1/orders", json=TOWELS, headers=bearer(await site.room("301")))
    manager = bearer(await site.staff("lin_manager"))
    assert (await site.http.get("/v1/figures", headers=manager)).json()["orders"]["placed"] == 1
    naive = await site.http.get("/v1/figures?since=2026-01-01T00:00:00", headers=manager)
    assert naive.status_code == 422


async def test_readiness_says_what_is_missing(site: Site, house: House) -> None:
    assert (await site.http.get("/readyz")).json() == {"status": "ready"}
    house.missing = ["the broker does not answer"]
    unready = await site.http.get("/readyz")
    assert (unready.status_code, unready.json()["missing"]) == (503, house.missing)
    assert (await site.http.get("/healthz")).status_code == 200


async def test_metrics_count_by_route_not_by_path(site: Site, stay: CheckedIn) -> None:
    await site.http.get("/v1/devices/301", headers=bearer(await site.room("301")))
    page = (await site.http.get("/metrics")).text
    assert 'concierge_http_seconds_count{method="GET",route="/v1/devices/{space}",status="200"} 1.0' in page


async def test_a_bug_is_a_problem_too_and_tells_nothing_inside(site: Site, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> list[str]:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(house, "unready", broken)
    answer = await site.http.get("/readyz")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    "path", ["/", "/room", "/staff", "/docs", "/static/room.js", "/static/vendor/lit.js", "/static/style.css"]
)
async def test_pages_come_from_the_service_alone(site: Site, path: str) -> None:
    page = await site.http.get(path)
    assert page.status_code == 200
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert "no-referrer" in page.headers["referrer-policy"]


async def post_offer(site: Site, token: str, offer: str, content_type: str = "application/sdp") -> httpx.Response:
    return await site.http.post("/v1/calls", content=offer, headers={**bearer(token), "Content-Type": content_type})


async def test_a_call_is_answered_and_hung_up(site: Site, house: House, stay: CheckedIn) -> None:
    token = await site.room("301")
    client = RtcClient(Playout())
    try:
        answered = await post_offer(site, token, await client.offer())
        assert answered.status_code == 201
        assert answered.headers["content-type"].startswith("application/sdp")
        await client.accept(answered.text)
        location = answered.headers["location"]
        stranger = await site.http.delete(location, headers=bearer(await site.staff("li_na")))
        assert stranger.status_code == 404
        assert not house.calls[0].closed.is_set()
        hung_up = await site.http.delete(location, headers=bearer(token))
        assert hung_up.status_code == 204
        assert house.calls[0].closed.is_set()
        assert (await site.http.delete(location, headers=bearer(token))).status_code == 404
    finally:
        await client.close()


async def test_one_guest_cannot_hold_all_the_lines(site: Site, house: House, stay: CheckedIn) -> None:
    token, clients = await site.room("301"), [RtcClient(Playout()) for _ in range(calls.CALLS_EACH + 1)]
    try:
        for client in clients:
            assert (await post_offer(site, token, await client.offer())).status_code == 201
        assert [call.closed.is_set() for call in house.calls] == [True] + [False] * calls.CALLS_EACH
    finally:
        for client in clients:
            await client.close()


async def test_calls_end_with_the_service(site: Site, house: House, stay: CheckedIn) -> None:
    client = RtcClient(Playout())
    try:
        answered = await post_offer(site, await site.room("301"), await client.offer())
        await client.accept(answered.text)
        await site.app.state.calls.close()
        assert house.calls[0].closed.is_set()
    finally:
        await client.close()


@pytest.mark.parametrize(
    ("offer", "content_type", "status", "code"),
    [
        ("hello", "application/sdp", 400, "bad_sdp"),
        ("v=0\r\nrubbish", "application/sdp", 400, "bad_sdp"),
        ("v=0", "application/json", 415, "not_sdp"),
        ("v=0" + "a" * 70_000, "application/sdp", 413, "too_large"),
    ],
)
async def test_a_bad_offer_is_a_problem_and_the_service_goes_on(
    site: Site, stay: CheckedIn, offer: str, content_type: str, status: int, code: str
) -> None:
    refused = await post_offer(site, await site.room("301"), offer, content_type)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.headers["content-type"] == "application/problem+json"
    assert (await site.http.get("/readyz")).status_code == 200
