"""The broker as a child: locked, restarted, and gone with its parent."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import stat
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import aiomqtt
import pytest

from concierge.bus import address
from concierge.bus.address import BrokerAddress, Credentials, NotRunning
from concierge.bus.lock import StateLocked
from concierge.bus.log import Log
from concierge.bus.server import Broker, BrokerFailed
from concierge.domain.errors import Unavailable
from concierge.domain.event import Draft, Entry, subject


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - processes set no events
            await asyncio.sleep(0.01)


async def test_a_broker_killed_under_load_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """Four writers, one follower, the broker killed -9 five times: acknowledged = stored = followed, in order."""
    acknowledged: list[Entry] = []
    followed: list[Entry] = []
    done = asyncio.Event()

    async def write(log: Log, writer: int) -> None:
        number = 0
        while not done.is_set():
            chat = subject("demo", "im", f"c{writer}")
            draft = Draft(chat, "said", {"n": number}, "test", expected=None, command=f"{writer}-{number}")
            acknowledged.extend(await log.append(draft))
            order = subject("demo", "order", "house", f"o{writer}")
            last = await log.last(order)
            drafts = [
                Draft(order, "changed", {"n": number}, "test", last.seq if last else 0, f"{writer}-{number}-b"),
                Draft(chat, "told", {"n": number}, "test", None, f"{writer}-{number}-b", 1),
            ]
            acknowledged.extend(await log.append(*drafts))
            number += 1
            await asyncio.sleep(0.002)

    async def follow(log: Log) -> None:
        async for entry in log.follow("h.demo.>"):
            followed.append(entry)

    async with Broker(tmp_path) as broker:
        urls = (broker.url, broker.mqtt)
        log = await Log.open(broker.address, "demo")
        follower = asyncio.create_task(follow(log))
        writers = [asyncio.create_task(write(log, writer)) for writer in range(4)]
        for kill in range(1, 6):
            await asyncio.sleep(0.4)
            assert broker.pid is not None
            os.kill(broker.pid, signal.SIGKILL)
            await until(lambda kill=kill: broker.restarts == kill and broker.pid is not None)
        await asyncio.sleep(0.5)
        done.set()
        await asyncio.gather(*writers)
        stored = [entry async for entry in log.read("h.demo.>")]
        await until(lambda: len(followed) >= len(stored))
        follower.cancel()
        await asyncio.gather(follower, return_exceptions=True)
        await log.close()
        assert (broker.url, broker.mqtt) == urls

    assert len(acknowledged) > 100
    assert sorted(acknowledged, key=lambda entry: entry.seq) == stored
    assert followed == stored
    assert len({(entry.command, entry.event) for entry in stored}) == len(stored)


async def test_a_state_folder_in_use_is_refused_with_its_owners_pid(tmp_path: Path) -> None:
    async with Broker(tmp_path) as broker:
        with pytest.raises(StateLocked, match=f"in use by process {os.getpid()}.*--state"):
            await Broker(tmp_path).__aenter__()
        assert broker.pid
    async with Broker(tmp_path):
        pass


async def test_the_broker_dies_with_a_service_that_is_killed(tmp_path: Path) -> None:
    service = textwrap.dedent(f"""
        import asyncio
        from pathlib import Path
        from concierge.bus.server import Broker
        async def main():
            async with Broker(Path({str(tmp_path)!r})) as broker:
                print(broker.pid, flush=True)
                await asyncio.sleep(60)
        asyncio.run(main())
    """)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", service, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    broker_pid = int(await process.stdout.readline())
    assert alive(broker_pid)
    with pytest.raises(StateLocked) as locked:
        await Broker(tmp_path).__aenter__()
    assert locked.value.pid == process.pid
    process.kill()
    await process.wait()
    process._transport.close()  # type: ignore[attr-defined]
    await until(lambda: not alive(broker_pid))
    with pytest.raises(NotRunning):
        await asyncio.to_thread(address.running, tmp_path)
    async with Broker(tmp_path):
        pass


async def test_the_broker_stops_with_the_service(tmp_path: Path) -> None:
    async with Broker(tmp_path) as broker:
        pid = broker.pid
        assert pid is not None
        assert await asyncio.to_thread(address.running, tmp_path) == broker.address
    assert not alive(pid)
    with pytest.raises(NotRunning, match="concierge serve"):
        await asyncio.to_thread(address.running, tmp_path)


async def test_passwords_are_for_the_owner_only_and_last(tmp_path: Path) -> None:
    async with Broker(tmp_path) as broker:
        first = broker.credentials
        for name in ("broker.json", "lock", "broker/users.json", "broker/nats.conf"):
            assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600, name
        assert first.password not in repr(broker.address)
    async with Broker(tmp_path) as broker:
        assert broker.credentials == first


async def test_devices_find_the_broker_where_it_was(tmp_path: Path) -> None:
    async with Broker(tmp_path) as broker:
        before = broker.mqtt.port
    async with Broker(tmp_path) as broker:
        assert broker.mqtt.port == before
    with socket.socket() as other:
        other.bind(("127.0.0.1", before))
        other.listen()
        async with Broker(tmp_path) as broker:
            assert broker.mqtt.port != before


async def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    async with Broker(tmp_path / "one") as broker:
        port = int(broker.url.rpartition(":")[2])
        with pytest.raises(BrokerFailed, match="address already in use"):
            await Broker(tmp_path / "two", port=port, mqtt_port=port).__aenter__()


async def test_a_device_cannot_forge_an_order(broker: Broker, log: Log) -> None:
    """MQTT acknowledges what it drops, so only the log can tell."""
    order = subject("demo", "order", "s-1", "o1")
    forged = json.dumps({"v": 1, "event": "placed", "at": "2026-01-01T00:00:00Z", "by": "x", "command": "", "data": {}})
    mqtt = broker.mqtt
    async with aiomqtt.Client(mqtt.host, mqtt.port, username=mqtt.user, password=mqtt.password) as client:
        for topic in (order.replace(".", "/"), "$JS/API/STREAM/DELETE/H_demo", "$MQTT/msgs/x"):
            await client.publish(topic, forged, qos=1, timeout=5)
            await client.publish(topic, forged, qos=0, timeout=5)
        await client.subscribe("homeassistant/#", timeout=5)
        await client.publish("homeassistant/demo/301/bedside/state", "{}", timeout=5)
        async with asyncio.timeout(5):
            assert (await anext(client.messages)).payload == b"{}"
    [genuine] = await log.append(Draft(order, "placed", {}, "test", expected=0))
    assert [entry async for entry in log.read("h.demo.>")] == [genuine]


async def test_a_device_cannot_listen_to_the_log(broker: Broker, log: Log) -> None:
    mqtt = broker.mqtt
    async with aiomqtt.Client(mqtt.host, mqtt.port, username=mqtt.user, password=mqtt.password) as client:
        heard: list[str] = []

        async def listen() -> None:
            async for message in client.messages:
                heard.append(str(message.topic))

        listener = asyncio.create_task(listen())
        for topic in ("h/#", "#", "$JS/#"):
            codes = await client.subscribe(topic, timeout=5)
            assert [getattr(code, "value", code) for code in codes] == [0x80], "refused"
        await log.append(Draft(subject("demo", "im", "c"), "said", {}, "test", expected=None))
        await asyncio.sleep(0.2)
        listener.cancel()
        await asyncio.gather(listener, return_exceptions=True)
    assert heard == []


@pytest.mark.parametrize("user", ["nobody", "devices"])
async def test_who_is_not_the_service_cannot_connect(broker: Broker, user: str) -> None:
    stranger = BrokerAddress(broker.url, Credentials(user, broker.mqtt.password or ""), None)
    with pytest.raises(Unavailable, match="Authorization Violation"):
        await Log.open(stranger, "demo", timeout_s=0.5)


def test_an_outside_cluster_is_taken_from_the_environment() -> None:
    assert address.from_environment({}) is None
    found = address.from_environment(
        {"CONCIERGE_NATS_URL": "nats://u:p@n1:4222,nats://n2:4222", "CONCIERGE_MQTT_URL": "mqtts://ha:p%40ss@broker"}
    )
    assert found is not None
    assert found.url.endswith("n2:4222")
    assert found.mqtt == address.MqttAddress("broker", 8883, "ha", "p@ss", tls=True)
    with pytest.raises(ValueError, match="expected nats://"):
        address.from_environment({"CONCIERGE_NATS_URL": "localhost"})
