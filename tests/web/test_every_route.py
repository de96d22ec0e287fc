"""A guest's token sees nothing of another room, another guest or the staff: over every route that there is, and the socket."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from hotel_site import House, Site, bearer
from route_rules import RULES, Rule, routes
from test_files import photo
from test_socket import joined

from concierge.domain.people import SERVICE, staff
from concierge.service import commands as c
from concierge.service.commands import CheckedIn, CheckIn, CheckOut

LI_NA = staff("li_na", "attendant", "housekeeping")
SECRETS = ("SECRET", "Alicia")
"""In everything that is another guest's or the staff's."""


@dataclass
class Theirs:
    """What the guest in 302 and the staff have, by the names that paths give it."""

    names: dict[str, str]

    def request(self, route: str, rule: Rule) -> dict[str, Any]:
        method, path = route.split(" ")
        names = {**self.names, "id": self.names.get(rule.id, "")}
        request: dict[str, Any] = {"method": method, "url": path.format(**names), "params": dict(rule.query)}
        return request | ({"json": rule.body} if rule.body is not None else {})


@pytest.fixture
async def theirs(site: Site, house: House, stay: CheckedIn) -> Theirs:
    """Beside the guest in 301: another in 302, who asked, wrote, sent a picture and raised an alarm; and staff among themselves."""
    service = house.service
    other = await service.do(CheckIn("302", "en", "Alicia"), SERVICE, "check-in 302")
    guest = (await service.open_stay("302")).guest  # type: ignore[union-attr]
    order = await service.do(c.PlaceOrder("request.repair", {"asset": "tv", "symptom": "SECRET"}, "SECRET", "en"), guest, "o")
    await service.do(c.NoteOrder(order.data["id"], "SECRET"), SERVICE, "n")
    their_token = bearer(await site.room("302"))
    sent = await site.http.post("/v1/files", files={"file": ("x.jpg", photo(), "image/jpeg")}, headers=their_token)
    said = await service.do(c.Say(f"stay-{other.id}", "SECRET", "en", file=sent.json()["hash"]), guest, "m")
    incident = await service.do(c.RaiseIncident("smoke", "SECRET", 0.9), guest, "i")
    await service.do(c.Say("dept-housekeeping", "SECRET", "en"), LI_NA, "d")
    group = await service.do(c.MakeGroup("SECRET", ["chen_jing"]), LI_NA, "g")
    await service.do(c.Say(f"group-{group.data['id']}", "SECRET", "en"), LI_NA, "gm")
    await service.do(c.Say("direct-chen_jing--li_na", "SECRET", "en"), LI_NA, "dm")
    await service.do(c.ChangeStaff("li_na", {"im": {"slack": "SECRET"}}), SERVICE, "a")
    await site.staff("li_na")
    sessions, _ = await service.reading.sessions("li_na")
    await house.views.caught_up(await house.log.end())
    return Theirs(
        {
            "stay": other.id,
            "space": "302",
            "device": "bedside",
            "order": order.data["id"],
            "incident": incident.data["id"],
            "hash": sent.json()["hash"],
            "conversation": f"stay-{other.id}",
            "message": str(said.seq),
            "group": f"group-{group.data['id']}",
            "person": "li_na",
            "session": sessions.open[0].id,
            "call": "0" * 32,
        }
    )


def told(answer: httpx.Response) -> list[str]:
    return [secret for secret in SECRETS if secret in answer.text]


def test_every_route_has_a_rule_and_every_rule_a_route(site: Site) -> None:
    found = set(routes(site.app))
    assert set(site.app.openapi()["paths"]) <= {route.split(" ")[1] for route in found}, "routes were overlooked"
    assert found - RULES.keys() == set(), "say in route_rules.py for whom these are"
    assert RULES.keys() - found == set(), "these are gone"


async def test_without_a_good_token_nothing_is_told_and_nothing_done(site: Site, house: House, theirs: Theirs) -> None:
    gone = await house.service.do(CheckIn("303", "zh"), SERVICE, "check-in 303")
    left = await site.room("303")
    await house.service.do(CheckOut(gone.id), SERVICE, "check-out 303")
    logged_out = await site.staff("lin_manager")
    await site.http.delete("/v1/sessions/current", headers=bearer(logged_out))
    device = site.http.cookies["concierge_device_lin_manager"]
    end = await house.log.end()
    for route, rule in RULES.items():
        if rule.whose == "anyone":
            continue
        for token in ("", "x.y.z", left, logged_out, device):
            answer = await site.http.request(**theirs.request(route, rule), headers=bearer(token) if token else {})
            assert answer.status_code == 401, (route, answer.text)
            assert told(answer) == []
    assert await house.log.end() == end


async def test_a_guest_gets_nothing_of_others(site: Site, house: House, theirs: Theirs) -> None:
    guest = bearer(await site.room("301"))
    end = await house.log.end()
    for route, rule in RULES.items():
        if rule.whose == "anyone":
            continue
        answer = await site.http.request(**theirs.request(route, rule), headers=guest)
        assert told(answer) == [], route
        refused = rule.whose == "staff" or "{" in route or "space" in (rule.body or {})
        assert answer.status_code in ((403, 404) if refused else (200, 415, 422)), (route, answer.text)
        assert await house.log.end() == end, f"{route} did something"


async def test_a_guest_is_in_no_conversation_of_the_staff(site: Site, theirs: Theirs) -> None:
    guest = bearer(await site.room("301"))
    for where in ("dept-housekeeping", "floor-3", "shift-day", "direct-chen_jing--li_na", theirs.names["group"]):
        read = await site.http.get(f"/v1/conversations/{where}/messages", headers=guest)
        assert told(read) == []
        assert read.status_code == 403 or read.json()["items"] == []
        said = await site.http.post(f"/v1/conversations/{where}/messages", json={"text": "hello"}, headers=guest)
        assert said.status_code in (403, 404)
        found = await site.http.get("/v1/search", params={"q": "SECRET", "conversation": where}, headers=guest)
        assert found.json()["items"] == []


async def test_a_guests_socket_has_their_own_and_no_more(site: Site, house: House, stay: CheckedIn, theirs: Theirs) -> None:
    own = (f".{stay.id}", f".stay-{stay.id}", f".order.{stay.id}.", f".turn.{stay.id}.", ".space.301", ".device.301.")
    async with joined(site, token=await site.room("301"), since=0) as client:
        backlog = await client.until("ready")
        await house.service.do(c.Say("dept-housekeeping", "SECRET too", "en"), LI_NA, "live")
        await house.service.do(c.SetDuty("li_na", False), LI_NA, "duty")
        await site.staff("li_na")
        for conversation in ("dept-housekeeping", f"stay-{theirs.names['stay']}", theirs.names["group"]):
            await client.send(type="send", client_id=conversation, conversation=conversation, text="hello")
            await client.send(type="read", conversation=conversation, seq=1)
        await client.send(
            type="withdraw", client_id="w", conversation=theirs.names["conversation"], message=int(theirs.names["message"])
        )
        await client.send(type="typing", conversation="dept-housekeeping")
        await client.send(type="ping")
        live = await client.until("pong")
    frames = backlog + live
    assert not any(secret in json.dumps(frame) for frame in frames for secret in SECRETS)
    events = [frame for frame in frames if frame["type"] == "event"]
    assert events
    assert all(any(mark in frame["subject"] + "." for mark in own) for frame in events)
    assert [frame["type"] for frame in live if frame["type"] not in ("event", "pong")] == ["error"] * 8


@pytest.mark.parametrize("user", ["li_na", "emma", "lin_manager"])
async def test_no_socket_has_secrets_of_the_staff(site: Site, house: House, theirs: Theirs, user: str) -> None:
    """Not even a manager's: passwords, second factors, sessions and user ids elsewhere."""
    async with joined(site, token=await site.staff(user), since=0) as client:
        frames = await client.until("ready")
        await site.staff("li_na")
        await house.service.do(c.SetDuty("li_na", True), LI_NA, "duty")
        frames += await client.until("event")
    events = [frame for frame in frames if frame["type"] == "event"]
    kinds = {frame["subject"].split(".")[2] for frame in events}
    assert not kinds & {"session", "group", "card"}
    people = [frame["data"] for frame in events if ".staff." in frame["subject"]]
    assert people
    assert all(one.keys() == {"id", "name", "role", "department", "on_duty", "active"} for one in people)
    assert "argon2" not in json.dumps(events)
