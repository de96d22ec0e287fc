"""What time does to an order: dispatched when it is wanted, escalated when it is late, closed when it is over.

Each command names the entry it follows from. If that is no longer the order's last, something else happened, and the next
due follows from that; so a command that comes twice, or from two processes, does its work once.
"""

from __future__ import annotations

from concierge.domain import order as orders
from concierge.domain.event import Draft
from concierge.domain.instant import instant
from concierge.domain.order import Order
from concierge.domain.people import SERVICE, require
from concierge.service.case import Case
from concierge.service.commands import CloseOrder, DispatchOrder, EscalateOrder
from concierge.service.orders import dispatched, ladder, told


async def dispatch(command: DispatchOrder, case: Case) -> list[Draft]:
    found = await _still(command, case)
    if found is None:
        return []
    order, where = found
    return [case.draft(where, "dispatched", (await dispatched(case, order)).data(), command.seq)]


async def escalate(command: EscalateOrder, case: Case) -> list[Draft]:
    """To the next role up the department's ladder; at its end again and again. The guest is told once for each deadline, but
    not that something wanted for later has not been taken yet."""
    found = await _still(command, case)
    if found is None:
        return []
    order, where = found
    roles = ladder(order, case.world.property)
    after = orders.step(order, "escalate", SERVICE, case.at, missed=command.missed, ladder=roles)
    drafts = [case.draft(where, "escalated", after.data(), command.seq)]
    early = after.planned is not None and case.at < instant(after.planned)
    news = [name for name in command.missed if name not in after.late and not early]
    if news and (message := await told(case, after, "late")):
        drafts += [case.draft(where, "late", orders.told_late(after, news, case.at).data(), None), *message]
    return drafts


async def close(command: CloseOrder, case: Case) -> list[Draft]:
    found = await _still(command, case)
    if found is None:
        return []
    order, where = found
    return [case.draft(where, "closed", orders.step(order, "close", SERVICE, case.at).data(), command.seq)]


async def _still(command: DispatchOrder | EscalateOrder | CloseOrder, case: Case) -> tuple[Order, str] | None:
    require(case.actor.kind == "service", "that is for time to do")
    order, entry = await case.read.order(command.order)
    return (order, entry.subject) if entry.seq == command.seq else None
