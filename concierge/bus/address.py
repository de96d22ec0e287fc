"""Where a broker is and how to log in: of our own child, of an outside cluster, or of a service that runs already."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class Credentials:
    user: str
    password: str = field(repr=False)


@dataclass(frozen=True)
class MqttAddress:
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False


@dataclass(frozen=True)
class BrokerAddress:
    """``credentials`` is None where the URL says it all. ``mqtt`` is None where no MQTT broker is known."""

    url: str
    credentials: Credentials | None
    mqtt: MqttAddress | None


class NotRunning(Exception):
    """No service runs over this state folder."""


def from_environment(environment: dict[str, str] | None = None) -> BrokerAddress | None:
    """The outside broker of ``CONCIERGE_NATS_URL`` and ``CONCIERGE_MQTT_URL``; None: there is none, start our own.

    Raises ValueError for a URL that is none.
    """
    found = os.environ if environment is None else environment
    url = found.get("CONCIERGE_NATS_URL")
    if not url:
        return None
    if urlsplit(url.split(",")[0]).scheme not in ("nats", "tls", "ws", "wss"):
        raise ValueError(f"CONCIERGE_NATS_URL is {url!r}; expected nats://user:password@host:4222")
    mqtt = found.get("CONCIERGE_MQTT_URL")
    return BrokerAddress(url, None, _mqtt(mqtt) if mqtt else None)


def _mqtt(url: str) -> MqttAddress:
    parts = urlsplit(url)
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname:
        raise ValueError(f"CONCIERGE_MQTT_URL is {url!r}; expected mqtt://user:password@host:1883")
    tls = parts.scheme == "mqtts"
    user, password = (unquote(part) if part else None for part in (parts.username, parts.password))
    return MqttAddress(parts.hostname, parts.port or (8883 if tls else 1883), user, password, tls)


def write(state_dir: Path, address: BrokerAddress) -> None:
    """Leaves the address for other commands of this machine's user, in ``broker.json`` (0600)."""
    write_private(state_dir / "broker.json", json.dumps({**asdict(address), "pid": os.getpid()}, indent=1))


def forget(state_dir: Path) -> None:
    (state_dir / "broker.json").unlink(missing_ok=True)


def running(state_dir: Path) -> BrokerAddress:
    """The broker of the service that runs over ``state_dir``. Raises :class:`NotRunning`."""
    try:
        found = json.loads((state_dir / "broker.json").read_text(encoding="utf-8"))
        os.kill(int(found["pid"]), 0)
    except PermissionError as error:
        raise NotRunning(f"{state_dir} belongs to another user: run this as the user of the service") from error
    except (OSError, ValueError, KeyError) as error:
        raise NotRunning(f"no service runs over {state_dir}: start one by  concierge serve --state {state_dir}") from error
    credentials, mqtt = found["credentials"], found["mqtt"]
    return BrokerAddress(
        found["url"],
        Credentials(**credentials) if credentials else None,
        MqttAddress(**mqtt) if mqtt else None,
    )


def write_private(path: Path, text: str) -> None:
    """Replaces ``path`` at once by a file that only its owner can read."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(fd, "w", encoding="utf-8") as file:
        file.write(text)
    fresh.replace(path)
