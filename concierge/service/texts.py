"""The service's own words to guests: ``concierge/texts/order_<lang>.yaml``, read like code, changed like data."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from typing import Any

import yaml

from concierge.domain.hotel import Property
from concierge.domain.order import Order
from concierge.service.ports import Texts

LANGUAGES = ("zh", "en")


class Phrases:
    """``phrases("order.accepted", "zh", name="李娜", what="毛巾")``."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        self._tables = tables

    @classmethod
    def load(cls, stem: str = "order") -> Phrases:
        folder = files("concierge") / "texts"
        return cls({lang: yaml.safe_load((folder / f"{stem}_{lang}.yaml").read_text("utf-8")) for lang in LANGUAGES})

    def __call__(self, key: str, lang: str, **values: object) -> str:
        """Raises :class:`KeyError` for a key that no table has: that is our own mistake."""
        table = self._tables.get(lang, self._tables["en"])
        return table[key].format(**values)


def summary(order: Order, property: Property, texts: Texts, lang: str) -> str:
    """What an order is about, in a few words of ``lang``: ``towel × 2, charger``, ``维修空调``."""
    match order.intent:
        case "request.items":
            lines = [(_word(property.items, line["item"], lang), line) for line in order.slots["items"]]
        case "order.food":
            lines = [(_word(property.dishes, line["dish"], lang), line) for line in order.slots["dishes"]]
        case "request.repair":
            return texts(order.intent, lang, asset=texts(f"asset.{order.slots.get('asset', 'other')}", lang))
        case _:
            return texts(order.intent, lang)
    counted = [name if (n := line.get("quantity", 1)) == 1 else f"{name} × {n}" for name, line in lines]
    return texts("joint", lang).join(counted)


def staff_name(name: Mapping[str, str] | None, texts: Texts, lang: str) -> str:
    return _name(name, lang) if name else texts("colleague", lang)


def _word(things: Mapping[str, Any], token: str, lang: str) -> str:
    return _name(things[token].name, lang) if token in things else token


def _name(name: Mapping[str, str], lang: str) -> str:
    return name.get(lang) or next(iter(name.values()))
