"""The pages: plain HTML and ES modules, as they lie in ``static/``."""

from __future__ import annotations

import asyncio
import hashlib
import json
import mimetypes
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.responses import FileResponse, Response
from starlette.datastructures import MutableHeaders
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

STATIC = Path(__file__).parent / "static"
PAGES = {"/": "index.html", "/room": "room.html", "/staff": "staff.html", "/docs": "docs.html"}
OF_OTHERS = ("room", "call", "docs", "index", "worker")
"""Beginnings of the names of files that the staff page does without."""
mimetypes.add_type("application/manifest+json", ".webmanifest")

SECURITY = {
    # Lit puts styles into adopted sheets, which need no leave; 'unsafe-inline' is for style attributes alone.
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "connect-src 'self' ws: wss:; media-src 'self' blob:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Permissions-Policy": "microphone=(self)",
    "Referrer-Policy": "no-referrer",  # a room's code may stand in the address
    "X-Content-Type-Options": "nosniff",
}


def install(app: FastAPI) -> None:
    router = APIRouter(include_in_schema=False)
    for path, name in PAGES.items():
        router.add_api_route(path, _page(name), methods=["GET"])
    router.add_api_route("/worker.js", worker, methods=["GET"])
    app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")


def _page(name: str):  # type: ignore[no-untyped-def]
    async def page() -> FileResponse:
        return FileResponse(STATIC / name, media_type="text/html")

    return page


async def worker() -> Response:
    """The staff page's service worker, at the root because it may serve pages below its own address only. Its version follows
    from the files, so that a browser that asks finds out whether there are others."""
    return Response(await asyncio.to_thread(_worker), media_type="text/javascript")


def _worker() -> str:
    version, paths = hashlib.sha256(), ["/staff"]
    for file in sorted(STATIC.rglob("*")):
        if file.is_file() and not file.name.startswith(OF_OTHERS):
            version.update(file.read_bytes())
            if file.suffix != ".html":
                paths.append(f"/static/{file.relative_to(STATIC)}")
    script = (STATIC / "worker.js").read_text("utf-8")
    return f'const VERSION = "{version.hexdigest()[:16]}";\nconst SHELL = {json.dumps(paths)};\n{script}'


class Headers:
    """Puts the security headers on every answer, and has browsers ask again for pages, which are small."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store" if scope["path"].startswith("/v1/") else "no-cache")
            await send(message)

        await self._app(scope, receive, with_headers)
