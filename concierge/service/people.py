"""Accounts of the staff: made, changed and ended by managers. Passwords come here hashed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from concierge.domain.account import Account
from concierge.domain.errors import BadRequest, IllegalStep
from concierge.domain.event import Draft, token
from concierge.domain.hotel import Property
from concierge.domain.people import require
from concierge.service.case import Case
from concierge.service.commands import AddStaff, ChangeStaff, RemoveSecondFactor, SetPassword
from concierge.service.sessions import all_ended

CHANGEABLE = frozenset({"name", "role", "department", "floors", "skills", "languages", "shift", "im", "active", "sso"})
_OWN = frozenset({"role", "active"})


async def add(command: AddStaff, case: Case) -> list[Draft]:
    require(case.actor.manages, "accounts are made by a manager")
    where = case.read.subject("staff", token(command.staff))
    if command.staff in case.world.property.staff or await case.read.last(where):
        raise IllegalStep(f"{command.staff!r} has an account already", state="added", holder=command.staff)
    account = Account(
        command.staff,
        command.name,
        command.role,
        command.department,
        tuple(command.floors),
        tuple(command.skills),
        tuple(command.languages),
        command.shift,
        password_hash=command.password_hash,
        sso=command.sso,
        im=command.im,
    )
    _require_known(account, case.world.property)
    return [case.draft(where, "added", account.data(), 0)]


async def change(command: ChangeStaff, case: Case) -> list[Draft]:
    """Nobody takes their own role or account away: so a manager is always left."""
    require(case.actor.manages, "accounts are changed by a manager")
    own = case.actor.kind == "staff" and case.actor.id == command.staff
    require(not (own and command.changes.keys() & _OWN), "another manager changes your role or ends your account")
    if unknown := command.changes.keys() - CHANGEABLE:
        raise BadRequest(f"{min(unknown)!r} cannot be changed; expected some of {', '.join(sorted(CHANGEABLE))}")
    before, seq = await case.read.account(command.staff)
    after = Account.of({**before.data(), **command.changes})
    _require_known(after, case.world.property)
    event = "changed" if after.active == before.active else "reactivated" if after.active else "deactivated"
    drafts = [_draft(case, event, after, seq)]
    return drafts if after.active else [*drafts, await all_ended(case, after.id)]


async def set_password(command: SetPassword, case: Case) -> list[Draft]:
    own = case.actor.kind == "staff" and case.actor.id == command.staff
    require(own or case.actor.manages, "a password is set by its owner or a manager")
    account, seq = await case.read.account(command.staff)
    after = replace(account, password_hash=command.password_hash)
    return [_draft(case, "password_set", after, seq), await all_ended(case, account.id, command.keep)]


async def remove_second_factor(command: RemoveSecondFactor, case: Case) -> list[Draft]:
    require(case.actor.manages, "a second factor is removed by a manager")
    account, seq = await case.read.account(command.staff)
    return [_draft(case, "totp_removed", replace(account, totp=None), seq), await all_ended(case, account.id)]


def _draft(case: Case, event: str, account: Account, seq: int) -> Draft:
    return case.draft(case.read.subject("staff", account.id), event, account.data(), seq)


def _require_known(account: Account, property: Property) -> None:
    """What an account names must be there, as in the property file. Raises :class:`BadRequest`."""
    floors = {space.floor for space in property.spaces.values()}
    named: Mapping[str, tuple[set[Any], set[Any]]] = {
        "role": ({account.role}, set(property.roles)),
        "department": ({account.department}, set(property.departments)),
        "shift": ({account.shift} - {None}, set(property.shifts)),
        "floors": (set(account.floors), floors),
        "languages": (set(account.languages), set(property.languages)),
        "name": (set(property.languages), {language for language, text in account.name.items() if text}),
    }
    for what, (given, known) in named.items():
        if missing := given - known:
            raise BadRequest(f"{what}: {min(missing)!r} is not known here; expected of {', '.join(map(str, sorted(known)))}")
