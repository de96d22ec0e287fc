"""The service is killed -9 again and again while a page sends: what was typed is there once, in the order typed."""

from __future__ import annotations

import asyncio
import shutil
import socket
from pathlib import Path
from typing import Any

import pytest
from hotel_process import Hotel, address, serve, stop

from concierge.bus.address import running
from concierge.bus.log import Log

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed: no browser test")
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: no browser test"),
    pytest.mark.timeout(600),
]
KILLS = 2
SEND = """async ([token, account, talk]) => {
  const { Client } = await import('/static/client.js');
  const client = (window.client = new Client(token, { account, since: 0 }));
  window.said = [];
  client.on('event', (frame) => frame.event === 'said' && frame.by === account && window.said.push(frame.data.text));
  client.start();
  window.typed = 0;
  window.typing = setInterval(() => client.send(talk, `m${(typed += 1)}`), 100);
}"""


async def test_killed_while_sending_nothing_is_lost_doubled_or_out_of_order(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    process = serve("--state", str(tmp_path), "--port", port)
    hotel = Hotel(await asyncio.to_thread(address, process), tmp_path, process)
    async with playwright.async_playwright() as tool:
        browser = await tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-quic"])
        try:
            page = await (await browser.new_context()).new_page()
            await page.goto(hotel.url)
            talk = "dept-housekeeping"
            await page.evaluate(SEND, [await hotel.staff_token("li_na"), "staff:li_na", talk])
            for _ in range(KILLS):
                before = await page.evaluate("said.length")
                await until(page, f"said.length > {before + 20}")
                process.kill()
                await asyncio.to_thread(process.wait)
                assert process.stdout is not None
                process.stdout.close()
                process = serve("--state", str(tmp_path), "--port", port)
                await asyncio.to_thread(address, process)
            await page.evaluate("clearInterval(typing)")
            await until(page, "said.length === typed && !client.pending().length")
            shown = await page.evaluate("said")
            log = await Log.open(running(tmp_path), "demo")
            kept = [entry.data["text"] async for entry in log.read(f"h.demo.im.{talk}") if entry.event == "said"]
            await log.close()
        finally:
            await browser.close()
            await asyncio.to_thread(stop, process)
    assert kept == [f"m{number}" for number in range(1, len(kept) + 1)]
    assert len(kept) > 20 * KILLS
    assert shown == kept


async def until(page: Any, what: str) -> None:
    async with asyncio.timeout(90):
        while not await page.evaluate(what):  # noqa: ASYNC110 - a page has nothing to wait on
            await asyncio.sleep(0.05)
