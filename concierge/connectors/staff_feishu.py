"""Feishu 飞书 (and Lark): shared cards by lark-oapi, buttons by the callback ``card.action.trigger``.

Sending https://open.feishu.cn/document/server-docs/im-v1/message/create, changing …/im-v1/message/patch, presses
https://open.feishu.cn/document/feishu-cards/card-callback-communication.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from concierge.connectors.callbacks import body_of, refused
from concierge.connectors.cards import Busy, Card, Down, Refused
from concierge.connectors.desk import Desk, missing, secret
from concierge.connectors.presses import Press
from concierge.connectors.vendor_http import TIMEOUT_S, retry_after_s
from concierge.domain.hotel import StaffIm

TOKEN_BAD = frozenset({99991661, 99991663, 99991664, 99991665, 99991668})
TOO_MANY = frozenset({99991400, 11232, 230020})
"""Of the gateway, of the tenant, of one chat: https://open.feishu.cn/document/server-docs/api-call-guide/generic-error-code"""
KINDS = {"oc_": "chat_id", "ou_": "open_id", "on_": "union_id"}
COLOURS = {"dispatched": "orange", "accepted": "blue", "started": "blue", "done": "green", "cleared": "green"}
MAX_WORDS = 3000


def card_json(card: Card, mention: str | None) -> dict[str, Any]:
    """The card in Feishu's JSON. Guests' words stand in ``plain_text``: no markup of theirs is read. ``update_multi``: one card
    for all who see it, without which it could not be changed."""
    status: dict[str, Any] = {"tag": "plain_text", "content": card.status}
    if mention and card.open:
        status = {"tag": "lark_md", "content": f"{card.status} <at id={mention}></at>"}
    elements: list[dict[str, Any]] = [
        {"tag": "div", "text": {"tag": "plain_text", "content": card.what}},
        {"tag": "div", "text": status},
    ]
    if card.words:
        elements.append({"tag": "div", "text": {"tag": "plain_text", "content": f"“{card.words[:MAX_WORDS]}”"}})
    if card.facts:
        facts = "  ·  ".join(f"{name} {value}" for name, value in card.facts)
        elements.append({"tag": "note", "elements": [{"tag": "plain_text", "content": facts}]})
    if card.buttons:
        actions = [
            {
                "tag": "button",
                "text": {"tag": "plain_text", "content": button.label},
                "type": "primary" if number == len(card.buttons) - 1 else "default",
                "value": {"order": card.id, "verb": button.verb},
            }
            for number, button in enumerate(card.buttons)
        ]
        elements.append({"tag": "action", "actions": actions})
    colour = "red" if card.open and (card.marks or card.alarm) else COLOURS.get(card.state, "grey")
    return {
        "config": {"wide_screen_mode": True, "update_multi": True},
        "header": {"title": {"tag": "plain_text", "content": card.headline}, "template": colour},
        "elements": elements,
    }


class Feishu:
    """Raises :class:`~concierge.connectors.desk.StaffImError` if its packages or secrets are missing.

    lark-oapi takes seconds to import: this is not for the event loop's thread. It fetches its token with a call that blocks, also
    in its async methods, so its calls run in threads.
    """

    vendor = "feishu"
    direct = "{}"

    def __init__(self, config: StaffIm, desk: Desk) -> None:
        try:
            import lark_oapi
            from lark_oapi.api.im import v1
            from lark_oapi.core.token import TokenManager
            from lark_oapi.core.utils.decryptor import AESCipher
        except ImportError as error:
            raise missing(self.vendor, error) from None
        lark_oapi.logger.handlers.clear()  # it writes to stdout
        if not lark_oapi.ws.client.loop.is_running():
            lark_oapi.ws.client.loop.close()  # made at its import in this thread, for a stream that is not used
        self._desk = desk
        self._v1, self._tokens = v1, TokenManager
        self._app_id = str(config.options["app_id"])
        self._encrypt_key = secret(config, "encrypt_key_env")
        self._verification = secret(config, "verification_token_env")
        self._cipher = AESCipher(self._encrypt_key)
        builder = lark_oapi.Client.builder().app_id(self._app_id).app_secret(secret(config, "app_secret_env"))
        self._client = builder.domain(str(config.options["base_url"]).rstrip("/")).timeout(TIMEOUT_S).build()
        self.routes = APIRouter()
        self.routes.add_api_route("/im/feishu", self._called, methods=["POST"], include_in_schema=False)

    async def post(self, chat: str, card: Card, key: str) -> dict[str, Any]:
        kind = KINDS.get(chat[:3]) or ("email" if "@" in chat else "user_id")
        body = self._v1.CreateMessageRequestBody.builder().receive_id(chat).msg_type("interactive").content(self._look(card))
        body = body.uuid(sha256(key.encode()).hexdigest()[:32]).build()  # the same one within the hour is sent once
        request = self._v1.CreateMessageRequest.builder().receive_id_type(kind).request_body(body).build()
        answer = await self._ask("messages", self._client.im.v1.message.create, request)
        return {"message": answer.data.message_id}

    async def change(self, chat: str, posted: Mapping[str, Any], card: Card) -> dict[str, Any]:
        body = self._v1.PatchMessageRequestBody.builder().content(self._look(card)).build()
        request = self._v1.PatchMessageRequest.builder().message_id(posted["message"]).request_body(body).build()
        await self._ask("messages/…", self._client.im.v1.message.patch, request)
        return {"message": posted["message"]}

    def _look(self, card: Card) -> str:
        return json.dumps(card_json(card, self._desk.user(card.assignee)), ensure_ascii=False)

    async def _ask(self, what: str, call: Callable[[Any], Any], request: Any) -> Any:
        for attempt in (1, 2):
            try:
                answer = await asyncio.to_thread(call, request)
            except Exception as error:  # requests', its own of the token, and what it cannot parse
                raise Down(f"{what}: {type(error).__name__}") from error
            if answer.code not in TOKEN_BAD or attempt == 2:
                break
            self._tokens.cache.set(f"self_tenant_token:{self._app_id}", "", 0)
        status, headers = answer.raw.status_code, {name.lower(): value for name, value in answer.raw.headers.items()}
        said = f"{what}: HTTP {status}, {answer.code} {answer.msg}"
        if status == 429 or answer.code in TOO_MANY:
            raise Busy(said, retry_after_s(headers.get("retry-after") or headers.get("x-ogw-ratelimit-reset")))
        if status >= 500 or answer.code in TOKEN_BAD or answer.code is None:
            raise Down(said)
        if answer.code:
            raise Refused(said)
        return answer

    async def _called(self, request: Request) -> JSONResponse:
        body = await body_of(request)
        event = self._opened(request, body)
        if event.get("type") == "url_verification":
            return JSONResponse({"challenge": event.get("challenge")})
        header, said = event["header"], event["event"]
        if header.get("event_type") != "card.action.trigger":
            return JSONResponse({})
        users = tuple(str(said["operator"].get(key) or "") for key in ("open_id", "user_id", "union_id"))
        value = said["action"].get("value") or {}
        press = Press(self.vendor, users, str(value.get("order")), str(value.get("verb")), str(header["event_id"]))
        outcome = await self._desk.afterwards.in_time(self._desk.press(press))
        if outcome is None:
            return JSONResponse({"toast": {"type": "info", "content": self._desk.says("press.working")}})
        answer: dict[str, Any] = {"toast": {"type": "success" if outcome.ok else "warning", "content": outcome.text}}
        if outcome.entry:  # a change by our own request, before this answer, would be undone by it
            card = self._desk.draw(outcome.entry, said.get("context", {}).get("open_chat_id", ""))
            answer["card"] = {"type": "raw", "data": card_json(card, self._desk.user(card.assignee))}
        return JSONResponse(answer)

    def _opened(self, request: Request, body: bytes) -> dict[str, Any]:
        """What was encrypted, checked. Only the check of our address comes without a signature: it has the token inside."""
        try:
            event = json.loads(self._cipher.decrypt_str(json.loads(body)["encrypt"]))
            challenged = event.get("type") == "url_verification"
            token = str(event["token"] if challenged else event["header"]["token"])
        except Exception as error:
            raise refused(f"feishu: it cannot be decrypted ({type(error).__name__})") from None
        if not challenged:
            stamped, nonce, signature = (request.headers.get(f"x-lark-{name}", "") for name in _SIGNED)
            wanted = sha256((stamped + nonce + self._encrypt_key).encode() + body).hexdigest()
            if not hmac.compare_digest(wanted.encode(), signature.encode()):
                raise refused("feishu: its signature is wrong")
            if not self._desk.replays.fresh(stamped, time.time()):
                raise refused("feishu: its time stamp is old or missing")
            if not self._desk.replays.first(signature, time.time()):
                raise refused("feishu: it came before")
        if not hmac.compare_digest(token.encode(), self._verification.encode()):
            raise refused("feishu: its token is another's")
        return dict(event)


_SIGNED = ("request-timestamp", "request-nonce", "signature")
