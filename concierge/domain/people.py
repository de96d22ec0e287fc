"""Who acts: a guest bound to a stay, one of the staff, or a part of the service itself (DESIGN 6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from concierge.domain.errors import Forbidden

LEADS = frozenset({"desk", "manager"})
"""Roles that look after the whole house: every department's orders, every stay's conversation."""


@dataclass(frozen=True)
class Actor:
    """Taken from the token, never from words or model output.

    A guest's ``id`` is the stay's; ``since`` is the sequence of its check-in: nothing before it is the guest's to see.
    ``floors``, ``shift``: of staff, whose conversations they take part in.
    """

    kind: Literal["guest", "staff", "service"]
    id: str
    role: str = ""
    department: str = ""
    stay: str = ""
    space: str = ""
    since: int = 0
    floors: tuple[int, ...] = ()
    shift: str = ""

    @property
    def who(self) -> str:
        """What the log's ``by`` says, and the sender that client ids belong to: ``staff:lin``."""
        return f"{self.kind}:{self.id}"

    @property
    def leads(self) -> bool:
        return self.kind == "service" or (self.kind == "staff" and self.role in LEADS)

    @property
    def manages(self) -> bool:
        """Accounts, others' sessions and the audit are theirs."""
        return self.kind == "service" or (self.kind == "staff" and self.role == "manager")

    def serves(self, department: str) -> bool:
        """Whether the orders of ``department`` are this actor's business."""
        return self.leads or (self.kind == "staff" and self.department == department)


def guest(stay: str, space: str, since: int = 0) -> Actor:
    return Actor("guest", stay, stay=stay, space=space, since=since)


def staff(id: str, role: str, department: str, floors: tuple[int, ...] = (), shift: str = "") -> Actor:
    return Actor("staff", id, role=role, department=department, floors=floors, shift=shift)


SERVICE = Actor("service", "concierge")


def require(allowed: bool, what: str) -> None:
    """Raises :class:`Forbidden` with what is missing, unless ``allowed``."""
    if not allowed:
        raise Forbidden(what)
