"""Check-in and check-out: a stay and its space change together, or not at all."""

from __future__ import annotations

from concierge.domain import leaving
from concierge.domain import room as rooms
from concierge.domain import stay as stays
from concierge.domain.errors import BadRequest
from concierge.domain.event import Draft, Entry
from concierge.domain.people import require
from concierge.domain.stay import Stay
from concierge.service.case import Case
from concierge.service.commands import CheckedIn, CheckIn, CheckOut
from concierge.service.naming import entity_id, room_code
from concierge.service.ports import World

MAX_NAME = 200


async def check_in(command: CheckIn, case: Case) -> list[Draft]:
    require(case.actor.leads, "check-in is done by the desk or a manager")
    languages = case.world.property.languages
    if command.language not in languages:
        raise BadRequest(f"language {command.language!r}: expected one of {', '.join(languages)}")
    if len(command.name) > MAX_NAME:
        raise BadRequest(f"the name has {len(command.name)} characters, at most {MAX_NAME} are taken")
    room, seq = await case.read.room(command.space)
    stay_id = entity_id("s", case.key)
    code = room_code(case.world.secret, stay_id)
    stay = Stay(stay_id, room.id, command.name, command.language, stays.code_hash(code), vip=command.vip)
    return [
        case.draft(case.read.subject("stay", stay_id), "checked_in", stays.check_in(stay, case.at).data(), 0),
        case.draft(case.read.subject("space", room.id), "occupied", rooms.occupied(room, stay_id).data(), seq),
    ]


async def check_out(command: CheckOut, case: Case) -> list[Draft]:
    require(case.actor.leads, "check-out is done by the desk or a manager")
    stay, seq = await case.read.stay(command.stay)
    closed = stays.check_out(stay, case.at)
    room, room_seq = await case.read.room(stay.space)
    drafts = [case.draft(case.read.subject("stay", stay.id), "checked_out", closed.data(), seq)]
    if room.stay == stay.id:
        vacated = rooms.vacated(room)
        drafts.append(case.draft(case.read.subject("space", room.id), "vacated", vacated.data(), room_seq))
    note = case.world.texts("guest_left", case.world.property.languages[0])
    for order, entry in await case.read.open_orders(stay.id):
        after, event = leaving.left(order, note, case.at)
        drafts.append(case.draft(entry.subject, event, after.data(), entry.seq))
    return drafts


def checked_in(world: World, entry: Entry) -> CheckedIn:
    """The answer to a check-in: the code is made again, it is not on the log."""
    stay = Stay.of(entry)
    return CheckedIn(stay.id, room_code(world.secret, stay.id), entry)
