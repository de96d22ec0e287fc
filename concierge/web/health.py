"""Whether the process lives, whether it serves, and its figures for Prometheus."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from concierge.web.problem import Problem, respond
from concierge.web.request import HouseOf

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, Any]:
    """The process answers."""
    return {"status": "alive"}


@router.get("/readyz")
async def readyz(house: HouseOf) -> JSONResponse:
    """Guests are served: 200; else 503 with what is missing."""
    missing = list(await house.unready())
    if missing:
        return respond(Problem(503, "not_ready", "; ".join(missing), headers={"Retry-After": "1"}, missing=missing))
    return JSONResponse({"status": "ready"})


@router.get("/metrics", response_class=Response)
async def metrics(request: Request) -> Response:
    request.app.state.metrics.log_position.set(request.app.state.tail.position)
    return Response(request.app.state.metrics.page(), media_type=CONTENT_TYPE_LATEST)
