"""A hotel whose staff work in another IM, as the tests of this folder see it."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import uvicorn

from concierge.bus.log import Log
from concierge.connectors.staff_im import StaffIm
from concierge.domain.event import Entry
from concierge.domain.hotel import Chat
from concierge.domain.hotel import StaffIm as Config
from concierge.domain.people import Actor, staff
from concierge.service.commands import PlaceOrder
from concierge.service.handlers import Service

LI_NA = staff("li_na", "attendant", "housekeeping")
CHEN_JING = staff("chen_jing", "attendant", "housekeeping")
TOWELS = PlaceOrder("request.items", {"items": [{"item": "towel", "quantity": 2}]}, "再要两条毛巾", "zh")
USERS = {
    "li_na": {"slack": "ULINA", "feishu": "ou_lina", "wecom": "LiNa", "dingtalk": "0101"},
    "chen_jing": {"slack": "UCHEN", "feishu": "ou_chen", "wecom": "ChenJing", "dingtalk": "0102"},
    "wang_wei": {"slack": "UWANG", "feishu": "ou_wang", "wecom": "WangWei", "dingtalk": "0201"},
}


def config(vendor: str, chat: str | None, language: str = "zh", **options: Any) -> Config:
    """One chat for every department."""
    return Config(vendor, language, Chat(chat, language) if chat else None, None, None, {}, options)


@dataclass
class Hotel:
    """``url``: where vendors call."""

    url: str
    im: StaffIm
    log: Log
    service: Service
    guest: Actor

    async def order(self, command: PlaceOrder = TOWELS) -> Entry:
        return await self.service.do(command, self.guest, uuid4().hex)

    async def events(self, order: Entry) -> list[tuple[str, str]]:
        return [(each.event, each.by) async for each in self.log.read(order.subject)]

    async def settled(self, order: Entry) -> None:
        """How the order stands now is shown, and nothing waits."""
        last = await self.log.last(order.subject)
        assert last is not None
        await until(lambda: self.im.seen >= last.seq and not sum(self.im.waiting().values()))


Open = Callable[..., AbstractAsyncContextManager[Hotel]]


async def until(true: Callable[[], object], timeout_s: float = 15.0) -> None:
    async with asyncio.timeout(timeout_s):
        while not true():  # noqa: ASYNC110  what is waited for is on somebody else's screen
            await asyncio.sleep(0.01)


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        assert not task.done(), task
        await asyncio.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


def waits(card: str) -> bool:
    """Whether nobody has accepted it, be it the department's or dispatched to somebody (that depends on who is on shift)."""
    return any(words in card for words in ("waits for somebody", "not accepted yet", "等待接单"))


class NoDevices:
    def state(self, space: str, device: str) -> None:
        return None

    async def set(self, space: str, change: Any) -> list[Any]:
        return []
