"""Who sees what of the log (DESIGN 6): one rule for the socket, the REST routes and the catch-up.

A subject is ``h.<property>.<kind>.…``; :func:`seen` is the only door between an entry and a client.
"""

from __future__ import annotations

from dataclasses import replace

from concierge.domain import account, conversation, order, room, stay
from concierge.domain.event import Entry
from concierge.domain.people import Actor

INTERNAL_EVENTS = frozenset({"noted", "declined", "escalated"})
"""Of an order: what staff do among themselves. Its state reaches the guest with the next event."""
EVERYWHERE = 2**63 - 1
"""No check-out yet: beyond any sequence."""


def guest_may_see(subject: str, seq: int, actor: Actor, until: int = EVERYWHERE) -> bool:
    """Own stay's subjects and own room's, from the check-in's sequence to the check-out's, both inclusive."""
    if actor.kind != "guest" or not actor.stay or not actor.since <= seq <= until:
        return False
    match subject.split(".")[2:]:
        case ["stay", owner] | ["order", owner, _] | ["turn", owner, _]:
            return owner == actor.stay
        case ["im", talk]:
            return talk == conversation.of_stay(actor.stay)
        case ["space", space] | ["device", space, _]:
            return space == actor.space
    return False


def staff_may_see(entry: Entry, actor: Actor) -> bool:
    """Everybody: where they take part, their department's orders, rooms, devices, incidents. The desk and managers: the
    house, but not what two people or a group talk of among themselves."""
    if actor.kind != "staff":
        return False
    match entry.subject.split(".")[2:]:
        case ["order", _, _]:
            return actor.serves(str(entry.data.get("department", "")))
        case ["im", talk]:
            return conversation.takes_part(actor, talk, entry.data.get("members", ()))
        case ["space", _] | ["device", _, _] | ["incident", _] | ["staff", _]:
            return True
        case ["stay", _] | ["turn", _, _]:
            return actor.leads
    # A group's members have what they need of it in its conversation; sessions, and where cards lie at other vendors, are for
    # the service alone; a kind that is new is seen by nobody until it stands above.
    return False


def guest_filters(property_id: str, actor: Actor) -> list[str]:
    """The subject filters that hold all that :func:`guest_may_see` can allow: what a catch-up reads."""
    h = f"h.{property_id}"
    return [
        f"{h}.stay.{actor.stay}",
        f"{h}.im.{conversation.of_stay(actor.stay)}",
        f"{h}.order.{actor.stay}.*",
        f"{h}.turn.{actor.stay}.*",
        f"{h}.space.{actor.space}",
        f"{h}.device.{actor.space}.*",
    ]


def seen(entry: Entry, actor: Actor, until: int = EVERYWHERE) -> Entry | None:
    """The entry as ``actor`` may see it; None if not at all."""
    if actor.kind == "guest":
        allowed = guest_may_see(entry.subject, entry.seq, actor, until)
    else:
        allowed = actor.kind == "service" or staff_may_see(entry, actor)
    if not allowed:
        return None
    kind = entry.subject.split(".")[2]
    if kind == "stay":
        return replace(entry, data=stay.guest_view(entry.data) if actor.kind == "guest" else stay.public_view(entry.data))
    if kind == "staff":
        return replace(entry, data=account.public_view(entry.data))
    if actor.kind == "guest" and kind == "order" and entry.event in INTERNAL_EVENTS:
        return None
    if actor.kind == "guest" and kind == "order":
        return replace(entry, data=order.guest_view(entry.data))
    if actor.kind == "guest" and kind == "space":
        return replace(entry, data=room.guest_view(entry.data))
    return entry
