"""Incidents: raised by words, a button or a detector; answered and cleared by staff."""

from __future__ import annotations

from concierge.domain import incident as incidents
from concierge.domain.event import Draft
from concierge.domain.incident import Incident
from concierge.domain.people import require
from concierge.service.case import Case
from concierge.service.commands import AckIncident, ClearIncident, RaiseIncident
from concierge.service.naming import entity_id
from concierge.service.texts import staff_name


async def raise_incident(command: RaiseIncident, case: Case) -> list[Draft]:
    space = case.world.property.space(case.space(command.space))
    stay = case.actor.stay or (await case.read.room(space.id))[0].stay
    incident = Incident(
        id=entity_id("i", case.key),
        kind=command.kind,
        words=command.words,
        certainty=command.certainty,
        space=space.id,
        floor=space.floor,
        stay=stay,
    )
    data = incidents.raised(incident, case.actor, case.at).data()
    return [case.draft(case.read.subject("incident", incident.id), "raised", data, 0)]


async def ack(command: AckIncident, case: Case) -> list[Draft]:
    return await _step(case, command.incident, "ack")


async def clear(command: ClearIncident, case: Case) -> list[Draft]:
    return await _step(case, command.incident, "clear", command.remark)


async def _step(case: Case, incident_id: str, verb: str, remark: str = "") -> list[Draft]:
    actor, world = case.actor, case.world
    require(actor.kind != "guest", "an incident is answered by staff")
    before, entry = await case.read.incident(incident_id)
    after = incidents.step(before, verb, actor, case.at, remark)
    drafts = [case.draft(entry.subject, after.state, after.data(), entry.seq)]
    if after.stay:
        lang = (await case.read.stay(after.stay))[0].language
        text = world.texts(
            f"incident.{after.state}", lang, name=staff_name(await case.read.staff_name(actor.id), world.texts, lang)
        )
        drafts.append(case.message(after.stay, text, lang, {"incident": after.id, "event": after.state}))
    return drafts
