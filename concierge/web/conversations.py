"""Conversations over HTTP: where one takes part, what was said there, groups, search. Live, they come over the socket."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from concierge.domain import conversation as talks
from concierge.domain.event import Entry
from concierge.domain.hotel import Property
from concierge.domain.people import Actor, require
from concierge.service import commands as c
from concierge.web.frames import Message, StaffId
from concierge.web.house import House
from concierge.web.request import ActorOf, ClientId, HouseOf, require_language

router = APIRouter(prefix="/v1", tags=["conversations"])

Id = Annotated[str, Path(min_length=1, max_length=64)]
MessageSeq = Annotated[int, Path(ge=1, le=2**53, description="The message's seq")]
Before = Annotated[int | None, Query(ge=1, le=2**53, description="`next` of the page before")]
Limit = Annotated[int, Query(ge=1, le=200)]


class NewGroup(BaseModel):
    name: str = Field(min_length=1, max_length=80)
    members: list[StaffId] = Field(max_length=talks.MAX_MEMBERS)


class Words(BaseModel):
    text: str = Field(max_length=4000)


class Members(BaseModel):
    members: list[StaffId] = Field(min_length=1, max_length=talks.MAX_MEMBERS)


class Name(BaseModel):
    name: str = Field(min_length=1, max_length=80)


class Member(BaseModel):
    member: StaffId


@router.get("/conversations")
async def conversations(house: HouseOf, actor: ActorOf) -> dict[str, Any]:
    """Where one takes part, the latest first: ``id``, ``kind``, ``name`` and ``members`` (of a group), ``last`` (message),
    ``unread``, ``cursors`` (who has read up to where), and of a stay's its ``space`` and ``guest``. ``seq``: where a socket goes
    on from."""
    end = await _end(house)
    items = await house.views.talks.conversations(actor)
    known = {item["id"] for item in items}
    standing: dict[str, Any] = {"name": None, "members": [], "last": None, "unread": 0, "cursors": {}}
    items += [{"id": id, **standing} for id in _standing(house.property, actor) if id not in known]
    stays = await house.views.stays([stay for item in items if (stay := talks.stay_of(item["id"]))])
    return {
        "items": [{"kind": talks.split(item["id"])[0].rstrip("-"), **item, **_stay(stays, item["id"])} for item in items],
        "seq": end,
    }


@router.post("/conversations", status_code=201)
async def make_group(body: NewGroup, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """A group of staff; who makes it is in it."""
    return _group(await house.service.do(c.MakeGroup(body.name, tuple(body.members)), actor, client_id))


@router.post("/conversations/{id}/join")
async def join(id: Id, body: Members, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """Brings colleagues into a group of one's own."""
    return _group(await house.service.do(c.JoinGroup(_of_group(id), tuple(body.members)), actor, client_id))


@router.post("/conversations/{id}/leave")
async def leave(id: Id, house: HouseOf, actor: ActorOf, client_id: ClientId, body: Member | None = None) -> dict[str, Any]:
    """Oneself; or, for a member who leads, a colleague."""
    member = body.member if body else actor.id
    return _group(await house.service.do(c.LeaveGroup(_of_group(id), member), actor, client_id))


@router.post("/conversations/{id}/name")
async def name(id: Id, body: Name, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    return _group(await house.service.do(c.NameGroup(_of_group(id), body.name), actor, client_id))


@router.get("/conversations/{id}/messages")
async def messages(id: Id, house: HouseOf, actor: ActorOf, before: Before = None, limit: Limit = 50) -> dict[str, Any]:
    """What was said, newest first, as it stands now. ``seq``: where a socket goes on from."""
    if talks.split(id)[0] != talks.GROUP:  # of a group one sees what was said while one was in it
        require(talks.takes_part(actor, id), f"conversation {id!r} is not yours")
    end = await _end(house)
    items, following = await house.views.talks.messages(actor, id, before=before, limit=limit)
    return {"items": items, "next": following, "seq": end}


@router.post("/conversations/{id}/messages", status_code=201)
async def say(id: Id, body: Message, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    require_language(house, body.lang)
    return _told(await house.chat.said(actor, id, body.text, body.lang, client_id, **body.more(client_id)))


@router.post("/conversations/{id}/messages/{message}/edit")
async def edit(id: Id, message: MessageSeq, body: Words, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """By its author, within 24 hours."""
    return _told(await house.service.do(c.EditMessage(id, message, body.text), actor, client_id))


@router.post("/conversations/{id}/messages/{message}/withdraw")
async def withdraw(id: Id, message: MessageSeq, house: HouseOf, actor: ActorOf, client_id: ClientId) -> dict[str, Any]:
    """By its author. Nobody is shown the words from then on."""
    return _told(await house.service.do(c.WithdrawMessage(id, message), actor, client_id))


@router.get("/search")
async def search(
    house: HouseOf,
    actor: ActorOf,
    q: Annotated[str, Query(min_length=1, max_length=200)],
    conversation: Annotated[str | None, Query(max_length=64)] = None,
    before: Before = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """Messages that have every word of ``q``, newest first. Chinese is found by any part of it, simplified or traditional;
    English by its words in any form."""
    await _end(house)
    items, following = await house.views.talks.search(actor, q, conversation=conversation, before=before, limit=limit)
    return {"items": items, "next": following}


async def _end(house: House) -> int:
    end = await house.log.end()
    await house.views.caught_up(end)
    return end


def _standing(property: Property, actor: Actor) -> list[str]:
    """The conversations that are there before anything was said in them."""
    if actor.kind == "guest":
        return [talks.of_stay(actor.stay)]
    floors = sorted({space.floor for space in property.spaces.values()})
    every = [
        *map(talks.of_department, property.departments),
        *map(talks.of_floor, floors),
        *map(talks.of_shift, property.shifts),
    ]
    return [id for id in every if talks.takes_part(actor, id)]


def _stay(stays: dict[str, Any], id: str) -> dict[str, Any]:
    stay = stays.get(talks.stay_of(id) or "")
    return {"space": stay["space"], "guest": stay["name"], "open": stay["state"] == "open"} if stay else {}


def _of_group(id: str) -> str:
    kind, of = talks.split(id)
    require(kind == talks.GROUP, "only groups are joined, left and named")
    return of


def _group(entry: Entry) -> dict[str, Any]:
    return {**entry.data, "id": talks.GROUP + entry.data["id"], "seq": entry.seq}


def _told(entry: Entry) -> dict[str, Any]:
    return {**entry.data, "seq": entry.seq, "conversation": entry.subject.split(".")[3], "by": entry.by}
