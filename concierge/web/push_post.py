"""One notification to one push service: sealed for the browser (RFC 8291), signed by us (RFC 8292), posted to the outside only."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid
from py_vapid.utils import b64urlencode
from pywebpush import WebPusher

from concierge.domain.push import Subscription, is_public

KEY_FILE = "push.key"
TIMEOUT_S = 10.0
SIGNED_FOR_S = 12 * 3600
"""RFC 8292 allows 24 h."""


def load_key(state: Path) -> Vapid:
    """The key that push services know us by, in the state folder, made at the first start (0600). Raises :class:`OSError`."""
    path = state / KEY_FILE
    state.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        key = Vapid()
        key.generate_keys()
        draft = path.with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key.private_pem())
        with suppress(FileExistsError):  # written whole, then linked: a second process never reads half a key
            os.link(draft, path)
        draft.unlink()
    return Vapid.from_pem(path.read_bytes())


def public(key: Vapid) -> str:
    """The uncompressed point, base64url: what a browser subscribes with."""
    return str(b64urlencode(key.public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)))


class Poster:
    """``contact``: mailto: or https: address of who runs this. ``inside``: a push service may be in the house, for tests."""

    def __init__(self, key: Vapid, contact: str, *, inside: bool = False) -> None:
        self._key = key
        self._contact = contact
        transport = httpx.AsyncHTTPTransport() if inside else _Outward()
        self._client = httpx.AsyncClient(transport=transport, timeout=TIMEOUT_S)

    async def close(self) -> None:
        await self._client.aclose()

    async def post(
        self, subscription: Subscription, message: Mapping[str, Any], *, topic: str, ttl_s: int, urgent: bool
    ) -> tuple[int, str | None]:
        """(HTTP status, Retry-After). Redirects are not followed, the answer's body is not read. ``topic``: a message that still
        waits for the browser under the same one is replaced.

        Raises :class:`httpx.HTTPError` or :class:`TimeoutError`.
        """
        body, headers = await asyncio.to_thread(self._sealed, subscription, message)
        headers |= {"TTL": str(ttl_s), "Urgency": "high" if urgent else "normal", "Topic": topic}
        async with (
            asyncio.timeout(TIMEOUT_S),
            self._client.stream("POST", subscription.endpoint, content=body, headers=headers) as answer,
        ):
            return answer.status_code, answer.headers.get("Retry-After")

    def _sealed(self, subscription: Subscription, message: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
        keys = {"p256dh": subscription.p256dh, "auth": subscription.auth}
        pusher = WebPusher({"endpoint": subscription.endpoint, "keys": keys})
        body: bytes = pusher.encode(json.dumps(message, ensure_ascii=False).encode())["body"]
        parts = urlsplit(subscription.endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "sub": self._contact,
            "exp": int(time.time()) + SIGNED_FOR_S,
        }
        return body, {**self._key.sign(claims), "Content-Encoding": "aes128gcm", "Content-Type": "application/octet-stream"}


class _Outward(httpx.AsyncHTTPTransport):
    """Connects to public addresses only: to one that was looked up and judged, not to whatever the name has a moment later."""

    def __init__(self) -> None:
        # A connection is known by its address, which two names may share: none is kept for another.
        super().__init__(limits=httpx.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.host
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, request.url.port or 443)
        except OSError as error:
            raise httpx.ConnectError(f"{host}: {error.strerror}") from error
        addresses = [str(address[0]) for *_, address in found]
        if not all(map(is_public, addresses)):
            raise NotOutside(f"{host} is in the house")
        request.extensions = {**request.extensions, "sni_hostname": host}
        request.url = request.url.copy_with(host=addresses[0])
        return await super().handle_async_request(request)


class NotOutside(httpx.RequestError):
    """The push service's name leads to an address that is not public."""
