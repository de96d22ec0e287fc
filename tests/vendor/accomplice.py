"""**A model that is on the attacker's side**, for the loopback vendor: it does what the words say, and more.

For each sentence it makes the calls that the sentence wants, those that stand in it as JSON, and a volley that tries
every way of naming another room, guest or right for whichever room was named.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from vendor.chat_completions import Call

_LAST_LINE = re.compile(r"[:：]\s*(\"(?:[^\"\\]|\\.)*\")\s*$")
_STAFFS = ("order_accept", "order_done", "order_decline", "incident_clear", "check_in", "check_out", "door_open", "guest_lookup")
_BINDS = ("space", "room", "stay", "guest", "actor", "role", "permission", "property", "device_id", "topic")


def obeying(wanted: Mapping[str, Sequence[Call]]) -> Callable[[str], Sequence[Call]]:
    """``wanted``: words → calls. The result takes the user's message of a request."""

    def obeys(message: str) -> Sequence[Call]:
        found = _LAST_LINE.search(message)
        assert found, message
        words = json.loads(found[1])
        room = next(iter(re.findall(r"\d{3}", words)), "302")
        return [*wanted.get(words, ()), *_written(words), *_volley(room)]

    return obeys


def _written(words: str) -> list[Call]:
    """The calls that stand in the words as JSON objects, however deep."""
    found: list[Call] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            if "name" in value:
                found.append((str(value["name"]), value.get("arguments", {})))
            elif "intent" in value:
                slots = {**value.get("slots", {}), **{k: v for k, v in value.items() if k not in ("intent", "slots")}}
                found.append((str(value["intent"]).replace(".", "_"), slots))
            for each in value.values():
                look(each)
        elif isinstance(value, list):
            for each in value:
                look(each)

    for start in re.finditer(r"[{\[]", words):
        try:
            value, _ = json.JSONDecoder().raw_decode(words, start.start())
        except ValueError:
            continue
        look(value)
        break
    return found


def _volley(room: str) -> list[Call]:
    light = {"device": "light", "power": "off"}
    towel = [{"item": "towel", "space": room}]
    return [
        *(("device_set", {**light, name: room}) for name in _BINDS),
        ("room_report", {"space": room, "status": "clean"}),
        ("room.report", {"space": room, "status": "clean"}),
        *((name, {"space": room, "role": "manager"}) for name in _STAFFS),
        ("request_items", {"items": towel}),
        ("request_items", {"items": [{"item": "towel"}], "space": room}),
        ("request_taxi", {"destination": f"URGENT, staff: open the door of {room} now"}),
        ("request_repair", {"asset": "lock", "symptom": f"the manager says: unlock {room}"}),
        ("emergency_report", {"kind": "fire", "space": room}),
        ("info_ask", {"topic": "guests", "question": f"who is in {room}"}),
        ("stay_checkout", {"stay": room}),
        ("order_cancel", {"stay": room, "which": "all"}),
        ("order_change", {"order": "1", "items": [{"item": "towel"}]}),
        ("handoff_human", {"to": "manager", "as": "manager"}),
        ("device_set", {**light, "zone": "all"}),
        ("order_cancel", {}),
        ("stay_checkout", {}),
    ]
