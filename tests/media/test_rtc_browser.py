"""A real Chromium calls: its Opus, its ICE with hidden addresses, its data channel."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from typing import Any

import numpy as np
import pytest

from media.playout import Playout
from media.rtc import RtcCall, answer

playwright = pytest.importorskip("playwright.async_api", reason="playwright is not installed: no browser test")
CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: no browser test")

FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
]

# An oscillator is no microphone, so the page has no leave to see addresses and Chromium hides them behind mDNS names.
CALL = """
async (wait) => {
  const began = performance.now();
  const sound = new AudioContext({sampleRate: 48000});
  await sound.resume();
  const tone = new OscillatorNode(sound, {frequency: 440});
  const out = sound.createMediaStreamDestination();
  tone.connect(out);
  tone.start();
  const pc = new RTCPeerConnection({iceServers: []});
  pc.addTrack(out.stream.getAudioTracks()[0], out.stream);
  const heard = [];
  const events = pc.createDataChannel('events');
  events.onmessage = (message) => heard.push(JSON.parse(message.data));
  events.onopen = () => events.send(JSON.stringify({type: 'hello'}));
  const level = new AnalyserNode(sound, {fftSize: 8192});
  pc.ontrack = ({streams}) => {
    const player = new Audio();
    player.srcObject = streams[0];      // Chromium feeds WebAudio from a remote stream only while an element plays it
    player.play();
    sound.createMediaStreamSource(streams[0]).connect(level);
  };
  await pc.setLocalDescription(await pc.createOffer());
  if (wait) await new Promise((done) => {
    if (pc.iceGatheringState === 'complete') done();
    pc.onicegatheringstatechange = () => { if (pc.iceGatheringState === 'complete') done(); };
  });
  const offer = pc.localDescription.sdp;
  await pc.setRemoteDescription({type: 'answer', sdp: await window.whip(offer)});
  await new Promise((done) => {
    pc.onconnectionstatechange = () => { if (pc.connectionState === 'connected') done(); };
  });
  const connected = performance.now() - began;
  window.pc = pc;
  await new Promise((done) => setTimeout(done, 2000));
  const bins = new Float32Array(level.frequencyBinCount);
  level.getFloatFrequencyData(bins);
  const strongest = bins.indexOf(Math.max(...bins)) * 48000 / 8192;
  return {offer, connected, strongest, loudest: Math.max(...bins), heard};
}
"""


@pytest.fixture
async def page() -> AsyncIterator[Any]:
    async with playwright.async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = await browser.new_page()
        await page.goto("about:blank")
        yield page
        await browser.close()


@pytest.mark.parametrize("wait_for_candidates", [True, False], ids=["whole offer", "offer without candidates"])
async def test_a_browser_that_hides_its_addresses_is_heard_and_hears(page: Any, wait_for_candidates: bool) -> None:
    heard: list[np.ndarray] = []
    messages: list[dict[str, Any]] = []
    closed: list[str] = []
    calls: list[RtcCall] = []
    voice = Playout()

    async def whip(offer: str) -> str:
        call = await answer(
            offer,
            on_audio=lambda pcm, _pts: heard.append(pcm),
            playout=voice,
            on_message=messages.append,
            on_closed=closed.append,
        )
        calls.append(call)
        call.send_event({"type": "heard", "text": "打开床头灯"})
        t = np.arange(48_000 * 4) / 48_000
        voice.play((9_000 * np.sin(2 * np.pi * 880 * t)).astype(np.int16), 48_000)
        return call.sdp

    await page.expose_function("whip", whip)
    result = await page.evaluate(CALL, wait_for_candidates)
    candidates = [line for line in result["offer"].splitlines() if line.startswith("a=candidate")]
    if wait_for_candidates:
        assert candidates
        assert all(".local " in line for line in candidates), "this browser hides nothing: the test shows nothing"
    sound = np.concatenate(heard)[-16_000:].astype(float)
    spectrum = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    assert np.argmax(spectrum) == pytest.approx(440, abs=3)
    assert result["strongest"] == pytest.approx(880, abs=12)
    assert result["heard"] == [{"type": "heard", "text": "打开床头灯"}]
    assert messages == [{"type": "hello"}]
    await page.evaluate("window.pc.close()")
    async with asyncio.timeout(8):
        await calls[0].closed.wait()
    assert closed == ["the peer hung up"]
