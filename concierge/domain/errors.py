"""What can go wrong in the domain. An error's docstring is its default message."""

from __future__ import annotations


class DomainError(Exception):
    """The request cannot be carried out."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip())


class BadToken(DomainError):
    """A subject token holds a character that is not allowed."""


class BadRequest(DomainError):
    """A value of the request is not one that we know."""


class NotFound(DomainError):
    """There is no such thing here."""


class Forbidden(DomainError):
    """This is not yours to do."""


class WrongCode(Forbidden):
    """The code is wrong, or was used before."""


class IllegalStep(DomainError):
    """The entity's state does not allow this step. ``state`` and ``holder`` say how it stands."""

    def __init__(self, message: str, *, state: str, holder: str | None = None) -> None:
        super().__init__(message)
        self.state = state
        self.holder = holder


class Conflict(DomainError):
    """Somebody else changed it first: read again and decide again."""


class Unavailable(DomainError):
    """A part of the service that this needs is not answering."""
