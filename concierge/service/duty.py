"""Who is on duty, by their own word or the plan of shifts, and to whom of them an order goes."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from concierge.domain import dispatch
from concierge.domain.account import Account
from concierge.domain.dispatch import Worker
from concierge.domain.errors import Unavailable
from concierge.domain.event import Draft
from concierge.domain.order import Order
from concierge.domain.people import require
from concierge.domain.rota import on_duty
from concierge.service.case import Case
from concierge.service.commands import SetDuty
from concierge.service.ports import World
from concierge.service.reading import Reading

VIEWS_WAIT_S = 0.2
"""How long an order waits for the views to know of those just placed: a fair share is worth no more."""


async def set_duty(command: SetDuty, case: Case) -> list[Draft]:
    actor = case.actor
    own = actor.kind == "staff" and actor.id == command.staff
    require(own or actor.leads, "everybody says for themselves whether they are on duty, or the desk does")
    account, seq = await case.read.account(command.staff)
    after = replace(account, on_duty=command.on)
    return [case.draft(case.read.subject("staff", account.id), "duty_set", after.data(), seq)]


async def rota(world: World) -> list[tuple[Account, bool]]:
    """Everybody who works here, and whether they are on duty now."""
    return [(one, on_duty_now(world, one)) for one in await Reading(world).accounts() if one.active]


def on_duty_now(world: World, one: Account) -> bool:
    return one.active and on_duty(world.property, one.shift, one.on_duty, world.clock())


async def assignee(case: Case, order: Order) -> str | None:
    """The staff id; None: nobody is on duty, so it is the whole department's."""
    views = case.world.views
    with suppress(Unavailable):
        await views.caught_up(case.read.seen, VIEWS_WAIT_S)
    people = [one for one in await case.read.accounts() if _does(one, order, case) and on_duty_now(case.world, one)]
    work = await views.workload([one.id for one in people])
    return dispatch.choose(
        order,
        [Worker(one.id, frozenset(one.floors), frozenset(one.skills), *work.get(one.id, (0, 0))) for one in people],
    )


def _does(one: Account, order: Order, case: Case) -> bool:
    """Orders go to those of the department who are on no rung of its ladder: these hear of what is late. Who asks for the
    manager gets one."""
    if order.slots.get("to") == "manager":
        return one.role == "manager"
    department = case.world.property.departments.get(order.department)
    return one.department == order.department and (department is None or one.role not in department.ladder)
