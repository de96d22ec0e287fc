"""Orders over HTTP: placed by a guest or for one, stepped by staff, rated by the guest."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from concierge.domain.event import Entry
from concierge.domain.order import guest_view
from concierge.domain.people import Actor
from concierge.service import commands as c
from concierge.web.house import House
from concierge.web.request import ActorOf, ClientId, HouseOf, require_language

router = APIRouter(prefix="/v1/orders", tags=["orders"])


class NewOrder(BaseModel):
    """``intent`` and ``slots`` as the catalogue has them (DESIGN 9). ``space``: for staff; a guest's is bound."""

    intent: str = Field(min_length=1, max_length=64)
    slots: dict[str, Any] = Field(default_factory=dict)
    words: str = Field("", max_length=2000)
    lang: str | None = None
    space: str | None = None
    priority: Literal["normal", "vip", "emergency"] | None = Field(None, description="the desk's to give")


class Assignee(BaseModel):
    """A staff id; null: the department as a whole."""

    to: str | None = Field(max_length=64)


class Photo(BaseModel):
    hash: str = Field(pattern="^[0-9a-f]{64}$", description="of a file, as POST /v1/files answers")


class Reminder(BaseModel):
    text: str = Field("", max_length=1000)


class Reason(BaseModel):
    reason: str = ""


class Rating(BaseModel):
    rating: int = Field(ge=1, le=5)
    comment: str = ""


class Note(BaseModel):
    text: str = Field(min_length=1)


@router.post("", status_code=201)
async def place(body: NewOrder, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """Puts a request on the log and with the department that carries it out."""
    require_language(house, body.lang)
    lang = body.lang or await _language(house, actor, body.space)
    command = c.PlaceOrder(body.intent, body.slots, body.words, lang, body.space, priority=body.priority)
    return shown(await house.service.do(command, actor, client_id), actor)


@router.get("")
async def orders(
    house: HouseOf,
    actor: ActorOf,
    state: Annotated[Literal["open", "all"], Query(description="open: somebody still has to do something")] = "all",
    space: str | None = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[int | None, Query(ge=1, lt=2**63, description="`next` of the page before")] = None,
    assignee: Annotated[Literal["me"] | None, Query(description="the same as mine")] = None,
    mine: Annotated[bool, Query(description="for staff: held by me or dispatched to me")] = False,
) -> dict[str, Any]:
    """What the token may see, newest first. ``seq``: where a socket goes on from, with no gap."""
    end = await house.log.end()
    await house.views.caught_up(end)
    items, following = await house.views.orders(
        stay=actor.stay or None,
        department=None if actor.kind == "guest" or actor.leads else actor.department,
        space=space,
        worker=actor.id if (mine or assignee) and actor.kind == "staff" else None,
        open=True if state == "open" else None,
        before=before,
        limit=limit,
    )
    return {"items": [_view(data, actor) for data in items], "next": following, "seq": end}


@router.post("/{order}/accept")
async def accept(order: str, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    return shown(await house.service.do(c.AcceptOrder(order), actor, client_id), actor)


@router.post("/{order}/decline")
async def decline(order: str, house: HouseOf, actor: ActorOf, client_id: ClientId, body: Reason | None = None) -> dict[str, Any]:
    reason = body.reason if body else ""
    return shown(await house.service.do(c.DeclineOrder(order, reason), actor, client_id), actor)


@router.post("/{order}/start")
async def start(order: str, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    return shown(await house.service.do(c.StartOrder(order), actor, client_id), actor)


@router.post("/{order}/done")
async def done(order: str, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    return shown(await house.service.do(c.DoneOrder(order), actor, client_id), actor)


@router.post("/{order}/rate")
async def rate(order: str, body: Rating, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    return shown(await house.service.do(c.RateOrder(order, body.rating, body.comment), actor, client_id), actor)


@router.post("/{order}/cancel")
async def cancel(order: str, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    return shown(await house.service.do(c.CancelOrder(order), actor, client_id), actor)


@router.post("/{order}/assign")
async def assign(order: str, body: Assignee, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """To one of the department, in place of whoever has it; for the desk and managers."""
    return shown(await house.service.do(c.AssignOrder(order, body.to), actor, client_id), actor)


@router.post("/{order}/remind")
async def remind(order: str, house: HouseOf, actor: ActorOf, client_id: ClientId, body: Reminder | None = None) -> dict[str, Any]:
    """The guest asks again: staff see how often, the answer says how it stands."""
    return shown(await house.service.do(c.RemindOrder(order, body.text if body else ""), actor, client_id), actor)


@router.post("/{order}/photo")
async def photo(order: str, body: Photo, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    return shown(await house.service.do(c.PhotoOrder(order, body.hash), actor, client_id), actor)


@router.post("/{order}/note")
async def note(order: str, body: Note, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    return shown(await house.service.do(c.NoteOrder(order, body.text), actor, client_id), actor)


async def _language(house: House, actor: Actor, space: str | None) -> str:
    """That of the guest's stay; for staff, of the space."""
    if actor.kind == "guest":
        return (await house.service.reading.stay(actor.stay))[0].language
    spoken_in = house.property.spaces.get(space or "")
    return spoken_in.language if spoken_in else house.property.languages[0]


def shown(entry: Entry, actor: Actor) -> dict[str, Any]:
    """An order as its entry left it."""
    return _view(entry.data, actor) | {"seq": entry.seq}


def _view(data: Mapping[str, Any], actor: Actor) -> dict[str, Any]:
    return guest_view(data) if actor.kind == "guest" else dict(data)
