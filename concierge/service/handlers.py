"""The index of what the service does: a command → its handler, at the foot of this file.

A handler reads what stands on the log and decides: it returns drafts and has no effects. :class:`Service` appends
them, once, however often the command comes.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import Any, TypeVar, cast

from concierge.domain.errors import BadRequest, Conflict, DomainError, Forbidden, Unavailable
from concierge.domain.event import Draft, Entry, command_id
from concierge.domain.people import Actor
from concierge.domain.stay import Stay
from concierge.service import commands as c
from concierge.service import duty, groups, incidents, naming, orders, people, push, sessions, spaces, stays, talk, timers
from concierge.service.case import Case
from concierge.service.ports import World
from concierge.service.reading import Reading

R = TypeVar("R")
Decide = Callable[[Any, Case], Awaitable[list[Draft]]]
MAX_CLIENT_ID = 200
_USED = "this client id was used for another request; take a new one for each"
ATTEMPTS = 8
"""How often a decision is made anew when somebody else was faster. Each loss means that another command won."""


class Service:
    """Carries out commands for actors. ``client_id``: the sender's own, the same for a repeat of the same command."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._written = 0
        """The last sequence of an order or an account that this process wrote: what a fair share of work is counted from."""

    async def do(self, command: c.Command[R], actor: Actor, client_id: str) -> R:
        """The answer, durable on the log; a repeat gets the first one.

        Raises :class:`~concierge.domain.errors.DomainError`: what is wrong with the command, or
        :class:`~concierge.domain.errors.Unavailable`.
        """
        if not 0 < len(client_id) <= MAX_CLIENT_ID:
            raise BadRequest(f"a client id has 1 to {MAX_CLIENT_ID} characters")
        key = command_id(actor.who, client_id)
        if actor.kind == "guest":
            await self._require_open_stay(actor)
        if type(command) in ACTS:
            return cast(R, await ACTS[type(command)](command, self._case(actor, key)))
        entry = await self._first(command, key) or await self._decide(command, actor, key)
        return cast(R, ANSWERS.get(type(command), _entry)(self.world, entry))

    @property
    def reading(self) -> Reading:
        """What stands on the log now."""
        return Reading(self.world)

    async def open_stay(self, space: str) -> Stay | None:
        """Who is in the space now, straight from the log. Raises :class:`~concierge.domain.errors.NotFound`."""
        return await Reading(self.world).open_stay(space)

    def room_code(self, stay: str) -> str:
        """The stay's room code, to be printed again."""
        return naming.room_code(self.world.secret, stay)

    async def _decide(self, command: c.Command[Any], actor: Actor, key: str) -> Entry | None:
        for _ in range(ATTEMPTS):
            case = self._case(actor, key)
            try:
                drafts = await DECIDES[type(command)](command, case)
            except DomainError:
                # What stands in the way may be this very command, done a moment ago and not yet in the view.
                if first := await self._first(command, key, case.read.seen):
                    return first
                raise
            if not drafts:
                return None
            numbered = [replace(draft, number=number) for number, draft in enumerate(drafts)]
            try:
                entries = await self.world.log.append(*numbered)
            except Conflict:
                if first := await self._first(command, key, case.read.seen):  # it was this very command that came first
                    return first
                continue
            entry = [entry for entry in entries if entry.subject == drafts[0].subject][-1]
            if not _answers(entry, command):  # the log knew this client id before the view did
                raise BadRequest(_USED)
            if entry.subject.split(".")[2] in ("order", "staff"):
                self._written = max(self._written, entries[-1].seq)
            return entry
        raise Conflict

    async def _first(self, command: c.Command[Any], key: str, seen: int = 0) -> Entry | None:
        """The entry that answered this command before, if it came before; ``seen``: let the view get there first."""
        if seen:
            try:
                await self.world.views.caught_up(seen)
            except Unavailable:
                return None
        places = await self.world.views.find_command(key)
        if not places:
            return None
        where = places[0][1]
        seq = max(seq for seq, subject in places if subject == where)
        async with aclosing(self.world.log.read(where, since=seq - 1)) as entries:
            entry = await anext(entries, None)
        if entry and not _answers(entry, command):
            raise BadRequest(_USED)
        return entry

    async def _require_open_stay(self, actor: Actor) -> None:
        stay, _ = await Reading(self.world).stay(actor.stay)
        if stay.state != "open" or stay.space != actor.space:
            raise Forbidden("your stay has ended")

    def _case(self, actor: Actor, key: str) -> Case:
        return Case(self.world, Reading(self.world, self._written), actor, key, self.world.clock())


def _answers(entry: Entry, command: c.Command[Any]) -> bool:
    """Whether the entry is what this command leaves, on the entity that it names."""
    named = getattr(command, "order", None) or getattr(command, "incident", None) or getattr(command, "staff", None)
    return entry.event in (command.event, *command.or_event) and named in (None, entry.data.get("id"))


def _entry(_: World, entry: Entry | None) -> Entry | None:
    return entry


DECIDES: Mapping[type[c.Command[Any]], Decide] = {
    c.CheckIn: stays.check_in,
    c.CheckOut: stays.check_out,
    c.Say: talk.say,
    c.EditMessage: talk.edit,
    c.WithdrawMessage: talk.withdraw,
    c.MarkRead: talk.mark_read,
    c.MakeGroup: groups.make,
    c.JoinGroup: groups.join,
    c.LeaveGroup: groups.leave,
    c.NameGroup: groups.name,
    c.RecordTurn: talk.record_turn,
    c.PlaceOrder: orders.place,
    c.AcceptOrder: orders.stepping("accept"),
    c.DeclineOrder: orders.decline,
    c.StartOrder: orders.stepping("start"),
    c.DoneOrder: orders.stepping("done"),
    c.CancelOrder: orders.stepping("cancel"),
    c.ChangeOrder: orders.change,
    c.RateOrder: orders.rate,
    c.NoteOrder: orders.note,
    c.AssignOrder: orders.assign,
    c.RemindOrder: orders.remind,
    c.PhotoOrder: orders.photo,
    c.DispatchOrder: timers.dispatch,
    c.EscalateOrder: timers.escalate,
    c.CloseOrder: timers.close,
    c.SetDuty: duty.set_duty,
    c.AddStaff: people.add,
    c.ChangeStaff: people.change,
    c.SetPassword: people.set_password,
    c.OfferSecondFactor: sessions.offer,
    c.ConfirmSecondFactor: sessions.confirm,
    c.RemoveSecondFactor: people.remove_second_factor,
    c.StartSession: sessions.start,
    c.EndSession: sessions.end,
    c.Subscribe: push.subscribe,
    c.Unsubscribe: push.unsubscribe,
    c.SetSpaceStatus: spaces.set_status,
    c.SetDoNotDisturb: spaces.set_do_not_disturb,
    c.RecordDeviceState: spaces.record_device_state,
    c.RaiseIncident: incidents.raise_incident,
    c.AckIncident: incidents.ack,
    c.ClearIncident: incidents.clear,
}
"""What changes the log: command → drafts."""

ACTS: Mapping[type[c.Command[Any]], Callable[[Any, Case], Awaitable[Any]]] = {
    c.SetDevice: spaces.set_device,
}
"""What changes the world: command → answer."""

ANSWERS: Mapping[type[c.Command[Any]], Callable[[World, Any], Any]] = {
    c.CheckIn: stays.checked_in,
    c.ConfirmSecondFactor: sessions.recovery_codes,
}
"""Answers that are more than the entry."""
