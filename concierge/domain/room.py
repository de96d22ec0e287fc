"""A space's housekeeping status, who is in it, and whether it may be disturbed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from concierge.domain.errors import BadRequest, IllegalStep
from concierge.domain.instant import stamp

STATUSES: Mapping[str, frozenset[str]] = {
    "dirty": frozenset({"cleaning", "clean", "out_of_order"}),
    "cleaning": frozenset({"clean", "dirty", "out_of_order"}),
    "clean": frozenset({"inspected", "dirty", "cleaning", "out_of_order"}),
    "inspected": frozenset({"dirty", "clean", "cleaning", "out_of_order"}),
    "out_of_order": frozenset({"dirty", "clean"}),
}
"""Status → what may be reported next. Nothing is inspected before it is clean."""

INTERNAL = ("remark", "reported_by")


@dataclass(frozen=True)
class Room:
    """``stay``: the open stay in it. ``reported``: the stamp of the last status report, ``reported_by`` its sender."""

    id: str
    status: str = "clean"
    stay: str | None = None
    dnd: bool = False
    remark: str = ""
    reported: str = ""
    reported_by: str = ""

    def data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Room:
        return cls(**{f.name: data[f.name] for f in fields(cls) if f.name in data})


def occupied(room: Room, stay: str) -> Room:
    """Raises :class:`IllegalStep` naming the stay that is there."""
    if room.stay:
        message = f"{room.id} has an open stay, {room.stay}: check it out first"
        raise IllegalStep(message, state="open", holder=room.stay)
    return replace(room, stay=stay)


def vacated(room: Room) -> Room:
    """After a check-out: nobody's, to be cleaned, to be disturbed."""
    status = room.status if room.status == "out_of_order" else "dirty"
    return replace(room, stay=None, dnd=False, status=status)


def reported(room: Room, status: str, remark: str, by: str, at: datetime) -> Room:
    """Raises :class:`BadRequest` or :class:`IllegalStep`. The same status again is a report like any other."""
    if status not in STATUSES:
        raise BadRequest(f"status {status!r}: expected one of {', '.join(STATUSES)}")
    if status != room.status and status not in STATUSES[room.status]:
        raise IllegalStep(f"{room.id} is {room.status}: it cannot be {status} next", state=room.status)
    return replace(room, status=status, remark=remark, reported=stamp(at), reported_by=by)


def guest_view(data: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in data.items() if key not in INTERNAL}


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    return "\n".join(["stateDiagram-v2", *(f"    {a} --> {b}" for a, nexts in STATUSES.items() for b in sorted(nexts))])
