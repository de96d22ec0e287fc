"""One owner a state folder: two brokers over one store acknowledge the same sequence, and an event is lost later."""

from __future__ import annotations

import fcntl
import json
import os
import time
from pathlib import Path


class StateLocked(Exception):
    """The state folder belongs to a live process. ``pid`` is its owner's, 0 if that is not known."""

    def __init__(self, folder: Path, pid: int) -> None:
        owner = f"process {pid}" if pid else "another process"
        super().__init__(f"{folder} is in use by {owner}: stop that one, or give another folder by --state")
        self.folder, self.pid = folder, pid


class StateLock:
    """An exclusive flock on ``<folder>/lock``. ``fd`` is handed to the broker, which so holds the lock as long as it lives.

    A broker that outlived its service (only where there is no PR_SET_PDEATHSIG) keeps a second one away.
    """

    def __init__(self, folder: Path, patience_s: float = 2.0) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / "lock"
        self.fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            self._take(folder, time.monotonic() + patience_s)
        except BaseException:
            os.close(self.fd)
            raise
        self.note()

    def _take(self, folder: Path, until: float) -> None:
        while True:
            try:
                return fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                service, broker = self._owners()
                # A service just killed: its broker is about to follow, so this is worth a moment.
                if _alive(service) or time.monotonic() > until:
                    raise StateLocked(folder, service if _alive(service) else broker) from None
                time.sleep(0.02)

    def note(self, broker_pid: int = 0) -> None:
        """Writes down who holds the lock: for the other's message only, the flock is what counts."""
        text = json.dumps({"pid": os.getpid(), "broker": broker_pid}).encode()
        os.pwrite(self.fd, text, 0)
        os.ftruncate(self.fd, len(text))

    def _owners(self) -> tuple[int, int]:
        try:
            found = json.loads(os.pread(self.fd, 200, 0))
            return int(found["pid"]), int(found["broker"])
        except (ValueError, KeyError, TypeError):
            return 0, 0

    def release(self) -> None:
        os.close(self.fd)


def _alive(pid: int) -> bool:
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
