from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, insert, select

from concierge.bus.log import Log
from concierge.bus.server import Broker
from concierge.domain.conversation import of_stay, of_two
from concierge.domain.errors import Unavailable
from concierge.domain.event import now
from concierge.domain.hotel import Deadline, Property
from concierge.domain.order import Order, placed, step
from concierge.domain.people import SERVICE, Actor, staff
from concierge.service import commands as c
from concierge.service.handlers import Service
from concierge.service.ports import World
from concierge.service.texts import Phrases
from concierge.views import figures, schema
from concierge.views.projector import Projector
from concierge.views.store import Store
from concierge.views.views import Views

LI_NA = staff("li_na", "attendant", "housekeeping")
DESK = staff("emma", "desk", "front_desk")


@asynccontextmanager
async def projected(path: Path, log: Log, property_: Property) -> AsyncIterator[Views]:
    store = Store.open(path)
    task = asyncio.create_task(Projector(store, log, property_.id).run())
    try:
        yield Views(store)
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await store.close()


def service_of(log: Log, property_: Property, views: Views) -> Service:
    devices: Any = None  # no test here sets one
    return Service(World(log, property_, devices, views, Phrases.load(), b"secret", now))


def rows(path: Path) -> dict[str, list[Any]]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as conn:
        found = {table.name: [tuple(row) for row in conn.execute(select(table))] for table in schema.metadata.sorted_tables}
    engine.dispose()
    return found


async def busy(service: Service) -> None:
    """Something of everything."""
    stay = await service.do(c.CheckIn("301", "zh", "王芳"), SERVICE, "in")
    await service.do(c.CheckIn("302", "en"), SERVICE, "in 2")
    guest = await service.open_stay("301")
    assert guest is not None
    for number in range(5):
        order = c.PlaceOrder("request.laundry", {}, "洗衣", "zh")  # it outlives the stay
        placed = await service.do(order, guest.guest, f"p{number}")
        if number < 3:
            await service.do(c.AcceptOrder(placed.data["id"]), LI_NA, f"a{number}")
        if number < 2:
            await service.do(c.DoneOrder(placed.data["id"]), LI_NA, f"d{number}")
        if number < 1:
            await service.do(c.RateOrder(placed.data["id"], 4), guest.guest, f"r{number}")
    await service.do(c.RaiseIncident("smoke", "烟", 0.5), guest.guest, "i")
    await service.do(c.SetSpaceStatus("105", "dirty"), LI_NA, "s")
    await service.do(c.SetDuty("li_na", False), LI_NA, "off")
    await service.do(c.RecordDeviceState("301", "bedside", {"power": "on"}), SERVICE, "x")
    await service.do(c.PhotoOrder(placed.data["id"], "0" * 64), SERVICE, "photo")
    await talk_of_everything(service, guest.guest)
    await service.do(c.CheckOut(stay.id), DESK, "out")


async def talk_of_everything(service: Service, guest: Actor) -> None:
    talk = of_stay(guest.stay)
    said = [await service.do(c.Say(talk, f"towels 毛巾 {n}", "en"), guest, f"say {n}") for n in range(3)]
    await service.do(c.EditMessage(talk, said[0].seq, "slippers"), guest, "edit")
    await service.do(c.WithdrawMessage(talk, said[1].seq), guest, "withdraw")
    await service.do(c.MarkRead(talk, said[2].seq), DESK, "read")
    group = (await service.do(c.MakeGroup("night", ("emma", "zhou_min")), LI_NA, "group")).data["id"]
    await service.do(c.LeaveGroup(group, "emma"), DESK, "leave")
    await service.do(c.NameGroup(group, "late"), LI_NA, "name")
    await service.do(c.Say(of_two("li_na", "emma"), "hi", "en"), LI_NA, "direct")


async def test_views_rebuilt_from_the_log_are_the_same(log: Log, property_: Property, tmp_path: Path) -> None:
    path = tmp_path / "views.db"
    async with projected(path, log, property_) as views:
        await busy(service_of(log, property_, views))
        await views.caught_up(await log.end())
    live = rows(path)
    assert all(live[name] for name in live), live
    store = Store.open(path)
    assert await store.rebuild(log, property_.id) == await log.end()
    assert rows(path) == live
    fresh = Store.open(tmp_path / "fresh.db")
    await fresh.rebuild(log, property_.id)
    assert rows(tmp_path / "fresh.db") == live
    await store.close()
    await fresh.close()


async def test_views_can_be_rebuilt_under_a_running_service(log: Log, property_: Property, tmp_path: Path) -> None:
    path = tmp_path / "views.db"
    async with projected(path, log, property_) as views:
        service = service_of(log, property_, views)
        await busy(service)
        other = Store.open(path)
        placing = asyncio.create_task(place_many(service, 60))
        await other.rebuild(log, property_.id)
        await other.rebuild(log, property_.id)
        await placing
        await views.caught_up(await log.end())
        await other.close()
    live = rows(path)
    fresh = Store.open(tmp_path / "fresh.db")
    await fresh.rebuild(log, property_.id)
    await fresh.close()
    assert rows(tmp_path / "fresh.db") == live


async def place_many(service: Service, count: int) -> None:
    for number in range(count):
        repair = c.PlaceOrder("request.repair", {"asset": "light"}, "dark", "en", "105")
        await service.do(repair, DESK, f"many {number}")


async def test_broker_killed_under_load_loses_and_doubles_nothing(
    broker: Broker, log: Log, property_: Property, tmp_path: Path
) -> None:
    async with projected(tmp_path / "views.db", log, property_) as views:
        service = service_of(log, property_, views)
        await service.do(c.CheckIn("301", "zh"), SERVICE, "in")
        stay = await service.open_stay("301")
        assert stay is not None
        guest = stay.guest
        towels = c.PlaceOrder("request.items", {"items": [{"item": "towel"}]}, "毛巾", "zh")
        acknowledged: set[str] = set()

        async def serve(client: int) -> None:
            for number in range(10):
                placed = await service.do(towels, guest, f"{client}-{number}")
                await service.do(c.AcceptOrder(placed.data["id"]), LI_NA, f"{client}-{number}")
                acknowledged.add(placed.data["id"])

        async def kill() -> None:
            for _ in range(2):
                await asyncio.sleep(0.2)
                assert broker.pid is not None
                os.kill(broker.pid, signal.SIGKILL)

        await asyncio.gather(kill(), *(serve(client) for client in range(8)))
        assert len(acknowledged) == 80
        events = Counter([(entry.data["id"], entry.event) async for entry in log.read("h.demo.order.>")])
        expected = {(order, event) for order in acknowledged for event in ("placed", "dispatched", "accepted")}
        assert events == Counter(expected)
        assert len([entry async for entry in log.read("h.demo.im.>")]) == 80
        await views.caught_up(await log.end(), 15)
        orders, _ = await views.orders(state="accepted", limit=200)
        assert {order["id"] for order in orders} == acknowledged


async def test_projector_that_was_down_catches_up_once(log: Log, property_: Property, tmp_path: Path) -> None:
    path = tmp_path / "views.db"
    async with projected(path, log, property_) as views:
        await place_many(service_of(log, property_, views), 3)
        await views.caught_up(await log.end())
        service = service_of(log, property_, views)
    stale = Store.open(path)
    away = Service(replace(service.world, views=Views(stale)))
    await place_many(away, 6)
    await stale.close()
    async with projected(path, log, property_) as views:
        await views.caught_up(await log.end())
        items, _ = await views.orders()
        assert len(items) == 6, "three were repeats of what the views knew, three are new"


async def test_views_of_another_log_are_emptied(log: Log, property_: Property, tmp_path: Path) -> None:
    path = tmp_path / "views.db"
    store = Store.open(path)
    await store.prepare("another log")
    with store.engine.begin() as conn:
        conn.execute(
            insert(schema.commands).values(command="x", seq=1, subject="h.demo.im.x", event="said", who="staff:x", at="")
        )
    async with projected(path, log, property_) as views:
        await place_many(service_of(log, property_, views), 1)
        await views.caught_up(await log.end())
        assert await views.find_command("x") == []
    await store.close()


async def test_views_of_another_version_are_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store.open(tmp_path / "views.db")
    await store.prepare("log")
    with store.engine.begin() as conn:
        conn.execute(
            insert(schema.commands).values(command="x", seq=1, subject="h.demo.im.x", event="said", who="staff:x", at="")
        )
    await store.close()
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    store = Store.open(tmp_path / "views.db")
    assert await Views(store).find_command("x") == []
    await store.close()


async def test_waiting_for_views_that_nobody_keeps_says_so(tmp_path: Path) -> None:
    store = Store.open(tmp_path / "views.db")
    with pytest.raises(Unavailable, match="projector"):
        await store.caught_up(7, timeout_s=0.05)
    await store.close()


async def test_orders_are_listed_newest_first_by_page_and_filter(log: Log, property_: Property, tmp_path: Path) -> None:
    async with projected(tmp_path / "views.db", log, property_) as views:
        await busy(service_of(log, property_, views))
        await views.caught_up(await log.end())
        everything, end = await views.orders()
        assert end is None
        assert [item["state"] for item in everything] == ["dispatched", "dispatched", "accepted", "done", "rated"]
        first, following = await views.orders(limit=2)
        second, following = await views.orders(limit=2, before=following)
        third, end = await views.orders(limit=2, before=following)
        assert [*first, *second, *third] == everything
        assert end is None
        assert len((await views.orders(open=True))[0]) == 3
        assert len((await views.orders(open=False))[0]) == 2
        assert len((await views.orders(holder="li_na", state="accepted"))[0]) == 1
        assert (await views.orders(department="engineering"))[0] == []
        assert (await views.orders(stay=everything[0]["stay"], space="301"))[0] == everything
        assert await views.order(everything[0]["id"]) == everything[0]


async def test_board_has_every_space_and_who_is_in_it(log: Log, property_: Property, tmp_path: Path) -> None:
    async with projected(tmp_path / "views.db", log, property_) as views:
        await busy(service_of(log, property_, views))
        await views.caught_up(await log.end())
        board = {line["id"]: line for line in await views.board(property_)}
        assert len(board) == 24
        assert (board["301"]["status"], board["301"]["stay"], board["301"]["open_orders"]) == ("dirty", None, 3)
        assert board["302"]["guest"]["language"] == "en"
        assert "code_hash" not in board["302"]["guest"]
        assert (board["108"]["status"], board["108"]["guest"]) == ("clean", None)
        assert board["105"]["status"] == "dirty"


async def test_figures_have_the_response_times(log: Log, property_: Property, tmp_path: Path) -> None:
    async with projected(tmp_path / "views.db", log, property_) as views:
        await busy(service_of(log, property_, views))
        await views.caught_up(await log.end())
        found = await views.figures(now() - timedelta(hours=1), now())
        orders = found["orders"]
        assert (orders["placed"], orders["open"], orders["rating"]) == (5, 3, 4.0)
        assert 0 <= orders["accept_s"]["p50"] < 10
        assert (orders["accepted_on_time"], orders["done_on_time"]) == (1.0, 1.0)
        assert (orders["accepted_late"], orders["done_late"], orders["late"]) == (0.0, 0.0, 0.0)
        assert set(found["departments"]) == {"housekeeping"}
        before = await views.figures(now() - timedelta(hours=2), now() - timedelta(hours=1))
        assert before["orders"] == {**orders, "placed": 0, "open": 0, "ratings": 0} | dict.fromkeys(
            ("accept_s", "done_s", "accepted_on_time", "done_on_time", "accepted_late", "done_late", "late", "rating")
        )


def test_percentiles_are_of_the_nearest_rank() -> None:
    assert figures.spread([]) is None
    assert figures.spread([4.0]) == {"mean": 4.0, "p50": 4.0, "p90": 4.0, "p95": 4.0}
    assert figures.spread([float(n) for n in range(1, 101)]) == {"mean": 50.5, "p50": 50.0, "p90": 90.0, "p95": 95.0}


def test_late_order_counts_as_late() -> None:
    from concierge.domain.event import Entry
    from concierge.views.project import _order_row

    at = datetime(2026, 11, 20, 8, tzinfo=UTC)
    order = placed(Order("o1", "request.items", {}, "", "en", "301", 3, "housekeeping", None), at)
    order = step(order, "dispatch", SERVICE, at, deadline=Deadline(180, 900))
    order = step(order, "accept", LI_NA, at + timedelta(seconds=181))
    order = step(order, "done", LI_NA, at + timedelta(seconds=900))
    row = _order_row(Entry(9, "h.demo.order.house.o1", "done", order.data(), "x", at))
    assert (row["accept_s"], row["accept_late"], row["done_s"], row["done_late"]) == (181.0, True, 900.0, False)
    assert row["late"]
