"""A running hotel for the tests of this folder, and the demo's recordings to say to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hotel_process import Hotel, address, serve, stop

from concierge.demo.script import Line, load


@pytest.fixture(scope="module")
def hotel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hotel]:
    state = tmp_path_factory.mktemp("hotel")
    process = serve("--state", str(state), "--port", "0")
    try:
        yield Hotel(address(process), state, process)
        assert process.poll() is None, "the service ended by itself"
    finally:
        stop(process)


@pytest.fixture(scope="session")
def said() -> dict[str, Line]:
    """The demo's recordings by id."""
    return {line.id: line for line in load()}
