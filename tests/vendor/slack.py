"""**Stands for Slack**: Web API methods, signed interaction requests and response URLs, by https://docs.slack.dev."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from typing import Any, Self
from urllib.parse import urlencode

import httpx

from .loopback import Asked, Loopback

TOKEN, SIGNING_SECRET = "xoxb-loopback", "8f742231b10e8888abcd99yyyzzz85a5"


class SlackVendor:
    """``cards``: (channel, ts) → the message as everybody there sees it. ``told``: (user, text) that one person alone sees."""

    def __init__(self) -> None:
        self.cards: dict[tuple[str, str], dict[str, Any]] = {}
        self.told: list[tuple[str, str]] = []
        self.token = TOKEN
        self._number = itertools.count(1)
        self._asking: dict[str, str] = {}
        self.server = Loopback(self._answer)

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.__aexit__()

    @property
    def url(self) -> str:
        return f"{self.server.url}/api"

    def shown(self, channel: str) -> list[str]:
        """All text of each card in the channel, oldest first."""
        return [_text(card["blocks"]) for (where, _), card in sorted(self.cards.items()) if where == channel]

    async def _answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.path.startswith("/respond/"):
            assert asked.body["response_type"] == "ephemeral"
            assert asked.body["replace_original"] is False
            self.told.append((self._asking[asked.path], asked.body["text"]))
            return 200, "ok"
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 200, {"ok": False, "error": "invalid_auth"}
        body = asked.body
        if not body["channel"].startswith(("C", "U", "D")):
            return 200, {"ok": False, "error": "channel_not_found"}
        _check(body["blocks"])
        if asked.path == "/api/chat.postMessage":
            key = (body["channel"], f"{1700000000 + next(self._number)}.000100")
        else:
            assert asked.path == "/api/chat.update", asked.path
            key = (body["channel"], body["ts"])
            if key not in self.cards:
                return 200, {"ok": False, "error": "message_not_found"}
        self.cards[key] = body
        return 200, {"ok": True, "channel": key[0], "ts": key[1]}

    def pressed(self, user: str, channel: str, verb: str, *, card: dict[str, Any] | None = None) -> bytes:
        """The body that Slack sends when ``user`` presses the button of the newest card in ``channel``, or of one seen before."""
        shown = card or self.cards[max(key for key in self.cards if key[0] == channel)]
        elements = [element for block in shown["blocks"] if block["type"] == "actions" for element in block["elements"]]
        button = next(one for one in elements if one["action_id"].endswith(verb))
        number = next(self._number)
        path = f"/respond/{number}"
        self._asking[path] = user
        action = {"type": "button", "block_id": "b", **{key: button[key] for key in ("action_id", "value", "text")}}
        payload = {
            "type": "block_actions",
            "user": {"id": user, "username": "somebody", "team_id": "T1"},
            "api_app_id": "A1",
            "team": {"id": "T1", "domain": "hotel"},
            "channel": {"id": channel, "name": "housekeeping"},
            "container": {"type": "message", "message_ts": "1", "channel_id": channel, "is_ephemeral": False},
            "trigger_id": f"{number}.T1.secret",
            "response_url": self.server.url + path,
            "actions": [action | {"action_ts": f"17000000{number}.1"}],
        }
        return urlencode({"payload": json.dumps(payload)}).encode()

    @staticmethod
    def signed(body: bytes, *, at: float | None = None, secret: str = SIGNING_SECRET) -> dict[str, str]:
        """https://docs.slack.dev/authentication/verifying-requests-from-slack"""
        stamped = str(int(time.time() if at is None else at))
        mac = hmac.new(secret.encode(), f"v0:{stamped}:".encode() + body, hashlib.sha256).hexdigest()
        return {
            "X-Slack-Request-Timestamp": stamped,
            "X-Slack-Signature": f"v0={mac}",
            "Content-Type": "application/x-www-form-urlencoded",
        }

    async def press(self, hotel: str, user: str, channel: str, verb: str) -> httpx.Response:
        body = self.pressed(user, channel, verb)
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.post(f"{hotel}/im/slack", content=body, headers=self.signed(body))


def _check(blocks: list[dict[str, Any]]) -> None:
    """Block Kit's own limits."""
    assert len(blocks) <= 50
    for block in blocks:
        match block["type"]:
            case "header":
                assert block["text"]["type"] == "plain_text"
                assert 0 < len(block["text"]["text"]) <= 150
            case "section":
                assert 0 < len(block["text"]["text"]) <= 3000
            case "actions":
                assert 0 < len(block["elements"]) <= 25
                assert all(len(one["text"]["text"]) <= 75 and len(one["value"]) <= 2000 for one in block["elements"])
                assert len({one["action_id"] for one in block["elements"]}) == len(block["elements"])
            case "context":
                assert 0 < len(block["elements"]) <= 10
            case other:
                raise AssertionError(other)


def _text(blocks: list[dict[str, Any]]) -> str:
    found = []
    for block in blocks:
        texts = [block["text"]] if "text" in block else [one.get("text", one) for one in block["elements"]]
        found += [text["text"] if isinstance(text, dict) else text for text in texts]
    return "\n".join(found)
