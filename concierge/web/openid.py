"""One OpenID provider: where the browser is sent, and what an authorization code is worth (OpenID Connect Core 1.0, RFC 7636).

Nothing that comes from there is believed before its signature, issuer, audience, times and nonce are checked. No session and
no token of the provider is kept: once it is known who somebody is, the rest is ours.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri, prepare_token_request
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import get_well_known_url
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from concierge.domain.hotel import Oidc

TIMEOUT_S = 5.0
"""For all of a log-in's requests together: somebody waits for them."""
KNOWN_S = 3600.0
"""How long the provider's addresses and keys are kept; a key that is not among them is looked for once more."""
LEEWAY_S = 60
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
"""Signatures by the provider's own keys: no ``none``, and none by a secret that we have too."""


class ProviderDown(Exception):
    """The provider does not answer, or not as it must."""


class NotProven(Exception):
    """What came does not say who somebody is."""


class Provider:
    """``secret`` None: a public client."""

    def __init__(self, config: Oidc, secret: str | None) -> None:
        self.config = config
        self.secret = secret
        self.callback = f"{config.address}/v1/login/oidc/callback"
        self._metadata: dict[str, Any] = {}
        self._keys = KeySet([])
        self._read_at = 0.0

    async def entrance(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes to log in. Raises :class:`ProviderDown`."""
        async with _asking() as http:
            await self._learn(http)
        uri = prepare_grant_uri(
            self._metadata["authorization_endpoint"],
            self.config.client_id,
            "code",
            redirect_uri=self.callback,
            scope=" ".join(self.config.scopes),
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
        )
        return str(uri)

    async def claims(self, code: str, nonce: str, verifier: str) -> Mapping[str, Any]:
        """Who came back with ``code``. Raises :class:`ProviderDown` or :class:`NotProven`."""
        async with _asking() as http:
            await self._learn(http)
            answer = await self._exchange(http, code, verifier)
            try:
                token = self._verified(answer["id_token"])
            except InvalidKeyIdError:  # the provider has changed its keys
                await self._learn(http, anew=True)
                token = self._verified(answer["id_token"])
            claims = CodeIDToken(
                token.claims,
                token.header,
                options={
                    "iss": {"essential": True, "value": self._metadata["issuer"]},
                    "aud": {"essential": True, "value": self.config.client_id},
                },
                params={"client_id": self.config.client_id, "nonce": nonce, "access_token": answer.get("access_token")},
            )
            claims.validate(leeway=LEEWAY_S)
        if not isinstance(claims["sub"], str) or not claims["sub"]:
            raise NotProven("the ID token names nobody")
        return dict(claims)

    def _verified(self, id_token: str) -> jwt.Token:
        return jwt.decode(id_token, self._keys, algorithms=ALGORITHMS)

    async def _exchange(self, http: httpx.AsyncClient, code: str, verifier: str) -> dict[str, Any]:
        url = self._metadata["token_endpoint"]
        supported = self._metadata.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        way = "none" if self.secret is None else "client_secret_basic"
        if self.secret is not None and way not in supported and "client_secret_post" in supported:
            way = "client_secret_post"
        body = prepare_token_request("authorization_code", code=code, redirect_uri=self.callback, code_verifier=verifier)
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        url, headers, body = ClientAuth(self.config.client_id, self.secret, way).prepare("POST", url, headers, body)
        answer = await http.post(url, content=body, headers=headers)
        if answer.status_code in (400, 401, 403):
            raise NotProven(f"the provider refused the code: {_object(answer).get('error', answer.status_code)}")
        found = _object(answer)
        if not isinstance(found.get("id_token"), str):
            raise ProviderDown("the provider's answer holds no ID token: is openid among the scopes?")
        return found

    async def _learn(self, http: httpx.AsyncClient, *, anew: bool = False) -> None:
        if self._metadata and not anew and time.monotonic() - self._read_at < KNOWN_S:
            return
        metadata = _object(await http.get(get_well_known_url(self.config.issuer, external=True)))
        if str(metadata.get("issuer", "")).rstrip("/") != self.config.issuer:
            raise ProviderDown(f"the provider says that it is {metadata.get('issuer')!r}, the property file says otherwise")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            url = urlsplit(str(metadata.get(name, "")))
            if url.scheme != "https" and url.hostname != urlsplit(self.config.issuer).hostname:
                raise ProviderDown(f"the provider's {name} is no https address")
        keys = _object(await http.get(metadata["jwks_uri"]))
        try:
            self._keys = KeySet.import_key_set(keys)  # type: ignore[arg-type]  # it says itself what does not fit
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise ProviderDown(f"the provider's keys cannot be read: {type(error).__name__}") from None
        self._metadata, self._read_at = metadata, time.monotonic()


@asynccontextmanager
async def _asking() -> AsyncIterator[httpx.AsyncClient]:
    """Whatever goes wrong becomes one of our two errors, never with a code or a secret in its text."""
    try:
        async with asyncio.timeout(TIMEOUT_S), httpx.AsyncClient(timeout=TIMEOUT_S) as http:
            yield http
    except (TimeoutError, httpx.HTTPError) as error:
        raise ProviderDown(f"the provider does not answer ({type(error).__name__})") from None
    except (JoseError, ValueError) as error:
        raise NotProven(f"the ID token does not hold ({error})") from None


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except ValueError:
        found = None
    if answer.status_code >= 500 or not isinstance(found, dict):
        raise ProviderDown(f"{answer.url.path}: HTTP {answer.status_code}, no JSON object")
    return found
