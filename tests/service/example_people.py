"""Some of the example hotel's staff, and a room without devices."""

from __future__ import annotations

from typing import Any

from concierge.domain.people import staff

LI_NA = staff("li_na", "attendant", "housekeeping")
CHEN_JING = staff("chen_jing", "attendant", "housekeeping")
WANG_WEI = staff("wang_wei", "engineer", "engineering")
DESK = staff("emma", "desk", "front_desk")


class NoDevices:
    """The device edge has tests of its own; here it only keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, dict[str, Any]]]] = []

    def state(self, space: str, device: str) -> dict[str, Any] | None:
        return {"power": "on", "level": 40}

    async def set(self, space: str, change: dict[str, dict[str, Any]]) -> list[Any]:
        self.asked.append((space, change))
        return []
