"""For whom each route is. A new one without a line here fails ``test_every_route.py``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from fastapi import FastAPI

ORDER = {"intent": "request.items", "slots": {"items": [{"item": "towel"}]}, "words": "毛巾", "lang": "zh"}
ACCOUNT = {"id": "mei", "name": {"zh": "小美", "en": "Mei"}, "role": "attendant", "department": "housekeeping"}


@dataclass(frozen=True)
class Rule:
    """``whose``: ``anyone`` needs no token, ``guests`` may come for what is theirs, ``staff`` only staff. ``body``, ``query``: a
    request that is well made. ``id``: what ``{id}`` in the path is."""

    whose: Literal["anyone", "guests", "staff"]
    body: Any = None
    query: Mapping[str, str] = field(default_factory=dict)
    id: str = ""


def anyone() -> Rule:
    return Rule("anyone")


def guests(body: Any = None, id: str = "", **query: str) -> Rule:
    return Rule("guests", body, query, id)


def staff(body: Any = None, id: str = "", **query: str) -> Rule:
    return Rule("staff", body, query, id)


RULES: Mapping[str, Rule] = {
    "GET /": anyone(),
    "GET /room": anyone(),
    "GET /staff": anyone(),
    "GET /worker.js": anyone(),
    "GET /docs": anyone(),
    "MOUNT /static": anyone(),
    "GET /openapi.json": anyone(),
    "GET /asyncapi.json": anyone(),
    "GET /healthz": anyone(),
    "GET /readyz": anyone(),
    "GET /metrics": anyone(),
    "GET /v1/property": anyone(),
    "POST /v1/login": anyone(),
    "GET /v1/login/oidc": anyone(),
    "GET /v1/login/oidc/callback": anyone(),
    "POST /v1/room-token": anyone(),
    "WEBSOCKET /v1/socket": anyone(),  # its first frame has the token: see the tests of the socket below
    "GET /v1/me": guests(),
    "POST /v1/me/password": staff({"old": "a", "new": "three blind mice"}),
    "POST /v1/me/totp": staff(),
    "POST /v1/me/totp/confirm": staff({"code": "123456"}),
    "POST /v1/me/duty": staff({"on": True}),
    "GET /v1/rota": staff(),
    "GET /v1/staff": staff(),
    "POST /v1/staff": staff(ACCOUNT),
    "POST /v1/staff/{id}": staff({"role": "manager"}, id="person"),
    "POST /v1/staff/{id}/password": staff({"password": "three blind mice"}, id="person"),
    "DELETE /v1/staff/{id}/totp": staff(id="person"),
    "GET /v1/push/key": staff(),
    "POST /v1/push/subscriptions": staff({"endpoint": "https://push.example.com/1", "keys": {"p256dh": "A", "auth": "A"}}),
    "DELETE /v1/push/subscriptions/{id}": staff(id="person"),
    "GET /v1/sessions": staff(),
    "DELETE /v1/sessions": staff(),
    "DELETE /v1/sessions/{id}": staff(id="session"),
    "GET /v1/audit": staff(),
    "POST /v1/stays": staff({"space": "303", "language": "zh"}),
    "POST /v1/stays/{stay}/check-out": staff(),
    "POST /v1/orders": guests({**ORDER, "space": "302"}),
    "GET /v1/orders": guests(space="302"),
    "POST /v1/orders/{order}/accept": staff(),
    "POST /v1/orders/{order}/decline": staff(),
    "POST /v1/orders/{order}/start": staff(),
    "POST /v1/orders/{order}/done": staff(),
    "POST /v1/orders/{order}/assign": staff({"to": "li_na"}),
    "POST /v1/orders/{order}/note": staff({"text": "x"}),
    "POST /v1/orders/{order}/rate": guests({"rating": 5}),
    "POST /v1/orders/{order}/cancel": guests(),
    "POST /v1/orders/{order}/remind": guests(),
    "POST /v1/orders/{order}/photo": guests({"hash": "0" * 64}),
    "GET /v1/board": staff(),
    "POST /v1/spaces/{space}/status": staff({"status": "clean"}),
    "GET /v1/devices/{space}": guests(),
    "POST /v1/devices/{space}/{device}/set": guests({"power": "on"}),
    "POST /v1/incidents": guests({"kind": "smoke", "words": "烟", "certainty": 1.0, "space": "302"}),
    "GET /v1/incidents": staff(),
    "POST /v1/incidents/{incident}/ack": staff(),
    "POST /v1/incidents/{incident}/clear": staff(),
    "GET /v1/figures": staff(),
    "POST /v1/calls": guests(),  # whose room it is comes from the token; test_http.py calls
    "DELETE /v1/calls/{id}": guests(id="call"),
    "GET /v1/conversations": guests(),
    "POST /v1/conversations": staff({"name": "三楼", "members": ["li_na"]}),
    "POST /v1/conversations/{id}/join": staff({"members": ["li_na"]}, id="group"),
    "POST /v1/conversations/{id}/leave": staff(id="group"),
    "POST /v1/conversations/{id}/name": staff({"name": "x"}, id="group"),
    "GET /v1/conversations/{id}/messages": guests(id="conversation"),
    "POST /v1/conversations/{id}/messages": guests({"text": "你好"}, id="conversation"),
    "POST /v1/conversations/{id}/messages/{message}/edit": guests({"text": "x"}, id="conversation"),
    "POST /v1/conversations/{id}/messages/{message}/withdraw": guests(id="conversation"),
    "GET /v1/search": guests(q="secret"),
    "POST /v1/files": guests(),  # seen by nobody until a message refers to it; test_files.py sends some
    "GET /v1/files/{hash}": guests(),
}


def routes(app: FastAPI) -> Iterator[str]:
    """``METHOD path`` of each route of the application, those of routers in routers too."""
    for route in _flat(app.routes):
        methods = getattr(route, "methods", None) or {"Mount": {"MOUNT"}}.get(type(route).__name__, {"WEBSOCKET"})
        yield from (f"{method} {route.path}" for method in methods - {"HEAD"})


def _flat(routes: list[Any]) -> Iterator[Any]:
    for route in routes:
        inside = getattr(route, "original_router", None)
        if inside is None:
            yield route
        else:
            yield from _flat(inside.routes)
