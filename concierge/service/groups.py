"""Groups that staff make. A group's state lies on a subject of its own; its conversation tells who came and went.

Were the members on the conversation's own subject, each message would have to be decided against the one before it.
"""

from __future__ import annotations

from collections.abc import Sequence

from concierge.domain import conversation as talks
from concierge.domain.conversation import Group
from concierge.domain.event import Draft
from concierge.domain.people import require
from concierge.service.case import Case
from concierge.service.commands import JoinGroup, LeaveGroup, MakeGroup, NameGroup
from concierge.service.naming import entity_id
from concierge.service.talk import group, require_staff


async def make(command: MakeGroup, case: Case) -> list[Draft]:
    require(case.actor.kind == "staff", "groups are made by staff")
    await require_staff(case, command.members)
    made = Group(entity_id("g", case.key), "", ()).named(command.name).joined((case.actor.id, *command.members))
    return _drafts(case, "made", made, 0, made.members)


async def join(command: JoinGroup, case: Case) -> list[Draft]:
    before, seq = await _own(case, command.group)
    await require_staff(case, command.members)
    after = before.joined(command.members)
    return _drafts(case, "joined", after, seq, [who for who in after.members if who not in before.members])


async def leave(command: LeaveGroup, case: Case) -> list[Draft]:
    before, seq = await _own(case, command.group)
    require(command.member == case.actor.id or case.actor.leads, "a colleague is taken out of a group by who leads")
    return _drafts(case, "left", before.left(command.member), seq, [command.member])


async def name(command: NameGroup, case: Case) -> list[Draft]:
    before, seq = await _own(case, command.group)
    return _drafts(case, "named", before.named(command.name), seq, ())


async def _own(case: Case, id: str) -> tuple[Group, int]:
    found, entry = await group(case, id)
    require(talks.takes_part(case.actor, talks.GROUP + id, found.members), f"group {id!r} is not yours")
    return found, entry.seq


def _drafts(case: Case, event: str, after: Group, seq: int, who: Sequence[str]) -> list[Draft]:
    """The group's state, and the event that its members see, among whom is still who has just left."""
    told = {"name": after.name, "who": list(who), "members": list(dict.fromkeys((*after.members, *who)))}
    conversation = case.read.subject("im", talks.GROUP + after.id)
    return [
        case.draft(case.read.subject("group", after.id), event, after.data(), seq),
        case.draft(conversation, "joined" if event == "made" else event, told, None),
    ]
