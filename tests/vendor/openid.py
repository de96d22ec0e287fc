"""**Stands for an OpenID provider** such as Keycloak or Entra ID: discovery, keys, authorization code with PKCE, ID tokens.

Written from OpenID Connect Core 1.0 and RFC 7636, and signed by PyJWT: nothing here is what the service checks with.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from collections.abc import Callable
from typing import Any, Self
from urllib.parse import parse_qs, parse_qsl, unquote, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

from .loopback import Asked, Loopback

CLIENT, SECRET = "concierge", "a secret: of/the client"


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


class OpenIdProvider:
    """``change``: what a test does to an ID token's claims; ``sign``: (claims) → the token, in place of the provider's own."""

    def __init__(self) -> None:
        self.key, self.kid = new_key(), "k1"
        self.change: Callable[[dict[str, Any]], None] = lambda claims: None
        self.sign: Callable[[dict[str, Any]], str] = self.signed
        self.metadata: dict[str, Any] = {}
        self.auth_methods = ["client_secret_basic"]
        self._codes: dict[str, tuple[dict[str, str], dict[str, Any]]] = {}
        self.server = Loopback(self._answer)

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.__aexit__()

    @property
    def issuer(self) -> str:
        return f"{self.server.url}/realms/hotel"

    def log_in(self, address: str, **claims: Any) -> dict[str, str]:
        """Somebody types their password at the address that the service sent them to: what the browser then brings back."""
        parts = urlsplit(address)
        assert parts.path == "/realms/hotel/auth"
        asked = dict(parse_qsl(parts.query))
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = secrets.token_urlsafe(16)
        self._codes[code] = (asked, claims)
        return {"code": code, "state": asked["state"]}

    def signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": self.kid})

    async def _answer(self, asked: Asked) -> tuple[int, Any]:
        match asked.path.removeprefix("/realms/hotel"):
            case "/.well-known/openid-configuration":
                return 200, {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/auth",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/keys",
                    "token_endpoint_auth_methods_supported": self.auth_methods,
                    **self.metadata,
                }
            case "/keys":
                public = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key()))
                return 200, {"keys": [{**public, "kid": self.kid, "use": "sig", "alg": "RS256"}]}
            case "/token" if asked.method == "POST":
                return self._token(asked)
        return 404, {"error": "not_found"}

    def _token(self, asked: Asked) -> tuple[int, Any]:
        form = {key: values[0] for key, values in parse_qs(asked.body).items()}
        if self.auth_methods == ["client_secret_post"]:
            known = form.get("client_id") == CLIENT and form.get("client_secret") == SECRET
        else:
            user, _, password = base64.b64decode(asked.headers["authorization"].removeprefix("Basic ")).decode().partition(":")
            known = (unquote(user), unquote(password)) == (CLIENT, SECRET)
        if not known:
            return 401, {"error": "invalid_client"}
        began, who = self._codes.pop(form["code"], ({}, {}))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if challenge != began.get("code_challenge") or form["redirect_uri"] != began["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": began["nonce"], **who}
        self.change(claims)
        return 200, {"access_token": "opaque", "token_type": "Bearer", "expires_in": 300, "id_token": self.sign(claims)}
