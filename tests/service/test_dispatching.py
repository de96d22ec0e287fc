"""Work orders on the real log: to whom they go, for when, asked for again, rated low."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from example_people import CHEN_JING, DESK, LI_NA, WANG_WEI

from concierge.bus.log import Log
from concierge.domain.conversation import of_stay
from concierge.domain.errors import BadRequest, Forbidden, IllegalStep, NotFound
from concierge.domain.event import Entry
from concierge.domain.people import SERVICE, Actor, staff
from concierge.service import commands as c
from concierge.service.handlers import Service

TOWELS = c.PlaceOrder("request.items", {"items": [{"item": "towel", "quantity": 2}]}, "两条毛巾", "zh")
AGAIN = replace(TOWELS, merge=True)
HASH = "ab" * 32


async def history(log: Log, order: Entry) -> list[str]:
    return [entry.event async for entry in log.read(order.subject)]


async def messages(log: Log, stay: str) -> AsyncIterator[Entry]:
    async for entry in log.read(f"h.demo.im.{of_stay(stay)}"):
        yield entry


async def test_orders_go_in_turn_to_the_attendants_and_never_to_the_supervisor(service: Service, guest: Actor) -> None:
    given = [(await service.do(TOWELS, guest, str(number))).data["assignee"] for number in range(6)]
    assert given.count("li_na") == given.count("chen_jing") == 3
    assert all(one != other for one, other in pairwise(given)), given


async def test_who_goes_off_duty_gets_nothing_and_with_nobody_there_it_is_the_departments(service: Service, guest: Actor) -> None:
    await service.do(c.SetDuty("li_na", False), LI_NA, "off")
    assert {(await service.do(TOWELS, guest, str(n))).data["assignee"] for n in range(3)} == {"chen_jing"}
    await service.do(c.SetDuty("chen_jing", False), DESK, "off 2")
    order = await service.do(TOWELS, guest, "9")
    assert (order.data["state"], order.data["assignee"]) == ("dispatched", None)
    accepted = await service.do(c.AcceptOrder(order.data["id"]), LI_NA, "10")
    assert (accepted.data["holder"], accepted.data["assignee"]) == ("li_na", "li_na")
    with pytest.raises(Forbidden):
        await service.do(c.SetDuty("li_na", True), CHEN_JING, "not mine")
    with pytest.raises(NotFound):
        await service.do(c.SetDuty("nobody", True), DESK, "who")


async def test_repair_goes_to_who_has_the_skill(service: Service, guest: Actor) -> None:
    for asset, engineer in (("ac", "wang_wei"), ("wifi", "liu_qiang"), ("water_heater", "wang_wei")):
        order = await service.do(c.PlaceOrder("request.repair", {"asset": asset}, asset, "en"), guest, asset)
        assert order.data["assignee"] == engineer


async def test_declined_goes_to_the_next_person_and_a_strangers_decline_takes_it_from_nobody(
    service: Service, guest: Actor
) -> None:
    order = await service.do(TOWELS, guest, "1")
    first, second = (LI_NA, CHEN_JING) if order.data["assignee"] == "li_na" else (CHEN_JING, LI_NA)
    bystander = await service.do(c.DeclineOrder(order.data["id"]), second, "2")
    assert (bystander.data["assignee"], bystander.data["deadlines"]) == (first.id, order.data["deadlines"])
    other = await service.do(TOWELS, guest, "3")
    here, there = (LI_NA, CHEN_JING) if other.data["assignee"] == "li_na" else (CHEN_JING, LI_NA)
    declined = await service.do(c.DeclineOrder(other.data["id"], "busy"), here, "4")
    assert declined.data["assignee"] == there.id
    assert declined.data["deadlines"]["done"] == other.data["deadlines"]["done"]
    assert declined.data["deadlines"]["accept"] >= other.data["deadlines"]["accept"]


async def test_when_all_on_duty_have_declined_the_supervisor_hears_of_it_at_once(
    service: Service, guest: Actor, log: Log
) -> None:
    order = await service.do(TOWELS, guest, "1")
    people = (LI_NA, CHEN_JING) if order.data["assignee"] == "li_na" else (CHEN_JING, LI_NA)
    first = await service.do(c.DeclineOrder(order.data["id"]), people[0], "2")
    assert (first.data["escalated_to"], first.data["assignee"]) == (None, people[1].id)
    second = await service.do(c.DeclineOrder(order.data["id"], "忙"), people[1], "3")
    assert (second.event, second.data["state"], second.data["escalated_to"]) == ("escalated", "dispatched", "supervisor")
    assert second.data["times"]["escalated"]
    assert await service.do(c.DeclineOrder(order.data["id"], "忙"), people[1], "3") == second
    alone = await service.do(c.PlaceOrder("request.repair", {"asset": "wifi"}, "", "en"), guest, "4")
    declined = await service.do(c.DeclineOrder(alone.data["id"]), staff("liu_qiang", "engineer", "engineering"), "5")
    assert declined.data["escalated_to"] == "manager", "nobody else has the skill"


async def test_the_desk_assigns_and_takes_from_who_has_it(service: Service, guest: Actor, log: Log) -> None:
    order = (await service.do(TOWELS, guest, "1")).data["id"]
    await service.do(c.AcceptOrder(order), LI_NA, "2")
    moved = await service.do(c.AssignOrder(order, "chen_jing"), DESK, "3")
    assert (moved.data["state"], moved.data["holder"], moved.data["assignee"]) == ("dispatched", None, "chen_jing")
    for who, to in ((LI_NA, "li_na"), (guest, "li_na")):
        with pytest.raises(Forbidden):
            await service.do(c.AssignOrder(order, to), who, f"{who.who}")
    with pytest.raises(BadRequest, match="housekeeping"):
        await service.do(c.AssignOrder(order, "wang_wei"), DESK, "4")
    await service.do(c.AcceptOrder(order), CHEN_JING, "5")
    await service.do(c.StartOrder(order), CHEN_JING, "6")
    begun = await service.do(c.AssignOrder(order, "li_na"), DESK, "7")  # who began it cannot go on
    assert (begun.data["state"], begun.data["holder"], begun.data["assignee"]) == ("dispatched", None, "li_na")
    await service.do(c.DoneOrder((await service.do(c.AcceptOrder(order), LI_NA, "8")).data["id"]), LI_NA, "9")
    with pytest.raises(IllegalStep) as caught:
        await service.do(c.AssignOrder(order, None), DESK, "10")
    assert (caught.value.state, caught.value.holder) == ("done", "li_na")


async def test_what_is_for_later_waits_and_a_repeat_gets_the_same(service: Service, guest: Actor, log: Log) -> None:
    noon = Service(replace(service.world, clock=lambda: datetime(2026, 11, 20, 4, 0, tzinfo=UTC)))
    order = await noon.do(replace(TOWELS, words="晚上八点送两条毛巾"), guest, "1")
    assert (order.data["state"], order.data["planned"]) == ("placed", "2026-11-20T12:00:00.000Z")
    assert await noon.do(replace(TOWELS, words="晚上八点送两条毛巾"), guest, "1") == order
    spoken_beside = await noon.do(replace(TOWELS, words="送两条毛巾，明天七点叫醒我", timed=False), guest, "2")
    assert spoken_beside.data["state"] == "dispatched"
    soon = await noon.do(c.PlaceOrder("request.cleaning", {"when": "in ten minutes"}, "", "en"), guest, "3")
    assert (soon.data["state"], soon.data["planned"]) == ("dispatched", "2026-11-20T04:10:00.000Z")
    call = await noon.do(c.PlaceOrder("request.wakeup", {"time": "07:00"}, "", "en"), guest, "4")
    assert (call.data["state"], call.data["planned"]) == ("placed", "2026-11-20T23:00:00.000Z")
    cancelled = await noon.do(c.CancelOrder(call.data["id"]), guest, "5")
    assert cancelled.data["state"] == "cancelled"


async def test_the_same_asked_for_again_is_one_ticket_with_a_reminder(service: Service, guest: Actor, log: Log) -> None:
    order = await service.do(TOWELS, guest, "1")
    await service.world.views.caught_up(order.seq)
    again = await service.do(replace(AGAIN, words="两条毛巾呢"), guest, "2")
    assert (again.event, again.data["id"], again.data["state"]) == ("reminded", order.data["id"], "dispatched")
    assert [(one["by"], one["text"]) for one in again.data["reminders"]] == [(guest.who, "两条毛巾呢")]
    assert await service.do(replace(AGAIN, words="两条毛巾呢"), guest, "2") == again
    three = c.PlaceOrder("request.items", {"items": [{"item": "towel", "quantity": 3}]}, "三条", "zh", merge=True)
    assert (await service.do(three, guest, "3")).event == "dispatched"
    assert (await service.do(TOWELS, guest, "4")).event == "dispatched", "who does not ask to merge gets a second ticket"
    assert await history(log, order) == ["placed", "dispatched", "reminded"]


async def test_what_is_over_or_long_ago_is_asked_for_anew(service: Service, guest: Actor) -> None:
    order = await service.do(TOWELS, guest, "1")
    await service.do(c.CancelOrder(order.data["id"]), guest, "2")
    second = await service.do(AGAIN, guest, "3")
    assert second.event == "dispatched"
    await service.world.views.caught_up(second.seq)
    clock = service.world.clock
    later = Service(replace(service.world, clock=lambda: clock().replace(year=clock().year + 1)))
    assert (await later.do(AGAIN, guest, "4")).event == "dispatched"


async def test_a_person_wanted_for_something_else_is_another_ticket(service: Service, guest: Actor) -> None:
    person = c.PlaceOrder("handoff.human", {}, "隔壁太吵了", "zh", merge=True)
    first = await service.do(person, guest, "1")
    await service.world.views.caught_up(first.seq)
    assert (await service.do(person, guest, "2")).event == "reminded"
    assert (await service.do(replace(person, words="我的戒指丢了"), guest, "3")).event == "dispatched"


async def test_guest_reminds_and_neither_strangers_nor_what_is_over_are_reminded(service: Service, guest: Actor) -> None:
    order = (await service.do(TOWELS, guest, "1")).data["id"]
    reminded = await service.do(c.RemindOrder(order, "hello?"), guest, "2")
    assert len(reminded.data["reminders"]) == 1
    assert reminded.data["times"]["reminded"]
    with pytest.raises(Forbidden):
        await service.do(c.RemindOrder(order), LI_NA, "3")
    await service.do(c.CancelOrder(order), guest, "4")
    with pytest.raises(IllegalStep):
        await service.do(c.RemindOrder(order), guest, "5")


async def test_photos_are_kept_by_their_hash(service: Service, guest: Actor) -> None:
    order = (await service.do(TOWELS, guest, "1")).data["id"]
    for number, who in enumerate((guest, LI_NA)):
        kept = await service.do(c.PhotoOrder(order, HASH), who, f"p{number}")
        assert kept.data["photos"] == [HASH]
    with pytest.raises(Forbidden):
        await service.do(c.PhotoOrder(order, HASH), WANG_WEI, "3")
    with pytest.raises(BadRequest, match="64"):
        await service.do(c.PhotoOrder(order, "../../etc/passwd"), LI_NA, "4")


async def test_vip_and_emergency_have_priority(service: Service) -> None:
    await service.do(c.CheckIn("302", "en", "Ms Very", vip=True), SERVICE, "in")
    stay = await service.open_stay("302")
    assert stay is not None
    assert (await service.do(TOWELS, stay.guest, "1")).data["priority"] == "vip"
    with pytest.raises(Forbidden):
        await service.do(replace(TOWELS, priority="emergency"), stay.guest, "2")
    urgent = await service.do(c.PlaceOrder("request.repair", {"asset": "lock"}, "", "en", "302", priority="emergency"), DESK, "3")
    assert urgent.data["priority"] == "emergency"
    accept, dispatched = (
        datetime.fromisoformat(urgent.data[one][two]) for one, two in (("deadlines", "accept"), ("times", "dispatched"))
    )
    assert (accept - dispatched).total_seconds() == 30


async def test_low_rating_goes_to_the_duty_manager_with_the_guests_words(service: Service, guest: Actor, log: Log) -> None:
    order = (await service.do(TOWELS, guest, "1")).data["id"]
    await service.do(c.AcceptOrder(order), LI_NA, "2")
    await service.do(c.DoneOrder(order), LI_NA, "3")
    asked = [entry.data async for entry in messages(log, guest.stay)][-1]
    assert {key: asked[key] for key in ("order", "event", "ask")} == {"order": order, "event": "done", "ask": "rating"}
    rated = await service.do(c.RateOrder(order, 2, "等了很久"), guest, "4")
    assert await service.do(c.RateOrder(order, 2, "等了很久"), guest, "4") == rated
    entries = [entry async for entry in log.read(f"h.demo.order.{guest.stay}.*", rated.seq)]
    assert [entry.event for entry in entries] == ["placed", "dispatched"]
    follow_up = entries[-1].data
    assert (follow_up["intent"], follow_up["slots"], follow_up["words"]) == ("handoff.human", {"to": "manager"}, "等了很久")
    assert (follow_up["assignee"], follow_up["stay"]) == ("lin_manager", guest.stay)
    assert order in follow_up["notes"][0]["text"]
    assert entries[0].command == rated.command, "in the same batch"


async def test_good_rating_is_followed_by_nothing(service: Service, guest: Actor, log: Log) -> None:
    order = (await service.do(TOWELS, guest, "1")).data["id"]
    await service.do(c.AcceptOrder(order), LI_NA, "2")
    await service.do(c.DoneOrder(order), LI_NA, "3")
    rated = await service.do(c.RateOrder(order, 3), guest, "4")
    assert [entry async for entry in log.read("h.demo.order.*.*", rated.seq)] == []


async def test_guest_is_told_in_the_language_they_spoke(service: Service, guest: Actor, log: Log) -> None:
    english = c.PlaceOrder(TOWELS.intent, TOWELS.slots, "two towels", "en")
    for number, order in enumerate((english, replace(english, space="301"))):
        who = guest if number == 0 else DESK
        placed = await service.do(order, who, "1")
        await service.do(c.AcceptOrder(placed.data["id"]), LI_NA, f"a{number}")
    said = [entry.data async for entry in messages(log, guest.stay)]
    assert [one["lang"] for one in said] == ["en", "zh"], "what the desk asked for them, they are told in the stay's language"
    assert said[0]["text"] == "Li Na is taking care of it: towel × 2."


async def test_two_staff_accept_one_ticket_at_the_same_moment_200_times(service: Service, guest: Actor, log: Log) -> None:
    for number in range(200):
        order = (await service.do(TOWELS, guest, f"place {number}")).data["id"]
        tries = (service.do(c.AcceptOrder(order), who, f"tap {number}") for who in (LI_NA, CHEN_JING))
        answers = await asyncio.gather(*tries, return_exceptions=True)
        won = [answer for answer in answers if isinstance(answer, Entry)]
        lost = [answer for answer in answers if isinstance(answer, IllegalStep)]
        assert (len(won), len(lost)) == (1, 1), answers
        assert lost[0].holder == won[0].data["holder"] == won[0].data["assignee"]
        assert lost[0].holder in str(lost[0])
    entries = [entry async for entry in log.read("h.demo.order.*.*") if entry.event == "accepted"]
    assert len(entries) == len({entry.subject for entry in entries}) == 200
