"""What each decision does: a step → its effects, and the clause that tells of it. The index is at the head of the class."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from concierge.domain import device as devices_of
from concierge.domain.errors import IllegalStep
from concierge.domain.hotel import Device, Property
from concierge.domain.people import Actor
from concierge.service.commands import CancelOrder, PlaceOrder, RaiseIncident, SetDevice, SetDoNotDisturb, SetSpaceStatus
from concierge.service.handlers import Service
from concierge.voice.plan import TICKETS, Dialogue, Plan
from concierge.voice.replies import Replies
from intents import Decision

Tell = Callable[[dict[str, Any]], None]


class DeviceStates(Protocol):
    """What a commit needs of the device edge: the states that a space's devices told last."""

    def states(self, space: str) -> Mapping[str, Mapping[str, Any]]: ...


class OpenOrders(Protocol):
    """What a commit needs of the views: a stay's open orders, the newest first, and the next page's mark."""

    async def orders(self, *, stay: str, open: bool) -> tuple[Sequence[Mapping[str, Any]], int | None]: ...


@dataclass(frozen=True)
class Step:
    """One decision of a plan, being carried out. ``key``: its idempotency key."""

    plan: Plan
    decision: Decision
    actor: Actor
    key: str
    dialogue: Dialogue
    tell: Tell

    @property
    def lang(self) -> str:
        return self.plan.lang

    @property
    def slots(self) -> Mapping[str, Any]:
        return self.decision.slots


@dataclass(frozen=True)
class Done:
    """A step carried out. ``clause`` tells of it; ``owed``: the guest must get to hear it; ``spans``: what it took, ms."""

    clause: str
    owed: bool = False
    spans: Mapping[str, float] = field(default_factory=dict)


class Steps:
    """The decisions' effects in one property. Each method is keyed by the step, so that doing it twice does it once."""

    def __init__(self, service: Service, states: DeviceStates, orders: OpenOrders, property: Property, replies: Replies) -> None:
        self._service = service
        self._states = states
        self._orders = orders
        self._property = property
        self._replies = replies
        self._handlers: Mapping[str, Callable[[Step], Awaitable[Done]]] = {
            "device.set": self.device,
            "scene.set": self.scene,
            "device.query": self.query,
            "emergency.report": self.emergency,
            "request.dnd": self.dnd,
            "room.report": self.report,
            "order.status": self.order_status,
            "order.cancel": self.order_cancel,
            "order.change": self.order_change,
            "dialog.undo": self.undo,
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
        self, step: Step, targets: Sequence[Device], changes: Mapping[str, Mapping[str, Any]], *, silent_ok: bool = False
    ) -> Done:
        """Set, wait for the devices' own states, and tell those that did not follow. ``silent_ok``: success needs no words."""
        states = self._states.states(step.actor.space)
        before = tuple(
            (one.id, {name: value for name, value in states.get(one.id, {}).items() if name in changes[one.id]})
            for one in targets
        )
        results = await self._service.do(SetDevice(step.actor.space, changes), step.actor, step.key)
        by_id = {one.id: one for one in targets}
        for result in results:
            step.tell({
                "type": "confirmed", "space": step.actor.space, "device": result.device, "ok": result.ok,
                "ms": round(result.ms, 1), "state": dict(result.state or {}),
            })  # fmt: skip
        step.dialogue.undo = before
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
        order = PlaceOrder(step.decision.intent, step.slots, step.plan.words, step.lang)
        await self._service.do(order, step.actor, step.key)
        values: dict[str, str] = {}
        slots, lang = step.slots, step.lang
        if wanted := slots.get("items") or slots.get("dishes"):
            values["things"] = self._replies.things(wanted, lang)
        elif step.decision.intent in ("request.items", "order.food"):
            return Done(self._replies.text("order.front_desk", lang), owed=True)
        values["asset"] = self._replies.text(f"asset.{slots.get('asset', 'other')}", lang)
        values["to"] = self._replies.text(f"to.{slots.get('to', 'front_desk')}", lang)
        values["time"] = str(slots.get("time", ""))
        return Done(self._replies.text(TICKETS[step.decision.intent], lang, **values), owed=True)

    async def emergency(self, step: Step) -> Done:
        kind = str(step.slots.get("kind", "unknown"))
        await self._service.do(RaiseIncident(kind, step.plan.words, step.plan.confidence), step.actor, step.key)
        return Done(self._replies.text(f"emergency.{kind}", step.lang), owed=True)

    async def dnd(self, step: Step) -> Done:
        on = bool(step.slots.get("on", True))
        await self._service.do(SetDoNotDisturb(on), step.actor, step.key)
        return Done(self._replies.text(f"order.dnd.{'on' if on else 'off'}", step.lang))

    async def report(self, step: Step) -> Done:
        if step.actor.kind != "staff":
            await self.hand_over(step)
            return Done(self._replies.text("not.yours", step.lang))
        space, status = str(step.slots["space"]), str(step.slots["status"])
        await self._service.do(SetSpaceStatus(space, status, str(step.slots.get("remark", ""))), step.actor, step.key)
        return Done(
            self._replies.text("room.reported", step.lang, space=space, status=self._replies.text(f"status.{status}", step.lang))
        )

    async def order_status(self, step: Step) -> Done:
        orders, _ = await self._orders.orders(stay=step.actor.stay, open=True)
        if not orders:
            return Done(self._replies.text("order.status.none", step.lang))
        state = str(orders[0]["state"])
        return Done(
            self._replies.text("order.status", step.lang, state=self._replies.text(f"state.{_plain_state(state)}", step.lang))
        )

    async def order_cancel(self, step: Step) -> Done:
        orders, _ = await self._orders.orders(stay=step.actor.stay, open=True)
        if not orders:
            return Done(self._replies.text("order.status.none", step.lang))
        try:
            await self._service.do(CancelOrder(str(orders[0]["id"])), step.actor, step.key)
        except IllegalStep:
            await self.hand_over(step, "-late")
            return Done(self._replies.text("order.cancel.late", step.lang), owed=True)
        return Done(self._replies.text("order.cancelled", step.lang))

    async def order_change(self, step: Step) -> Done:
        """Which order, and whether it can still be changed, is a person's to see: they get the guest's words."""
        await self.hand_over(step)
        return Done(self._replies.text("order.changed", step.lang), owed=True)

    async def undo(self, step: Step) -> Done:
        changes = {one: dict(was) for one, was in step.dialogue.undo if was}
        if not changes:
            return Done(self._replies.text("dialog.undo.none", step.lang))
        space = self._property.space(step.actor.space)
        targets = [space.devices[one] for one in changes]
        said = await self.set_devices(step, targets, changes, silent_ok=True)
        step.dialogue.undo = ()
        return replace(said, clause=self._joined([self._replies.text("dialog.undo", step.lang), said.clause], step.lang))

    async def person(self, step: Step) -> Done:
        """What cannot be settled here is a person's, with the words as they were heard."""
        await self.hand_over(step)
        return Done(
            self._replies.text("info.unknown" if step.decision.intent == "info.ask" else "ask.person", step.lang), owed=True
        )

    async def hand_over(self, step: Step, again: str = "") -> None:
        """A ticket for the front desk with the guest's words. ``again`` tells its key from another effect's of the step."""
        order = PlaceOrder("handoff.human", {"to": "front_desk"}, step.plan.words, step.lang)
        await self._service.do(order, step.actor, f"{step.key}{again}")

    def _joined(self, clauses: Sequence[str], lang: str) -> str:
        return self._replies.text("joint", lang).join(filter(None, clauses))


def _plain_state(state: str) -> str:
    return {"declined": "dispatched", "escalated": "dispatched"}.get(state, state)
