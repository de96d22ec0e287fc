"""One of the staff as the log has them; the property file gives the first state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from concierge.domain.hotel import Staff
from concierge.domain.people import Actor, staff
from concierge.domain.second_factor import SecondFactor

_TUPLES = ("floors", "skills", "languages")
_PUBLIC = ("id", "name", "role", "department", "on_duty", "active")


@dataclass(frozen=True)
class Account:
    """``on_duty`` None: by the plan of ``shift``. ``password_hash`` "": no log-in by password. ``sso``: who they are at the
    OpenID provider (``sub``), once they have come from there."""

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
    totp: SecondFactor | None = None
    sso: str | None = None
    im: Mapping[str, str] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return staff(self.id, self.role, self.department, self.floors, self.shift or "")

    def data(self) -> dict[str, Any]:
        return {**asdict(self), **{name: list(getattr(self, name)) for name in _TUPLES}}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Account:
        known = {f.name: data[f.name] for f in fields(cls) if f.name in data}
        if totp := known.get("totp"):
            known["totp"] = SecondFactor(**{**totp, "spent": tuple(totp["spent"])})
        return cls(**{**known, **{name: tuple(known.get(name, ())) for name in _TUPLES}})

    @classmethod
    def first(cls, one: Staff) -> Account:
        """As the property file has them."""
        known = {f.name: getattr(one, f.name) for f in fields(cls) if hasattr(one, f.name)}
        return cls(**known)


def public_view(data: Mapping[str, Any]) -> dict[str, Any]:
    """What colleagues see."""
    return {key: data[key] for key in _PUBLIC if key in data}


def manager_view(data: Mapping[str, Any]) -> dict[str, Any]:
    """All but the secrets."""
    totp = data.get("totp") or {}
    return {
        **{key: value for key, value in data.items() if key not in ("password_hash", "totp", "sso")},
        "password": bool(data.get("password_hash")),
        "second_factor": totp.get("nonce") is not None,
        "sso": data.get("sso") is not None,
    }
