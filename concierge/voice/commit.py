"""The effects of a plan, once, at the end of the turn: devices set and confirmed, tickets on the log, then the reply.

Every effect carries a client id made of the turn's key, so that a repeated commit finds its first answer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from concierge.domain import device as devices_of
from concierge.domain.errors import DomainError, IllegalStep
from concierge.domain.hotel import Device, Property
from concierge.domain.people import Actor
from concierge.service.commands import (
    CancelOrder,
    PlaceOrder,
    RaiseIncident,
    SetDevice,
    SetDoNotDisturb,
    SetSpaceStatus,
)
from concierge.service.handlers import Service
from concierge.voice.plan import TICKETS, Dialogue, Plan
from concierge.voice.replies import Replies
from intents import Decision
from media.brain import Say

FILLER_AFTER_S = 0.3
"""DESIGN 4: not confirmed this long after the commit, the guest hears "one moment"."""
APART = frozenset({"device.set", "scene.set"})

log = logging.getLogger(__name__)
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


class Committer:
    """Carries out the plans of one property."""

    def __init__(self, service: Service, devices: DeviceStates, orders: OpenOrders, property: Property, replies: Replies) -> None:
        self._service = service
        self._devices = devices
        self._orders = orders
        self._property = property
        self._replies = replies
        self._handlers: Mapping[str, Callable[[Step], Awaitable[str]]] = {
            "device.set": self._device,
            "scene.set": self._scene,
            "device.query": self._query,
            "emergency.report": self._emergency,
            "request.dnd": self._dnd,
            "room.report": self._report,
            "order.status": self._order_status,
            "order.cancel": self._order_cancel,
            "dialog.undo": self._undo,
        }

    async def carry_out(
        self, plan: Plan, actor: Actor, key: str, dialogue: Dialogue, tell: Tell = lambda event: None
    ) -> AsyncIterator[Say]:
        """Do what the plan says and yield what to say. ``key`` is the turn's idempotency key; ``tell`` hears of each
        confirmation. A step that fails says so in its own clause; the others are still done."""
        if plan.ready is not None:
            dialogue.misses = dialogue.misses + 1 if plan.decisions[0].intent == "none" else 0
            dialogue.last_reply = plan.ready
            yield Say(plan.ready, plan.lang)
            return
        # An emergency is on the log before anything else is weighed.
        order = sorted(range(len(plan.decisions)), key=lambda i: plan.decisions[i].intent != "emergency.report")
        steps = {
            i: asyncio.ensure_future(self._carry(Step(plan, plan.decisions[i], actor, f"{key}-{i}", dialogue, tell)))
            for i in order
        }
        try:
            _, late = await asyncio.wait(steps.values(), timeout=FILLER_AFTER_S)
            if late:
                yield Say(self._replies.text("filler", plan.lang), plan.lang, "filler")
                await asyncio.wait(late)
            clauses = [steps[i].result() for i in order]
        finally:
            # A cancelled call takes back nothing: what was begun is finished, only nobody is told.
            for step in steps.values():
                step.add_done_callback(_swallow)
        dialogue.misses = dialogue.misses + 1 if plan.decisions[0].intent == "none" else 0
        ok = [self._replies.text("ok", plan.lang).rstrip("，, ")] if any(d.intent in APART for d in plan.decisions) else []
        reply = self._replies.sentence([*ok, *clauses], plan.lang)
        dialogue.last_reply = reply
        yield Say(reply, plan.lang, obligation=True)

    async def _carry(self, step: Step) -> str:
        """Do one step; the clause that tells of it."""
        intent = step.decision.intent
        handler = self._handlers.get(intent, self._ticket if intent in TICKETS else self._person)
        try:
            return await handler(step)
        except Exception as error:
            level = logging.WARNING if isinstance(error, DomainError) else logging.ERROR
            log.log(level, "turn %s: %s failed: %s", step.key, intent, error, exc_info=level == logging.ERROR)
            return await self._apologise(step)

    async def _apologise(self, step: Step) -> str:
        """A person takes over; if not even that ticket reaches the log, the guest is told to call."""
        try:
            order = PlaceOrder("handoff.human", {"to": "front_desk"}, step.plan.words, step.lang)
            await self._service.do(order, step.actor, f"{step.key}-failed")
        except Exception:
            log.exception("turn %s: no ticket either", step.key)
            return self._replies.text("apology.alone", step.lang)
        return self._replies.text("apology", step.lang)

    async def _device(self, step: Step) -> str:
        space = self._property.space(step.actor.space)
        states = self._devices.states(space.id)
        targets = devices_of.targets(space, step.slots, states)
        if not targets:
            kind = str(step.slots.get("device"))
            return self._replies.text("device.none", step.lang, name=self._replies.text(f"device.{kind}", step.lang))
        changes = {one.id: devices_of.wanted(one, step.slots, states.get(one.id)) for one in targets}
        return await self._set(step, targets, changes)

    async def _scene(self, step: Step) -> str:
        space = self._property.space(step.actor.space)
        scene = str(step.slots["scene"])
        changes = space.scenes.get(scene, {})
        targets = [space.devices[one] for one in changes]
        said = await self._set(step, targets, changes, silent_ok=True)
        done = self._replies.text("scene", step.lang, scene=self._replies.text(f"scene.{scene}", step.lang))
        return self._joined([done, said], step.lang) if said else done

    async def _set(
        self, step: Step, targets: Sequence[Device], changes: Mapping[str, Mapping[str, Any]], *, silent_ok: bool = False
    ) -> str:
        """Set, wait for the devices' own states, and tell those that did not follow. ``silent_ok``: success needs no words."""
        states = self._devices.states(step.actor.space)
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
        if failed := [by_id[result.device] for result in results if not result.ok]:
            name = self._replies.device_name(failed, step.lang)
            await self._engineer(step, failed)
            answered = any(result.answered for result in results if not result.ok)
            clauses.append(self._replies.text("device.refused" if answered else "device.silent", step.lang, name=name))
        return self._joined(clauses, step.lang)

    async def _engineer(self, step: Step, failed: Sequence[Device]) -> None:
        """A device that does not answer is engineering's at once, in the guest's name: they asked for it."""
        kind = failed[0].kind
        asset = {"sheer": "curtain", "fan": "other", "music": "other"}.get(kind, kind)
        symptom = self._replies.text("symptom.silent", step.lang, name=self._replies.device_name(failed, step.lang))
        order = PlaceOrder("request.repair", {"asset": asset, "symptom": symptom}, step.plan.words, step.lang)
        await self._service.do(order, step.actor, f"{step.key}-repair")

    async def _query(self, step: Step) -> str:
        space = self._property.space(step.actor.space)
        states = self._devices.states(space.id)
        targets = devices_of.targets(space, step.slots, states)
        kind = str(step.slots.get("device"))
        if not targets:
            return self._replies.text("device.none", step.lang, name=self._replies.text(f"device.{kind}", step.lang))
        what = str(step.slots.get("what") or devices_of.MAIN.get(kind, "power"))
        first = targets[0]
        return self._replies.state(first, what, states.get(first.id), step.lang)

    async def _ticket(self, step: Step) -> str:
        order = PlaceOrder(step.decision.intent, step.slots, step.plan.words, step.lang)
        await self._service.do(order, step.actor, step.key)
        values: dict[str, str] = {}
        slots, lang = step.slots, step.lang
        if wanted := slots.get("items") or slots.get("dishes"):
            values["things"] = self._replies.things(wanted, lang)
        elif step.decision.intent in ("request.items", "order.food"):
            return self._replies.text("order.front_desk", lang)
        values["asset"] = self._replies.text(f"asset.{slots.get('asset', 'other')}", lang)
        values["to"] = self._replies.text(f"to.{slots.get('to', 'front_desk')}", lang)
        values["time"] = str(slots.get("time", ""))
        return self._replies.text(TICKETS[step.decision.intent], lang, **values)

    async def _emergency(self, step: Step) -> str:
        kind = str(step.slots.get("kind", "unknown"))
        await self._service.do(RaiseIncident(kind, step.plan.words, step.plan.confidence), step.actor, step.key)
        return self._replies.text(f"emergency.{kind}", step.lang)

    async def _dnd(self, step: Step) -> str:
        on = bool(step.slots.get("on", True))
        await self._service.do(SetDoNotDisturb(on), step.actor, step.key)
        return self._replies.text(f"order.dnd.{'on' if on else 'off'}", step.lang)

    async def _report(self, step: Step) -> str:
        if step.actor.kind != "staff":
            order = PlaceOrder("handoff.human", {"to": "front_desk"}, step.plan.words, step.lang)
            await self._service.do(order, step.actor, step.key)
            return self._replies.text("not.yours", step.lang)
        space, status = str(step.slots["space"]), str(step.slots["status"])
        await self._service.do(SetSpaceStatus(space, status, str(step.slots.get("remark", ""))), step.actor, step.key)
        return self._replies.text(
            "room.reported", step.lang, space=space, status=self._replies.text(f"status.{status}", step.lang)
        )

    async def _order_status(self, step: Step) -> str:
        orders, _ = await self._orders.orders(stay=step.actor.stay, open=True)
        if not orders:
            return self._replies.text("order.status.none", step.lang)
        state = str(orders[0]["state"])
        return self._replies.text("order.status", step.lang, state=self._replies.text(f"state.{_plain_state(state)}", step.lang))

    async def _order_cancel(self, step: Step) -> str:
        orders, _ = await self._orders.orders(stay=step.actor.stay, open=True)
        if not orders:
            return self._replies.text("order.status.none", step.lang)
        try:
            await self._service.do(CancelOrder(str(orders[0]["id"])), step.actor, step.key)
        except IllegalStep:
            order = PlaceOrder("handoff.human", {"to": "front_desk"}, step.plan.words, step.lang)
            await self._service.do(order, step.actor, f"{step.key}-late")
            return self._replies.text("order.cancel.late", step.lang)
        return self._replies.text("order.cancelled", step.lang)

    async def _undo(self, step: Step) -> str:
        changes = {one: dict(was) for one, was in step.dialogue.undo if was}
        if not changes:
            return self._replies.text("dialog.undo.none", step.lang)
        space = self._property.space(step.actor.space)
        targets = [space.devices[one] for one in changes]
        said = await self._set(step, targets, changes, silent_ok=True)
        step.dialogue.undo = ()
        return self._joined([self._replies.text("dialog.undo", step.lang), said], step.lang)

    async def _person(self, step: Step) -> str:
        """What cannot be settled here is a person's, with the words as they were heard."""
        await self._service.do(
            PlaceOrder("handoff.human", {"to": "front_desk"}, step.plan.words, step.lang), step.actor, step.key
        )
        return self._replies.text("info.unknown" if step.decision.intent == "info.ask" else "ask.person", step.lang)

    def _joined(self, clauses: Sequence[str], lang: str) -> str:
        return self._replies.text("joint", lang).join(filter(None, clauses))


def _plain_state(state: str) -> str:
    return {"declined": "dispatched", "escalated": "dispatched"}.get(state, state)


def _swallow(task: asyncio.Future[str]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("a step failed after its call had ended", exc_info=error)
