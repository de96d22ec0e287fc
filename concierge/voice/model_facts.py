"""What a language model is told about a guest's turn, and which models may be asked. All that is not here it never sees."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from concierge.domain.hotel import Property
from concierge.domain.people import Actor
from concierge.settings import Settings
from intents.language_model import Facts, ModelChoice

KEY = "CONCIERGE_LLM_API_KEY"


def choices(property: Property, settings: Settings) -> tuple[ModelChoice, ...]:
    """The models in the order in which they are asked: the one of the environment, else those of the property file."""
    if settings.llm_model:
        key = KEY if os.environ.get(KEY) else None
        return (ModelChoice(settings.llm_model, base_url=settings.llm_base_url or None, api_key_env=key),)
    return tuple(ModelChoice(**asdict(model)) for model in property.language_models)


def facts(
    property: Property,
    actor: Actor,
    lang: str,
    at: datetime,
    turns: Sequence[tuple[str, str]] = (),
    orders: Sequence[Mapping[str, Any]] = (),
) -> Facts:
    """``turns``: ("guest" or "hotel", text) of this conversation. ``orders``: those of the actor's own stay, from the views.

    An order is told by what was asked for: its words, its room and who has it are left out.
    """
    here = property.spaces.get(actor.space)
    own = [order for order in orders if actor.stay and order.get("stay") == actor.stay]
    return Facts(
        time=at.astimezone(ZoneInfo(property.timezone)),
        hotel=property.name.get(lang) or next(iter(property.name.values())),
        devices=tuple((device.kind, device.zone) for device in here.devices.values()) if here else (),
        turns=tuple(turns),
        orders=tuple((_short(order), str(order["state"])) for order in own),
    )


def _short(order: Mapping[str, Any]) -> str:
    """``request.items: towel × 2``"""
    slots = order.get("slots") or {}
    wanted = slots.get("items") or slots.get("dishes") or ()
    things = [f"{one.get('item') or one.get('dish')} × {one.get('quantity', 1)}" for one in wanted]
    named = things or [str(slots[name]) for name in ("what", "asset", "time") if name in slots]
    return ": ".join(filter(None, [str(order["intent"]), ", ".join(named)]))
