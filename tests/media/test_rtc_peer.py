"""The parts that both ends of a call share."""

from __future__ import annotations

import asyncio
import time

import numpy as np
import pytest

from media.opus import Decoder
from media.playout import Playout
from media.rtc import answer
from media.rtc_client import RtcClient
from media.rtc_peer import EventChannel, Ice, IceServer, PacedTrack


class Channel:
    """What EventChannel sees of aiortc's data channel."""

    readyState = "open"

    def __init__(self) -> None:
        self.sent: list[str] = []

    def on(self, _name: str, _handler: object) -> None:
        return

    def send(self, text: str) -> None:
        self.sent.append(text)


async def test_frames_leave_every_20_ms() -> None:
    left: list[float] = []
    track = PacedTrack(Playout().next_frame, lambda _frame, at: left.append(at))
    for _ in range(50):
        await track.recv()
    assert left[-1] - left[0] == pytest.approx(0.98, abs=0.05)
    track.stop()


async def test_a_loop_that_was_held_up_skips_time_instead_of_sending_a_burst() -> None:
    playout = Playout()
    playout.play(np.full(48_000, 5_000, np.int16), 48_000, mark="reply")
    track = PacedTrack(playout.next_frame)
    first = [await track.recv() for _ in range(3)]
    time.sleep(0.5)  # noqa: ASYNC251 - holding the loop up is the point
    began = asyncio.get_running_loop().time()
    packets = [await track.recv() for _ in range(10)]
    took = asyncio.get_running_loop().time() - began
    assert took > 0.1, "everything that was late was sent at once: the guest's buffer keeps that delay"
    skipped = packets[0].pts - first[-1].pts
    assert skipped >= 960 * 20
    assert playout.heard_samples("reply") == 960 * 13, "speech was skipped, not only time"
    track.stop()


async def test_packets_are_mono_speech_with_a_copy_for_lost_ones() -> None:
    playout = Playout()
    t = np.arange(48_000) / 48_000
    playout.play((6_000 * np.sign(np.sin(2 * np.pi * 150 * t))).astype(np.int16), 48_000)
    track = PacedTrack(playout.next_frame)
    sizes = [len(bytes(await track.recv())) for _ in range(40)]
    track.stop()
    assert np.mean(sizes) * 8 * 50 < 40_000
    assert len(Decoder(48_000).decode(bytes(await _one_packet()))) == 960


async def _one_packet() -> bytes:
    track = PacedTrack(Playout().next_frame)
    packet = await track.recv()
    track.stop()
    return bytes(packet)


def test_events_wait_for_the_channel_in_order_and_are_bounded() -> None:
    events, channel = EventChannel(None), Channel()
    for number in range(1_500):
        events.send({"n": number})
    events.attach(channel)  # type: ignore[arg-type]
    assert channel.sent[0] == '{"n": 500}'
    assert channel.sent[-1] == '{"n": 1499}'
    events.send({"text": "好的"})
    assert channel.sent[-1] == '{"text": "好的"}'


@pytest.mark.parametrize("data", ["", "no JSON", "[1]", b"\xff\xfe", '"words"'])
def test_what_is_no_event_is_dropped(data: str | bytes, caplog: pytest.LogCaptureFixture) -> None:
    heard: list[object] = []
    EventChannel(heard.append)._received(data)
    assert not heard
    assert "no JSON object" in caplog.text


async def test_a_machine_without_a_network_can_be_called_from_itself() -> None:
    alone = Ice(addresses=("127.0.0.1",))
    heard: list[object] = []
    client = RtcClient(Playout(), ice=alone)
    offer = await client.offer()
    assert addresses(offer) == ["127.0.0.1"]
    call = await answer(offer, on_audio=lambda pcm, _pts: heard.append(pcm), playout=Playout(), ice=alone)
    assert addresses(call.sdp) == ["127.0.0.1"]
    await client.accept(call.sdp)
    await asyncio.sleep(0.2)
    assert heard
    await client.close()
    await call.close()


def addresses(sdp: str) -> list[str]:
    candidates = {line for line in sdp.splitlines() if line.startswith("a=candidate")}
    return sorted({line.split()[4] for line in candidates})


def test_ice_servers_are_read_as_an_operator_writes_them() -> None:
    assert IceServer.of("stun:stun.hotel.example") == IceServer("stun:stun.hotel.example")
    assert IceServer.of("turn:lobby:s3cret:x@relay.example:3478?transport=tcp") == IceServer(
        "turn:relay.example:3478?transport=tcp", "lobby", "s3cret:x"
    )


@pytest.mark.parametrize("text", ["stun.hotel.example", "", "http://relay.example", "turn:user@"])
def test_a_server_that_is_none_is_refused_in_words(text: str) -> None:
    with pytest.raises(ValueError, match="is expected"):
        IceServer.of(text)
