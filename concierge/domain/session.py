"""The log-ins of one of the staff that are good still, whole on ``h.<property>.session.<staff>`` (docs/adr/0018)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from concierge.domain.instant import instant, stamp

MOST = 100
"""Sessions a person; the next log-in ends the oldest."""


@dataclass(frozen=True)
class Session:
    """``via``: password or oidc. ``address``, ``agent``: from where, as the request had it."""

    id: str
    at: str
    expires: str
    via: str
    address: str = ""
    agent: str = ""


@dataclass(frozen=True)
class Sessions:
    """``since``: tokens of no session (``concierge token``) that were made before are void."""

    id: str
    open: tuple[Session, ...] = ()
    since: str | None = None

    def started(self, session: Session) -> Sessions:
        running = [one for one in self.open if one.expires > session.at]
        return replace(self, open=(*running, session)[-MOST:])

    def ended(self, session: str) -> Sessions:
        return replace(self, open=tuple(one for one in self.open if one.id != session))

    def ended_all(self, at: datetime, but: str | None = None) -> Sessions:
        """Every token that was ever made is void, but those of the session ``but``."""
        return replace(self, open=tuple(one for one in self.open if one.id == but), since=stamp(at))

    def admits(self, session: str | None, made: datetime) -> bool:
        """Whether a token holds: of ``session`` or of none, made at ``made``."""
        if session is None:
            return self.since is None or made >= instant(self.since)
        return any(one.id == session for one in self.open)

    def data(self) -> dict[str, Any]:
        return {**asdict(self), "open": [asdict(one) for one in self.open]}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Sessions:
        return cls(data["id"], tuple(Session(**one) for one in data["open"]), data["since"])
