"""Orders: a request becomes one, staff and guest step it, and the guest's conversation hears of each step."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from concierge.domain import order as orders
from concierge.domain import routing
from concierge.domain.conversation import of_stay
from concierge.domain.due import dispatch_at
from concierge.domain.errors import BadRequest, IllegalStep
from concierge.domain.event import Draft
from concierge.domain.hotel import Deadline, Property
from concierge.domain.instant import instant, stamp
from concierge.domain.order import Order
from concierge.domain.people import SERVICE, require
from concierge.domain.stay import Stay
from concierge.service.case import Case
from concierge.service.commands import (
    AssignOrder,
    ChangeOrder,
    DeclineOrder,
    NoteOrder,
    PhotoOrder,
    PlaceOrder,
    RateOrder,
    RemindOrder,
)
from concierge.service.duty import assignee
from concierge.service.naming import entity_id
from concierge.service.planned import planned
from concierge.service.texts import staff_name, summary

TOLD = frozenset({"accepted", "started", "done", "cancelled"})
"""Events that the guest hears of."""

HOUSE = "house"
MAX_NOTE = 1000
MERGE_WITHIN = timedelta(hours=1)
"""The same thing asked for again within it is the same request. Later it may well be wanted anew."""
LAST_RUNG = ("manager",)
"""Who hears of what is late where the property file names nobody."""
_HASH = re.compile(r"[0-9a-f]{64}")


async def place(command: PlaceOrder, case: Case) -> list[Draft]:
    """A new order, or a reminder of the open one that is for the very same thing."""
    world = case.world
    space = world.property.space(case.space(command.space))
    routing.check(world.property, command.intent, command.slots, command.words)
    if wrong := world.check_slots(command.intent, command.slots):
        raise BadRequest(wrong)
    if case.actor.kind == "guest":
        stay: Stay | None = (await case.read.stay(case.actor.stay))[0]
    else:
        stay = await case.read.open_stay(space.id)
    words = command.words if command.timed else ""
    wanted = planned(command.intent, command.slots, words, command.lang, case.at, world.property.timezone)
    detail = routing.detail(command.slots)
    order = Order(
        id=entity_id("o", case.key),
        intent=command.intent,
        slots=command.slots,
        words=command.words,
        lang=command.lang,
        space=space.id,
        floor=space.floor,
        department=routing.department(world.property, command.intent, command.slots),
        stay=stay.id if stay else None,
        priority=_priority(command, case, stay),
        skill=world.property.skill_for(command.intent, detail),
        planned=stamp(wanted) if wanted else None,
        conversation=command.conversation or (of_stay(stay.id) if stay else None),
        tell=command.lang if case.actor.kind == "guest" and command.lang in world.property.languages else None,
    )
    if command.merge and (same := await _open_already(case, order)):
        return same
    return await placing(case, order)


async def placing(case: Case, order: Order) -> list[Draft]:
    """The order as it comes onto the log. What is wanted later waits for its time; the rest is dispatched at once."""
    where = case.read.subject("order", order.stay or HOUSE, order.id)
    order = orders.placed(order, case.at)
    drafts = [case.draft(where, "placed", order.data(), 0)]
    if dispatch_at(order, deadline_of(order, case.world.property)) <= case.at:
        drafts.append(case.draft(where, "dispatched", (await dispatched(case, order)).data(), None, SERVICE))
    return drafts


async def dispatched(case: Case, order: Order) -> Order:
    """To the next who can take it."""
    to = await assignee(case, order)
    return orders.step(order, "dispatch", SERVICE, case.at, deadline=deadline_of(order, case.world.property), to=to)


def deadline_of(order: Order, property: Property) -> Deadline:
    """That of its kind; an emergency has its own, whatever is asked for."""
    return property.deadline_for("emergency.report" if order.priority == "emergency" else order.intent)


def ladder(order: Order, property: Property) -> Sequence[str]:
    """The roles that hear of it, the first one up first."""
    department = property.departments.get(order.department)  # the file may have lost it since
    return (department.ladder if department else ()) or LAST_RUNG


def _priority(command: PlaceOrder, case: Case, stay: Stay | None) -> str:
    if command.priority is None:
        return "vip" if stay and stay.vip else "normal"
    require(case.actor.leads, "a priority is given by the desk or a manager")
    if command.priority not in orders.PRIORITIES:
        raise BadRequest(f"priority {command.priority!r}: expected one of {', '.join(orders.PRIORITIES)}")
    return command.priority


async def _open_already(case: Case, new: Order) -> list[Draft]:
    if new.stay is None:
        return []
    found, _ = await case.world.views.orders(stay=new.stay, open=True)
    for one in found:
        if orders.same_request(Order.of(one), new.intent, new.slots, new.words, new.planned) and _fresh(one, case):
            with suppress(IllegalStep):  # the view has not heard that it is over
                return await _reminded(case, one["id"], new.words)
    return []


def _fresh(order: Mapping[str, Any], case: Case) -> bool:
    return case.at - instant(order["times"]["placed"]) <= MERGE_WITHIN


def stepping(verb: str) -> Callable[[Any, Case], Awaitable[list[Draft]]]:
    """The handler of a command that is one step of one order."""

    async def handle(command: Any, case: Case) -> list[Draft]:
        return await _step(case, command.order, verb)

    return handle


async def decline(command: DeclineOrder, case: Case) -> list[Draft]:
    """Back to dispatched, for the next person; once there is none left, up the ladder too. One that it was not dispatched to
    only tells that they won't."""
    before, _ = await case.read.order(command.order)
    drafts = await _step(case, command.order, "decline", text=_short(command.reason))
    where, order = drafts[0].subject, Order.of(drafts[0].data)
    if before.state == "dispatched" and before.assignee not in (None, case.actor.id):
        again = orders.step(order, "dispatch", SERVICE, case.at, to=before.assignee)
        return [*drafts, case.draft(where, "dispatched", again.data(), None, SERVICE)]
    again = await dispatched(case, order)
    drafts.append(case.draft(where, "dispatched", again.data(), None, SERVICE))
    if any(again.assignee in (None, note.by.removeprefix("staff:")) for note in again.refusals):  # all who are there did
        up = orders.step(again, "escalate", SERVICE, case.at, ladder=ladder(again, case.world.property))
        drafts.append(case.draft(where, "escalated", up.data(), None, SERVICE))
    return drafts


async def assign(command: AssignOrder, case: Case) -> list[Draft]:
    order, entry = await case.read.order(command.order)
    orders.check_right(order, "assign", case.actor)
    if command.to is not None:
        person, _ = await case.read.account(command.to)
        if not person.active or not person.actor.serves(order.department):
            raise BadRequest(f"{command.to} does not do the orders of {order.department}")
    after = orders.step(order, "assign", case.actor, case.at, deadline=deadline_of(order, case.world.property), to=command.to)
    return [case.draft(entry.subject, "dispatched", after.data(), entry.seq)]


async def remind(command: RemindOrder, case: Case) -> list[Draft]:
    return await _reminded(case, command.order, command.text)


async def _reminded(case: Case, order_id: str, text: str) -> list[Draft]:
    order, entry = await case.read.order(order_id)
    orders.check_right(order, "remind", case.actor)
    after = orders.reminded(order, case.actor, case.at, text.strip()[:MAX_NOTE])
    return [case.draft(entry.subject, "reminded", after.data(), entry.seq)]


async def photo(command: PhotoOrder, case: Case) -> list[Draft]:
    order, entry = await case.read.order(command.order)
    orders.check_right(order, "photo", case.actor)
    if not _HASH.fullmatch(command.file):
        raise BadRequest("a photo is named by the SHA-256 of its file: 64 hex digits, as POST /v1/files answers")
    after = orders.photographed(order, command.file)
    return [case.draft(entry.subject, "photographed", after.data(), entry.seq)]


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
    """A low rating goes to the duty manager at once, with the guest's words."""
    drafts = await _step(case, command.order, "rate", rating=command.rating, text=_short(command.comment))
    if command.rating > orders.LOW_RATING:
        return drafts
    order = Order.of(drafts[0].data)
    lang = case.world.property.languages[0]
    what = summary(order, case.world.property, case.world.texts, lang)
    why = case.world.texts("low_rating", lang, rating=command.rating, what=what, order=order.id)
    slots = {"to": "manager"}
    follow_up = Order(
        id=entity_id("o", case.key),
        intent="handoff.human",
        slots=slots,
        words=order.comment or order.words,
        lang=order.lang,
        space=order.space,
        floor=order.floor,
        department=routing.department(case.world.property, "handoff.human", slots),
        stay=order.stay,
        priority=order.priority,
        notes=(orders.Note(SERVICE.who, stamp(case.at), why),),
        conversation=order.conversation,
        tell=order.tell,
    )
    return [*drafts, *await placing(case, follow_up)]


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
    """What the guest is told, unless it was their own doing."""
    return [] if case.actor.kind == "guest" or event not in TOLD else await told(case, order, event)


async def told(case: Case, order: Order, event: str) -> list[Draft]:
    """A message to the order's guest in the language they speak; none where it is the house's own or they have left."""
    if order.stay is None:
        return []
    world = case.world
    stay, _ = await case.read.stay(order.stay)
    if stay.state != "open":
        return []
    lang = order.tell or stay.language
    name = staff_name(await case.read.staff_name(order.holder), world.texts, lang)
    text = world.texts(event, lang, name=name, what=summary(order, world.property, world.texts, lang))
    about = {"order": order.id, "event": event} | ({"ask": "rating"} if event == "done" else {})
    return [case.message(stay.id, text, lang, about)]


def _short(text: str) -> str:
    if len(text) > MAX_NOTE:
        raise BadRequest(f"{len(text)} characters, at most {MAX_NOTE} are taken")
    return text.strip()
