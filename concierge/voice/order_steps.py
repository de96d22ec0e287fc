"""Orders that are open: asked about, called off, changed. Which one is meant: :mod:`concierge.voice.which`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from concierge.domain import routing
from concierge.domain.errors import IllegalStep
from concierge.domain.hotel import Property
from concierge.service.commands import CancelOrder, ChangeOrder, PlaceOrder, RemindOrder
from concierge.service.handlers import Service
from concierge.service.reading import Reading
from concierge.voice import which
from concierge.voice.replies import Replies
from concierge.voice.standing import standing
from concierge.voice.step import Done, Step, hand_over

Line = Mapping[str, Any]
_INTENTS = {slot: intent for intent, (slot, _) in routing.LISTS.items()}


class OpenOrders(Protocol):
    """What a commit needs of the views: a stay's open orders, the newest first, and the next page's mark."""

    async def orders(self, *, stay: str, open: bool) -> tuple[Sequence[Mapping[str, Any]], int | None]: ...

    async def caught_up(self, seq: int) -> None: ...


class OrderSteps:
    def __init__(self, service: Service, orders: OpenOrders, property: Property, replies: Replies) -> None:
        self._service = service
        self._orders = orders
        self._property = property
        self._replies = replies

    async def status(self, step: Step) -> Done:
        """How it stands. Staff see that the guest asked again, unless it is for later."""
        order = self._chosen(step, await self._open(step))
        if order is None:
            return self._none(step)
        if order["state"] != "placed":
            try:
                order = (await self._service.do(RemindOrder(str(order["id"]), step.plan.words), step.actor, step.key)).data
            except IllegalStep:  # done or called off a moment ago
                return self._none(step)
        return Done(await self.standing(order, step.lang))

    async def standing(self, order: Mapping[str, Any], lang: str) -> str:
        world = self._service.world
        holder = await Reading(world).staff_name(order.get("holder"))
        return standing(order, holder, world.clock(), world, self._replies, lang)

    async def cancel(self, step: Step) -> Done:
        order = self._chosen(step, await self._open(step))
        if order is None:
            return self._none(step)
        try:
            await self._service.do(CancelOrder(str(order["id"])), step.actor, step.key)
        except IllegalStep:
            await hand_over(self._service, step, "-late")
            return Done(self._replies.text("order.cancel.late", step.lang), owed=True)
        step.did("cancelled", intent=order["intent"], slots=order["slots"], words=order["words"], lang=order["lang"])
        return Done(self._replies.text("order.cancelled", step.lang))

    async def supersede(self, step: Step, new: str) -> None:
        """Calls off the order of its kind that the ``new`` one was asked for in place of."""
        kind = step.decision.intent
        old = next((one for one in await self._open(step) if one["intent"] == kind and one["id"] != new), None)
        if old is None:
            return
        with suppress(IllegalStep):  # it is over
            await self._service.do(CancelOrder(str(old["id"])), step.actor, f"{step.key}-old")
            step.did("cancelled", intent=kind, slots=old["slots"], words=old["words"], lang=old["lang"])

    async def change(self, step: Step) -> Done:
        """The order as it should now be; what another department brings, or another kind of order, is placed anew."""
        slot = next((slot for slot in _INTENTS if slot in step.slots), None)
        if slot is None:
            return await self._person(step)
        wanted: list[Line] = list(step.slots[slot])
        orders = [one for one in await self._open(step) if one["intent"] in routing.LISTS]
        order = self._meant(step, orders, wanted)
        if order is None:
            return self._none(step)
        intent = _INTENTS[slot]
        gone = [line for line in which.lines(order) if which.line_is(line, str(step.slots.get("which", "")), self._property)]
        now = _merged(which.lines(order), wanted, gone)
        if now is None or (intent != order["intent"] and len(which.lines(order)) > 1):
            return await self._person(step)
        slots = {slot: now if intent == order["intent"] else wanted}
        try:
            await self._carry(step, order, intent, slots)
        except IllegalStep:
            await hand_over(self._service, step, "-late")
            return Done(self._replies.text("order.change.late", step.lang), owed=True)
        return Done(
            self._replies.text("order.changed.to", step.lang, things=self._replies.things(slots[slot], step.lang)), owed=True
        )

    async def _carry(self, step: Step, order: Mapping[str, Any], intent: str, slots: Mapping[str, Any]) -> None:
        id, words = str(order["id"]), step.plan.words
        if intent == order["intent"] and routing.department(self._property, intent, slots) == order["department"]:
            entry = await self._service.do(ChangeOrder(id, slots, words), step.actor, step.key)
            step.held.change(lambda dialogue: dialogue.placed(id, entry.seq))
            step.did("changed", order=id, slots=order["slots"])
            return
        routing.check(self._property, intent, slots, words)  # before the old one is called off
        await self._service.do(CancelOrder(id), step.actor, f"{step.key}-old")
        step.did("cancelled", intent=order["intent"], slots=order["slots"], words=order["words"], lang=order["lang"])
        entry = await self._service.do(PlaceOrder(intent, slots, words, step.lang), step.actor, step.key)
        new = str(entry.data["id"])
        step.held.change(lambda dialogue: dialogue.placed(new, entry.seq))
        step.did("order", order=new)

    async def _open(self, step: Step) -> Sequence[Mapping[str, Any]]:
        await self._orders.caught_up(step.held.dialogue.seq)
        orders, _ = await self._orders.orders(stay=step.actor.stay, open=True)
        return orders

    def _chosen(self, step: Step, orders: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        return which.chosen(orders, str(step.slots.get("which", "")), step.held.dialogue.orders, self._property)

    def _meant(self, step: Step, orders: Sequence[Mapping[str, Any]], wanted: Sequence[Line]) -> Mapping[str, Any] | None:
        """The order to change: the one named, else the newest that brings what is wanted now, else the newest."""
        if step.slots.get("which"):
            return self._chosen(step, orders)
        tokens = {_token(line) for line in wanted}
        same = [one for one in orders if tokens & {_token(line) for line in which.lines(one)}]
        return self._chosen(step, same or orders)

    def _none(self, step: Step) -> Done:
        key = "order.which.none" if step.slots.get("which") else "order.status.none"
        return Done(self._replies.text(key, step.lang))

    async def _person(self, step: Step) -> Done:
        """What exactly should change is a person's to see: they get the guest's words."""
        await hand_over(self._service, step)
        return Done(self._replies.text("order.changed", step.lang), owed=True)


def _merged(before: Sequence[Line], wanted: Sequence[Line], gone: Sequence[Line]) -> list[Line] | None:
    """The lines as they should now be: ``gone`` are replaced, those of the same thing changed; None: nobody can tell."""
    tokens = {_token(line) for line in wanted}
    if gone:
        kept = [line for line in before if line not in gone and _token(line) not in tokens]
        return [*kept, *wanted]
    if tokens & {_token(line) for line in before}:
        new = {_token(line): line for line in wanted}
        changed = [{**line, **new.pop(_token(line), {})} for line in before]
        return [*changed, *new.values()]
    return list(wanted) if len(before) == 1 else None


def _token(line: Line) -> str:
    return str(line.get("item") or line.get("dish"))
