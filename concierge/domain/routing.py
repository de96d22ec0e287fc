"""Which requests become orders, whether their things exist here, and whose they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from concierge.domain.errors import BadRequest
from concierge.domain.hotel import Property

ORDERABLE = frozenset({
    "request.items", "request.cleaning", "request.repair", "request.laundry", "request.luggage", "request.taxi",
    "request.wakeup", "order.food", "stay.extend", "stay.late_checkout", "stay.checkout", "stay.bill",
    "stay.change_room", "stay.key", "handoff.human",
})  # fmt: skip
"""Intents that a person has to do something about. The rest is answered, set or stepped at once."""

LISTS = {"request.items": ("items", "item"), "order.food": ("dishes", "dish")}
MAX_WORDS = 2000
MAX_SLOTS = 8000
MAX_QUANTITY = 50


def check(property: Property, intent: str, slots: Mapping[str, Any], words: str) -> None:
    """Slots are untrusted, whoever filled them. Raises :class:`BadRequest` saying what was expected."""
    if intent not in ORDERABLE:
        raise BadRequest(f"intent {intent!r} makes no order; expected one of {', '.join(sorted(ORDERABLE))}")
    try:
        (words + json.dumps(slots, ensure_ascii=False, allow_nan=False)).encode()
    except ValueError as error:  # half a surrogate pair, a NaN: no JSON that others could read
        raise BadRequest(f"words and slots cannot be written down: {error}") from None
    if len(words) > MAX_WORDS or len(json.dumps(slots)) > MAX_SLOTS:
        raise BadRequest(f"too long: at most {MAX_WORDS} characters of words and {MAX_SLOTS} of slots are taken")
    if intent in LISTS:
        slot, name = LISTS[intent]
        known: Mapping[str, object] = property.items if slot == "items" else property.dishes
        lines = slots.get(slot)
        if not isinstance(lines, list) or not lines:
            raise BadRequest(f"{intent} needs {slot}: a list of {{{name}, quantity?}}")
        for line in lines:
            _check_line(line, slot, name, known)


def _check_line(line: object, slot: str, name: str, known: Mapping[str, object]) -> None:
    if not isinstance(line, Mapping) or not isinstance(thing := line.get(name), str) or thing not in known:
        raise BadRequest(f"{slot}: {line!r} is not one of this property's; expected a {name} it lists")
    quantity = line.get("quantity", 1)
    if not isinstance(quantity, int) or isinstance(quantity, bool) or not 1 <= quantity <= MAX_QUANTITY:
        raise BadRequest(f"{slot}: quantity {quantity!r}: expected a whole number from 1 to {MAX_QUANTITY}")


def department(property: Property, intent: str, slots: Mapping[str, Any]) -> str:
    """The department of the request: that of its items where they share one, else the route of the intent."""
    if intent == "request.items":
        owners = {property.items[line["item"]].department for line in slots["items"]}
        if len(owners) == 1:
            return owners.pop()
    return property.department_for(intent, detail(slots))


def detail(slots: Mapping[str, Any]) -> str | None:
    """What tells requests of one intent apart: the asset to be repaired, the person asked for."""
    found = slots.get("asset") or slots.get("to")
    return found if isinstance(found, str) else None
