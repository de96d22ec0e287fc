"""Undo: a compensating command for each thing that the last turn did. What was an emergency stays one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from concierge.domain.errors import IllegalStep
from concierge.domain.hotel import Device, Property
from concierge.service.commands import CancelOrder, ChangeOrder, PlaceOrder, SetDoNotDisturb
from concierge.service.handlers import Service
from concierge.voice.replies import Replies
from concierge.voice.step import Done, Step, hand_over
from intents.dialogue import Effect


class SetsDevices(Protocol):
    async def set_devices(
        self, step: Step, targets: Sequence[Device], changes: Mapping[str, Mapping[str, Any]], *, silent_ok: bool, undoable: bool
    ) -> Done: ...


class Undoing:
    def __init__(self, service: Service, devices: SetsDevices, property: Property, replies: Replies) -> None:
        self._service = service
        self._devices = devices
        self._property = property
        self._replies = replies
        self._handlers: Mapping[str, Callable[[Step, Effect], Awaitable[Done]]] = {
            "devices": self._put_back,
            "order": self._call_off,
            "changed": self._as_it_was,
            "cancelled": self._again,
            "dnd": self._dnd,
        }

    async def undo(self, step: Step) -> Done:
        """All of the last turn, the newest first. What cannot be taken back any more says so in its clause."""
        dialogue, lang = step.held.dialogue, step.lang
        refused = dialogue.undo_refused(step.held.now())
        if refused is not None:
            return Done(self._replies.text(f"dialog.undo.{refused}", lang))
        effects = dialogue.undoing(step.held.now())
        step.held.change(lambda now: now.undone(effects))
        done = [
            await self._handlers[effect.kind](replace(step, key=f"{step.key}-{number}"), effect)
            for number, effect in enumerate(effects)
        ]
        clauses = list(dict.fromkeys(one.clause for one in done if one.clause))
        if any(not one.clause for one in done):
            clauses.insert(0, self._replies.text("dialog.undo", lang))
        spans = {span: ms for one in done for span, ms in one.spans.items()}
        return Done(self._replies.text("joint", lang).join(clauses), owed=any(one.owed for one in done), spans=spans)

    async def _put_back(self, step: Step, effect: Effect) -> Done:
        space = self._property.space(step.actor.space)
        changes = {device: was for device, was in effect.data.items() if was}
        targets = [space.devices[device] for device in changes]
        return await self._devices.set_devices(step, targets, changes, silent_ok=True, undoable=False)

    async def _call_off(self, step: Step, effect: Effect) -> Done:
        try:
            await self._service.do(CancelOrder(str(effect.data["order"])), step.actor, step.key)
        except IllegalStep:
            return await self._late(step, "order.cancel.late")
        return Done(self._replies.text("order.cancelled", step.lang))

    async def _as_it_was(self, step: Step, effect: Effect) -> Done:
        try:
            change = ChangeOrder(str(effect.data["order"]), effect.data["slots"], step.plan.words)
            await self._service.do(change, step.actor, step.key)
        except IllegalStep:
            return await self._late(step, "order.change.late")
        return Done("")

    async def _again(self, step: Step, effect: Effect) -> Done:
        data = effect.data
        order = PlaceOrder(str(data["intent"]), data["slots"], str(data["words"]), str(data["lang"]))
        entry = await self._service.do(order, step.actor, step.key)
        step.held.change(lambda dialogue: dialogue.placed(str(entry.data["id"]), entry.seq))
        return Done("")

    async def _dnd(self, step: Step, effect: Effect) -> Done:
        await self._service.do(SetDoNotDisturb(bool(effect.data["on"])), step.actor, step.key)
        return Done("")

    async def _late(self, step: Step, key: str) -> Done:
        await hand_over(self._service, step, "-late")
        return Done(self._replies.text(key, step.lang), owed=True)
