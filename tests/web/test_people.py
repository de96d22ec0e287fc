"""Accounts, sessions and second factors over HTTP and the socket."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from hotel_site import House, Site, bearer
from test_rights import is_problem
from test_socket import joined

from concierge.bus.address import BrokerAddress
from concierge.bus.server import Broker
from concierge.commands.token import mint
from concierge.domain.event import now
from concierge.domain.people import SERVICE
from concierge.service.commands import ChangeStaff, CheckedIn, CheckOut
from concierge.web import auth
from media.playout import Playout
from media.rtc_client import RtcClient

MEI = {
    "id": "mei",
    "name": {"zh": "小美", "en": "Mei"},
    "role": "attendant",
    "department": "housekeeping",
    "floors": [3],
    "languages": ["zh"],
    "shift": "day",
    "password": "蓝色的雨伞在门口",
}


async def log_in(site: Site, user: str, password: str, code: str | None = None, **more: Any) -> httpx.Response:
    """From a browser that nobody has seen: without the cookies of earlier ones."""
    site.http.cookies.clear()
    body = {"user": user, "password": password} | ({"code": code} if code else {})
    return await site.http.post("/v1/login", json=body, **more)


def code_of(secret: str, later_s: int = 0) -> str:
    return pyotp.TOTP(secret).at(now() + timedelta(seconds=later_s))


def with_second_factor(house: House, *roles: str) -> None:
    house.property = replace(house.property, second_factor=frozenset(roles))
    house.service.world = replace(house.service.world, property=house.property)


async def manager(site: Site) -> dict[str, str]:
    return bearer(await site.staff("lin_manager"))


# accounts


async def test_a_manager_makes_an_account_and_its_owner_works_here(site: Site) -> None:
    made = await site.http.post("/v1/staff", json=MEI, headers=await manager(site))
    assert made.status_code == 201, made.text
    assert made.json()["password"] is True
    entered = await log_in(site, "mei", "蓝色的雨伞在门口")
    me = (await site.http.get("/v1/me", headers=bearer(entered.json()["token"]))).json()
    assert (me["id"], me["role"], me["department"]) == ("mei", "attendant", "housekeeping")
    assert me["colleagues"]["mei"] == MEI["name"]
    assert "argon2" not in made.text


async def test_the_same_account_is_not_made_twice(site: Site) -> None:
    lin = await manager(site)
    first = await site.http.post("/v1/staff", json=MEI, headers=lin | {"Idempotency-Key": "1"})
    again = await site.http.post("/v1/staff", json=MEI, headers=lin | {"Idempotency-Key": "1"})
    assert again.json() == first.json()
    is_problem(await site.http.post("/v1/staff", json=MEI, headers=lin), 409, "illegal_step")
    is_problem(await site.http.post("/v1/staff", json={**MEI, "id": "li_na"}, headers=lin), 409, "illegal_step")


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "emperor"},
        {"department": "moon"},
        {"shift": "dusk"},
        {"floors": [99]},
        {"languages": ["fr"]},
        {"name": {"en": "Mei"}},
        {"id": "mei.li"},
        {"id": "mei*"},
    ],
)
async def test_an_account_names_what_is_there(site: Site, wrong: dict[str, Any]) -> None:
    refused = await site.http.post("/v1/staff", json=MEI | wrong, headers=await manager(site))
    assert refused.status_code == 400, refused.text


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short12", "weak_password"),
        ("Password123", "weak_password"),
        ("ｐａｓｓｗｏｒｄ１２３", "weak_password"),
        ("aaaaaaaaaaaa", "weak_password"),
        ("23456789", "weak_password"),
        ("woaini1314", "weak_password"),
        ("Mei20261", "weak_password"),
        ("Demo Hotel1", "weak_password"),
        ("correct horse", None),
        ("八个汉字也算长度", None),
    ],
)
async def test_passwords_are_long_and_not_common_and_nothing_else(site: Site, password: str, code: str | None) -> None:
    made = await site.http.post("/v1/staff", json=MEI | {"password": password}, headers=await manager(site))
    if code:
        is_problem(made, 400, code)
        assert password not in made.text
    else:
        assert made.status_code == 201, made.text
        assert (await log_in(site, "mei", password)).status_code == 200


async def test_only_a_manager_touches_accounts(site: Site, stay: CheckedIn) -> None:
    for token in (await site.staff("emma"), await site.staff("li_na"), await site.room("301")):
        headers = bearer(token)
        is_problem(await site.http.post("/v1/staff", json=MEI, headers=headers), 403, "forbidden")
        is_problem(await site.http.post("/v1/staff/li_na", json={"role": "manager"}, headers=headers), 403, "forbidden")
        new = {"password": "a new one for li"}
        is_problem(await site.http.post("/v1/staff/wang_wei/password", json=new, headers=headers), 403, "forbidden")
        is_problem(await site.http.delete("/v1/staff/wang_wei/totp", headers=headers), 403, "forbidden")
        is_problem(await site.http.get("/v1/audit", headers=headers), 403, "forbidden")


async def test_colleagues_are_told_who_is_here_and_no_more(site: Site) -> None:
    lin = await manager(site)
    await site.http.post("/v1/staff", json=MEI | {"im": {"slack": "U1"}}, headers=lin)
    seen = (await site.http.get("/v1/staff", headers=bearer(await site.staff("li_na")))).json()["items"]
    (mei,) = [one for one in seen if one["id"] == "mei"]
    assert mei.keys() == {"id", "name", "role", "department", "on_duty", "active"}
    whole = (await site.http.get("/v1/staff", headers=lin)).json()["items"]
    (mei,) = [one for one in whole if one["id"] == "mei"]
    assert (mei["im"], mei["second_factor"], mei["floors"], mei["shift"]) == ({"slack": "U1"}, False, [3], "day")
    assert "argon2" not in json.dumps(whole)


async def test_a_new_role_counts_at_once_in_an_open_socket_too(site: Site, house: House, stay: CheckedIn) -> None:
    async with joined(site, token=await site.staff("wang_wei")) as client:
        await client.until("ready")
        changed = await site.http.post(
            "/v1/staff/wang_wei", json={"role": "desk", "department": "front_desk"}, headers=await manager(site)
        )
        assert changed.json()["role"] == "desk"
        async with asyncio.timeout(5):
            while not any(feed.actor.leads for feed in site.app.state.tail.of("staff:wang_wei")):  # noqa: ASYNC110  # no event says so
                await asyncio.sleep(0.01)
        await house.service.do(CheckOut(stay.id), SERVICE, "out")
        while (frame := await client.next()).get("event") != "checked_out":
            pass
        assert frame["subject"] == f"h.demo.stay.{stay.id}"


async def test_nobody_takes_their_own_role_away(site: Site) -> None:
    lin = await manager(site)
    for change in ({"role": "attendant"}, {"active": False}):
        is_problem(await site.http.post("/v1/staff/lin_manager", json=change, headers=lin), 403, "forbidden")
    assert (await site.http.post("/v1/staff/lin_manager", json={"floors": [1]}, headers=lin)).status_code == 200


async def test_who_no_longer_works_here_is_out_at_once(site: Site) -> None:
    token = await site.staff("li_na")
    async with joined(site, token=token) as client:
        await client.until("ready")
        lin = await manager(site)
        await site.http.post("/v1/staff/li_na", json={"active": False}, headers=lin)
        assert await client.closed() == 4401
    is_problem(await site.http.get("/v1/me", headers=bearer(token)), 401, "unauthorized")
    is_problem(await log_in(site, "li_na", "demo-li_na"), 401, "unauthorized")
    assert all(one["id"] != "li_na" for one in (await _staff(site, "emma")))
    await site.http.post("/v1/staff/li_na", json={"active": True}, headers=lin)
    is_problem(await site.http.get("/v1/me", headers=bearer(token)), 401, "unauthorized")
    assert (await log_in(site, "li_na", "demo-li_na")).status_code == 200


async def _staff(site: Site, who: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await site.http.get("/v1/staff", headers=bearer(await site.staff(who)))).json()["items"]
    return found


async def test_a_changed_password_ends_the_other_sessions(site: Site) -> None:
    here, there = await site.staff("li_na"), await site.staff("li_na")
    headers = bearer(here)
    wrong = {"old": "demo-emma", "new": "three blind mice"}
    is_problem(await site.http.post("/v1/me/password", json=wrong, headers=headers), 403, "wrong_code")
    changed = await site.http.post("/v1/me/password", json=wrong | {"old": "demo-li_na"}, headers=headers)
    assert changed.status_code == 204, changed.text
    assert (await site.http.get("/v1/me", headers=headers)).status_code == 200
    is_problem(await site.http.get("/v1/me", headers=bearer(there)), 401, "unauthorized")
    is_problem(await log_in(site, "li_na", "demo-li_na"), 401, "unauthorized")
    assert (await log_in(site, "li_na", "three blind mice")).status_code == 200


async def test_guessing_the_old_password_is_slowed_down_too(site: Site) -> None:
    headers = bearer(await site.staff("li_na"))
    site.http.cookies.clear()
    tries = [
        await site.http.post("/v1/me/password", json={"old": "x", "new": "three blind mice"}, headers=headers) for _ in range(9)
    ]
    assert [answer.status_code for answer in tries] == [403] * 8 + [429]


async def test_a_manager_resets_a_password(site: Site) -> None:
    token = await site.staff("li_na")
    reset = await site.http.post("/v1/staff/li_na/password", json={"password": "three blind mice"}, headers=await manager(site))
    assert reset.status_code == 204, reset.text
    is_problem(await site.http.get("/v1/me", headers=bearer(token)), 401, "unauthorized")
    assert (await log_in(site, "li_na", "three blind mice")).status_code == 200


# guessing


async def test_a_stranger_cannot_lock_somebody_out_who_has_logged_in_from_here_before(site: Site) -> None:
    known = await site.http.post("/v1/login", json={"user": "li_na", "password": "demo-li_na"})
    cookies = dict(known.cookies)
    assert cookies.keys() == {"concierge_device_li_na"}
    set_cookie = known.headers["set-cookie"].lower()
    assert "httponly" in set_cookie
    assert "samesite=strict" in set_cookie
    strangers = [(await log_in(site, "li_na", "nope")).status_code for _ in range(9)]
    assert strangers == [401] * 8 + [429]
    site.http.cookies.clear()
    site.http.cookies.update(cookies)
    again = await site.http.post("/v1/login", json={"user": "li_na", "password": "demo-li_na"})
    assert again.status_code == 200
    guesses = [await site.http.post("/v1/login", json={"user": "li_na", "password": "no"}) for _ in range(9)]
    assert [guess.status_code for guess in guesses] == [401] * 8 + [429], "the device itself is no way round the limit"


async def test_a_device_of_one_is_no_device_of_another_and_no_token(site: Site) -> None:
    await site.http.post("/v1/login", json={"user": "emma", "password": "demo-emma"})
    stolen = site.http.cookies["concierge_device_emma"]
    is_problem(await site.http.get("/v1/me", headers=bearer(stolen)), 401, "unauthorized")
    for _ in range(8):
        await log_in(site, "li_na", "nope")
    site.http.cookies.clear()
    site.http.cookies.set("concierge_device_li_na", stolen)
    refused = await site.http.post("/v1/login", json={"user": "li_na", "password": "demo-li_na"})
    is_problem(refused, 429, "too_many_attempts")


@pytest.mark.parametrize("user", ["nobody", "no.body", "*", "李娜"])
async def test_a_name_that_is_nobodys_is_refused_like_a_wrong_password(site: Site, user: str) -> None:
    assert "wrong" in is_problem(await log_in(site, user, "whatever it is"), 401, "unauthorized")["detail"]


# sessions


async def test_sessions_are_listed_and_one_is_ended(site: Site) -> None:
    phone = (await log_in(site, "li_na", "demo-li_na", headers={"User-Agent": "a phone"})).json()["token"]
    tablet = await site.staff("li_na")
    items = (await site.http.get("/v1/sessions", headers=bearer(tablet))).json()["items"]
    assert [(one["current"], one["via"], one["address"]) for one in items] == [
        (i == 0, "password", "127.0.0.1") for i in range(2)
    ]
    assert items[1]["agent"] == "a phone"
    async with joined(site, token=phone) as on_phone, joined(site, token=tablet) as on_tablet:
        await on_phone.until("ready")
        await on_tablet.until("ready")
        ended = await site.http.delete(f"/v1/sessions/{items[1]['id']}", headers=bearer(tablet))
        assert ended.status_code == 204
        assert await on_phone.closed() == 4401
        await on_tablet.send(type="ping")
        await on_tablet.until("pong")
    is_problem(await site.http.get("/v1/me", headers=bearer(phone)), 401, "unauthorized")
    assert (await site.http.get("/v1/me", headers=bearer(tablet))).status_code == 200


async def test_logging_out_ends_the_session_of_the_token(site: Site) -> None:
    token, other = await site.staff("li_na"), await site.staff("li_na")
    assert (await site.http.delete("/v1/sessions/current", headers=bearer(token))).status_code == 204
    is_problem(await site.http.get("/v1/me", headers=bearer(token)), 401, "unauthorized")
    assert (await site.http.get("/v1/me", headers=bearer(other))).status_code == 200


async def test_a_manager_ends_all_of_somebodys_sessions_and_script_tokens(site: Site, house: House) -> None:
    lin = await manager(site)
    script = await mint(house.settings, staff="li_na")
    page = await site.staff("li_na")
    assert (await site.http.get("/v1/me", headers=bearer(script))).status_code == 200
    listed = (await site.http.get("/v1/sessions", params={"staff": "li_na"}, headers=lin)).json()["items"]
    assert len(listed) == 1
    async with joined(site, token=script) as of_script, joined(site, token=page) as of_page:
        await of_script.until("ready")
        await of_page.until("ready")
        assert (await site.http.delete("/v1/sessions", params={"staff": "li_na"}, headers=lin)).status_code == 204
        assert await of_script.closed() == await of_page.closed() == 4401
    for token in (script, page):
        is_problem(await site.http.get("/v1/me", headers=bearer(token)), 401, "unauthorized")
    made_since = await mint(house.settings, staff="li_na")
    assert (await site.http.get("/v1/me", headers=bearer(made_since))).status_code == 200


async def test_others_sessions_are_nobodys_business(site: Site, stay: CheckedIn) -> None:
    lin = await manager(site)
    (of_lin,) = (await site.http.get("/v1/sessions", headers=lin)).json()["items"]
    for token in (await site.staff("emma"), await site.room("301")):
        headers = bearer(token)
        is_problem(await site.http.get("/v1/sessions", params={"staff": "lin_manager"}, headers=headers), 403, "forbidden")
        named = {"staff": "lin_manager"}
        is_problem(await site.http.delete("/v1/sessions", params=named, headers=headers), 403, "forbidden")
        is_problem(await site.http.delete(f"/v1/sessions/{of_lin['id']}", params=named, headers=headers), 403, "forbidden")
    emma = bearer(await site.staff("emma"))
    is_problem(await site.http.delete(f"/v1/sessions/{of_lin['id']}", headers=emma), 404, "not_found")
    assert (await site.http.get("/v1/me", headers=lin)).status_code == 200


async def test_a_token_for_somebody_added_since_is_made_from_the_log(
    site: Site, house: House, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.http.post("/v1/staff", json=MEI, headers=await manager(site))
    address: BrokerAddress = broker.address
    monkeypatch.setattr("concierge.bus.address.from_environment", lambda: address)
    token = await mint(house.settings, staff="mei")
    assert (await site.http.get("/v1/me", headers=bearer(token))).json()["id"] == "mei"


async def test_sessions_outlive_the_service(site: Site, house: House, tmp_path: Path) -> None:
    """They are on the log: another process, with the same key, knows which were ended."""
    kept, ended = await site.staff("li_na"), await site.staff("li_na")
    await site.http.delete("/v1/sessions/current", headers=bearer(ended))
    another = auth.Tokens(auth.load_key(house.settings.state), "demo")
    assert (await auth.admit(kept, another, house)).actor.id == "li_na"
    with pytest.raises(auth.Unauthorized, match="ended"):
        await auth.admit(ended, another, house)


# second factor


async def enrolled(site: Site, user: str) -> tuple[str, list[str]]:
    """(the secret, the recovery codes) of somebody who wanted a second factor."""
    headers = bearer(await site.staff(user))
    offered = (await site.http.post("/v1/me/totp", headers=headers)).json()
    assert offered["uri"].startswith("otpauth://totp/")
    assert offered["qr"].startswith("<svg")
    confirmed = await site.http.post("/v1/me/totp/confirm", json={"code": code_of(offered["secret"])}, headers=headers)
    assert confirmed.status_code == 200, confirmed.text
    return offered["secret"], confirmed.json()["recovery_codes"]


async def test_who_has_a_second_factor_logs_in_with_it(site: Site) -> None:
    secret, _ = await enrolled(site, "li_na")
    is_problem(await log_in(site, "li_na", "demo-li_na"), 428, "totp_required")
    is_problem(await log_in(site, "li_na", "demo-li_na", "000000"), 401, "unauthorized")
    is_problem(await log_in(site, "li_na", "wrong", code_of(secret, 30)), 401, "unauthorized")
    assert (await log_in(site, "li_na", "demo-li_na", code_of(secret, 30))).status_code == 200


async def test_a_code_is_taken_once(site: Site) -> None:
    secret, _ = await enrolled(site, "li_na")
    is_problem(await log_in(site, "li_na", "demo-li_na", code_of(secret)), 401, "unauthorized")
    code = code_of(secret, 30)
    answers = await asyncio.gather(*(log_in(site, "li_na", "demo-li_na", code) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401]
    is_problem(await log_in(site, "li_na", "demo-li_na", code_of(secret)), 401, "unauthorized")


async def test_a_recovery_code_is_taken_once(site: Site) -> None:
    _, recovery = await enrolled(site, "li_na")
    assert len(set(recovery)) == 10
    typed = recovery[3].replace("-", " ").lower()
    assert (await log_in(site, "li_na", "demo-li_na", typed)).status_code == 200
    is_problem(await log_in(site, "li_na", "demo-li_na", recovery[3]), 401, "unauthorized")
    assert (await log_in(site, "li_na", "demo-li_na", recovery[0])).status_code == 200


async def test_nothing_on_the_log_makes_a_code(site: Site, house: House) -> None:
    secret, recovery = await enrolled(site, "li_na")
    everything = " ".join([json.dumps(entry.data) async for entry in house.log.read("h.demo.>")])
    for known in (secret, *recovery, *(code.replace("-", "") for code in recovery)):
        assert known not in everything


async def test_guessing_codes_is_slowed_down(site: Site) -> None:
    secret, _ = await enrolled(site, "li_na")
    guesses = [(await log_in(site, "li_na", "demo-li_na", f"{n:06d}")).status_code for n in range(6)]
    assert guesses == [401] * 5 + [429]
    is_problem(await log_in(site, "li_na", "demo-li_na", code_of(secret, 30)), 429, "too_many_attempts")


async def test_a_role_that_needs_a_second_factor_gets_it_at_log_in(site: Site, house: House) -> None:
    with_second_factor(house, "manager")
    assert (await log_in(site, "li_na", "demo-li_na")).status_code == 200
    offered = is_problem(await log_in(site, "lin_manager", "demo-lin_manager"), 428, "totp_enrolment")
    again = is_problem(await log_in(site, "lin_manager", "demo-lin_manager"), 428, "totp_enrolment")
    assert again["secret"] == offered["secret"], "the code that is being scanned stays good"
    is_problem(await log_in(site, "lin_manager", "demo-lin_manager", "000000"), 401, "unauthorized")
    entered = await log_in(site, "lin_manager", "demo-lin_manager", code_of(offered["secret"]))
    assert entered.status_code == 200, entered.text
    assert len(entered.json()["recovery_codes"]) == 10
    is_problem(await log_in(site, "lin_manager", "demo-lin_manager"), 428, "totp_required")
    later = await log_in(site, "lin_manager", "demo-lin_manager", code_of(offered["secret"], 30))
    assert later.status_code == 200
    assert "recovery_codes" not in later.json()


async def test_a_second_factor_is_replaced_only_by_who_has_it(site: Site) -> None:
    secret, recovery = await enrolled(site, "li_na")
    token = (await log_in(site, "li_na", "demo-li_na", recovery[0])).json()["token"]
    headers = bearer(token)
    is_problem(await site.http.post("/v1/me/totp", headers=headers), 403, "wrong_code")
    is_problem(await site.http.post("/v1/me/totp", json={"code": recovery[0]}, headers=headers), 403, "wrong_code")
    offered = await site.http.post("/v1/me/totp", json={"code": recovery[1]}, headers=headers)
    new = offered.json()["secret"]
    assert (await log_in(site, "li_na", "demo-li_na", code_of(secret, 30))).status_code == 200, "until the new one is confirmed"
    await site.http.post("/v1/me/totp/confirm", json={"code": code_of(new)}, headers=headers)
    is_problem(await log_in(site, "li_na", "demo-li_na", recovery[2]), 401, "unauthorized")
    assert (await log_in(site, "li_na", "demo-li_na", code_of(new, 30))).status_code == 200


async def test_a_manager_takes_off_a_lost_second_factor(site: Site) -> None:
    lin = await manager(site)
    await enrolled(site, "li_na")
    assert (await site.http.delete("/v1/staff/li_na/totp", headers=lin)).status_code == 204
    assert (await log_in(site, "li_na", "demo-li_na")).status_code == 200


# guests


async def test_check_out_closes_the_guests_socket_and_ends_the_token(site: Site, house: House, stay: CheckedIn) -> None:
    token = await site.room("301")
    async with joined(site, token=token, since=0) as client:
        await client.until("ready")
        await house.service.do(CheckOut(stay.id), SERVICE, "out")
        assert await client.closed() == 4401
    is_problem(await site.http.get("/v1/me", headers=bearer(token)), 401, "unauthorized")
    is_problem(await site.http.post("/v1/room-token", json={"code": stay.code}), 401, "unauthorized")


async def test_calls_end_with_the_stay_and_with_the_session(site: Site, house: House, stay: CheckedIn) -> None:
    guest, li_na = await site.room("301"), await site.staff("li_na")
    clients = [RtcClient(Playout()) for _ in range(2)]
    try:
        for client, token in zip(clients, (guest, li_na), strict=True):
            headers = bearer(token) | {"Content-Type": "application/sdp"}
            answered = await site.http.post("/v1/calls", content=await client.offer(), headers=headers)
            assert answered.status_code == 201, answered.text
        of_guest, of_li_na = house.calls
        await site.http.post("/v1/login", json={"user": "li_na", "password": "demo-li_na"})
        await house.service.do(CheckOut(stay.id), SERVICE, "out")
        async with asyncio.timeout(5):
            await of_guest.closed.wait()
        assert not of_li_na.closed.is_set(), "another log-in of hers is no reason"
        await site.http.delete("/v1/sessions/current", headers=bearer(li_na))
        async with asyncio.timeout(5):
            await of_li_na.closed.wait()
    finally:
        for client in clients:
            await client.close()


async def test_the_service_may_change_accounts_too(house: House) -> None:
    """As the log-in by an OpenID provider does."""
    entry = await house.service.do(ChangeStaff("li_na", {"department": "front_desk"}), SERVICE, "sso")
    assert entry.data["department"] == "front_desk"
