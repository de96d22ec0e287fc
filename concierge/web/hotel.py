"""What anybody may know of the property: its name, its languages, what things are called. The pages' words come from here."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from fastapi import APIRouter, Request

from concierge.web.request import HouseOf, is_local

router = APIRouter(prefix="/v1/property", tags=["property"])

REQUESTS = ("request.", "stay.", "handoff.", "asset.")
"""Keys of ``concierge/texts/order_<lang>.yaml`` that say what a request is about."""


@router.get("")
async def describe(request: Request, house: HouseOf) -> dict[str, Any]:
    """``oidc``: staff may log in at ``/v1/login/oidc``. ``demo``, on the example hotel's own machine only: whom the pages offer
    to log in as."""
    hotel = house.property
    return {
        "id": hotel.id,
        "name": hotel.name,
        "languages": hotel.languages,
        "currency": hotel.currency,
        "departments": {department.id: department.name for department in hotel.departments.values()},
        "items": {item.token: item.name for item in hotel.items.values()},
        "dishes": {dish.id: dish.name for dish in hotel.dishes.values()},
        "words": {lang: _request_words(lang) for lang in hotel.languages},
        "ice_servers": house.settings.ice_servers,
        "oidc": hotel.oidc is not None,
        "push_to_talk": hasattr(house, "start_push_to_talk"),
        "demo": _demo(house) if hotel.demo and is_local(request) else None,
    }


def _demo(house: HouseOf) -> dict[str, Any]:
    rooms = [{"id": s.id, "floor": s.floor, "language": s.language} for s in house.property.spaces.values()]
    people = [{"id": p.id, "name": p.name, "role": p.role, "department": p.department} for p in house.property.staff.values()]
    return {"rooms": rooms, "staff": people}


@cache
def _request_words(lang: str) -> dict[str, str]:
    file = files("concierge") / "texts" / f"order_{lang}.yaml"
    if not file.is_file():
        return {}
    words: dict[str, str] = yaml.safe_load(file.read_text("utf-8"))
    return {key: text for key, text in words.items() if key.startswith(REQUESTS)}
