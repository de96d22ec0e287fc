"""``make diagrams``: writes the state tables' Mermaid diagrams into ARCHITECTURE.md, between their markers."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from concierge.domain import order, room
from media import turn

PAGE = Path(__file__).resolve().parent.parent / "ARCHITECTURE.md"
DIAGRAMS: Mapping[str, Callable[[], str]] = {"turn": turn.diagram, "order": order.diagram, "room": room.diagram}


def renewed(page: str) -> str:
    """The page with every diagram as its table is now. Raises ValueError for a diagram that has no place in it."""
    for name, draw in DIAGRAMS.items():
        place = re.compile(rf"(<!-- diagram {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        block = f"```mermaid\n{draw().strip()}\n```\n"
        page, count = place.subn(lambda found, block=block: found[1] + block + found[2], page)  # type: ignore[misc]
        if count != 1:
            raise ValueError(f"{PAGE.name} has {count} places for the diagram {name}, expected 1")
    return page


def main() -> int:
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
