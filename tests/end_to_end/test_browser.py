"""A guest's and an attendant's real browsers, the guest's with a fixture for a microphone.

``CONCIERGE_SCREENSHOTS=folder`` leaves pictures of both pages at phone and desktop width.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed: no browser test")
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: no browser test"),
    pytest.mark.timeout(240),
]
FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
]
LAMP_MS = 600
"""The simulated lamp's answer: slow enough that a lamp drawn before its word would be seen."""
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}

# Notes when the lamp's card first shows it on, and when the reply's sound is there.
WATCH = """
() => {
  window.seen = {};
  const find = (root, what) => {
    const here = root.querySelector(what);
    if (here) return here;
    for (const one of root.querySelectorAll('*')) {
      const inside = one.shadowRoot && find(one.shadowRoot, what);
      if (inside) return inside;
    }
    return null;
  };
  setInterval(() => {
    const lamp = find(document, '[data-device="bedside"]');
    if (lamp?.dataset.power === 'on') window.seen.lit ??= Date.now();
  }, 5);
}
"""
SOUND = """
async () => {
  const find = (root) => {
    for (const one of root.querySelectorAll('*')) {
      if (one.call?.sound?.srcObject) return one.call;
      const inside = one.shadowRoot && find(one.shadowRoot);
      if (inside) return inside;
    }
    return null;
  };
  const call = find(document);
  if (!call?.peer) return 0;
  let energy = 0;
  (await call.peer.getStats()).forEach((one) => {
    if (one.type === 'inbound-rtp' && one.kind === 'audio') energy = one.totalAudioEnergy ?? 0;
  });
  return energy;
}
"""


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory, said: dict[str, Any]) -> Path:
    """Quiet while the call is put through, then a lamp is asked for, then towels."""
    pieces = [np.zeros(16_000 * 4, np.int16)]
    for line in ("zh-lamp-on", "zh-towels"):
        pcm, rate = soundfile.read(said[line].wav, dtype="int16")
        assert rate == 16_000
        pieces += [pcm, np.zeros(16_000 * 6, np.int16)]
    file = tmp_path_factory.mktemp("microphone") / "guest.wav"
    soundfile.write(file, np.concatenate(pieces), 16_000, subtype="PCM_16")
    return file


async def picture(page: Any, name: str) -> None:
    folder = os.environ.get("CONCIERGE_SCREENSHOTS")
    if folder:
        before = page.viewport_size
        for width, size in (("phone", PHONE), ("desktop", DESKTOP)):
            await page.set_viewport_size(size)
            await asyncio.sleep(0.3)
            await page.screenshot(path=f"{folder}/{name}-{width}.png")
        await page.set_viewport_size(before)


async def test_spoken_in_chromium_confirmed_by_the_lamp_and_done_by_staff(hotel, microphone):
    lamp_told: list[float] = []

    async with hotel.devices("301", delay_ms=(LAMP_MS, LAMP_MS)) as simulator, playwright.async_playwright() as tool:
        tell = simulator._tell

        async def telling(client: Any, simulated: Any) -> None:
            if simulated.device.id == "bedside" and '"ON"' in simulated.payload():
                lamp_told.append(asyncio.get_running_loop().time())
            await tell(client, simulated)

        simulator._tell = telling
        browser = await tool.chromium.launch(
            executable_path=CHROMIUM, args=[*FLAGS, f"--use-file-for-fake-audio-capture={microphone}%noloop"]
        )
        try:
            room = await (await browser.new_context(viewport=PHONE)).new_page()
            wrong: list[str] = []
            room.on("pageerror", lambda error: wrong.append(str(error)))
            await room.goto(f"{hotel.url}/room#token={await hotel.room_token('301')}")
            await room.wait_for_selector('[data-ready="yes"]')
            staff = await (await browser.new_context(viewport=PHONE)).new_page()
            staff.on("pageerror", lambda error: wrong.append(str(error)))
            await staff.goto(f"{hotel.url}/staff")
            await staff.click('[data-user="chen_jing"]')

            lamp = room.locator('[data-device="bedside"]').first
            assert await lamp.get_attribute("data-power") == "off"
            await room.evaluate(WATCH)
            offset = await room.evaluate("Date.now()") / 1000 - asyncio.get_running_loop().time()
            await room.click("#talk")
            await room.wait_for_selector('#talk[data-state="live"]')

            await room.get_by_text("打开床头灯").first.wait_for(timeout=20_000)
            await room.locator('[data-device="bedside"][data-power="on"]').first.wait_for(timeout=10_000)
            lit = (await room.evaluate("window.seen.lit")) / 1000 - offset
            assert lamp_told, "the lamp itself never said so"
            assert lit >= lamp_told[0], "the page lit the lamp before the lamp had"
            await room.get_by_text("床头灯开了").first.wait_for(timeout=10_000)
            await asyncio.sleep(1.5)
            assert await room.evaluate(SOUND) > 0.0001, "the reply's sound did not arrive"
            await picture(room, "room-lamp")

            ticket = staff.locator("[data-order]").first
            await ticket.wait_for(timeout=30_000)
            assert "301" in await ticket.inner_text()
            await picture(staff, "staff-ticket")
            await staff.locator('[data-verb="accept"]').first.click()
            await room.locator('[data-order][data-state="accepted"]').first.wait_for(timeout=5_000)
            await staff.locator('[data-verb="done"]').first.click()
            await room.locator('[data-order][data-state="done"]').first.wait_for(timeout=5_000)
            await picture(room, "room-done")
            await picture(staff, "staff-done")
            assert not wrong
        finally:
            await browser.close()
