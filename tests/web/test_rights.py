"""Who may do what is bound on the server, from the token."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hotel_site import House, Site, bearer

from concierge.domain.people import SERVICE
from concierge.service.commands import CheckedIn, CheckIn, CheckOut
from concierge.web import auth
from concierge.web.attempts import Attempts
from concierge.web.auth import Tokens, load_key

TOWELS = {"intent": "request.items", "slots": {"items": [{"item": "towel", "quantity": 2}]}, "words": "两条毛巾", "lang": "zh"}


def is_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert (body["status"], body["code"]) == (status, code)
    return body


async def test_without_a_token_nothing_is_told(site: Site) -> None:
    for path in ("/v1/orders", "/v1/board", "/v1/devices/301", "/v1/incidents", "/v1/figures", "/v1/me"):
        answer = await site.http.get(path)
        is_problem(answer, 401, "unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"
    is_problem(await site.http.get("/v1/orders", headers=bearer("x.y.z")), 401, "unauthorized")


async def test_a_token_signed_by_somebody_else_is_refused(site: Site, house: House, stay: CheckedIn) -> None:
    found = await house.service.open_stay("301")
    assert found is not None
    forged = Tokens(b"not the key of this hotel, but as long", "demo").mint_room(found).token
    of_another_hotel = Tokens(load_key(house.settings.state), "other").mint_room(found).token
    for token in (forged, of_another_hotel):
        is_problem(await site.http.get("/v1/me", headers=bearer(token)), 401, "unauthorized")


async def test_an_expired_token_is_refused(site: Site, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "STAFF_LIFE", timedelta(seconds=-1))
    token = Tokens(load_key(house.settings.state), "demo").mint_staff(house.property.staff["li_na"]).token
    assert "expired" in is_problem(await site.http.get("/v1/me", headers=bearer(token)), 401, "unauthorized")["detail"]


async def test_a_guest_cannot_see_or_touch_another_room(site: Site, house: House, stay: CheckedIn) -> None:
    await house.service.do(CheckIn("302", "en", "Alice"), SERVICE, "check-in 302")
    mine, theirs = await site.room("301"), await site.room("302")
    order = (await site.http.post("/v1/orders", json=TOWELS, headers=bearer(mine))).json()
    is_problem(await site.http.post(f"/v1/orders/{order['id']}/cancel", headers=bearer(theirs)), 404, "not_found")
    assert (await site.http.get("/v1/orders", headers=bearer(theirs))).json()["items"] == []
    is_problem(await site.http.get("/v1/devices/301", headers=bearer(theirs)), 403, "forbidden")
    switch = await site.http.post("/v1/devices/301/bedside/set", json={"power": "on"}, headers=bearer(theirs))
    is_problem(switch, 403, "forbidden")
    named = await site.http.post("/v1/orders", json={**TOWELS, "space": "301"}, headers=bearer(theirs))
    is_problem(named, 403, "forbidden")


async def test_a_guest_may_not_do_what_staff_do(site: Site, stay: CheckedIn) -> None:
    guest = bearer(await site.room("301"))
    order = (await site.http.post("/v1/orders", json=TOWELS, headers=guest)).json()
    is_problem(await site.http.post(f"/v1/orders/{order['id']}/accept", headers=guest), 403, "forbidden")
    is_problem(await site.http.post("/v1/stays", json={"space": "302", "language": "en"}, headers=guest), 403, "forbidden")
    is_problem(await site.http.post("/v1/spaces/301/status", json={"status": "clean"}, headers=guest), 403, "forbidden")
    for path in ("/v1/board", "/v1/incidents", "/v1/figures"):
        is_problem(await site.http.get(path, headers=guest), 403, "forbidden")


async def test_a_guest_does_not_see_internal_notes(site: Site, stay: CheckedIn) -> None:
    guest, li_na = bearer(await site.room("301")), bearer(await site.staff("li_na"))
    order = (await site.http.post("/v1/orders", json=TOWELS, headers=guest)).json()
    noted = await site.http.post(f"/v1/orders/{order['id']}/note", json={"text": "VIP"}, headers=li_na)
    assert noted.json()["notes"][0]["text"] == "VIP"
    (seen,) = (await site.http.get("/v1/orders", headers=guest)).json()["items"]
    assert not {"notes", "refusals", "priority"} & seen.keys()


async def test_staff_see_their_own_departments_orders(site: Site, stay: CheckedIn) -> None:
    await site.http.post("/v1/orders", json=TOWELS, headers=bearer(await site.room("301")))

    async def count(user: str) -> int:
        return len((await site.http.get("/v1/orders", headers=bearer(await site.staff(user)))).json()["items"])

    assert [await count(user) for user in ("li_na", "wang_wei", "emma", "lin_manager")] == [1, 0, 1, 1]


async def test_a_room_token_ends_at_check_out(site: Site, house: House, stay: CheckedIn) -> None:
    token = await site.room("301")
    assert (await site.http.get("/v1/me", headers=bearer(token))).status_code == 200
    await house.service.do(CheckOut(stay.id), SERVICE, "check-out")
    assert "ended" in is_problem(await site.http.get("/v1/me", headers=bearer(token)), 401, "unauthorized")["detail"]


async def test_check_in_gives_the_code_that_opens_the_room(site: Site) -> None:
    desk = bearer(await site.staff("emma"))
    made = await site.http.post("/v1/stays", json={"space": "105", "language": "en", "name": "Alice"}, headers=desk)
    assert made.status_code == 201
    typed = made.json()["code"].lower().replace("-", " ")
    entered = await site.http.post("/v1/room-token", json={"code": typed})
    assert entered.json()["stay"] == made.json()["id"]
    me = (await site.http.get("/v1/me", headers=bearer(entered.json()["token"]))).json()
    assert (me["kind"], me["space"], me["name"]) == ("guest", "105", "Alice")
    await site.http.post(f"/v1/stays/{made.json()['id']}/check-out", headers=desk)
    is_problem(await site.http.post("/v1/room-token", json={"code": typed}), 401, "unauthorized")


async def test_demo_log_ins_are_refused_off_localhost(site: Site, stay: CheckedIn) -> None:
    for name, value in (("X-Forwarded-For", "203.0.113.9"), ("Host", "evil.example")):
        elsewhere = {name: value}
        refused = await site.http.post("/v1/login", json={"user": "li_na", "password": "demo-li_na"}, headers=elsewhere)
        is_problem(refused, 403, "forbidden")
        is_problem(await site.http.post("/v1/room-token", json={"room": "301"}, headers=elsewhere), 403, "forbidden")
        assert (await site.http.get("/v1/property", headers=elsewhere)).json()["demo"] is None


async def test_a_room_number_opens_nothing_in_a_real_hotel(house: House, site: Site, stay: CheckedIn) -> None:
    house.property = replace(house.property, demo=False)
    is_problem(await site.http.post("/v1/room-token", json={"room": "301"}), 403, "forbidden")
    assert (await site.http.post("/v1/login", json={"user": "li_na", "password": "demo-li_na"})).status_code == 200


async def test_guessing_passwords_is_slowed_down(site: Site) -> None:
    for _ in range(8):
        wrong = await site.http.post("/v1/login", json={"user": "li_na", "password": "nope"})
        is_problem(wrong, 401, "unauthorized")
    right = await site.http.post("/v1/login", json={"user": "li_na", "password": "demo-li_na"})
    is_problem(right, 429, "too_many_attempts")
    assert 0 < int(right.headers["retry-after"]) <= 60


def test_attempts_are_forgotten_after_their_window() -> None:
    attempts = Attempts({"user": 2}, window_s=60)
    attempts.failed(("user", "a"), 0)
    attempts.failed(("user", "a"), 10)
    assert attempts.wait_s(("user", "a"), 20) == 40
    assert attempts.wait_s(("user", "b"), 20) == 0
    assert attempts.wait_s(("user", "a"), 61) == 0


def test_the_key_is_private_and_made_once(tmp_path: Path) -> None:
    first = load_key(tmp_path)
    assert load_key(tmp_path) == first
    assert len(first) == auth.KEY_BYTES
    assert (tmp_path / auth.KEY_FILE).stat().st_mode & 0o777 == 0o600
