"""What each decision does: a step → its effects, and the clause that tells of it. The index is at the head of the class."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from concierge.domain import device as devices_of
from concierge.domain.hotel import Device, Property
from concierge.domain.instant import instant
from concierge.domain.routing import LISTS
from concierge.service.commands import PlaceOrder, RaiseIncident, SetDevice, SetDoNotDisturb, SetSpaceStatus
from concierge.service.handlers import Service
from concierge.voice import which
from concierge.voice.order_steps import OpenOrders, OrderSteps
from concierge.voice.plan import TICKETS
from concierge.voice.replies import Replies
from concierge.voice.step import Done, Step, hand_over
from concierge.voice.undo import Undoing


class DeviceStates(Protocol):
    """What a commit needs of the device edge: the states that a space's devices told last."""

    def states(self, space: str) -> Mapping[str, Mapping[str, Any]]: ...


class Steps:
    """The decisions' effects in one property. Each method is keyed by the step, so that doing it twice does it once."""

    def __init__(self, service: Service, states: DeviceStates, orders: OpenOrders, property: Property, replies: Replies) -> None:
        self._service = service
        self._states = states
        self._property = property
        self._replies = replies
        self._open_orders = open_orders = OrderSteps(service, orders, property, replies)
        self._handlers: Mapping[str, Callable[[Step], Awaitable[Done]]] = {
            "device.set": self.device,
            "scene.set": self.scene,
            "device.query": self.query,
            "emergency.report": self.emergency,
            "request.dnd": self.dnd,
            "room.report": self.report,
            "order.status": open_orders.status,
            "order.cancel": open_orders.cancel,
            "order.change": open_orders.change,
            "dialog.undo": Undoing(service, self, property, replies).undo,
        }

    async def carry(self, step: Step) -> Done:
        """Raises DomainError."""
        intent = step.decision.intent
        return await self._handlers.get(intent, self.ticket if intent in TICKETS else self.person)(step)

    async def device(self, step: Step) -> Done:
        space = self._property.space(step.actor.space)
        states = self._states.states(space.id)
        targets = devices_of.targets(space, step.slots, states)
        if not targets:
            kind = str(step.slots.get("device"))
            return Done(self._replies.text("device.none", step.lang, name=self._replies.text(f"device.{kind}", step.lang)))
        changes = {one.id: devices_of.wanted(one, step.slots, states.get(one.id)) for one in targets}
        return await self.set_devices(step, targets, changes)

    async def scene(self, step: Step) -> Done:
        space = self._property.space(step.actor.space)
        scene = str(step.slots["scene"])
        changes = space.scenes.get(scene, {})
        targets = [space.devices[one] for one in changes]
        said = await self.set_devices(step, targets, changes, silent_ok=True)
        done = self._replies.text("scene", step.lang, scene=self._replies.text(f"scene.{scene}", step.lang))
        return replace(said, clause=self._joined([done, said.clause], step.lang))

    async def set_devices(
        self,
        step: Step,
        targets: Sequence[Device],
        changes: Mapping[str, Mapping[str, Any]],
        *,
        silent_ok: bool = False,
        undoable: bool = True,
    ) -> Done:
        """Set, wait for the devices' own states, and tell those that did not follow. ``silent_ok``: success needs no words."""
        if undoable:
            states = self._states.states(step.actor.space)
            before = {one.id: devices_of.restoring(one, dict(changes[one.id]), states.get(one.id, {})) for one in targets}
            step.did("devices", **before)
        results = await self._service.do(SetDevice(step.actor.space, changes), step.actor, step.key)
        by_id = {one.id: one for one in targets}
        for result in results:
            step.tell({
                "type": "confirmed", "space": step.actor.space, "device": result.device, "ok": result.ok,
                "ms": round(result.ms, 1), "state": dict(result.state or {}),
            })  # fmt: skip
        clauses: list[str] = []
        done = [by_id[result.device] for result in results if result.ok]
        groups: dict[str, list[Device]] = {}
        for one in done:
            groups.setdefault(repr(sorted(changes[one.id].items())), []).append(one)
        if not silent_ok:
            clauses += [self._replies.change(group, changes[group[0].id], step.lang) for group in groups.values()]
        failed = [by_id[result.device] for result in results if not result.ok]
        if failed:
            name = self._replies.device_name(failed, step.lang)
            await self.tell_engineering(step, failed)
            answered = any(result.answered for result in results if not result.ok)
            clauses.append(self._replies.text("device.refused" if answered else "device.silent", step.lang, name=name))
        confirmed_ms = max((result.ms for result in results), default=0.0)
        return Done(self._joined(clauses, step.lang), owed=bool(failed), spans={"device_confirmation": confirmed_ms})

    async def tell_engineering(self, step: Step, failed: Sequence[Device]) -> None:
        """A device that does not answer is engineering's at once, in the guest's name: they asked for it."""
        kind = failed[0].kind
        asset = {"sheer": "curtain", "fan": "other", "music": "other"}.get(kind, kind)
        symptom = self._replies.text("symptom.silent", step.lang, name=self._replies.device_name(failed, step.lang))
        order = PlaceOrder("request.repair", {"asset": asset, "symptom": symptom}, step.plan.words, step.lang)
        await self._service.do(order, step.actor, f"{step.key}-repair")

    async def query(self, step: Step) -> Done:
        space = self._property.space(step.actor.space)
        states = self._states.states(space.id)
        targets = devices_of.targets(space, step.slots, states)
        kind = str(step.slots.get("device"))
        if not targets:
            return Done(self._replies.text("device.none", step.lang, name=self._replies.text(f"device.{kind}", step.lang)))
        what = str(step.slots.get("what") or devices_of.MAIN.get(kind, "power"))
        first = targets[0]
        return Done(self._replies.state(first, what, states.get(first.id), step.lang))

    async def ticket(self, step: Step) -> Done:
        intent, slots, lang, words = step.decision.intent, step.slots, step.lang, step.plan.words
        # A time in a sentence of several requests may be another's; what asks for more is no repeat.
        alone = len(step.plan.decisions) == 1
        order = PlaceOrder(intent, slots, words, lang, timed=alone, merge=not which.says_more(words))
        entry = await self._service.do(order, step.actor, step.key)
        id = str(entry.data["id"])
        step.held.change(lambda dialogue: dialogue.placed(id, entry.seq))
        if entry.event == "reminded":
            return Done(await self._open_orders.standing(entry.data, lang), owed=True)
        if intent == "request.wakeup" and which.says_change(words):
            await self._open_orders.supersede(step, id)
        step.did("order", order=id)
        wanted, planned = slots.get("items") or slots.get("dishes"), entry.data.get("planned")
        if (intent in LISTS and not wanted) or (intent == "request.wakeup" and not planned):
            return Done(self._replies.text("order.front_desk", lang), owed=True)
        values = {
            "things": self._replies.things(wanted, lang) if wanted else "",
            "asset": self._replies.text(f"asset.{slots.get('asset', 'other')}", lang),
            "to": self._replies.text(f"to.{slots.get('to', 'front_desk')}", lang),
            "time": self._replies.moment(instant(planned), self._service.world.clock(), lang) if planned else "",
        }
        if not planned or intent == "request.wakeup":
            return Done(self._replies.text(TICKETS[intent], lang, **values), owed=True)
        if intent in LISTS:
            return Done(self._replies.text(f"{TICKETS[intent]}.planned", lang, **values), owed=True)
        clauses = [self._replies.text(key, lang, **values) for key in (TICKETS[intent], "order.planned")]
        return Done(self._joined(clauses, lang), owed=True)

    async def emergency(self, step: Step) -> Done:
        kind = str(step.slots.get("kind", "unknown"))
        step.did("emergency")
        await self._service.do(RaiseIncident(kind, step.plan.words, step.plan.confidence), step.actor, step.key)
        return Done(self._replies.text(f"emergency.{kind}", step.lang), owed=True)

    async def dnd(self, step: Step) -> Done:
        on = bool(step.slots.get("on", True))
        await self._service.do(SetDoNotDisturb(on), step.actor, step.key)
        step.did("dnd", on=not on)
        return Done(self._replies.text(f"order.dnd.{'on' if on else 'off'}", step.lang))

    async def report(self, step: Step) -> Done:
        if step.actor.kind != "staff":
            await hand_over(self._service, step)
            return Done(self._replies.text("not.yours", step.lang))
        space, status = str(step.slots["space"]), str(step.slots["status"])
        await self._service.do(SetSpaceStatus(space, status, str(step.slots.get("remark", ""))), step.actor, step.key)
        return Done(
            self._replies.text("room.reported", step.lang, space=space, status=self._replies.text(f"status.{status}", step.lang))
        )

    async def person(self, step: Step) -> Done:
        """What cannot be settled here is a person's, with the words as they were heard."""
        await hand_over(self._service, step)
        return Done(
            self._replies.text("info.unknown" if step.decision.intent == "info.ask" else "ask.person", step.lang), owed=True
        )

    def _joined(self, clauses: Sequence[str], lang: str) -> str:
        return self._replies.text("joint", lang).join(filter(None, clauses))
