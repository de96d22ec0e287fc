"""What is said: messages of a conversation, and the record of a voice turn."""

from __future__ import annotations

from concierge.domain import conversation
from concierge.domain.errors import BadRequest
from concierge.domain.event import Draft
from concierge.domain.people import require
from concierge.service.case import Case
from concierge.service.commands import RecordTurn, Say
from concierge.service.orders import HOUSE


async def say(command: Say, case: Case) -> list[Draft]:
    require(
        conversation.takes_part(case.actor, command.conversation),
        f"conversation {command.conversation!r} is not yours",
    )
    if stay := conversation.stay_of(command.conversation):
        await case.read.stay(stay)
    elif command.conversation.removeprefix(conversation.DEPARTMENT) not in case.world.property.departments:
        raise BadRequest(f"there is no conversation {command.conversation!r}; expected stay-… or dept-…")
    data = conversation.message(command.text, command.lang, command.via, command.about)
    return [case.draft(case.read.subject("im", command.conversation), "said", data, None)]


async def record_turn(command: RecordTurn, case: Case) -> list[Draft]:
    require(case.actor.kind == "service", "turns are recorded by the service")
    where = case.read.subject("turn", command.stay or HOUSE, command.call)
    return [case.draft(where, "turn", {**command.data, "call": command.call}, None)]
