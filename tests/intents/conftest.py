from __future__ import annotations

import pytest

from intents import Understander
from intents.dialogue import Resolver
from intents.router import Router
from intents.understanding import Understands


@pytest.fixture(scope="session")
def understander() -> Understander:
    return Understander.load()


@pytest.fixture(scope="session")
def resolver(understander: Understander) -> Resolver:
    return Resolver.load(understand=understander.understand)


@pytest.fixture(scope="session")
def cascade() -> Router:
    return Router.load()


@pytest.fixture(params=["grammar", "cascade"])
def understood(request: pytest.FixtureRequest) -> tuple[Understands, Resolver]:
    """What takes a sentence by itself, the grammar alone and with all that follows it, and what takes it in its conversation."""
    if request.param == "grammar":
        return request.getfixturevalue("understander"), request.getfixturevalue("resolver")
    whole: Router = request.getfixturevalue("cascade")
    return whole, request.getfixturevalue("cascade_resolver")


@pytest.fixture(scope="session")
def cascade_resolver(cascade: Router) -> Resolver:
    return Resolver.load(understand=cascade.understand)
