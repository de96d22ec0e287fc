"""What is said: messages of a conversation, their edits and withdrawals, who has read what, and the record of a voice turn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from concierge.domain import conversation as talks
from concierge.domain.conversation import Group
from concierge.domain.errors import BadRequest, IllegalStep, NotFound
from concierge.domain.event import Draft, Entry
from concierge.domain.people import require
from concierge.service.case import Case
from concierge.service.commands import EditMessage, MarkRead, RecordTurn, Say, WithdrawMessage
from concierge.service.orders import HOUSE


async def say(command: Say, case: Case) -> list[Draft]:
    where, shared = await _conversation(case, command.conversation)
    if command.reply_to is not None:
        await _said(case, where, command.reply_to)
    await require_staff(case, command.mentions)
    data = talks.message(
        command.text,
        command.lang,
        command.via,
        command.about,
        file=await case.file(command.file) if command.file else None,
        card=command.card,
        mentions=command.mentions,
        reply_to=command.reply_to,
    )
    return [case.draft(where, "said", data | shared, None)]


async def edit(command: EditMessage, case: Case) -> list[Draft]:
    where, shared = await _conversation(case, command.conversation)
    said = await _said(case, where, command.message)
    await _require_standing(case, said)
    return [case.draft(where, "edited", talks.edited(said, command.text, case.actor, case.at) | shared, None)]


async def withdraw(command: WithdrawMessage, case: Case) -> list[Draft]:
    where, shared = await _conversation(case, command.conversation)
    said = await _said(case, where, command.message)
    data = talks.withdrawn(said, case.actor)
    await _require_standing(case, said)
    return [case.draft(where, "withdrawn", data | shared, None)]


async def mark_read(command: MarkRead, case: Case) -> list[Draft]:
    """A read cursor is an event beside the messages, and only advances: what does not move it leaves none."""
    where, shared = await _conversation(case, command.conversation)
    last = await case.read.last(where)
    await case.world.views.caught_up(last.seq if last else 0)
    if command.seq <= await case.world.views.talks.cursor(command.conversation, case.actor.who):
        return []
    return [case.draft(where, "read", {"seq": command.seq} | shared, None)]


async def record_turn(command: RecordTurn, case: Case) -> list[Draft]:
    require(case.actor.kind == "service", "turns are recorded by the service")
    where = case.read.subject("turn", command.stay or HOUSE, command.call)
    return [case.draft(where, "turn", {**command.data, "call": command.call}, None)]


async def require_staff(case: Case, ids: Iterable[str]) -> None:
    """Raises :class:`NotFound` for somebody who does not work here."""
    for id in ids:
        if not (await case.read.account(id))[0].active:
            raise NotFound(f"{id!r} does not work here any more")


async def _conversation(case: Case, named: str) -> tuple[str, dict[str, Any]]:
    """Its subject, if it is there and the actor takes part in it, and what each of its events carries: a group's members, so
    that each event says by itself who may see it."""
    kind, of = talks.split(named)
    members: tuple[str, ...] = ()
    if kind == talks.GROUP:
        members = (await group(case, of))[0].members
    require(talks.takes_part(case.actor, named, members), f"conversation {named!r} is not yours")
    property = case.world.property
    match kind:
        case "stay-":
            await case.read.stay(of)
        case "incident-":
            await case.read.incident(of)
        case "direct-":
            for who in talks.two_of(named):
                await case.read.account(who)
        case _:
            known = {
                talks.DEPARTMENT: property.departments,
                talks.FLOOR: {str(space.floor) for space in property.spaces.values()},
                talks.SHIFT: property.shifts,
                talks.GROUP: {of},
            }
            if of not in known.get(kind, ()):
                raise BadRequest(f"there is no conversation {named!r}; expected one of {', '.join(f'{k}…' for k in talks.KINDS)}")
    return case.read.subject("im", named), {"members": list(members)} if members else {}


async def group(case: Case, id: str) -> tuple[Group, Entry]:
    """Raises :class:`NotFound`."""
    entry = await case.read.last(case.read.subject("group", id))
    if entry is None:
        raise NotFound(f"there is no group {id!r}")
    return Group.of(entry.data), entry


async def _said(case: Case, where: str, seq: int) -> Entry:
    """Raises :class:`NotFound` for what is no message of the conversation."""
    entry = await case.world.log.at(seq)
    if entry is None or entry.subject != where or entry.event != "said":
        raise NotFound(f"there is no message {seq} in this conversation")
    return entry


async def _require_standing(case: Case, said: Entry) -> None:
    """A view that lags lets an edit of a withdrawn message pass; who shows it knows better."""
    if await case.world.views.talks.is_withdrawn(said.seq):
        raise IllegalStep(f"message {said.seq} is withdrawn", state="withdrawn")
