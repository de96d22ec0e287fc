"""One of the staff as the log has them; the property file gives the first state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from concierge.domain.hotel import Staff
from concierge.domain.people import Actor, staff

_TUPLES = ("floors", "skills", "languages")


@dataclass(frozen=True)
class Account:
    """``on_duty`` None: by the plan of ``shift``. ``sessions_from``: tokens made before this stamp are void."""

    id: str
    name: Mapping[str, str]
    role: str
    department: str
    floors: tuple[int, ...] = ()
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    shift: str | None = None
    on_duty: bool | None = None
    active: bool = True
    password_hash: str = field(default="", repr=False)
    totp: str | None = field(default=None, repr=False)
    sessions_from: str | None = None
    im: Mapping[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return staff(self.id, self.role, self.department)

    def data(self) -> dict[str, Any]:
        return {**asdict(self), **{name: list(getattr(self, name)) for name in _TUPLES}}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Account:
        known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        return cls(**{**known, **{name: tuple(known.get(name, ())) for name in _TUPLES}})

    @classmethod
    def first(cls, one: Staff) -> Account:
        """As the property file has them."""
        known = {f.name: getattr(one, f.name) for f in fields(cls) if hasattr(one, f.name)}
        return cls(**known)
