"""**Stands for WeCom**: tokens, template cards, encrypted callbacks, by https://developer.work.weixin.qq.com/document.

Its cipher is written from the documentation, not taken from wechatpy: AES-256-CBC, IV = the key's first 16 bytes, PKCS#7 to 32
bytes, around 16 random bytes, the length (4 bytes, network order), the text, the corp id.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import os
import re
import struct
import time
from typing import Any, Self
from xml.sax.saxutils import escape

import httpx
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from .loopback import Asked, Loopback

CORP_ID, AGENT_ID, SECRET, TOKEN = "ww0123456789abcdef", 1000002, "app-secret", "callback-token"
AES_KEY = base64.b64encode(bytes(range(32))).decode().rstrip("=")
NAME = re.compile(r"[A-Za-z0-9_\-@]{1,128}")


class WecomVendor:
    """``cards``: task id → (place, card) as everybody there sees it. ``told``: (user, text) of messages to one person."""

    def __init__(self) -> None:
        self.cards: dict[str, tuple[str, dict[str, Any]]] = {}
        self.told: list[tuple[str, str]] = []
        self.withdrawn: list[str] = []
        self.token = ""
        self._codes: dict[str, str] = {}
        """Response code that was not used yet → task id."""
        self._messages: dict[str, str] = {}
        self._number = itertools.count(1)
        self.server = Loopback(self._answer)

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.__aexit__()

    def expire(self) -> None:
        """The access token is no longer good, long before it said it would be."""
        self.token = "another"

    def shown(self, place: str) -> list[str]:
        return [_text(card) for where, card in self.cards.values() if where == place]

    async def _answer(self, asked: Asked) -> tuple[int, Any]:
        if asked.path == "/cgi-bin/gettoken":
            if asked.query != {"corpid": CORP_ID, "corpsecret": SECRET}:
                return 200, {"errcode": 40001, "errmsg": "invalid credential"}
            self.token = f"token-{next(self._number)}"
            return 200, {"errcode": 0, "errmsg": "ok", "access_token": self.token, "expires_in": 7200}
        if asked.query.get("access_token") != self.token:
            return 200, {"errcode": 42001, "errmsg": "access_token expired"}
        match asked.path:
            case "/cgi-bin/message/send":
                return 200, self._sent(asked.body)
            case "/cgi-bin/message/update_template_card":
                return 200, self._updated(asked.body)
            case "/cgi-bin/message/recall":
                task = self._messages.pop(asked.body["msgid"], None)
                if task is None:
                    return 200, {"errcode": 40008, "errmsg": "invalid message"}
                self.withdrawn.append(task)
                del self.cards[task]
                return 200, {"errcode": 0, "errmsg": "ok"}
        raise AssertionError(asked.path)

    def _sent(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["agentid"] == AGENT_ID
        place = next(f"{key}:{body[key]}" for key in ("touser", "toparty", "totag") if key in body)
        if body["msgtype"] == "text":
            self.told.append((body["touser"], body["text"]["content"]))
            return {"errcode": 0, "errmsg": "ok", "msgid": "m"}
        card = body["template_card"]
        _check(card)
        task = card["task_id"]
        assert NAME.fullmatch(task)
        if task in self.cards or task in self.withdrawn:
            return {"errcode": 42014, "errmsg": "taskid has existed or empty or exceed max len"}
        number = next(self._number)
        self.cards[task] = (place, card)
        self._messages[f"msg{number}"] = task
        self._codes[f"code{number}"] = task
        return {"errcode": 0, "errmsg": "ok", "msgid": f"msg{number}", "response_code": f"code{number}"}

    def _updated(self, body: dict[str, Any]) -> dict[str, Any]:
        assert body["agentid"] == AGENT_ID
        assert body["atall"] == 1
        task = self._codes.pop(body["response_code"], None)
        if task is None or task not in self.cards:
            return {"errcode": 42045, "errmsg": "response_code is invalid or was used"}
        _check(body["template_card"])
        self.cards[task] = (self.cards[task][0], body["template_card"])
        return {"errcode": 0, "errmsg": "ok"}

    def pressed(self, user: str, place: str, verb: str, agent: int = AGENT_ID) -> str:
        """The event ``template_card_event`` when ``user`` presses the button of the newest card there."""
        task, card = [(task, card) for task, (where, card) in self.cards.items() if where == place][-1]
        key = next(button["key"] for button in card["button_list"] if button["key"].startswith(verb))
        code = f"code{next(self._number)}"
        self._codes[code] = task
        fields = {
            "ToUserName": CORP_ID,
            "FromUserName": user,
            "MsgType": "event",
            "Event": "template_card_event",
            "CreateTime": int(time.time()),
            "EventKey": key,
            "TaskId": task,
            "CardType": "button_interaction",
            "ResponseCode": code,
            "AgentID": agent,
        }
        return "<xml>" + "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in fields.items()) + "</xml>"

    async def press(self, hotel: str, user: str, place: str, verb: str) -> httpx.Response:
        return await self.call(hotel, encrypted(self.pressed(user, place, verb)))

    @staticmethod
    async def call(hotel: str, secret_text: str, params: dict[str, str] | None = None) -> httpx.Response:
        body = f"<xml><ToUserName><![CDATA[{CORP_ID}]]></ToUserName><AgentID><![CDATA[{AGENT_ID}]]></AgentID>"
        body += f"<Encrypt><![CDATA[{secret_text}]]></Encrypt></xml>"
        async with httpx.AsyncClient(trust_env=False) as http:
            return await http.post(f"{hotel}/im/wecom", content=body, params=signed(secret_text) if params is None else params)


def encrypted(text: str, corp_id: str = CORP_ID) -> str:
    key = base64.b64decode(AES_KEY + "=")
    plain = os.urandom(16) + struct.pack("!I", len(text.encode())) + text.encode() + corp_id.encode()
    missing = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(encryptor.update(plain + bytes([missing]) * missing) + encryptor.finalize()).decode()


def signed(secret_text: str, *, at: float | None = None, token: str = TOKEN) -> dict[str, str]:
    stamped, nonce = str(int(time.time() if at is None else at)), os.urandom(5).hex()
    signature = hashlib.sha1("".join(sorted((token, stamped, nonce, secret_text))).encode()).hexdigest()
    return {"msg_signature": signature, "timestamp": stamped, "nonce": nonce}


def _check(card: dict[str, Any]) -> None:
    assert card["card_type"] == "button_interaction"
    assert card["main_title"]["title"]
    assert 1 <= len(card["button_list"]) <= 6
    assert all(NAME.fullmatch(button["key"]) and len(button["text"]) <= 10 for button in card["button_list"])
    assert len({button["key"] for button in card["button_list"]}) == len(card["button_list"])
    assert len(card["horizontal_content_list"]) <= 6


def _text(card: dict[str, Any]) -> str:
    found = [card["main_title"]["title"], card["main_title"]["desc"], card["sub_title_text"], card["quote_area"]["quote_text"]]
    found += [f"{line['keyname']} {line['value']}" for line in card["horizontal_content_list"]]
    buttons = [card["replace_text"]] if "replace_text" in card else [button["text"] for button in card["button_list"]]
    return "\n".join(found + buttons)
