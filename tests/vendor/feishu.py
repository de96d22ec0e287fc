"""**Stands for Feishu**: tenant tokens, messages, and encrypted and signed card callbacks, by https://open.feishu.cn/document.

Its cipher is written from the documentation, not taken from lark-oapi: AES-256-CBC, the key is SHA-256 of the encrypt key, the
first block is the IV, PKCS#7.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import os
import time
from typing import Any, Self

import httpx
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .loopback import Asked, Loopback

APP_SECRET, ENCRYPT_KEY, VERIFICATION = "app-secret", "kJ2encrypt", "v-token"


class FeishuVendor:
    """``cards``: message id → (receiver, card) as everybody there sees it."""

    def __init__(self, app_id: str) -> None:
        self.app_id = app_id
        self.cards: dict[str, tuple[str, dict[str, Any]]] = {}
        self.token = ""
        self._by_uuid: dict[str, str] = {}
        self._number = itertools.count(1)
        self.server = Loopback(self._answer)

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.__aexit__()

    def expire(self) -> None:
        """The tenant token is no longer good, long before it said it would be."""
        self.token = "another"

    def shown(self, chat: str) -> list[str]:
        return [_text(card) for where, card in self.cards.values() if where == chat]

    async def _answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.path == "/open-apis/auth/v3/tenant_access_token/internal":
            if asked.body != {"app_id": self.app_id, "app_secret": APP_SECRET}:
                return 200, {"code": 10014, "msg": "app secret invalid"}
            self.token = f"t-{next(self._number)}"
            return 200, {"code": 0, "msg": "ok", "tenant_access_token": self.token, "expire": 7200}
        if asked.headers.get("authorization") != f"Bearer {self.token}":
            return 400, {"code": 99991663, "msg": "Invalid access token for authorization. Please make a test attempt with it."}
        card = json.loads(asked.body["content"])
        _check(card, asked.body["content"])
        base = "/open-apis/im/v1/messages"
        if (asked.method, asked.path) == ("POST", base):
            assert asked.body["msg_type"] == "interactive"
            chat, kind = asked.body["receive_id"], asked.query["receive_id_type"]
            if {"oc_": "chat_id", "ou_": "open_id"}.get(chat[:3], "user_id") != kind:
                return 400, {"code": 230001, "msg": "invalid receive_id"}
            assert 0 < len(asked.body["uuid"]) <= 50
            message = self._by_uuid.setdefault(asked.body["uuid"], f"om_{next(self._number)}")
            self.cards.setdefault(message, (chat, card))
        else:
            assert asked.method == "PATCH"
            message = asked.path.removeprefix(f"{base}/")
            if message not in self.cards:
                return 400, {"code": 230011, "msg": "The message was withdrawn."}
            self.cards[message] = (self.cards[message][0], card)
        return 200, {"code": 0, "msg": "success", "data": {"message_id": message}}

    def pressed(self, user: str, chat: str, verb: str, **header: Any) -> dict[str, Any]:
        """The event ``card.action.trigger`` when ``user`` presses the button of the newest card in ``chat``."""
        message, card = [(message, card) for message, (where, card) in self.cards.items() if where == chat][-1]
        actions = [action for element in card["elements"] if element["tag"] == "action" for action in element["actions"]]
        button = next(action for action in actions if action["value"]["verb"] == verb)
        number = next(self._number)
        return {
            "schema": "2.0",
            "header": {
                "event_id": f"ev{number}",
                "token": VERIFICATION,
                "create_time": str(int(time.time() * 1e6)),
                "event_type": "card.action.trigger",
                "tenant_key": "t",
                "app_id": self.app_id,
                **header,
            },
            "event": {
                "operator": {"tenant_key": "t", "user_id": "", "open_id": user, "union_id": "on_x"},
                "token": f"c-{number}",
                "action": {"value": button["value"], "tag": "button", "timezone": "Asia/Shanghai", "name": ""},
                "host": "im_message",
                "context": {"open_message_id": message, "open_chat_id": chat},
            },
        }

    async def press(self, hotel: str, user: str, chat: str, verb: str) -> dict[str, Any]:
        """What the vendor's client shows: the toast; the card changes at once if the answer brings one."""
        event = self.pressed(user, chat, verb)
        answer = await self.call(hotel, event)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        if "card" in said:
            assert said["card"]["type"] == "raw"
            _check(said["card"]["data"], json.dumps(said["card"]["data"]))
            self.cards[event["event"]["context"]["open_message_id"]] = (chat, said["card"]["data"])
        return dict(said["toast"])

    @staticmethod
    async def call(hotel: str, event: dict[str, Any], **how: Any) -> httpx.Response:
        body = encrypted(event)
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.post(f"{hotel}/im/feishu", content=body, headers=signed(body, **how))


def encrypted(event: dict[str, Any], key: str = ENCRYPT_KEY) -> bytes:
    padder = padding.PKCS7(128).padder()
    text = padder.update(json.dumps(event).encode()) + padder.finalize()
    iv = os.urandom(16)
    encryptor = Cipher(algorithms.AES(hashlib.sha256(key.encode()).digest()), modes.CBC(iv)).encryptor()
    return json.dumps({"encrypt": base64.b64encode(iv + encryptor.update(text) + encryptor.finalize()).decode()}).encode()


def signed(body: bytes, *, at: float | None = None, key: str = ENCRYPT_KEY) -> dict[str, str]:
    stamped, nonce = str(int(time.time() if at is None else at)), os.urandom(8).hex()
    signature = hashlib.sha256((stamped + nonce + key).encode() + body).hexdigest()
    return {"X-Lark-Request-Timestamp": stamped, "X-Lark-Request-Nonce": nonce, "X-Lark-Signature": signature}


def _check(card: dict[str, Any], content: str) -> None:
    assert len(content.encode()) <= 30_000
    assert card["config"]["update_multi"] is True
    assert {element["tag"] for element in card["elements"]} <= {"div", "note", "action", "hr"}


def _text(card: dict[str, Any]) -> str:
    found = [card["header"]["title"]["content"]]
    for element in card["elements"]:
        inside = element.get("actions") or element.get("elements") or [element["text"]]
        found += [one["content"] if "content" in one else one["text"]["content"] for one in inside]
    return "\n".join(found)
