"""``GET /asyncapi.json``: the bus and the socket as AsyncAPI 3.0 has them, made from the code's own types.

A channel of the bus is a kind of subject; each of its messages is an event with the envelope of :mod:`concierge.bus.codec`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, NotRequired

from fastapi import APIRouter
from pydantic import TypeAdapter
from typing_extensions import TypedDict  # pydantic asks for it below Python 3.12

from concierge.bus.codec import VERSION
from concierge.domain.account import Account
from concierge.domain.conversation import Group
from concierge.domain.incident import Incident
from concierge.domain.order import EVENTS as STEPPED
from concierge.domain.order import Order
from concierge.domain.push import Subscriptions
from concierge.domain.room import Room
from concierge.domain.session import Sessions
from concierge.domain.stay import Stay
from concierge.web import frames

router = APIRouter(include_in_schema=False)


class Said(TypedDict):
    """A message of a conversation; what it is about (``order``, ``call``, ``turn``…) stands beside these."""

    text: str
    lang: str
    via: str
    kind: NotRequired[str]
    file: NotRequired[dict[str, Any]]
    transcript: NotRequired[str]
    card: NotRequired[dict[str, str]]
    mentions: NotRequired[list[str]]
    reply_to: NotRequired[int]


class Edited(TypedDict):
    message: int
    text: str


class Withdrawn(TypedDict):
    message: int


class Read(TypedDict):
    """Everything up to the message at ``seq`` has been read."""

    seq: int


class Members(TypedDict):
    """A group's name and members, after the event."""

    name: NotRequired[str]
    members: list[str]


class DeviceState(TypedDict):
    """``state``: as the device itself told it."""

    space: str
    device: str
    kind: str
    state: dict[str, Any]


class Turn(TypedDict):
    """A voice turn's words and time ledger, ms."""

    call: str


class Shown(TypedDict):
    order: str
    seq: int
    vendors: dict[str, dict[str, Any]]


class Reached(TypedDict):
    vendor: str
    seq: int


@dataclass(frozen=True)
class Kind:
    """``address``: what follows ``h.<property>.``; ``events``: each with the shape of its data."""

    address: str
    about: str
    events: Mapping[str, Any]


def _all(shape: Any, *events: str) -> dict[str, Any]:
    return dict.fromkeys(events, shape)


BUS: Mapping[str, Kind] = {
    "stay": Kind("stay.{stay}", "A guest's stay.", _all(Stay, "checked_in", "checked_out")),
    "im": Kind(
        "im.{conversation}",
        "A conversation: each message stands for itself.",
        {
            "said": Said,
            "edited": Edited,
            "withdrawn": Withdrawn,
            "read": Read,
            **_all(Members, "joined", "left", "named"),
        },
    ),
    "group": Kind("group.{group}", "A group that staff made.", _all(Group, "made", "joined", "left", "named")),
    "order": Kind(
        "order.{stay}.{order}",
        "A work or food order; `house` where there is no stay.",
        _all(Order, "placed", *STEPPED.values(), "noted", "changed", "reminded", "photographed", "late"),
    ),
    "turn": Kind("turn.{stay}.{call}", "A voice turn's words and time ledger.", {"turn": Turn}),
    "space": Kind(
        "space.{space}", "A room's status, guest and do-not-disturb.", _all(Room, "occupied", "vacated", "reported", "dnd_set")
    ),
    "device": Kind("device.{space}.{device}", "A device's confirmed state.", {"state": DeviceState}),
    "incident": Kind("incident.{incident}", "An alarm.", _all(Incident, "raised", "acknowledged", "cleared")),
    "staff": Kind(
        "staff.{staff}",
        "One of the staff. Secrets are in it: it leaves the service by no route.",
        _all(
            Account,
            *("added", "changed", "deactivated", "reactivated", "duty_set", "password_set"),
            *("totp_offered", "totp_confirmed", "code_used", "totp_removed"),
        ),
    ),
    "card": Kind(
        "card.{order}",
        "Which card shows an order at which vendor; `at-<vendor>`: up to which sequence it shows everything.",
        {"shown": Shown, "reached": Reached},
    ),
    "push": Kind(
        "push.{staff}",
        "Where one of the staff is notified, until the log-in ends that it came with.",
        _all(Subscriptions, "subscribed", "unsubscribed"),
    ),
    "session": Kind("session.{staff}", "The log-ins of one of the staff.", _all(Sessions, "logged_in", "logged_out")),
}
"""Every kind of subject on the log (DESIGN 2)."""

UP: Mapping[str, Any] = {
    "hello": frames.Hello, "send": frames.Send, "edit": frames.Edit, "withdraw": frames.Withdraw, "read": frames.Read,
    "got": frames.Got, "typing": frames.Typing, "voice": frames.Voice,
}  # fmt: skip
"""Frames of clients on ``/v1/socket``."""


@cache
def document() -> dict[str, Any]:
    schemas: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for kind, one in BUS.items():
        for event, shape in one.events.items():
            messages[f"{kind}.{event}"] = {"name": event, "payload": _envelope(event, _schema(shape, schemas))}
        names = ["property", *(part[1:-1] for part in one.address.split(".") if part.startswith("{"))]
        refs = {event: {"$ref": f"#/components/messages/{kind}.{event}"} for event in one.events}
        channels[kind] = {
            "address": "h.{property}." + one.address,
            "description": one.about,
            "parameters": {name: {"description": "1 to 64 letters, digits, - or _"} for name in names},
            "messages": refs,
            "servers": [{"$ref": "#/servers/bus"}],
        }
        operations[f"{kind}.append"] = {"action": "send", "channel": {"$ref": f"#/channels/{kind}"}}
    for name, shape in UP.items():
        schema = {
            "allOf": [_schema(shape, schemas), {"type": "object", "properties": {"type": {"const": name}}, "required": ["type"]}]
        }
        messages[f"socket.{name}"] = {"name": name, "payload": schema}
    channels["socket"] = {
        "address": "/v1/socket",
        "description": "Frames of clients; the service sends event, ack, ready, reset, typing, presence, delivered, error and pong.",
        "messages": {name: {"$ref": f"#/components/messages/socket.{name}"} for name in UP},
        "servers": [{"$ref": "#/servers/web"}],
    }
    operations["socket.take"] = {"action": "receive", "channel": {"$ref": "#/channels/socket"}}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Concierge",
            "version": version("concierge-voice"),
            "description": "One JetStream stream a property, one subject an entity; each message carries the entity's whole state.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "bus": {"host": "{broker}", "protocol": "nats", "variables": {"broker": {"default": "127.0.0.1:4222"}}},
            "web": {"host": "{service}", "protocol": "ws", "variables": {"service": {"default": "127.0.0.1:8080"}}},
        },
        "channels": channels,
        "operations": operations,
        "components": {"messages": messages, "schemas": schemas},
    }


@router.get("/asyncapi.json")
async def asyncapi() -> dict[str, Any]:
    return document()


def _envelope(event: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "v": {"const": VERSION},
            "event": {"const": event},
            "at": {"type": "string", "format": "date-time"},
            "by": {"type": "string", "description": "guest:<stay>, staff:<id> or service:<part>"},
            "command": {"type": "string", "description": "the id of the command that left it"},
            "data": data,
        },
        "required": ["v", "event", "at", "by", "command", "data"],
    }


def _schema(shape: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """A reference to the shape's schema, which is put among ``schemas`` with all that it names."""
    name = shape.__name__
    if name not in schemas:
        made = TypeAdapter(shape).json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(made.pop("$defs", {}))
        schemas[name] = made
    return {"$ref": f"#/components/schemas/{name}"}
