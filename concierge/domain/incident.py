"""An incident: an alarm that was said, pressed or sensed, until somebody answers for it and clears it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from concierge.domain.errors import BadRequest, IllegalStep
from concierge.domain.instant import stamp
from concierge.domain.people import Actor

STEPS: Mapping[str, Mapping[str, str]] = {
    "raised": {"ack": "acknowledged", "clear": "cleared"},
    "acknowledged": {"clear": "cleared"},
    "cleared": {},
}
EVENTS: Mapping[str, str] = {"ack": "acknowledged", "clear": "cleared"}
KINDS = frozenset({"fire", "smoke", "medical", "security", "water", "trapped", "unknown"})
OPEN = frozenset({"raised", "acknowledged"})


@dataclass(frozen=True)
class Incident:
    """``certainty`` 0–1: how sure we are that the words were meant. ``people``: event → who did it."""

    id: str
    kind: str
    words: str
    certainty: float
    space: str
    floor: int
    stay: str | None
    state: str = "raised"
    remark: str = ""
    people: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, str] = field(default_factory=dict)

    def data(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Incident:
        return cls(**{f.name: data[f.name] for f in fields(cls) if f.name in data})


def raised(incident: Incident, by: Actor, at: datetime) -> Incident:
    """As the first event on its subject. Raises :class:`BadRequest`."""
    if incident.kind not in KINDS:
        raise BadRequest(f"incident kind {incident.kind!r}: expected one of {', '.join(sorted(KINDS))}")
    if not 0 <= incident.certainty <= 1:
        raise BadRequest(f"certainty {incident.certainty}: expected 0 to 1")
    return replace(incident, people={"raised": by.who}, times={"raised": stamp(at)})


def step(incident: Incident, verb: str, by: Actor, at: datetime, remark: str = "") -> Incident:
    """Raises :class:`IllegalStep`; its holder is who answered first."""
    to = STEPS[incident.state].get(verb)
    if to is None:
        holder = incident.people.get(incident.state)
        raise IllegalStep(f"{verb}: incident {incident.id} is {incident.state}", state=incident.state, holder=holder)
    return replace(
        incident,
        state=to,
        remark=remark or incident.remark,
        people={**incident.people, EVENTS[verb]: by.who},
        times={**incident.times, EVENTS[verb]: stamp(at)},
    )
