"""What is said: messages of a conversation, and the record of a voice turn."""

from __future__ import annotations

from concierge.domain import conversation
from concierge.domain.errors import BadRequest
from concierge.domain.event import Draft
from concierge.domain.people import require
from concierge.service.case import Case
from concierge.service.commands import MarkRead, RecordTurn, Say
from concierge.service.orders import HOUSE


async def say(command: Say, case: Case) -> list[Draft]:
    where = await _conversation(case, command.conversation)
    data = conversation.message(command.text, command.lang, command.via, command.about)
    return [case.draft(where, "said", data, None)]


async def mark_read(command: MarkRead, case: Case) -> list[Draft]:
    """A read cursor is an event beside the messages."""
    return [case.draft(await _conversation(case, command.conversation), "read", {"seq": command.seq}, None)]


async def _conversation(case: Case, named: str) -> str:
    """Its subject, if it is there and the actor takes part in it."""
    require(conversation.takes_part(case.actor, named), f"conversation {named!r} is not yours")
    if stay := conversation.stay_of(named):
        await case.read.stay(stay)
    elif named.removeprefix(conversation.DEPARTMENT) not in case.world.property.departments:
        raise BadRequest(f"there is no conversation {named!r}; expected stay-… or dept-…")
    return case.read.subject("im", named)


async def record_turn(command: RecordTurn, case: Case) -> list[Draft]:
    require(case.actor.kind == "service", "turns are recorded by the service")
    where = case.read.subject("turn", command.stay or HOUSE, command.call)
    return [case.draft(where, "turn", {**command.data, "call": command.call}, None)]
