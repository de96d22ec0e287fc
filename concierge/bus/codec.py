"""An event as bytes on the bus: JSON ``{"v":1,"event","at","by","command","data"}``, ``at`` in ISO 8601, UTC, milliseconds.

Its subject and sequence are the message's own. Stored bytes outlive code: a reader must take every ``v`` ever written.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from concierge.domain.event import Draft, Entry

VERSION = 1


class BadMessage(Exception):
    """A message of the stream is none of ours."""


def encode(draft: Draft) -> bytes:
    """Raises TypeError where ``data`` holds what JSON cannot, ValueError for a time without a zone or a NaN."""
    if draft.at.tzinfo is None:
        raise ValueError(f"{draft.event}: 'at' has no time zone")
    at = draft.at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    message = {
        "v": VERSION,
        "event": draft.event,
        "at": at,
        "by": draft.by,
        "command": draft.command,
        "data": dict(draft.data),
    }
    return json.dumps(message, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def decode(seq: int, subject: str, payload: bytes) -> Entry:
    """Raises :class:`BadMessage`."""
    try:
        message = json.loads(payload)
        if message["v"] != VERSION:
            raise BadMessage(f"{subject} at {seq}: version {message['v']!r}; expected {VERSION}: update this service")
        return Entry(
            seq=seq,
            subject=subject,
            event=message["event"],
            data=message["data"],
            by=message["by"],
            at=datetime.fromisoformat(message["at"]),
            command=message["command"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise BadMessage(f"{subject} at {seq}: not an event ({error!r})") from error
