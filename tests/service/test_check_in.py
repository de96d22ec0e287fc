from __future__ import annotations

import asyncio
import json
import re

import pytest
from example_people import DESK, LI_NA

from concierge.bus.log import Log
from concierge.domain.errors import BadRequest, BadToken, Forbidden, IllegalStep, NotFound
from concierge.domain.hotel import Property
from concierge.domain.people import SERVICE, Actor, staff
from concierge.service import commands as c
from concierge.service.commands import CheckedIn
from concierge.service.handlers import Service
from concierge.service.seed import seed
from concierge.views.views import Views


async def test_check_in_gives_a_code_that_finds_the_stay_until_check_out(service: Service, views: Views, stay: CheckedIn) -> None:
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", stay.code)
    await views.caught_up(stay.entry.seq)
    found = await views.stay_by_code(stay.code.lower().replace("-", " "))
    assert found is not None
    assert (found.id, found.space, found.checked_in) == (stay.id, "301", stay.entry.seq)
    out = await service.do(c.CheckOut(stay.id), DESK, "out")
    await views.caught_up(out.seq)
    assert await views.stay_by_code(stay.code) is None
    assert await service.open_stay("301") is None


async def test_code_is_not_on_the_log(log: Log, stay: CheckedIn) -> None:
    entries = [json.dumps(entry.data) async for entry in log.read("h.demo.>")]
    assert not any(stay.code in text or stay.code.replace("-", "") in text for text in entries)


async def test_check_in_repeated_gives_the_same_stay_and_code(service: Service, stay: CheckedIn) -> None:
    again = await service.do(c.CheckIn("301", "zh", "王芳"), SERVICE, "check-in")
    assert again == stay
    assert service.room_code(stay.id) == stay.code


async def test_two_desks_check_into_one_room_and_one_is_refused(service: Service) -> None:
    answers = await asyncio.gather(
        *(service.do(c.CheckIn("305", "en", name), DESK, name) for name in ("Ada", "Bob")), return_exceptions=True
    )
    assert {type(answer) for answer in answers} == {CheckedIn, IllegalStep}


async def test_next_guest_has_another_stay_and_code(service: Service, stay: CheckedIn) -> None:
    await service.do(c.CheckOut(stay.id), DESK, "out")
    following = await service.do(c.CheckIn("301", "en"), DESK, "next")
    assert following.id != stay.id
    assert following.code != stay.code
    room = await service.open_stay("301")
    assert room is not None
    assert room.checked_in == following.entry.seq


async def test_check_in_is_for_the_desk(service: Service, guest: Actor) -> None:
    for actor in (LI_NA, guest):
        with pytest.raises(Forbidden):
            await service.do(c.CheckIn("302", "en"), actor, "1")
        with pytest.raises(Forbidden):
            await service.do(c.CheckOut(guest.stay), actor, "2")


@pytest.mark.parametrize("command", [c.CheckIn("999", "en"), c.CheckIn("301", "fr"), c.CheckIn("30>", "en"), c.CheckOut("s*")])
async def test_check_in_that_makes_no_sense_is_refused(service: Service, command: c.CheckIn) -> None:
    with pytest.raises((BadRequest, NotFound, BadToken)):
        await service.do(command, DESK, "1")


async def test_forged_token_of_another_room_is_refused(service: Service, guest: Actor) -> None:
    forged = Actor("guest", guest.id, stay=guest.stay, space="302", since=guest.since)
    with pytest.raises(Forbidden):
        await service.do(c.SetDoNotDisturb(True), forged, "1")


async def test_example_hotel_is_seeded_once_and_again_only_where_a_guest_left(service: Service, property_: Property) -> None:
    assert await seed(service) == len(property_.spaces) == 24
    assert await seed(service) == 0
    first = await service.open_stay("101")
    assert first is not None
    assert first.language == "zh"
    await service.do(c.CheckOut(first.id), staff("m", "manager", "front_desk"), "out")
    assert await seed(service) == 1
    second = await service.open_stay("101")
    assert second is not None
    assert second.id != first.id
