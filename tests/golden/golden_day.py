"""One small day in the example hotel, by the clock of a test: it leaves every kind of event on the log.

``python tests/golden/golden_day.py FOLDER`` writes the first message of each kind as the code has it now. A folder that was
released is never written again: what stands on hotels' logs does not change either.
"""

from __future__ import annotations

import asyncio
import io
import json
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
from PIL import Image

from concierge.bus.codec import encode
from concierge.bus.log import Log
from concierge.bus.server import Broker
from concierge.connectors.card_memory import CardMemory
from concierge.domain.event import Draft, Entry
from concierge.domain.hotel import Property
from concierge.domain.people import SERVICE, Actor, staff
from concierge.domain.push import Subscription
from concierge.domain.session import Session
from concierge.files import Files
from concierge.property import load
from concierge.service import commands as c
from concierge.service import naming
from concierge.service.handlers import Service
from concierge.service.ports import World
from concierge.service.texts import Phrases
from concierge.views.projector import Projector
from concierge.views.store import Store
from concierge.views.views import Views

LI_NA = staff("li_na", "attendant", "housekeeping")
CHEN_JING = staff("chen_jing", "attendant", "housekeeping")
DESK = staff("emma", "desk", "front_desk")
MANAGER = staff("lin_manager", "manager", "management")
SECRET = b"a secret of these tests"


class Clock:
    """It goes on by a minute at each look."""

    def __init__(self) -> None:
        self.at = datetime(2026, 11, 20, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.at += timedelta(minutes=1)
        return self.at


class NoDevices:
    def state(self, space: str, device: str) -> dict[str, Any]:
        return {}

    async def set(self, space: str, change: dict[str, dict[str, Any]]) -> list[Any]:
        return []


@asynccontextmanager
async def opened(log: Log, property: Property, folder: Path, clock: Clock) -> AsyncIterator[Service]:
    store = Store.open(folder / "views.db")
    projecting = asyncio.create_task(Projector(store, log, property.id).run())
    files = Files(folder / "files")
    yield Service(World(log, property, NoDevices(), Views(store), Phrases.load(), SECRET, clock, files=files))
    projecting.cancel()
    await asyncio.gather(projecting, return_exceptions=True)
    await store.close()


class Day:
    def __init__(self, service: Service, clock: Clock) -> None:
        self._service = service
        self._clock = clock
        self._number = 0

    async def do(self, command: c.Command[Any], actor: Actor) -> Any:
        self._number += 1
        return await self._service.do(command, actor, f"golden-{self._number}")

    async def run(self) -> None:
        stay = await self.do(c.CheckIn("301", "zh", "王芳", vip=True), DESK)
        found = await self._service.open_stay("301")
        assert found is not None
        await self._conversations(f"stay-{stay.id}", found.guest)
        await self._orders(found.guest)
        await self._people()
        await self.do(c.RecordDeviceState("301", "bedside", {"power": "on", "level": 40}), SERVICE)
        await self.do(c.SetSpaceStatus("301", "cleaning", "窗帘脏"), LI_NA)
        await self.do(c.SetDoNotDisturb(True), found.guest)
        incident = (await self.do(c.RaiseIncident("smoke", "有烟味", 0.9), found.guest)).data["id"]
        await self.do(c.AckIncident(incident), MANAGER)
        await self.do(c.ClearIncident(incident, "kitchen"), MANAGER)
        turn = {"turn": 1, "heard": "开灯", "lang": "zh", "reply": "好的", "spans_ms": {"understand": 5.2}}
        await self.do(c.RecordTurn("c-1", stay.id, turn), SERVICE)
        await self.do(c.CheckOut(stay.id), DESK)
        device = Subscription(
            "https://push.example.com/1", "BPk", "c2", "zh", "s1", "2026-11-20T09:00:00.000Z", "2026-11-20T23:00:00.000Z"
        )
        await self.do(c.Subscribe(device), LI_NA)
        await self.do(c.Unsubscribe("li_na", device.id), LI_NA)

    async def _conversations(self, talk: str, guest: Actor) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (2, 2), "red").save(picture, "PNG")
        file = await self._service.world.files.take(picture.getvalue(), "tap.png", guest.who)
        said = await self.do(c.Say(talk, "水龙头漏水", "zh", file=file.hash), guest)
        await self.do(c.MarkRead(talk, said.seq), DESK)
        answer = await self.do(c.Say(talk, "马上来", "zh", mentions=("li_na",), reply_to=said.seq), DESK)
        await self.do(c.EditMessage(talk, answer.seq, "马上来人"), DESK)
        await self.do(c.WithdrawMessage(talk, answer.seq), DESK)
        group = (await self.do(c.MakeGroup("婚礼", ("li_na",)), DESK)).data["id"]
        await self.do(c.JoinGroup(group, ("chen_jing",)), DESK)
        await self.do(c.NameGroup(group, "婚礼 301"), DESK)
        await self.do(c.LeaveGroup(group, "li_na"), LI_NA)

    async def _orders(self, guest: Actor) -> None:
        towels = {"items": [{"item": "towel", "quantity": 2}]}
        order = (await self.do(c.PlaceOrder("request.items", towels, "再要两条毛巾", "zh"), guest)).data["id"]
        await self.do(c.NoteOrder(order, "old towels out"), LI_NA)
        await self.do(c.RemindOrder(order, "毛巾呢"), guest)
        await self.do(c.ChangeOrder(order, {"items": [{"item": "towel", "quantity": 3}]}, "三条吧"), guest)
        await self.do(c.DeclineOrder(order, "on another floor"), LI_NA)
        late = await self.do(c.AssignOrder(order, "chen_jing"), DESK)
        await self.do(c.EscalateOrder(order, late.seq, ("accept",)), SERVICE)
        await self.do(c.AcceptOrder(order), CHEN_JING)
        started = await self.do(c.StartOrder(order), CHEN_JING)
        await self.do(c.EscalateOrder(order, started.seq, ("done",)), SERVICE)
        await self.do(c.DoneOrder(order), CHEN_JING)
        rated = await self.do(c.RateOrder(order, 5, "很快"), guest)
        await self.do(c.CloseOrder(order, rated.seq), SERVICE)
        congee = {"dishes": [{"dish": "congee", "note": "少盐"}]}
        other = (await self.do(c.PlaceOrder("order.food", congee, "一碗粥，少盐", "zh"), guest)).data["id"]
        picture = io.BytesIO()
        Image.new("RGB", (2, 2), "white").save(picture, "PNG")
        file = await self._service.world.files.take(picture.getvalue(), "congee.png", DESK.who)
        await self.do(c.PhotoOrder(other, file.hash), DESK)
        await self.do(c.CancelOrder(other), guest)
        cards = CardMemory(self._service.world.log, self._service.world.property.id)
        await cards.keep(order, "slack", "C1", {"seq": rated.seq, "face": "1", "ts": "1.2"})
        await cards.has_reached("slack", rated.seq)

    async def _people(self) -> None:
        name = {"zh": "何苗", "en": "He Miao"}
        await self.do(c.AddStaff("he_miao", name, "attendant", "housekeeping", password_hash="$argon2id$none"), MANAGER)
        one = staff("he_miao", "attendant", "housekeeping")
        await self.do(c.SetPassword("he_miao", "$argon2id$another"), one)
        await self.do(c.SetDuty("he_miao", True), one)
        offered = await self.do(c.OfferSecondFactor(), one)
        await self.do(c.ConfirmSecondFactor(self._code(offered.data["totp"]["pending"], 2)), one)
        session = Session("s1", "2026-11-20T09:00:00.000Z", "2026-11-20T23:00:00.000Z", "password", "127.0.0.1", "Firefox")
        await self.do(c.StartSession(session, self._code(offered.data["totp"]["pending"], 2)), one)
        await self.do(c.EndSession("he_miao"), one)
        await self.do(c.RemoveSecondFactor("he_miao"), MANAGER)
        for changes in ({"floors": [3]}, {"active": False}, {"active": True}):
            await self.do(c.ChangeStaff("he_miao", changes), MANAGER)

    def _code(self, nonce: str, minutes: int) -> str:
        """As the phone shows it when the command that comes next looks at the clock."""
        secret = naming.totp_secret(SECRET, "he_miao", nonce)
        return pyotp.TOTP(secret).at(self._clock.at + timedelta(minutes=minutes - 1))


async def messages(log: Log) -> dict[str, dict[str, Any]]:
    """``order.placed`` → its first message: sequence, subject, and what the bus carries."""
    found: dict[str, dict[str, Any]] = {}
    async for entry in log.read("h.demo.>"):
        found.setdefault(f"{entry.subject.split('.')[2]}.{entry.event}", as_stored(entry))
    return found


def as_stored(entry: Entry) -> dict[str, Any]:
    at = entry.at if entry.command else Clock().at  # what no command left has the machine's own time
    draft = Draft(entry.subject, entry.event, entry.data, entry.by, None, entry.command, at=at)
    return {"seq": entry.seq, "subject": entry.subject, "message": json.loads(encode(draft))}


async def written() -> dict[str, dict[str, Any]]:
    property = load()
    with tempfile.TemporaryDirectory() as state:
        async with Broker(Path(state)) as broker:
            log = await Log.open(broker.address, property.id)
            clock = Clock()
            async with opened(log, property, Path(state), clock) as service:
                await Day(service, clock).run()
            made = await messages(log)
            await log.close()
            return made


def write(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, one in asyncio.run(written()).items():
        (folder / f"{name}.json").write_text(json.dumps(one, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
