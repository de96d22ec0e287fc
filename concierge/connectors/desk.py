"""What a connector is given of the house, and where it looks up its secrets."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from concierge.connectors.callbacks import Afterwards
from concierge.connectors.cards import Card
from concierge.connectors.presses import Outcome, Press
from concierge.connectors.replays import Replays
from concierge.domain.event import Entry
from concierge.domain.hotel import StaffIm


class StaffImError(ValueError):
    """A staff IM that the property file configures cannot be used: a variable is not set, a package is not installed."""


@dataclass(frozen=True)
class Desk:
    """``press``: what a button does; ``draw``: (entry, chat) → the card as it should look in that chat; ``user``: staff id →
    the vendor's user id, where it is known."""

    press: Callable[[Press], Coroutine[Any, Any, Outcome]]
    draw: Callable[[Entry, str], Card]
    user: Callable[[str | None], str | None]
    says: Callable[[str], str]
    """A key of ``card_<lang>.yaml`` → its text in the vendor's language."""
    afterwards: Afterwards = field(default_factory=Afterwards)
    replays: Replays = field(default_factory=Replays)


def secret(config: StaffIm, key: str) -> str:
    """The value of the variable that ``config.options[key]`` names. Raises :class:`StaffImError`, naming the variable."""
    return variable(config.vendor, str(config.options[key]))


def variable(vendor: str, name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise StaffImError(f"[staff_im.{vendor}]: the environment variable {name} is not set")
    return value


def missing(vendor: str, error: ImportError) -> StaffImError:
    """The answer to an import that failed."""
    return StaffImError(
        f"[staff_im.{vendor}] needs packages that are not installed ({error}): pip install concierge-voice[staff-im]"
    )
