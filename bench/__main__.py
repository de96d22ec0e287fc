"""``python -m bench NAME [ARG …]``: run one benchmark; ``all`` runs each with its defaults. Each prints JSON."""

from __future__ import annotations

import importlib
import pkgutil
import sys

import bench


def names() -> list[str]:
    """The modules of this package that are benchmarks: those that have ``main`` and are no check."""
    return sorted(
        m.name for m in pkgutil.iter_modules(bench.__path__) if m.name not in {"__main__", "diagrams", "fleet", "wheel"}
    )


def main(argv: list[str]) -> int:
    known = names()
    if not argv or (argv[0] != "all" and argv[0] not in known):
        print(f"usage: python -m bench {{all|{'|'.join(known)}}} [ARG …]", file=sys.stderr)
        return 2
    if argv[0] == "all":
        return max(int(importlib.import_module(f"bench.{name}").main([])) for name in known)
    return int(importlib.import_module(f"bench.{argv[0]}").main(argv[1:]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
