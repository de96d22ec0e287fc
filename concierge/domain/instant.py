"""Instants as the log writes them: ISO 8601, UTC, milliseconds, ``2026-11-20T17:02:41.123Z``."""

from __future__ import annotations

from datetime import UTC, datetime


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def instant(text: str) -> datetime:
    """Raises :class:`ValueError` if ``text`` is no instant with an offset."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no offset from UTC")
    return at.astimezone(UTC)


def seconds_between(start: str | None, end: str | None) -> float | None:
    """From one stamp to another; None where one of them is missing."""
    return (instant(end) - instant(start)).total_seconds() if start and end else None
