"""Two processes of one property: who is here and who types is told over the broker, and kept nowhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hotel_site import House, Site
from test_socket import joined

from concierge.bus.log import Log
from concierge.bus.server import Broker
from concierge.domain.conversation import of_stay
from concierge.domain.people import staff
from concierge.service.commands import CheckedIn, Say
from concierge.web import company as companies
from concierge.web.company import Company
from concierge.web.tail import Tail


@asynccontextmanager
async def another_process(broker: Broker) -> AsyncIterator[tuple[Company, list[dict[str, Any]]]]:
    """Another process' company, and what it hears."""
    log = await Log.open(broker.address, "demo")
    heard: list[dict[str, Any]] = []
    async with Tail(log, "demo") as tail, log.live.hearing(heard.append), Company(tail, log.live) as company:
        yield company, heard
    await log.close()


async def until(true: Any) -> None:
    async with asyncio.timeout(10):
        while not true():  # noqa: ASYNC110 - frames of the broker end in no event
            await asyncio.sleep(0.02)


async def test_who_is_connected_elsewhere_is_here(
    site: Site, house: House, stay: CheckedIn, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(companies, "LINGER_S", 0.1)
    async with another_process(broker) as (other, heard):
        async with joined(site, token=await site.staff("emma"), presence=True) as emma:
            await emma.until("ready")
            await until(lambda: other.online() == {"staff:emma"})
            await house.log.live.tell({"type": "presence"})  # what makes no sense harms nobody
            async with joined(site, token=await site.room("301")) as guest:
                await guest.until("ready")
                assert await emma.next() == {"type": "presence", "who": f"guest:{stay.id}", "state": "online"}
                await guest.send(type="typing", conversation=of_stay(stay.id))
                assert await emma.next() == {"type": "typing", "conversation": of_stay(stay.id), "by": f"guest:{stay.id}"}
            assert (await emma.next())["state"] == "offline"
        await until(lambda: other.online() == set())
        assert {"typing", "presence"} <= {frame["type"] for frame in heard}
    assert [entry async for entry in house.log.read("h.demo.im.>")] == []


async def test_a_process_that_died_is_forgotten(house: House, broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(companies, "REPEAT_S", 0.1)
    monkeypatch.setattr(companies, "FORGET_S", 2.0)
    async with another_process(broker) as (company, _):
        async with asyncio.timeout(10):
            while company.online() != {"staff:emma"}:  # told again and again, as by a process that lives
                await house.log.live.tell({"type": "here", "who": ["staff:emma"]})
                await asyncio.sleep(0.02)
        await until(lambda: company.online() == set())


async def test_delivered_reaches_the_author_through_another_process(
    site: Site, house: House, stay: CheckedIn, broker: Broker
) -> None:
    guest = await house.service.open_stay("301")
    assert guest is not None
    said = await house.service.do(Say(of_stay(stay.id), "hi", "en"), guest.guest, "1")
    token = await site.room("301")
    expected = {"type": "delivered", "conversation": of_stay(stay.id), "by": "staff", "seq": said.seq}
    async with another_process(broker) as (other, _):
        emma = house.property.staff["emma"]

        async with joined(site, token=token) as live:
            await live.until("ready")
            other.got(staff("emma", emma.role, emma.department), said)
            assert await live.next() == expected  # which of the staff is at a screen is not the guest's to know
        async with joined(site, token=token) as later:
            assert [await later.next() for _ in range(2)][1] == expected


async def test_got_by_a_stranger_or_of_nothing_tells_nobody(site: Site, house: House, stay: CheckedIn) -> None:
    guest = await house.service.open_stay("301")
    assert guest is not None
    said = await house.service.do(Say(of_stay(stay.id), "hi", "en"), guest.guest, "1")
    async with joined(site, token=await site.room("301")) as live, joined(site, token=await site.staff("li_na")) as li_na:
        await live.until("ready")
        await li_na.until("ready")
        for where, seq in ((of_stay(stay.id), said.seq), ("dept-housekeeping", said.seq), (of_stay(stay.id), 1), ("x", 999)):
            await li_na.send(type="got", conversation=where, seq=seq)
        await li_na.send(type="typing", conversation=of_stay(stay.id))
        assert (await li_na.next())["code"] == "forbidden"
        await live.send(type="ping")
        assert (await live.next())["type"] == "pong"
