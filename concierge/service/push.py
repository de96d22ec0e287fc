"""Web Push subscriptions of the staff: each for itself, as long as its log-in lasts."""

from __future__ import annotations

from concierge.domain.event import Draft
from concierge.domain.people import require
from concierge.domain.push import Subscriptions
from concierge.service.case import Case
from concierge.service.commands import Subscribe, Unsubscribe


async def subscribe(command: Subscribe, case: Case) -> list[Draft]:
    require(case.actor.kind == "staff", "notifications are for staff")
    before, seq = await _subscriptions(case, case.actor.id)
    after = before.with_one(command.subscription)
    return [case.draft(case.read.subject("push", before.id), "subscribed", after.data(), seq)]


async def unsubscribe(command: Unsubscribe, case: Case) -> list[Draft]:
    """One's own; or, where the push service no longer knows it, the service's."""
    own = case.actor.kind == "staff" and case.actor.id == command.staff
    require(own or case.actor.kind == "service", "a subscription is ended by its owner")
    before, seq = await _subscriptions(case, command.staff)
    after = before.without(command.subscription)
    return [case.draft(case.read.subject("push", before.id), "unsubscribed", after.data(), seq)] if after != before else []


async def _subscriptions(case: Case, staff: str) -> tuple[Subscriptions, int]:
    entry = await case.read.last(case.read.subject("push", staff))
    return (Subscriptions.of(entry.data), entry.seq) if entry else (Subscriptions(staff), 0)
