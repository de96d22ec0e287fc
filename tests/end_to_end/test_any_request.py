"""Whatever is asked of any route that the OpenAPI document names, by whomever: no 5xx, and errors are problem+json (schemathesis)."""

from __future__ import annotations

import asyncio

import hypothesis
import pytest
import schemathesis
from hotel_process import Hotel

pytestmark = pytest.mark.timeout(900)
EXAMPLES = 8
"""Each is asked by nobody, by a guest and by a manager; there are some 80 operations."""
GENTLY = hypothesis.settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
    phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
)


@schemathesis.serializer("application/sdp")
def sdp(_: object, value: object) -> bytes:
    return str(value).encode()


def test_no_request_breaks_the_service(hotel: Hotel) -> None:
    schema = schemathesis.openapi.from_url(f"{hotel.url}/openapi.json")
    room = asyncio.run(hotel.room_token("308"))
    asked = 0

    def ask(case: schemathesis.Case) -> None:
        nonlocal asked
        # Made for each request: a manager's token of before all sessions were ended is void.
        for token in (None, room, asyncio.run(hotel.staff_token())):
            headers = {"Authorization": f"Bearer {token}"} if token else {}
            answer = case.call(headers=headers, timeout=30, allow_redirects=False)
            asked += 1
            if answer.status_code == 503 and answer.headers.get("Retry-After"):
                continue  # busy: said, with when to come again
            assert answer.status_code < 500, case.as_curl_command() + "\n" + answer.text
            if answer.status_code >= 400:
                assert answer.headers["content-type"][0].startswith("application/problem+json"), answer.text

    broken = []
    for found in schema.get_all_operations():
        operation = found.ok()
        try:
            GENTLY(hypothesis.given(operation.as_strategy())(ask))()
        except AssertionError as error:
            broken.append(f"{operation.label}: {error}")
    assert not broken, "\n\n".join(broken)
    assert asked > 1000
