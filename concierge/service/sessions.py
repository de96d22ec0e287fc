"""Log-ins and the second factor: begun by who showed the password, or came from the OpenID provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from concierge.domain.account import Account
from concierge.domain.errors import BadRequest, NotFound, WrongCode
from concierge.domain.event import Draft, Entry
from concierge.domain.people import require
from concierge.domain.second_factor import SecondFactor, taken
from concierge.service import naming
from concierge.service.case import Case
from concierge.service.commands import ConfirmSecondFactor, EndSession, OfferSecondFactor, StartSession
from concierge.service.ports import World


async def start(command: StartSession, case: Case) -> list[Draft]:
    """The session, and the code that was used, so that none is taken twice: together or not at all."""
    account, seq = await _own(case)
    require(account.active, f"{account.id!r} does not work here any more")
    before, place = await case.read.sessions(account.id)
    started = before.started(command.session)
    drafts = [case.draft(case.read.subject("session", account.id), "logged_in", started.data(), place)]
    if command.session.via == "password" and needs_code(case.world, account):
        factor = account.totp or SecondFactor()
        if factor.nonce:
            drafts.append(_factor(case, "code_used", account, seq, _taken(case, account, command.code)))
        else:
            drafts.append(_factor(case, "totp_confirmed", account, seq, _confirmed(case, account, command.code)))
    return drafts


async def end(command: EndSession, case: Case) -> list[Draft]:
    own = case.actor.kind == "staff" and case.actor.id == command.staff
    require(own or case.actor.manages, "sessions are ended by their owner or a manager")
    await case.read.account(command.staff)
    if command.session is None:
        return [await all_ended(case, command.staff)]
    before, seq = await case.read.sessions(command.staff)
    if all(one.id != command.session for one in before.open):
        raise NotFound("there is no such session; it may have ended already")
    return [case.draft(case.read.subject("session", before.id), "logged_out", before.ended(command.session).data(), seq)]


async def offer(command: OfferSecondFactor, case: Case) -> list[Draft]:
    account, seq = await _own(case)
    factor = account.totp or SecondFactor()
    if factor.nonce:
        factor = _taken(case, account, command.code)
    return [_factor(case, "totp_offered", account, seq, replace(factor, pending=case.key))]


async def confirm(command: ConfirmSecondFactor, case: Case) -> list[Draft]:
    account, seq = await _own(case)
    return [_factor(case, "totp_confirmed", account, seq, _confirmed(case, account, command.code))]


def needs_code(world: World, account: Account) -> bool:
    """Whether a log-in by password takes a code besides: they have a second factor, or must have one."""
    return bool(account.totp and account.totp.nonce) or account.role in world.property.second_factor


def recovery_codes(world: World, entry: Entry) -> Sequence[str]:
    """The answer to a confirmation: made again, they are not on the log."""
    account = Account.of(entry.data)
    assert account.totp is not None
    assert account.totp.nonce is not None
    return naming.recovery_codes(world.secret, account.id, account.totp.nonce)


async def all_ended(case: Case, staff: str, but: str | None = None) -> Draft:
    before, seq = await case.read.sessions(staff)
    after = before.ended_all(case.at, but)
    return case.draft(case.read.subject("session", staff), "logged_out", after.data(), seq)


async def _own(case: Case) -> tuple[Account, int]:
    require(case.actor.kind == "staff", "only staff log in")
    return await case.read.account(case.actor.id)


def _taken(case: Case, account: Account, code: str | None) -> SecondFactor:
    """The factor in force after its ``code``. Raises :class:`WrongCode`."""
    factor, secret = account.totp, case.world.secret
    assert factor is not None
    assert factor.nonce is not None
    recovery = naming.recovery_codes(secret, account.id, factor.nonce)
    after = taken(factor, naming.totp_secret(secret, account.id, factor.nonce), recovery, code or "", case.at)
    if after is None:
        raise WrongCode
    return after


def _confirmed(case: Case, account: Account, code: str | None) -> SecondFactor:
    """What is offered, in force by its ``code``. Raises :class:`WrongCode`."""
    pending = account.totp.pending if account.totp else None
    if pending is None:
        raise BadRequest("no second factor was offered: POST /v1/me/totp first")
    after = taken(SecondFactor(pending), naming.totp_secret(case.world.secret, account.id, pending), (), code or "", case.at)
    if after is None:
        raise WrongCode
    return after


def _factor(case: Case, event: str, account: Account, seq: int, factor: SecondFactor) -> Draft:
    return case.draft(case.read.subject("staff", account.id), event, replace(account, totp=factor).data(), seq)
