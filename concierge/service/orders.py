"""Orders: a request becomes one, staff and guest step it, and the guest's conversation hears of each step."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from concierge.domain import order as orders
from concierge.domain import routing
from concierge.domain.errors import BadRequest
from concierge.domain.event import Draft
from concierge.domain.order import Order
from concierge.domain.people import SERVICE
from concierge.service.case import Case
from concierge.service.commands import ChangeOrder, DeclineOrder, NoteOrder, PlaceOrder, RateOrder
from concierge.service.naming import entity_id
from concierge.service.texts import staff_name, summary

TOLD = frozenset({"accepted", "started", "done", "cancelled"})
"""Events that the guest hears of."""

HOUSE = "house"
MAX_NOTE = 1000


async def place(command: PlaceOrder, case: Case) -> list[Draft]:
    world = case.world
    space = world.property.space(case.space(command.space))
    routing.check(world.property, command.intent, command.slots, command.words)
    if wrong := world.check_slots(command.intent, command.slots):
        raise BadRequest(wrong)
    if case.actor.kind == "guest":
        stay: str | None = case.actor.stay
    else:
        open_stay = await case.read.open_stay(space.id)
        stay = open_stay.id if open_stay else None
    order = Order(
        id=entity_id("o", case.key),
        intent=command.intent,
        slots=command.slots,
        words=command.words,
        lang=command.lang,
        space=space.id,
        floor=space.floor,
        department=routing.department(world.property, command.intent, command.slots),
        stay=stay,
    )
    placed = orders.placed(order, case.at)
    deadline = world.property.deadline_for(order.intent)
    dispatched = orders.step(placed, "dispatch", SERVICE, case.at, deadline=deadline)
    where = case.read.subject("order", stay or HOUSE, order.id)
    return [
        case.draft(where, "placed", placed.data(), 0),
        case.draft(where, "dispatched", dispatched.data(), None, SERVICE),
    ]


def stepping(verb: str) -> Callable[[Any, Case], Awaitable[list[Draft]]]:
    """The handler of a command that is one step of one order."""

    async def handle(command: Any, case: Case) -> list[Draft]:
        return await _step(case, command.order, verb)

    return handle


async def decline(command: DeclineOrder, case: Case) -> list[Draft]:
    """Back to dispatched, for the next person."""
    declined = await _step(case, command.order, "decline", text=_short(command.reason))
    order = Order.of(declined[0].data)
    again = orders.step(order, "dispatch", SERVICE, case.at, deadline=case.world.property.deadline_for(order.intent))
    return [*declined, case.draft(declined[0].subject, "dispatched", again.data(), None, SERVICE)]


async def change(command: ChangeOrder, case: Case) -> list[Draft]:
    world = case.world
    order, entry = await case.read.order(command.order)
    orders.check_right(order, "change", case.actor)
    routing.check(world.property, order.intent, command.slots, command.words)
    if wrong := world.check_slots(order.intent, command.slots):
        raise BadRequest(wrong)
    if routing.department(world.property, order.intent, command.slots) != order.department:
        raise BadRequest(f"order {order.id} is for {order.department}: what another department brings is another order")
    after = orders.changed(order, command.slots, command.words, case.actor, case.at)
    return [case.draft(entry.subject, "changed", after.data(), entry.seq)]


async def rate(command: RateOrder, case: Case) -> list[Draft]:
    return await _step(case, command.order, "rate", rating=command.rating, text=_short(command.comment))


async def note(command: NoteOrder, case: Case) -> list[Draft]:
    order, entry = await case.read.order(command.order)
    orders.check_right(order, "note", case.actor)
    if not command.text.strip():
        raise BadRequest("the note is empty")
    noted = orders.noted(order, case.actor, case.at, _short(command.text))
    return [case.draft(entry.subject, "noted", noted.data(), entry.seq)]


async def _step(case: Case, order_id: str, verb: str, *, text: str = "", rating: int = 0) -> list[Draft]:
    order, entry = await case.read.order(order_id)
    orders.check_right(order, verb, case.actor)
    after = orders.step(order, verb, case.actor, case.at, text=text, rating=rating)
    event = orders.EVENTS[verb]
    return [case.draft(entry.subject, event, after.data(), entry.seq), *await _news(case, after, event)]


async def _news(case: Case, order: Order, event: str) -> list[Draft]:
    """What the guest is told; nothing of an order of the house, or of the guest's own doing."""
    if order.stay is None or case.actor.kind == "guest" or event not in TOLD:
        return []
    world = case.world
    stay, _ = await case.read.stay(order.stay)
    name = staff_name(world.property, order.holder, world.texts, stay.language)
    what = summary(order, world.property, world.texts, stay.language)
    text = world.texts(event, stay.language, name=name, what=what)
    return [case.message(stay.id, text, stay.language, {"order": order.id, "event": event})]


def _short(text: str) -> str:
    if len(text) > MAX_NOTE:
        raise BadRequest(f"{len(text)} characters, at most {MAX_NOTE} are taken")
    return text.strip()
