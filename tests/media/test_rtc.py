"""Real calls over loopback: client and server, DTLS-SRTP, Opus, data channel."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from media import rtc
from media.playout import Playout
from media.rtc import BadSdp, RtcCall, answer
from media.rtc_client import RtcClient
from media.rtc_peer import without_waiting_for_names


def tone(seconds: float, hz: float, rate: int = 48_000, level: int = 9_000) -> np.ndarray:
    t = np.arange(int(rate * seconds)) / rate
    return (level * np.sin(2 * np.pi * hz * t)).astype(np.int16)


def pitch(pcm: np.ndarray, rate: int) -> float:
    spectrum = np.abs(np.fft.rfft(pcm.astype(float) * np.hanning(len(pcm))))
    return float(np.argmax(spectrum) * rate / len(pcm))


@dataclass
class Line:
    """Both ends of a call and what each of them heard."""

    call: RtcCall
    client: RtcClient
    microphone: Playout
    voice: Playout
    guest_heard: list[tuple[np.ndarray, float]] = field(default_factory=list)
    service_heard: list[tuple[np.ndarray, float, float]] = field(default_factory=list)
    guest_events: list[dict[str, Any]] = field(default_factory=list)
    service_events: list[dict[str, Any]] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)
    ready_s: float = 0.0
    answer_s: float = 0.0


async def connect(*, loss_pct: float = 0.0) -> Line:
    loop = asyncio.get_running_loop()
    microphone, voice = Playout(), Playout()
    line = Line(call=None, client=None, microphone=microphone, voice=voice)  # type: ignore[arg-type]
    line.client = RtcClient(
        microphone,
        on_audio=lambda pcm, at, _timestamp: line.guest_heard.append((pcm, at)),
        on_event=lambda event, _at: line.guest_events.append(event),
        loss_pct=loss_pct,
    )
    started = loop.time()
    offer = await line.client.offer()
    offered = loop.time()
    line.call = await answer(
        offer,
        on_audio=lambda pcm, pts: line.service_heard.append((pcm, pts, loop.time())),
        playout=voice,
        on_closed=line.closed.append,
        on_message=line.service_events.append,
    )
    line.answer_s = loop.time() - offered
    await line.client.accept(line.call.sdp)
    line.ready_s = loop.time() - started
    return line


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    line = await connect()
    yield line
    await line.client.close()
    await line.call.close()


async def until(condition: Any, seconds: float = 5.0) -> None:
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)


async def test_sound_goes_both_ways(line: Line) -> None:
    line.microphone.play(tone(1.5, 440), 48_000)
    line.voice.play(tone(1.5, 880, 22_050), 22_050)
    await asyncio.sleep(1.7)
    heard = np.concatenate([pcm for pcm, _, _ in line.service_heard])
    assert pitch(heard[8_000:24_000], 16_000) == pytest.approx(440, abs=3)
    reply = np.concatenate([pcm for pcm, _ in line.guest_heard])
    assert pitch(reply[24_000:60_000], 48_000) == pytest.approx(880, abs=3)
    times = [pts for _, pts, _ in line.service_heard]
    assert times == pytest.approx([n * 0.02 for n in range(len(times))])


async def test_the_answer_comes_at_once_and_the_call_is_soon_ready(line: Line) -> None:
    assert line.answer_s < 1.0
    assert line.ready_s < 2.0  # 0.2 s measured on an idle machine; tests may share theirs
    await until(line.call.connected.is_set, 1)


async def test_frames_reach_the_service_as_their_packets_arrive(line: Line) -> None:
    await asyncio.sleep(0.3)
    await until(lambda: line.service_heard)
    line.microphone.play(tone(1.0, 440), 48_000)
    sent_at = asyncio.get_running_loop().time()
    await until(lambda: any(np.abs(pcm).max() > 2_000 for pcm, _, _ in line.service_heard))
    first = next(at for pcm, _, at in line.service_heard if np.abs(pcm).max() > 2_000)
    assert first - sent_at < 0.15  # 20-40 ms measured on an idle machine


async def test_a_stopped_voice_is_silent_at_the_guest(line: Line) -> None:
    line.voice.play(tone(5, 660), 48_000)
    await until(lambda: len(line.guest_heard) > 10 and np.abs(line.guest_heard[-1][0]).max() > 5_000)
    stopped = asyncio.get_running_loop().time()
    line.voice.stop()
    await asyncio.sleep(0.5)
    last = max(at for pcm, at in line.guest_heard if np.abs(pcm.astype(int)).max() > 300)
    assert last - stopped < 0.15


async def test_events_go_both_ways_and_wait_for_the_channel() -> None:
    line = await connect()
    try:
        line.call.send_event({"type": "heard", "text": "打开床头灯"})  # before the channel is open
        line.client.send_event({"type": "hello"})
        await until(lambda: line.guest_events and line.service_events)
        assert line.guest_events == [{"type": "heard", "text": "打开床头灯"}]
        assert line.service_events == [{"type": "hello"}]
    finally:
        await line.client.close()
        await line.call.close()


async def test_five_percent_loss_costs_no_more_than_what_was_lost() -> None:
    line = await connect(loss_pct=5)
    try:
        line.microphone.play(tone(6, 440), 48_000)
        await asyncio.sleep(6)
        dropped, counts = line.client.packets_dropped, line.call.inlet.jitter.counts
        assert dropped > 3
        assert abs(counts.lost - dropped) <= 2
        assert counts.late == 0
        pts = [pts for _, pts, _ in line.service_heard]
        assert pts == pytest.approx([n * 0.02 for n in range(len(pts))])
        heard = np.concatenate([pcm for pcm, _, _ in line.service_heard])[16_000:80_000]
        silent = [n for n in range(0, len(heard), 320) if np.abs(heard[n : n + 320]).max() < 1_000]
        assert len(silent) <= 2, "losses are heard as holes"
    finally:
        await line.client.close()
        await line.call.close()


async def test_hanging_up_is_noticed_at_the_other_end(line: Line) -> None:
    await line.client.close()
    await until(lambda: line.closed)
    assert line.closed == ["the peer hung up"]
    assert line.call.closed.is_set()


async def test_a_peer_that_dies_without_a_word_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtc, "SILENT_PEER_S", 0.6)
    monkeypatch.setattr(rtc, "_WATCH_S", 0.1)
    line = await connect()
    await until(lambda: line.service_heard)
    line.client._voice.sender.transport._send_rtp = _swallow
    await until(lambda: line.closed, 3)
    assert line.closed == ["no sound came for 1 s"]
    await line.client.close()


async def _swallow(_data: bytes) -> None:
    return


async def test_an_offer_whose_peer_never_comes_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rtc, "CONNECT_TIMEOUT_S", 0.3)
    monkeypatch.setattr(rtc, "_WATCH_S", 0.1)
    client = RtcClient(Playout())
    closed: list[str] = []
    call = await answer(await client.offer(), on_audio=lambda _pcm, _pts: None, playout=Playout(), on_closed=closed.append)
    await until(lambda: closed)
    assert "no sound came" in closed[0]
    await call.close()
    await client.close()
    assert len(closed) == 1


@pytest.mark.parametrize("side", ["listener", "voice"])
async def test_a_fault_behind_the_line_ends_the_call_and_is_logged(side: str, caplog: pytest.LogCaptureFixture) -> None:
    closed: list[str] = []
    voice = Playout()

    def fail(*_: object) -> None:
        raise RuntimeError("the session broke")

    client = RtcClient(Playout())
    call = await answer(
        await client.offer(),
        on_audio=fail if side == "listener" else lambda _pcm, _pts: None,
        playout=voice,
        on_closed=closed.append,
    )
    await client.accept(call.sdp)
    if side == "voice":
        voice.on_started = fail
        voice.play(tone(1, 440), 48_000, mark="reply")
    await until(lambda: closed)
    assert closed == ["a fault in the service"]
    assert "the session broke" in caplog.text
    await client.close()


async def test_hidden_browser_addresses_neither_delay_nor_break_the_call() -> None:
    """Chromium offers mDNS names that only its own network can look up."""
    microphone, heard = Playout(), []
    client = RtcClient(microphone)
    offer = await client.offer()
    lines = [
        "a=candidate:1 1 udp 2113937151 5f0e7b2c-1f2d-4f0a-9b7e-000000000000.local 50000 typ host"
        if line.startswith("a=candidate")
        else line
        for line in offer.splitlines()
    ]
    started = time.monotonic()
    call = await answer("\r\n".join(lines) + "\r\n", on_audio=lambda pcm, _pts: heard.append(pcm), playout=Playout())
    assert time.monotonic() - started < 0.8, "the answer waited for a name"
    await client.accept(call.sdp)
    await until(lambda: heard)
    await client.close()
    await call.close()


def test_a_name_goes_and_an_address_stays() -> None:
    sdp = "v=0\r\na=candidate:1 1 udp 1 a.local 1 typ host\r\na=candidate:1 1 udp 1 10.0.0.1 1 typ host\r\n"
    assert without_waiting_for_names(sdp + "a=end-of-candidates\r\n") == ("v=0\r\na=candidate:1 1 udp 1 10.0.0.1 1 typ host\r\n")


async def test_an_answer_that_is_none_is_refused_in_words() -> None:
    client = RtcClient(Playout())
    await client.offer()
    with pytest.raises(ConnectionError, match="is no SDP that fits"):
        await client.accept("<html>a page</html>")
    await client.close()


async def test_the_answer_asks_for_wideband_with_fec_and_one_codec(line: Line) -> None:
    assert "useinbandfec=1" in line.call.sdp
    assert "maxplaybackrate=16000" in line.call.sdp
    assert line.call.sdp.count("a=rtpmap") == 1


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (lambda sdp: "", "no SDP"),
        (lambda sdp: '{"type": "offer"}', "no SDP"),
        (lambda sdp: "v=0\r\n", "no m=audio"),
        (lambda sdp: "v=0\r\nm=audio nine\r\n", "cannot be read"),
        (lambda sdp: sdp.replace("opus/48000", "speex/8000"), "no Opus"),
        (lambda sdp: sdp.replace("a=sendrecv", "a=recvonly"), "must be sendrecv"),
        (lambda sdp: "\r\n".join(x for x in sdp.splitlines() if "ice-pwd" not in x), "ICE credentials"),
        (lambda sdp: "\r\n".join(x for x in sdp.splitlines() if "fingerprint" not in x), "DTLS fingerprint"),
        (lambda sdp: sdp + "a=x\r\n" * 20_000, "are allowed"),
    ],
)
async def test_an_offer_that_is_none_is_refused_in_words(change: Any, complaint: str) -> None:
    client = RtcClient(Playout())
    offer = await client.offer()
    try:
        with pytest.raises(BadSdp, match=complaint):
            await answer(change(offer), on_audio=lambda _pcm, _pts: None, playout=Playout())
    finally:
        await client.close()
