"""What stands before each thing that can be guessed: who fails too often waits."""

from __future__ import annotations

import logging
import math
import time

from fastapi import Request, Response

from concierge.web.attempts import Attempts, Key
from concierge.web.auth import DEVICE_LIFE, Tokens
from concierge.web.problem import Problem
from concierge.web.request import unauthorized

log = logging.getLogger(__name__)
COOKIE = "concierge_device_"


class Turnstile:
    """One request's. ``user``: whose password or code is tried; None: a room code."""

    def __init__(self, request: Request, user: str | None = None) -> None:
        self._request = request
        self._user = user
        self._passwords: Attempts = request.app.state.attempts
        self._codes: Attempts = request.app.state.code_attempts
        self._tokens: Tokens = request.app.state.tokens
        self._address = request.client.host if request.client else "unknown"
        self._keys: list[Key] = [("address", self._address)]
        if user is not None:
            device = self._tokens.device(request.cookies.get(COOKIE + user, ""), user)
            self._keys = [("device", device)] if device else [*self._keys, ("user", user)]

    def require_patience(self) -> None:
        """Raises 429 for who failed too often."""
        self._require(self._passwords)

    def require_patience_with_codes(self) -> None:
        """Likewise for a second factor."""
        self._require(self._codes)

    def failed(self, kind: str, detail: str) -> Problem:
        """``kind`` of log-in, for the metrics."""
        return self._failed(self._passwords, kind, detail)

    def failed_code(self) -> Problem:
        return self._failed(self._codes, "code", "the code is wrong, or was used before")

    def passed(self, kind: str, response: Response | None = None) -> None:
        """``response``: takes the cookie that tells this browser from a stranger's next time."""
        for attempts in (self._passwords, self._codes):
            for key in self._keys:
                if key[0] != "address":
                    attempts.forgive(key)
        self._request.app.state.metrics.logins.labels(kind, "admitted").inc()
        if response is not None and self._user is not None:
            response.set_cookie(
                COOKIE + self._user,
                self._tokens.mint_device(self._user).token,
                max_age=int(DEVICE_LIFE.total_seconds()),
                path="/v1/login",
                secure=self._request.url.scheme == "https",
                httponly=True,
                samesite="strict",
            )

    def _require(self, attempts: Attempts) -> None:
        wait_s = max(attempts.wait_s(key, time.monotonic()) for key in self._keys)
        if wait_s > 0:
            retry = str(math.ceil(wait_s))
            raise Problem(429, "too_many_attempts", f"wait {retry} s and try again", headers={"Retry-After": retry})

    def _failed(self, attempts: Attempts, kind: str, detail: str) -> Problem:
        for key in self._keys:
            attempts.failed(key, time.monotonic())
        log.info("refused: %s of %.64r from %s", kind, self._user, self._address)
        self._request.app.state.metrics.logins.labels(kind, "refused").inc()
        return unauthorized(detail)
