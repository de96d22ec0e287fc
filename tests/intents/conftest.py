from __future__ import annotations

import pytest

from intents import Understander
from intents.dialogue import Resolver


@pytest.fixture(scope="session")
def understander() -> Understander:
    return Understander.load()


@pytest.fixture(scope="session")
def resolver(understander: Understander) -> Resolver:
    return Resolver.load(understand=understander.understand)
