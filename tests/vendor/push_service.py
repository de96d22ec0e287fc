"""**Stands for a browser and its push service**: takes Web Push messages (RFC 8030), checks who signs them (RFC 8292), opens them
with the browser's keys (RFC 8291, by http_ece).
"""

from __future__ import annotations

import json
import os
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any, Self

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from .loopback import Asked, Loopback


@dataclass
class Browser:
    """``key``: the applicationServerKey that it subscribed with. ``shown``: the messages that came, opened."""

    name: str
    key: str
    endpoint: str
    private: Any = field(default_factory=lambda: generate_private_key(SECP256R1()))
    secret: bytes = field(default_factory=lambda: os.urandom(16))
    shown: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)

    @property
    def subscription(self) -> dict[str, Any]:
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.endpoint, "keys": {"p256dh": _encoded(point), "auth": _encoded(self.secret)}}


class PushService:
    """``async with PushService() as push``; what is wrong with a message is answered as a push service answers it."""

    def __init__(self) -> None:
        self.browsers: dict[str, Browser] = {}
        self.server = Loopback(self._answer)

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.__aexit__()

    def browser(self, name: str, key: str) -> Browser:
        self.browsers[f"/send/{name}"] = browser = Browser(name, key, f"{self.server.url}/send/{name}")
        return browser

    async def _answer(self, asked: Asked) -> tuple[int, Any]:
        browser = self.browsers.get(asked.path)
        if browser is None:
            return 404, ""
        if wrong := self._unsigned(asked.headers.get("authorization", ""), browser):
            return 403, wrong
        if not asked.headers.get("ttl", "").isdecimal() or asked.headers.get("content-encoding") != "aes128gcm":
            return 400, "TTL and Content-Encoding: aes128gcm"
        body = asked.body.encode(errors="surrogateescape")
        opened = http_ece.decrypt(body, private_key=browser.private, auth_secret=browser.secret, version="aes128gcm")
        browser.shown.append(json.loads(opened))
        browser.headers.append(asked.headers)
        return 201, ""

    def _unsigned(self, authorization: str, browser: Browser) -> str:
        """Why the request is not one of the service that the browser subscribed to; "": it is."""
        scheme, _, rest = authorization.partition(" ")
        parts = dict(part.strip().split("=", 1) for part in rest.split(",") if "=" in part)
        if scheme != "vapid" or parts.get("k") != browser.key:
            return "another key"
        point = urlsafe_b64decode(parts["k"] + "=" * (-len(parts["k"]) % 4))
        public = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
        try:
            claims = jwt.decode(
                parts["t"], public, algorithms=["ES256"], audience=self.server.url, options={"require": ["exp", "sub"]}
            )
        except jwt.InvalidTokenError as error:
            return str(error)
        return "" if claims["exp"] <= time.time() + 24 * 3600 and claims["sub"].startswith(("mailto:", "https:")) else "claims"


def _encoded(raw: bytes) -> str:
    return urlsafe_b64encode(raw).decode().rstrip("=")
