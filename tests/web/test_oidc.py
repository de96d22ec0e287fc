"""Log-in by an OpenID provider, end to end against its loopback server, faults included."""

from __future__ import annotations

import base64
import json
import logging
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import jwt
import pytest
from hotel_site import House, Site, bearer
from test_people import log_in, with_second_factor
from test_rights import is_problem
from vendor.loopback import Fault
from vendor.openid import CLIENT, SECRET, OpenIdProvider, new_key

from concierge.domain.hotel import Grant, Oidc
from concierge.web import openid

DESK, CLEANING = Grant("hotel-desk", "desk", "front_desk"), Grant("hotel-cleaning", "attendant", "housekeeping")
LI = {"sub": "4711", "preferred_username": "li_na", "name": "李娜"}


@pytest.fixture
async def provider(site: Site, house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[OpenIdProvider]:
    monkeypatch.setenv("HOTEL_OIDC_SECRET", SECRET)
    async with OpenIdProvider() as running:
        configure(house, Oidc(running.issuer, CLIENT, site.url, "HOTEL_OIDC_SECRET"))
        yield running


def configure(house: House, config: Oidc) -> None:
    house.property = replace(house.property, oidc=config)
    house.service.world = replace(house.service.world, property=house.property)


def reconfigure(house: House, **changes: Any) -> None:
    assert house.property.oidc is not None
    configure(house, replace(house.property.oidc, **changes))


async def come_back(site: Site, provider: OpenIdProvider, who: dict[str, Any]) -> httpx.Response:
    """A browser goes to the provider, logs in there, and brings back what it was given."""
    away = await site.http.get("/v1/login/oidc")
    assert away.status_code == 303, away.text
    return await site.http.get("/v1/login/oidc/callback", params=provider.log_in(away.headers["location"], **who))


async def me(site: Site, arrived: httpx.Response) -> dict[str, Any]:
    assert arrived.status_code == 303, arrived.text
    assert arrived.headers["location"].startswith("/staff#token=")
    token = arrived.headers["location"].removeprefix("/staff#token=")
    found: dict[str, Any] = (await site.http.get("/v1/me", headers=bearer(token))).json()
    return found


async def test_who_has_an_account_logs_in_by_the_provider(site: Site, house: House, provider: OpenIdProvider) -> None:
    assert (await me(site, await come_back(site, provider, LI)))["id"] == "li_na"
    account, _ = await house.service.reading.account("li_na")
    assert (account.role, account.sso) == ("attendant", f"{provider.issuer} 4711")
    sessions, _ = await house.service.reading.sessions("li_na")
    assert [one.via for one in sessions.open] == ["oidc"]
    assert (await log_in(site, "li_na", "demo-li_na")).status_code == 200, "by password still"


async def test_a_second_log_in_asks_for_no_addresses_and_writes_no_account(
    site: Site, house: House, provider: OpenIdProvider
) -> None:
    await come_back(site, provider, LI)
    before = await house.log.last("h.demo.staff.li_na")
    await me(site, await come_back(site, provider, LI))
    assert await house.log.last("h.demo.staff.li_na") == before
    assert (provider.server.times("openid-configuration"), provider.server.times("/keys")) == (1, 1)


async def test_a_client_that_posts_its_secret(site: Site, provider: OpenIdProvider) -> None:
    provider.auth_methods = ["client_secret_post"]
    assert (await me(site, await come_back(site, provider, LI)))["id"] == "li_na"


async def test_a_provider_that_changed_its_keys_is_still_believed(site: Site, provider: OpenIdProvider) -> None:
    await come_back(site, provider, LI)
    provider.key, provider.kid = new_key(), "k2"
    assert (await me(site, await come_back(site, provider, LI)))["id"] == "li_na"


async def test_groups_settle_role_and_department_at_each_log_in(site: Site, house: House, provider: OpenIdProvider) -> None:
    reconfigure(house, grants=(DESK, CLEANING), groups="realm_access.roles")
    promoted = LI | {"realm_access": {"roles": ["other", "hotel-desk", "hotel-cleaning"]}}
    assert (await me(site, await come_back(site, provider, promoted)))["role"] == "desk"
    back = LI | {"realm_access": {"roles": ["hotel-cleaning"]}}
    assert (await me(site, await come_back(site, provider, back)))["role"] == "attendant"
    is_problem(await come_back(site, provider, LI | {"realm_access": {"roles": ["other"]}}), 403, "forbidden")


async def test_who_is_unknown_is_refused_or_gets_an_account(site: Site, house: House, provider: OpenIdProvider) -> None:
    reconfigure(house, grants=(CLEANING,))
    new = {"sub": "12", "preferred_username": "mei.lin@chain.example", "name": "林美", "groups": ["hotel-cleaning"]}
    is_problem(await come_back(site, provider, new), 403, "forbidden")
    reconfigure(house, unknown="create")
    found = await me(site, await come_back(site, provider, new))
    assert (found["id"], found["role"], found["name"]["en"]) == ("mei-lin-chain-example", "attendant", "林美")
    assert (await me(site, await come_back(site, provider, new)))["id"] == found["id"]
    is_problem(await log_in(site, found["id"], ""), 422, "bad_input")
    is_problem(await log_in(site, found["id"], "anything"), 401, "unauthorized")
    nowhere = {"sub": "13", "preferred_username": "han", "groups": ["hotel-board"]}
    is_problem(await come_back(site, provider, nowhere), 403, "forbidden")


async def test_a_name_that_was_given_to_somebody_else_opens_no_account(
    site: Site, house: House, provider: OpenIdProvider
) -> None:
    await come_back(site, provider, LI)
    is_problem(await come_back(site, provider, LI | {"sub": "4712"}), 403, "forbidden")
    renamed = LI | {"preferred_username": "li_na_zhang"}
    assert (await me(site, await come_back(site, provider, renamed)))["id"] == "li_na", "sub is who they are"
    reconfigure(house, unknown="create", grants=(CLEANING,))
    taken = {"sub": "99", "preferred_username": "wang.wei", "groups": ["hotel-cleaning"]}
    assert (await me(site, await come_back(site, provider, taken)))["id"] == "wang-wei", "not wang_wei's"


async def test_who_was_deactivated_here_is_not_let_in_from_there(site: Site, provider: OpenIdProvider) -> None:
    lin = bearer(await site.staff("lin_manager"))
    await site.http.post("/v1/staff/li_na", json={"active": False}, headers=lin)
    is_problem(await come_back(site, provider, LI), 403, "forbidden")


async def test_the_providers_second_factor_is_enough(site: Site, house: House, provider: OpenIdProvider) -> None:
    with_second_factor(house, "attendant")
    is_problem(await log_in(site, "li_na", "demo-li_na"), 428, "totp_enrolment")
    assert (await me(site, await come_back(site, provider, LI)))["id"] == "li_na"


# what must not be believed


def none_alg(claims: dict[str, Any]) -> str:
    def part(data: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(data).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'kid': 'k1'})}.{part(claims)}."


FORGERIES: dict[str, Any] = {
    "no signature": none_alg,
    "another's key": lambda claims: jwt.encode(claims, new_key(), algorithm="RS256", headers={"kid": "k1"}),
    "the client's secret": lambda claims: jwt.encode(claims, SECRET.ljust(32, "."), algorithm="HS256", headers={"kid": "k1"}),
    "an unknown key": lambda claims: jwt.encode(claims, new_key(), algorithm="RS256", headers={"kid": "k9"}),
    "no token at all": lambda claims: "x.y.z",
}
LIES: dict[str, Any] = {
    "another nonce": {"nonce": "of another log-in"},
    "no nonce": {"nonce": None},
    "another client": {"aud": "payroll"},
    "meant for another of several": {"aud": [CLIENT, "payroll"], "azp": "payroll"},
    "another provider": {"iss": "https://sso.example.com/realms/hotel"},
    "expired": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200},
    "without an end": {"exp": None},
    "from the future": {"nbf": int(time.time()) + 3600},
    "nobody": {"sub": ""},
    "no subject": {"sub": None},
    "a subject that is no text": {"sub": 4711},
}


@pytest.mark.parametrize("forgery", FORGERIES)
async def test_a_forged_token_is_refused(site: Site, provider: OpenIdProvider, forgery: str) -> None:
    provider.sign = FORGERIES[forgery]
    is_problem(await come_back(site, provider, LI), 401, "unauthorized")


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_is_not_for_this_log_in_is_refused(
    site: Site, house: House, provider: OpenIdProvider, lie: str
) -> None:
    def change(claims: dict[str, Any]) -> None:
        claims |= LIES[lie]
        for name in [name for name, value in claims.items() if value is None]:
            del claims[name]

    provider.change = change
    is_problem(await come_back(site, provider, LI), 401, "unauthorized")
    assert await house.log.last("h.demo.session.li_na") is None


async def test_what_did_not_begin_in_this_browser_is_refused(site: Site, provider: OpenIdProvider) -> None:
    away = await site.http.get("/v1/login/oidc")
    brought = provider.log_in(away.headers["location"], **LI)
    cookies = dict(site.http.cookies)
    for state, jar in ((brought["state"], {}), ("another", cookies), ("", cookies)):
        site.http.cookies.clear()
        site.http.cookies.update(jar)
        refused = await site.http.get("/v1/login/oidc/callback", params=brought | {"state": state})
        is_problem(refused, 401, "unauthorized")
    assert provider.server.times("/token") == 0, "the code was not even shown to the provider"


async def test_a_code_is_worth_something_once_and_with_its_verifier(site: Site, provider: OpenIdProvider) -> None:
    first = await site.http.get("/v1/login/oidc")
    stolen = provider.log_in(first.headers["location"], **LI)
    second = await site.http.get("/v1/login/oidc")
    state = dict(parse_qsl(urlsplit(second.headers["location"]).query))["state"]
    injected = await site.http.get("/v1/login/oidc/callback", params=stolen | {"state": state})
    assert "invalid_grant" in is_problem(injected, 401, "unauthorized")["detail"]


async def test_who_cancels_at_the_provider_is_told_so(site: Site, provider: OpenIdProvider) -> None:
    away = await site.http.get("/v1/login/oidc")
    state = provider.log_in(away.headers["location"])["state"]
    back = await site.http.get("/v1/login/oidc/callback", params={"error": "access_denied", "state": state})
    assert "access_denied" in is_problem(back, 401, "unauthorized")["detail"]


# a provider that does not work


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "https://evil.example/realms/hotel"},
        {"token_endpoint": "http://203.0.113.9/token"},
        {"jwks_uri": None},
    ],
)
async def test_a_provider_that_describes_another_is_not_used(site: Site, provider: OpenIdProvider, wrong: dict[str, Any]) -> None:
    provider.metadata = wrong
    is_problem(await site.http.get("/v1/login/oidc"), 503, "unavailable")


@pytest.mark.parametrize("fault", [Fault(status=500, body="{}"), Fault(status=200, body="<html>"), Fault(cut=True)], ids=str)
@pytest.mark.parametrize("path", ["openid-configuration", "/keys"])
async def test_a_provider_that_is_away_is_asked_again_next_time(
    site: Site, provider: OpenIdProvider, path: str, fault: Fault
) -> None:
    provider.server.fails(path, fault)
    refused = is_problem(await site.http.get("/v1/login/oidc"), 503, "unavailable")
    assert "password" in refused["detail"]
    assert (await me(site, await come_back(site, provider, LI)))["id"] == "li_na"


@pytest.mark.parametrize("fault", [Fault(status=500, body="{}"), Fault(status=200, body="{}"), Fault(cut=True)], ids=str)
async def test_a_token_endpoint_that_fails_lets_nobody_in(site: Site, provider: OpenIdProvider, fault: Fault) -> None:
    provider.server.fails("/token", fault)
    is_problem(await come_back(site, provider, LI), 503, "unavailable")


async def test_a_slow_provider_is_not_waited_for_for_ever(
    site: Site, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(openid, "TIMEOUT_S", 0.3)
    provider.server.fails("openid-configuration", Fault(silent_s=5))
    started = time.monotonic()
    is_problem(await site.http.get("/v1/login/oidc"), 503, "unavailable")
    assert time.monotonic() - started < 3


async def test_without_the_variable_or_the_table_there_is_no_such_log_in(
    site: Site, house: House, provider: OpenIdProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HOTEL_OIDC_SECRET")
    assert "HOTEL" not in is_problem(await site.http.get("/v1/login/oidc"), 503, "unavailable")["detail"]
    house.property = replace(house.property, oidc=None)
    is_problem(await site.http.get("/v1/login/oidc"), 404, "not_found")
    assert (await site.http.get("/v1/property")).json()["oidc"] is False


async def test_no_code_no_token_and_no_secret_is_logged(
    site: Site, provider: OpenIdProvider, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level("DEBUG", logger="concierge.web.oidc")
    monkeypatch.setattr(logging.getLogger("concierge.web.oidc"), "disabled", False)  # whatever other tests' libraries did
    provider.change = lambda claims: claims.update(aud="payroll")
    away = await site.http.get("/v1/login/oidc")
    brought = provider.log_in(away.headers["location"], **LI)
    await site.http.get("/v1/login/oidc/callback", params=brought)
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("concierge")]
    assert ours
    for secret in (brought["code"], SECRET, "4711", "eyJ"):
        assert not any(secret in line for line in ours)
