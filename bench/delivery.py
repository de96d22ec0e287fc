"""Nothing is lost and nothing doubled while the service and its broker are killed (-9) in turn.

``--clients`` sockets send ``--messages`` chat messages and place ``--orders`` orders, as clients with an outbox do (an id of
its own each, repeated until it is acknowledged). All the while ``concierge serve`` and its nats-server are killed in turn,
each 2 s after ``/readyz`` was last 200, ``--kills`` times each. Then what each client received is compared with the others',
and with a fresh client that reads the whole log.

``ack_*`` counts from the first try, so a message that met a kill waits for the restart in it; ``undisturbed_*`` is of those
that met none.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import signal
import socket
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from bench.fleet import Client, Sent, place_order, rank
from concierge.commands.token import mint
from concierge.settings import Settings

SENDERS = ("zhang_yu", "emma", "lin_manager")
"""They see the whole house, so what they receive can be compared entry by entry."""
CONVERSATION = "dept-housekeeping"
ALIVE_S = 2.0
POLL_S = 0.05
READY_S = 90.0


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench delivery", description=__doc__)
    parser.add_argument("--messages", type=int, default=30_000)
    parser.add_argument("--orders", type=int, default=2_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--kills", type=int, default=20, help="of the service, and as many of the broker")
    args = parser.parse_args(argv)
    report = asyncio.run(_measure(args.messages, args.orders, args.clients, args.kills))
    print(json.dumps(report, ensure_ascii=False, indent=1))
    return 1 if report["lost"] or report["doubled"] or not report["same_for_all"] or report["errors"] else 0


class Hotel:
    """``concierge serve`` over one state folder, started again whenever it was killed."""

    def __init__(self, state: Path, port: int) -> None:
        self.state = state
        self.url = f"http://127.0.0.1:{port}"
        self.kills: Counter[str] = Counter()
        self.windows: list[tuple[float, float]] = []
        """(killed, ready again) by the monotonic clock."""
        self._port = port
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        command = (sys.executable, "-m", "concierge.cli", "serve", "--state", str(self.state), "--port", str(self._port))
        with (self.state / "serve.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(*command, stdout=log, stderr=log)

    async def stop(self) -> None:
        if self._process and self._process.returncode is None:
            self._process.terminate()
            await self._process.wait()

    async def ready(self) -> None:
        """Returns when ``/readyz`` is 200."""
        async with httpx.AsyncClient(base_url=self.url) as http, asyncio.timeout(READY_S):
            while True:
                with contextlib.suppress(httpx.TransportError):
                    if (await http.get("/readyz")).status_code == 200:
                        return
                if self._process and self._process.returncode is not None:
                    raise RuntimeError("the service ended: " + (self.state / "serve.log").read_text("utf-8")[-2000:])
                await asyncio.sleep(POLL_S)

    async def kill(self, what: str) -> None:
        assert self._process is not None
        at = time.monotonic()
        os.kill(self._process.pid if what == "service" else self._broker(), signal.SIGKILL)
        self.kills[what] += 1
        if what == "service":
            await self._process.wait()
            await self.start()
        else:
            await self._unready()
        await self.ready()
        self.windows.append((at, time.monotonic()))

    def memory_kib(self) -> int:
        """What the service's process holds in memory (VmRSS), without its broker."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text("ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))

    async def _unready(self) -> None:
        """The broker is back within a second; what is asked before it has fallen would be the old one's answer."""
        await asyncio.sleep(2 * POLL_S)

    def _broker(self) -> int:
        assert self._process is not None
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
                    if parent == self._process.pid and b"nats-server" in (entry / "cmdline").read_bytes():
                        return int(entry.name)
        raise RuntimeError("the service has no broker")


async def _measure(messages: int, orders: int, clients: int, kills: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="concierge-bench-") as folder:
        hotel = Hotel(Path(folder), free_port())
        await hotel.start()
        try:
            await hotel.ready()
            return await _run(hotel, messages, orders, clients, kills)
        finally:
            await hotel.stop()


async def _run(hotel: Hotel, messages: int, orders: int, clients: int, kills: int) -> dict[str, Any]:
    settings = Settings(state=hotel.state)
    tokens = [await mint(settings, staff=name) for name in SENDERS]
    socket_url = hotel.url.replace("http", "ws") + "/v1/socket"
    fleet = [Client(socket_url, tokens[number % len(tokens)], CONVERSATION) for number in range(clients)]
    running = [asyncio.create_task(client.run()) for client in fleet]
    asked: list[Sent] = []
    placing: set[asyncio.Task[None]] = set()
    failed: list[str] = []
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=hotel.url, headers={"Authorization": f"Bearer {tokens[0]}"}, timeout=10) as http:

        def over(task: asyncio.Task[None]) -> None:
            placing.discard(task)
            if not task.cancelled() and (error := task.exception()):
                failed.append(str(error))

        def order(number: int) -> None:
            asked.append(sent := Sent(uuid4().hex, f"order {number}", time.monotonic()))
            task = asyncio.create_task(place_order(http, sent, space=f"{1 + number % 3}0{1 + number % 8}"))
            placing.add(task)
            task.add_done_callback(over)

        for client in fleet:
            await client.ready.wait()
        lives = 2 * kills + 1
        said = 0

        async def give_out(until_message: int, until_order: int, over_s: float) -> None:
            """Evenly over the time."""
            nonlocal said
            parts = 40
            for part in range(parts, 0, -1):
                for _ in range((until_message - said) // part):
                    fleet[said % clients].say(uuid4().hex, f"message {said}")
                    said += 1
                for _ in range((until_order - len(asked)) // part):
                    order(len(asked))
                await asyncio.sleep(over_s / parts)

        for life in range(lives):
            # Half of this life's share while the service lives, the rest around and after its death: each kill meets work.
            upto = [(messages * k // (2 * lives), orders * k // (2 * lives)) for k in (2 * life + 1, 2 * life + 2)]
            await give_out(*upto[0], ALIVE_S)
            dying = asyncio.create_task(give_out(*upto[1], ALIVE_S))
            if life < 2 * kills:
                await asyncio.sleep(POLL_S)
                await hotel.kill("broker" if life % 2 else "service")
                print(f"kill {life + 1} of {2 * kills}: {said} sent, {len(hotel.windows)} times back", file=sys.stderr)
            await dying
        await _until(lambda: bool(failed) or not _open(fleet, asked))
        seconds = time.monotonic() - began
        whole = Client(socket_url, tokens[0], CONVERSATION, keep=True)
        reading = asyncio.create_task(whole.run())
        await whole.ready.wait()
        end = whole.last  # deadlines go on being missed meanwhile: what comes later is not compared
        await _level(fleet, end)
        orders_listed = await _listed(http)
    for task in (*running, reading):
        task.cancel()
    await asyncio.gather(*running, reading, return_exceptions=True)
    for client in (*fleet, whole):
        client.seen = [one for one in client.seen if one[0] <= end]
    return _report(hotel, fleet, asked, whole, orders_listed, seconds, failed)


def _open(fleet: list[Client], asked: list[Sent]) -> int:
    return sum(client.unacknowledged for client in fleet) + sum(not order.acked for order in asked)


async def _until(met: Callable[[], bool]) -> None:
    while True:
        if met():
            return
        await asyncio.sleep(0.1)


async def _level(fleet: list[Client], end: int) -> None:
    """Every client has what the last one has; one that gets nothing for half a minute will never have it."""
    while True:
        before = [client.last for client in fleet]
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(30):
                await _until(lambda: all(client.last >= end for client in fleet))
                return
        if before == [client.last for client in fleet]:
            return


async def _listed(http: httpx.AsyncClient) -> Counter[str]:
    """Words → how many orders the SQL view lists."""
    found: Counter[str] = Counter()
    before: int | None = None
    while True:
        page = (await http.get("/v1/orders", params={"limit": 200} | ({"before": before} if before else {}))).json()
        found.update(item["words"] for item in page["items"])
        before = page["next"]
        if before is None:
            return found


def _report(
    hotel: Hotel, fleet: list[Client], asked: list[Sent], whole: Client, listed: Counter[str], seconds: float, failed: list[str]
) -> dict[str, Any]:
    messages = [message for client in fleet for message in client.sent.values()]
    on_log = Counter(frame["data"]["text"] for frame in whole.events if frame["event"] == "said")
    placed = Counter(frame["data"]["words"] for frame in whole.events if frame["event"] == "placed")
    where = {frame["seq"]: frame["data"] for frame in whole.events}
    lost = sum(not on_log[m.text] for m in messages) + sum(not placed[o.text] or not listed[o.text] for o in asked)
    doubled = sum(on_log[m.text] > 1 for m in messages) + sum(placed[o.text] > 1 or listed[o.text] > 1 for o in asked)
    # An acknowledgement names the place on the log: another message there is one that was lost.
    lost += sum(where.get(m.seq, {}).get("text") != m.text for m in messages)
    lost += sum(where.get(o.seq, {}).get("words") != o.text for o in asked)
    sent = [*messages, *asked]
    took = sorted(1000 * (one.acked - one.at) for one in sent)
    calm = sorted(
        1000 * (one.acked - one.at)
        for one in sent
        if not any(one.at < again and killed < one.acked for killed, again in hotel.windows)
    )
    return {
        "messages": len(messages),
        "orders": len(asked),
        "clients": len(fleet),
        "kills": sum(hotel.kills.values()),
        "kills_of": dict(hotel.kills),
        "lost": lost,
        "doubled": doubled,
        "same_for_all": all(client.seen == whole.seen for client in fleet),
        "events_each": len(whole.seen),
        "connections": sum(client.connects for client in fleet),
        "seconds": round(seconds, 1),
        "ack_p50_ms": rank(took, 0.50),
        "ack_p99_ms": rank(took, 0.99),
        "undisturbed": {"n": len(calm), "ack_p50_ms": rank(calm, 0.50), "ack_p99_ms": rank(calm, 0.99)},
        "back_after_kill_s": round(statistics.median(again - killed for killed, again in hotel.windows), 2)
        if hotel.windows
        else None,
        "errors": [*failed, *(error for client in (*fleet, whole) for error in client.errors)][:20],
    }


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
