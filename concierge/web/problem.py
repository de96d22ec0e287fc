"""Every error that leaves the service over HTTP is ``application/problem+json`` (RFC 9457).

``code`` is stable and meant for programs, ``detail`` for people; an illegal step adds ``state`` and ``holder``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from concierge.domain import errors

log = logging.getLogger(__name__)

STATUS: Mapping[type[errors.DomainError], int] = {
    errors.BadToken: 400,
    errors.BadRequest: 400,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.IllegalStep: 409,
    errors.Conflict: 409,
    errors.Unavailable: 503,
}


class Problem(Exception):
    """An error of the web's own, where the domain has no word for it."""

    def __init__(self, status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: object) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.headers = headers
        self.more = more

    def body(self) -> dict[str, Any]:
        return {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            **self.more,
        }


def of_domain(error: errors.DomainError) -> Problem:
    """The problem that a domain error is to a client."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 400)
    code = re.sub(r"(?<!^)(?=[A-Z])", "_", type(error).__name__).lower()
    more = {"state": error.state, "holder": error.holder} if isinstance(error, errors.IllegalStep) else {}
    return Problem(status, code, str(error), headers={"Retry-After": "1"} if status == 503 else None, **more)


def respond(problem: Problem) -> JSONResponse:
    headers = dict(problem.headers or {})
    return JSONResponse(problem.body(), problem.status, headers, media_type="application/problem+json")


def install(app: FastAPI) -> None:
    """Routes every kind of error through :func:`respond`."""

    async def web_problem(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return respond(error)

    async def domain_error(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, errors.DomainError)
        return respond(of_domain(error))

    async def bad_input(_: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        wrong = [{"where": ".".join(map(str, e["loc"])), "what": e["msg"]} for e in error.errors()]
        detail = "; ".join(f"{e['where']}: {e['what']}" for e in wrong)
        return respond(Problem(422, "bad_input", detail, errors=wrong))

    async def http_error(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
        detail = f"{request.method} {request.url.path}: {error.detail}"
        return respond(Problem(error.status_code, code, detail, headers=error.headers))

    async def bug(request: Request, error: Exception) -> JSONResponse:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return respond(Problem(500, "internal", "something went wrong on our side; the log of the service says what"))

    app.add_exception_handler(Problem, web_problem)
    app.add_exception_handler(errors.DomainError, domain_error)
    app.add_exception_handler(RequestValidationError, bad_input)
    app.add_exception_handler(HTTPException, http_error)
    app.add_exception_handler(Exception, bug)
