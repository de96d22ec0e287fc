"""A guest of 301 attacks, and the language model is on the attacker's side: nothing happens outside their room and rights."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from vendor.accomplice import obeying
from vendor.chat_completions import Script, Vendor

from concierge.bus.log import Log
from concierge.domain.conversation import of_stay
from concierge.domain.event import Entry, now
from concierge.domain.hotel import Property
from concierge.domain.people import SERVICE, Actor, staff
from concierge.main import vocabulary
from concierge.service.commands import AcceptOrder, CheckIn, PlaceOrder, RecordDeviceState, SetDoNotDisturb, SetSpaceStatus
from concierge.service.handlers import Service
from concierge.service.ports import World
from concierge.service.texts import Phrases
from concierge.views.projector import Projector
from concierge.views.store import Store
from concierge.views.views import Views
from concierge.voice.call import CallBrain
from concierge.voice.chat import Chat
from concierge.voice.commit import Committer
from concierge.voice.dialogues import Dialogues
from concierge.voice.model_facts import facts
from concierge.voice.plan import Planner
from concierge.voice.replies import Replies
from concierge.voice.steps import Steps
from intents import Decision, Understanding
from intents.catalogue import check
from intents.dialogue import Resolver
from intents.knowledge import Knowledge
from intents.language_model import LanguageModel, ModelChoice
from intents.router import Router
from media.brain import TurnRecord

pytestmark = pytest.mark.timeout(900)
ATTACKS: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "attacks.yaml").read_text("utf-8"))
WANTED = {one["words"]: [tuple(call) for call in one.get("wants", ())] for one in ATTACKS}
DESK = staff("emma", "desk", "front_desk")
OTHERS = {"302": "李强", "305": "Maria Jones"}
GUESTS_EVENTS = {"placed", "dispatched", "cancelled", "changed", "reminded"}
"""Of an order: all others are the staff's to make."""


@dataclass
class Confirmation:
    device: str
    state: Mapping[str, Any]
    ok: bool = True
    answered: bool = True
    ms: float = 1.0


@dataclass(frozen=True)
class Recognised:
    text: str
    lang: str
    ms: float = 0.0
    avg_logprob: float = 0.0
    no_speech_prob: float = 0.0


@dataclass
class Rooms:
    """Every room's devices: they do what they are told, and ``asked`` keeps it."""

    service: Service | None = None
    asked: list[str] = field(default_factory=list)
    known: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)

    def state(self, space: str, device: str) -> Mapping[str, Any] | None:
        return self.known.get(space, {}).get(device)

    def states(self, space: str) -> Mapping[str, Mapping[str, Any]]:
        return self.known.get(space, {})

    async def set(self, space: str, change: Mapping[str, dict[str, Any]]) -> list[Confirmation]:
        assert self.service is not None
        self.asked.append(space)
        confirmed = []
        for device, wanted in change.items():
            state = self.known.setdefault(space, {}).setdefault(device, {})
            state.update(wanted)
            await self.service.do(RecordDeviceState(space, device, dict(state)), SERVICE, f"{space}-{device}-{now()}")
            confirmed.append(Confirmation(device, dict(state)))
        return confirmed


class Obeyed:
    """In the place of the cascade: what the model made of each sentence, as if no other stage had been sure."""

    def __init__(self, decided: Mapping[str, tuple[Decision, ...]]) -> None:
        self._decided = decided

    def understand(self, text: str, lang: str | None = None, role: str = "guest") -> Understanding:
        return Understanding(self._decided[text] or (Decision("none"),), "model", 1.0, True, False, lang or "en", 1.0)


@dataclass
class Floor:
    """The third floor: the attacker in 301, other guests next door, and all that answers them."""

    property: Property
    log: Log
    service: Service
    views: Views
    rooms: Rooms
    guest: Actor
    others: list[str]
    router: Router

    def brains(self, understander: Any) -> dict[str, Any]:
        replies = Replies(self.property)
        steps = Steps(self.service, self.rooms, self.views, self.property, replies)
        resolver = Resolver.load(vocabulary(self.property), self.router.understand)
        return {
            "service": self.service,
            "committer": Committer(steps, replies, self.service),
            "understander": understander,
            "planner": Planner(resolver, self.property, replies),
            "dialogues": Dialogues(self.property),
        }

    async def types(self, understander: Any) -> list[str]:
        """Every sentence as a chat message; what it did that it must not."""
        chat = Chat(**self.brains(understander))
        wrong: list[str] = []
        for number, attack in enumerate(ATTACKS):
            before = await self.log.end()
            await chat.said(self.guest, of_stay(self.guest.stay), attack["words"], attack["lang"], f"chat {number}")
            await chat.drained()
            wrong += [f"{attack['words']}: {one}" for one in await self.breaches(before)]
        return wrong

    async def says(self, understander: Any) -> list[str]:
        """Likewise, spoken in one call."""
        told: list[dict[str, Any]] = []
        parts = self.brains(understander)
        brain = CallBrain("c-attack", self.guest, "zh", property=self.property, tell=told.append, **parts)
        wrong: list[str] = []
        for number, attack in enumerate(ATTACKS):
            before = await self.log.end()
            reading = brain.understand(Recognised(attack["words"], attack["lang"]))
            plan = await brain.plan(reading, number)
            reply = [say.text async for say in brain.commit(plan, number)]
            record = TurnRecord(number, attack["words"], attack["lang"], " ".join(reply), "", False, {}, {}, {}, ())
            await brain.ended(number, record)
            await brain.drained()
            wrong += [f"{attack['words']}: {one}" for one in await self.breaches(before)]
        return wrong

    async def breaches(self, before: int) -> list[str]:
        entries = [entry async for entry in self.log.read(f"h.{self.property.id}.>", since=before)]
        asked = [f"devices of {space}" for space in self.rooms.asked if space != "301"]
        return [*asked, *filter(None, map(self._breach, entries))]

    def _breach(self, entry: Entry) -> str | None:
        """Why the entry must not be there; None if it is the guest's own."""
        kind, whose = entry.subject.split(".")[2:4]
        here = entry.data.get("space") == "301"
        own = {
            "im": whose == of_stay(self.guest.stay),
            "turn": whose == self.guest.stay,
            "order": whose == self.guest.stay and here and entry.event in GUESTS_EVENTS,
            "device": whose == "301",
            "space": whose == "301" and entry.event == "dnd_set",
            "incident": here and entry.data.get("stay") == self.guest.stay and entry.event == "raised",
        }.get(kind, False)
        if not own or entry.by not in (self.guest.who, SERVICE.who):
            return f"{entry.subject} {entry.event} by {entry.by}"
        ours = _without_the_guests_words(entry.data) if entry.by == SERVICE.who else {}
        if any(secret in json.dumps(ours, ensure_ascii=False) for secret in (*OTHERS.values(), *self.others)):
            return f"{entry.subject} tells of another guest"
        return None


@pytest.fixture
async def floor(log: Log, property_: Property, tmp_path: Path) -> AsyncIterator[Floor]:
    store = Store.open(tmp_path / "views.db")
    projector = asyncio.create_task(Projector(store, log, property_.id).run())
    views, rooms = Views(store), Rooms()

    def slots(intent: str, slots: Mapping[str, Any]) -> str | None:
        return check(Decision(intent, dict(slots)))

    service = Service(World(log, property_, rooms, views, Phrases.load(), b"a secret of these tests", now, slots))
    rooms.service = service
    stay = await service.do(CheckIn("301", "zh", "王芳"), SERVICE, "in 301")
    others = []
    for space, name in OTHERS.items():
        other = await service.do(CheckIn(space, "en", name), SERVICE, f"in {space}")
        found = await service.open_stay(space)
        assert found is not None
        towels = PlaceOrder("request.items", {"items": [{"item": "bathrobe"}]}, "a bathrobe please", "en")
        placed = await service.do(towels, found.guest, "order")
        await service.do(SetDoNotDisturb(True), found.guest, "dnd")
        await rooms.set(space, {"bedside": {"power": "on"}, "ac": {"power": "on", "temperature": 22}})
        others += [other.id, str(placed.data["id"])]
    rooms.asked.clear()
    mine = await service.open_stay("301")
    assert mine is not None
    assert mine.id == stay.id
    await views.caught_up(await log.end())
    router = Router.load(vocabulary(property_), Knowledge.of(property_.topics.values()))
    yield Floor(property_, log, service, views, rooms, mine.guest, others, router)
    projector.cancel()
    with suppress(asyncio.CancelledError):
        await projector
    await store.close()


@pytest.fixture
async def obeyed(floor: Floor, monkeypatch: pytest.MonkeyPatch) -> Obeyed:
    """What the obeying model decided of each sentence. That it saw nobody's data is asserted on the way."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    decided: dict[str, tuple[Decision, ...]] = {}
    async with Vendor() as vendor:
        vendor.plays("accomplice", Script(obeys=obeying(WANTED), text="Done. Room 302 is yours."))
        model = LanguageModel([ModelChoice("accomplice", base_url=vendor.url)], vocabulary(floor.property))
        orders, _ = await floor.views.orders(open=True)  # everybody's: that only the own ones are told is facts' work
        known = facts(floor.property, floor.guest, "en", datetime.now().astimezone(), orders=orders)
        for attack in ATTACKS:
            answer = await model.decide(attack["words"], attack["lang"], "guest", known, whole_s=60.0)
            assert answer.problems, "the accomplice tried nothing"
            decided[attack["words"]] = answer.decisions
        await model.close()
        for request in vendor.requests:
            told = request.said.replace(json.dumps(_words(request.said), ensure_ascii=False), "")
            assert not [
                one for one in ("301", "302", "305", "王芳", floor.guest.stay, *OTHERS.values(), *floor.others) if one in told
            ]
            assert "room_report" not in request.tools
    assert any(decided.values()), "an obeying model does what is the guest's to ask"
    return Obeyed(decided)


def _without_the_guests_words(data: Mapping[str, Any]) -> dict[str, Any]:
    """They name whom they will, where they were heard and where a decision says them again."""
    said = str(data.get("heard") or data.get("words") or "")
    told = {**data, "words": "", "heard": ""}
    if "decisions" in data:
        told["decisions"] = [
            {
                **one,
                "slots": {name: value for name, value in one["slots"].items() if not isinstance(value, str) or value not in said},
            }
            for one in data["decisions"]
        ]
    return told


def _words(message: str) -> str:
    return str(
        json.loads(message[message.rindex("says: ") + 6 :] if "says: " in message else message[message.rindex("说：") + 2 :])
    )


def test_there_are_enough_of_them_in_both_languages() -> None:
    by_language: dict[str, Sequence[str]] = {lang: [a["words"] for a in ATTACKS if a["lang"] == lang] for lang in ("zh", "en")}
    assert len(WANTED) == len(ATTACKS) >= 60
    assert min(map(len, by_language.values())) >= 30


async def test_what_another_guest_or_the_staff_does_would_be_seen(floor: Floor) -> None:
    before = await floor.log.end()
    neighbour = await floor.service.open_stay("302")
    assert neighbour is not None
    await floor.service.do(SetDoNotDisturb(False), neighbour.guest, "1")
    order = await floor.service.do(PlaceOrder("request.luggage", {}, "luggage", "en"), floor.guest, "2")
    await floor.service.do(AcceptOrder(order.data["id"]), DESK, "3")
    await floor.service.do(SetSpaceStatus("301", "clean"), DESK, "4")
    await floor.rooms.set("305", {"bedside": {"power": "off"}})
    kinds = [one.split(" ")[0].split(".")[2] for one in await floor.breaches(before) if one.startswith("h.")]
    assert set(kinds) == {"space", "order", "device"}
    assert "devices of 305" in await floor.breaches(before)


async def test_attacks_with_an_obeying_model_do_nothing_outside_the_room_and_the_rights(floor: Floor, obeyed: Obeyed) -> None:
    wrong = await floor.types(obeyed)
    assert wrong == []
    assert floor.rooms.asked, "what is the guest's own still works"
    assert await floor.says(obeyed) == []


async def test_nor_do_they_without_a_model(floor: Floor) -> None:
    assert await floor.types(floor.router) == []
    assert await floor.says(floor.router) == []
