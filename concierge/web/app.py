"""The web application: :func:`create_app` puts the routes on one house."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from typing import Any
from weakref import WeakValueDictionary

from fastapi import APIRouter, FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from concierge.web import (
    asyncapi,
    audit,
    board,
    calls,
    conversations,
    devices,
    figures,
    files,
    health,
    hotel,
    incidents,
    login,
    me,
    oidc,
    orders,
    pages,
    people,
    problem,
    push,
    rota,
    sessions,
    socket,
    stays,
)
from concierge.web.attempts import CODE_FAILURES, CODE_WINDOW_S, Attempts
from concierge.web.auth import Tokens, load_key
from concierge.web.company import Company
from concierge.web.house import House
from concierge.web.metrics import Metrics
from concierge.web.push_post import Poster
from concierge.web.push_post import load_key as load_push_key
from concierge.web.push_sender import Sender
from concierge.web.tail import Tail

ROUTES = (
    login, oidc, me, people, sessions, audit,
    hotel, stays, orders, board, devices, incidents, figures, calls, conversations, files, rota, push, socket, health, asyncapi,
)  # fmt: skip


SERVER: Mapping[str, Any] = {
    "ws_max_size": 1 << 20,
    # Compression would cost some 40 kB a socket, idle ones too, and each frame anew for each of those who share it.
    "ws_per_message_deflate": False,
    "ws_ping_interval": 20.0,
    "ws_ping_timeout": 20.0,
}
"""uvicorn's settings for the sockets. A dead peer is found by a ping that nobody answers."""


def create_app(house: House, *more: APIRouter) -> FastAPI:
    """The house must be open before the application starts and be closed after it has stopped.

    ``more``: routes that others than the web have, such as those that staff IMs call.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with Tail(house.log, house.property.id) as tail, Company(tail, house.log.live) as company:
            app.state.tail, app.state.company = tail, company
            poster = Poster(app.state.push_key, house.settings.push_contact, inside=house.settings.push_inside)
            pushing = asyncio.create_task(Sender(house, poster).run(tail), name="notifications")
            try:
                yield
            finally:
                await app.state.calls.close()
                pushing.cancel()
                await asyncio.wait({pushing})
                await poster.close()

    app = FastAPI(
        title="Concierge",
        version=version("concierge-voice"),
        description="Errors are problem+json (RFC 9457). A POST that changes something takes Idempotency-Key.",
        docs_url=None,  # its page would be fetched from a CDN; ours is static/docs.html
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.house = house
    app.state.metrics = metrics = Metrics()
    app.state.calls = calls.Calls(metrics)
    app.state.attempts = Attempts()
    app.state.code_attempts = Attempts(CODE_FAILURES, CODE_WINDOW_S)
    app.state.openid = None
    app.state.reading = WeakValueDictionary()
    app.state.uploads = Attempts(files.UPLOADS, files.WINDOW_S)
    app.state.push_key = load_push_key(house.settings.state)
    app.state.tokens = Tokens(load_key(house.settings.state), house.property.id)
    problem.install(app)
    for router in (*(module.router for module in ROUTES), *more):
        app.include_router(router)
    pages.install(app)
    app.add_middleware(pages.Headers)
    app.add_middleware(Timed, metrics=metrics)
    return app


class Timed:
    """Counts and times requests by route, not by path: a path holds ids."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            self._metrics.requests.labels(scope["method"], route, status).observe(time.perf_counter() - started)
