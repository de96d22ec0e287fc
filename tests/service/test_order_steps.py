from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from example_people import CHEN_JING, DESK, LI_NA, WANG_WEI

from concierge.bus.log import Log
from concierge.domain.conversation import of_stay
from concierge.domain.errors import BadRequest, Forbidden, IllegalStep, NotFound
from concierge.domain.event import Entry
from concierge.domain.people import SERVICE, Actor
from concierge.service import commands as c
from concierge.service.handlers import Service
from concierge.views.views import Views
from intents import catalogue

TOWELS = c.PlaceOrder("request.items", {"items": [{"item": "towel", "quantity": 2}]}, "再要两条毛巾", "zh")


async def told(log: Log, stay: str) -> list[str]:
    return [entry.data["text"] async for entry in log.read(f"h.demo.im.{of_stay(stay)}")]


async def history(log: Log, entry: Entry) -> list[str]:
    return [each.event async for each in log.read(entry.subject)]


async def test_order_goes_from_the_words_to_the_rating_and_the_guest_hears_each_step(
    service: Service, log: Log, guest: Actor
) -> None:
    placed = await service.do(TOWELS, guest, "1")
    data = placed.data
    assert data["state"] == "dispatched"
    assert (data["space"], data["floor"], data["department"]) == ("301", 3, "housekeeping")
    assert data["words"] == "再要两条毛巾"
    assert data["stay"] == guest.stay
    order = data["id"]
    await service.do(c.AcceptOrder(order), LI_NA, "2")
    await service.do(c.StartOrder(order), LI_NA, "3")
    await service.do(c.DoneOrder(order), LI_NA, "4")
    rated = await service.do(c.RateOrder(order, 5, "很快"), guest, "5")
    assert await history(log, placed) == ["placed", "dispatched", "accepted", "started", "done", "rated"]
    assert rated.data["holder"] == "li_na"
    assert set(rated.data["times"]) == {"placed", "dispatched", "accepted", "started", "done", "rated"}
    assert await told(log, guest.stay) == [
        "李娜已接单：毛巾 × 2。",
        "李娜正在为您办理：毛巾 × 2。",
        "已为您办好：毛巾 × 2。您还满意吗？请打 1 到 5 分。",
    ]


async def test_two_staff_accept_at_once_and_one_wins(service: Service, log: Log, guest: Actor) -> None:
    for number in range(20):
        placed = await service.do(TOWELS, guest, f"place {number}")
        accept = c.AcceptOrder(placed.data["id"])
        answers = await asyncio.gather(
            service.do(accept, LI_NA, f"tap {number}"),
            service.do(accept, CHEN_JING, f"tap {number}"),
            return_exceptions=True,
        )
        won = [answer for answer in answers if isinstance(answer, Entry)]
        lost = [answer for answer in answers if isinstance(answer, IllegalStep)]
        assert (len(won), len(lost)) == (1, 1), answers
        assert lost[0].state == "accepted"
        assert lost[0].holder == won[0].data["holder"]
        assert await history(log, placed) == ["placed", "dispatched", "accepted"]


async def test_the_same_tap_five_times_at_once_is_one_acceptance(service: Service, log: Log, guest: Actor) -> None:
    placed = await service.do(TOWELS, guest, "1")
    accept = c.AcceptOrder(placed.data["id"])
    answers = await asyncio.gather(*(service.do(accept, LI_NA, "tap") for _ in range(5)))
    assert {answer.seq for answer in answers} == {answers[0].seq}
    assert len(await told(log, guest.stay)) == 1


async def test_request_repeated_after_the_order_went_on_gets_its_first_answer(service: Service, log: Log, guest: Actor) -> None:
    first = await service.do(TOWELS, guest, "1")
    await service.do(c.AcceptOrder(first.data["id"]), LI_NA, "2")
    again = await service.do(TOWELS, guest, "1")
    assert again == first
    assert await history(log, first) == ["placed", "dispatched", "accepted"]


async def test_accept_repeated_after_done_gets_its_first_answer(service: Service, guest: Actor) -> None:
    placed = await service.do(TOWELS, guest, "1")
    accepted = await service.do(c.AcceptOrder(placed.data["id"]), LI_NA, "2")
    await service.do(c.DoneOrder(placed.data["id"]), LI_NA, "3")
    assert await service.do(c.AcceptOrder(placed.data["id"]), LI_NA, "2") == accepted


async def test_client_id_of_another_sender_is_another_command(service: Service, guest: Actor) -> None:
    mine = await service.do(TOWELS, guest, "1")
    theirs = await service.do(c.PlaceOrder(TOWELS.intent, TOWELS.slots, "毛巾", "zh", "301"), DESK, "1")
    assert mine.data["id"] != theirs.data["id"]


async def test_client_id_used_for_something_else_is_refused(service: Service, views: Views, guest: Actor) -> None:
    placed = await service.do(TOWELS, guest, "1")
    await views.caught_up(placed.seq)
    with pytest.raises(BadRequest, match="another request"):
        await service.do(c.CancelOrder(placed.data["id"]), guest, "1")


async def test_declined_order_goes_back_to_the_department_without_telling_the_guest(
    service: Service, log: Log, guest: Actor
) -> None:
    placed = await service.do(TOWELS, guest, "1")
    order = placed.data["id"]
    await service.do(c.AcceptOrder(order), LI_NA, "2")
    declined = await service.do(c.DeclineOrder(order, "我在三楼忙"), LI_NA, "3")
    assert (declined.data["state"], declined.data["holder"]) == ("dispatched", None)
    accepted = await service.do(c.AcceptOrder(order), CHEN_JING, "4")
    assert accepted.data["holder"] == "chen_jing"
    assert await history(log, placed) == ["placed", "dispatched", "accepted", "declined", "dispatched", "accepted"]
    assert len(await told(log, guest.stay)) == 2


async def test_guest_cancels_until_it_is_started(service: Service, log: Log, guest: Actor) -> None:
    first = await service.do(TOWELS, guest, "1")
    assert (await service.do(c.CancelOrder(first.data["id"]), guest, "2")).data["state"] == "cancelled"
    second = await service.do(TOWELS, guest, "3")
    await service.do(c.AcceptOrder(second.data["id"]), LI_NA, "4")
    await service.do(c.StartOrder(second.data["id"]), LI_NA, "5")
    with pytest.raises(IllegalStep) as caught:
        await service.do(c.CancelOrder(second.data["id"]), guest, "6")
    assert (caught.value.state, caught.value.holder) == ("started", "li_na")


async def test_strangers_order_is_not_there_for_a_guest(service: Service, guest: Actor) -> None:
    order = (await service.do(TOWELS, guest, "1")).data["id"]
    await service.do(c.CheckIn("302", "en"), SERVICE, "in 302")
    neighbour = await service.open_stay("302")
    assert neighbour is not None
    for command in (c.CancelOrder(order), c.RateOrder(order, 1), c.NoteOrder(order, "x"), c.AcceptOrder(order)):
        with pytest.raises(NotFound):
            await service.do(command, neighbour.guest, f"{type(command)}")
    with pytest.raises(Forbidden):
        await service.do(c.PlaceOrder(TOWELS.intent, TOWELS.slots, "towels", "en", "301"), neighbour.guest, "x")


async def test_another_department_cannot_take_the_order(service: Service, guest: Actor) -> None:
    order = (await service.do(TOWELS, guest, "1")).data["id"]
    with pytest.raises(Forbidden, match="housekeeping"):
        await service.do(c.AcceptOrder(order), WANG_WEI, "2")
    with pytest.raises(Forbidden):
        await service.do(c.AcceptOrder(order), guest, "3")


async def test_colleague_cannot_finish_what_another_holds_but_is_told_who(service: Service, guest: Actor) -> None:
    order = (await service.do(TOWELS, guest, "1")).data["id"]
    await service.do(c.AcceptOrder(order), LI_NA, "2")
    with pytest.raises(IllegalStep, match="li_na"):
        await service.do(c.DoneOrder(order), CHEN_JING, "3")


async def test_order_of_the_house_has_no_stay(service: Service, log: Log) -> None:
    repair = c.PlaceOrder("request.repair", {"asset": "light"}, "lamp in 105 is dark", "en", "105")
    entry = await service.do(repair, DESK, "1")
    assert entry.subject.startswith("h.demo.order.house.")
    assert entry.data["department"] == "engineering"
    await service.do(c.AcceptOrder(entry.data["id"]), WANG_WEI, "2")


async def test_deadlines_are_on_the_order(service: Service, guest: Actor) -> None:
    placed = await service.do(TOWELS, guest, "1")
    assert placed.data["deadlines"]["accept"] < placed.data["deadlines"]["done"]
    assert placed.data["deadlines"]["accept"] > placed.data["times"]["dispatched"]


@pytest.mark.parametrize(
    ("intent", "slots"),
    [
        ("device.set", {"device": "light"}),
        ("request.items", {}),
        ("request.items", {"items": [{"item": "yacht"}]}),
        ("request.items", {"items": [{"item": "towel", "quantity": 0}]}),
        ("request.items", {"items": [{"item": "towel", "quantity": "2"}]}),
        ("request.items", {"items": ["towel"]}),
        ("request.items", {"items": [{"item": ["towel"]}]}),
        ("order.food", {"dishes": [{"dish": "towel"}]}),
    ],
)
async def test_request_that_makes_no_sense_here_is_refused(
    service: Service, guest: Actor, intent: str, slots: dict[str, object]
) -> None:
    with pytest.raises(BadRequest):
        await service.do(c.PlaceOrder(intent, slots, "words", "en"), guest, "1")


async def test_checked_out_guest_can_ask_for_nothing(service: Service, guest: Actor) -> None:
    await service.do(c.CheckOut(guest.stay), DESK, "out")
    with pytest.raises(Forbidden, match="ended"):
        await service.do(TOWELS, guest, "1")


async def test_slots_are_checked_against_the_catalogue(service: Service, guest: Actor) -> None:
    def check(intent: str, slots: Mapping[str, Any]) -> str | None:
        return catalogue.check(catalogue.Decision(intent, dict(slots)))

    strict = Service(replace(service.world, check_slots=check))
    with pytest.raises(BadRequest, match="asset"):
        await strict.do(c.PlaceOrder("request.repair", {"asset": "spaceship"}, "", "en"), guest, "1")
    await strict.do(TOWELS, guest, "2")


async def test_a_client_id_used_for_something_else_is_refused_before_the_view_knows_it(
    service: Service, guest: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = await service.do(TOWELS, guest, "k")

    async def nothing_yet(command: str) -> list[tuple[int, str]]:
        return []

    monkeypatch.setattr(service.world.views, "find_command", nothing_yet)
    with pytest.raises(BadRequest, match="another request"):
        await service.do(c.CancelOrder(order.data["id"]), guest, "k")
    assert (await service.world.log.last(order.subject)).event == "dispatched"
