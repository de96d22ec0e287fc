"""Rooms and the devices in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from concierge.domain import room as rooms
from concierge.domain.device import wanted
from concierge.domain.event import Draft
from concierge.domain.people import require
from concierge.service.case import Case
from concierge.service.commands import RecordDeviceState, SetDevice, SetDoNotDisturb, SetSpaceStatus
from concierge.service.ports import ConfirmationPort

SETS_DEVICES = frozenset({"desk", "manager", "engineer"})
INSPECTS = frozenset({"supervisor", "desk", "manager"})


async def set_status(command: SetSpaceStatus, case: Case) -> list[Draft]:
    actor = case.actor
    require(actor.kind != "guest", "rooms are reported by staff")
    if command.status == "inspected":
        require(actor.kind == "service" or actor.role in INSPECTS, "a room is inspected by a supervisor or the desk")
    room, seq = await case.read.room(command.space)
    after = rooms.reported(room, command.status, command.remark, actor.who, case.at)
    return [case.draft(case.read.subject("space", room.id), "reported", after.data(), seq)]


async def set_do_not_disturb(command: SetDoNotDisturb, case: Case) -> list[Draft]:
    room, seq = await case.read.room(case.space(command.space))
    require(case.actor.kind == "guest" or case.actor.leads, "do-not-disturb is set by the guest or the desk")
    after = replace(room, dnd=command.on)
    return [case.draft(case.read.subject("space", room.id), "dnd_set", after.data(), seq)]


async def record_device_state(command: RecordDeviceState, case: Case) -> list[Draft]:
    """Nothing where the log has this state already: devices repeat themselves."""
    require(case.actor.kind == "service", "device states come from the devices")
    device = case.world.property.device(command.space, command.device)
    where = case.read.subject("device", command.space, command.device)
    data = {"space": command.space, "device": command.device, "kind": device.kind, "state": dict(command.state)}
    before = await case.read.last(where)
    return [] if before and before.data == data else [case.draft(where, "state", data, None)]


async def set_device(command: SetDevice, case: Case) -> Sequence[ConfirmationPort]:
    """Acts on the world; what came of it reaches the log as the devices' own states.

    A change may also be the slots of a ``device.set``; it is checked like a stranger's.
    """
    space = case.space(command.space)
    actor = case.actor
    require(actor.kind != "staff" or actor.role in SETS_DEVICES, "devices are set by the guest, the desk or engineers")
    world = case.world
    changes = {
        device: wanted(world.property.device(space, device), change, world.devices.state(space, device))
        for device, change in command.changes.items()
    }
    return await world.devices.set(space, changes)
