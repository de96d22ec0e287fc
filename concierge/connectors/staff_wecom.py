"""WeCom 企业微信: template cards by its HTTP interface, the callbacks' cipher by wechatpy.

Sending https://developer.work.weixin.qq.com/document/path/90236, changing …/path/94888, presses …/path/90240#模板卡片事件推送.
An application's message goes to people (``user:LiNa|ZhangYu``), departments (``party:2``) or tags (``tag:3``); group chats take no
cards with buttons.

A card can be changed once by the ``response_code`` that its sending gave, and once more by that of each press. Where none is
left (the ticket went on elsewhere twice) the card is withdrawn and sent anew.
"""

from __future__ import annotations

import hmac
import logging
import re
import time
from collections import OrderedDict
from collections.abc import Mapping
from hashlib import sha1
from typing import Any
from xml.etree import ElementTree

from fastapi import APIRouter, Request, Response

from concierge.connectors.callbacks import body_of, refused
from concierge.connectors.cards import Busy, Card, Down, Refused
from concierge.connectors.desk import Desk, StaffImError, missing, secret
from concierge.connectors.presses import Press
from concierge.connectors.vendor_http import Token, VendorHttp
from concierge.domain.hotel import StaffIm

_log = logging.getLogger(__name__)

TOKEN_BAD = frozenset({40001, 40014, 42001})
PASSING = frozenset({-1, 42007, 45033})
"""The vendor's own trouble: https://developer.work.weixin.qq.com/document/path/90313"""
TOO_MANY = 45009
TASK_THERE = 42014
"""A task id is taken once: this very card was sent, and only our note of it was lost."""
CODES_KEPT = 5_000
SENT_TO = {"user": "touser", "party": "toparty", "tag": "totag"}


def template_card(card: Card, task_id: str | None = None) -> dict[str, Any]:
    """The card as ``button_interaction``; with ``replace_text`` instead of live buttons where there is nothing left to press."""
    lines = [{"keyname": name[:5], "value": value[:30]} for name, value in card.facts]
    found: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": card.headline[:36], "desc": card.what[:44]},
        "sub_title_text": card.status[:160],
        "quote_area": {"type": 0, "quote_text": card.words[:400]},
        "horizontal_content_list": lines,
        "button_list": [{"text": button.label[:10], "style": 1, "key": f"{button.verb}@{card.id}"} for button in card.buttons]
        or [{"text": card.status[:10], "style": 2, "key": f"none@{card.id}"}],
    }
    if not card.buttons:
        found["replace_text"] = card.status
    return found | ({"task_id": task_id} if task_id else {})


class Wecom:
    """Raises :class:`~concierge.connectors.desk.StaffImError` if its packages or secrets are missing."""

    vendor = "wecom"
    direct = "user:{}"

    def __init__(self, config: StaffIm, desk: Desk) -> None:
        try:
            from wechatpy.enterprise.crypto import PrpCrypto, WeChatCrypto
        except ImportError as error:
            raise missing(self.vendor, error) from None
        self._desk = desk
        self._corp_id, self._agent_id = str(config.options["corp_id"]), int(config.options["agent_id"])
        self._secret, self._callback_token = secret(config, "secret_env"), secret(config, "token_env")
        try:
            self._key = WeChatCrypto(self._callback_token, secret(config, "aes_key_env"), self._corp_id).key
        except (ValueError, AssertionError):
            raise StaffImError(
                f"[staff_im.wecom]: {config.options['aes_key_env']} is no EncodingAESKey of 43 characters"
            ) from None
        self._cipher = PrpCrypto
        self._http = VendorHttp(str(config.options["base_url"]))
        self._token = Token(self._fetch_token)
        self._codes: OrderedDict[str, str] = OrderedDict()
        """Task id → the code that the last press on it brought."""
        self.routes = APIRouter()
        self.routes.add_api_route("/im/wecom", self._checked, methods=["GET"], include_in_schema=False)
        self.routes.add_api_route("/im/wecom", self._called, methods=["POST"], include_in_schema=False)

    async def post(self, chat: str, card: Card, key: str) -> dict[str, Any]:
        return await self._send(chat, card, 1)

    async def _send(self, chat: str, card: Card, number: int) -> dict[str, Any]:
        """The ``number``-th card of this order there."""
        task_id = f"{card.id}-{sha1(chat.encode()).hexdigest()[:8]}-{number}"
        kind, _, whom = chat.partition(":")
        if kind not in SENT_TO or not whom:
            raise Refused(f"{chat!r} is no place of WeCom; expected user:…, party:… or tag:…")
        look = template_card(card, task_id)
        body = {SENT_TO[kind]: whom, "msgtype": "template_card", "agentid": self._agent_id, "template_card": look}
        answer = await self._ask("/cgi-bin/message/send", body, passed_over=TASK_THERE)
        sent = {"msgid": answer.get("msgid", ""), "code": answer.get("response_code", "")}
        return {"task": task_id, "number": number, **sent}

    async def change(self, chat: str, posted: Mapping[str, Any], card: Card) -> dict[str, Any]:
        code = self._codes.pop(posted["task"], "") or posted.get("code", "")
        if code:
            look = template_card(card)
            body = {"atall": 1, "agentid": self._agent_id, "response_code": code, "template_card": look}
            try:
                await self._ask("/cgi-bin/message/update_template_card", body)
                return {**posted, "code": ""}
            except Refused as error:  # used up, or older than 72 h
                _log.info("wecom: %s; the card of %s is sent anew", error, card.id)
            except (Busy, Down):
                self._codes.setdefault(posted["task"], code)
                raise
        if posted.get("msgid"):
            try:
                await self._ask("/cgi-bin/message/recall", {"msgid": posted["msgid"]})
            except Refused as error:  # older than 24 h: the old card stays, and whoever presses it is told how things stand
                _log.info("wecom: %s", error)
        return await self._send(chat, card, posted["number"] + 1)

    async def close(self) -> None:
        await self._http.close()

    async def _fetch_token(self) -> tuple[str, float]:
        _, answer = await self._http.ask("GET", "/cgi-bin/gettoken", params={"corpid": self._corp_id, "corpsecret": self._secret})
        if answer.get("errcode", 0) or not answer.get("access_token"):
            raise Down(f"gettoken: {answer.get('errcode')} {answer.get('errmsg')}")
        return str(answer["access_token"]), float(answer.get("expires_in", 7200))

    async def _ask(self, path: str, body: dict[str, Any], passed_over: int = 0) -> dict[str, Any]:
        for attempt in (1, 2):
            _, answer = await self._http.ask("POST", path, params={"access_token": await self._token.get()}, json=body)
            code = answer.get("errcode", 0)
            if code in TOKEN_BAD and attempt == 1:
                self._token.forget()
                continue
            break
        what = f"{path}: {code} {answer.get('errmsg', '')}"
        if code == TOO_MANY:
            raise Busy(what, 60.0)
        if code in TOKEN_BAD or code in PASSING:
            raise Down(what)
        if code not in (0, passed_over):
            raise Refused(what)
        return answer

    # What the vendor asks of us.

    async def _checked(self, request: Request) -> Response:
        """The check of our address, when an administrator saves it."""
        return Response(self._opened(request, request.query_params.get("echostr", "")), media_type="text/plain")

    async def _called(self, request: Request) -> Response:
        """Answered at once with nothing, which is an answer; who pressed in vain gets a message of their own."""
        body = await body_of(request)
        found = re.search(rb"<Encrypt>\s*(?:<!\[CDATA\[)?([A-Za-z0-9+/=]+)(?:\]\]>)?\s*</Encrypt>", body)
        if not found:
            raise refused("wecom: nothing encrypted in it")
        event = _fields(self._opened(request, found[1].decode()))
        if event.get("Event") == "template_card_event" and event.get("AgentID") == str(self._agent_id):
            self._desk.afterwards.go_on(self._carry_out(event))
        return Response("")

    def _opened(self, request: Request, encrypted: str) -> str:
        """What was encrypted. Its signature is checked first: the cipher alone proves nothing."""
        stamped, nonce, signature = (request.query_params.get(key, "") for key in ("timestamp", "nonce", "msg_signature"))
        wanted = sha1("".join(sorted((self._callback_token, stamped, nonce, encrypted))).encode()).hexdigest()
        if not hmac.compare_digest(wanted.encode(), signature.encode()):
            raise refused("wecom: its signature is wrong")
        if not self._desk.replays.fresh(stamped, time.time()):
            raise refused("wecom: its time stamp is old or missing")
        if not self._desk.replays.first(signature, time.time()):
            raise refused("wecom: it came before")
        try:
            return str(self._cipher(self._key).decrypt(encrypted, self._corp_id))
        except Exception as error:
            raise refused(f"wecom: it cannot be decrypted ({type(error).__name__})") from None

    async def _carry_out(self, event: Mapping[str, str]) -> None:
        user, task, code = event.get("FromUserName", ""), event.get("TaskId", ""), event.get("ResponseCode", "")
        verb, _, order = event.get("EventKey", "").partition("@")
        if code:
            self._codes[task] = code
            while len(self._codes) > CODES_KEPT:
                self._codes.popitem(last=False)
        pressed = code or f"{task} {event.get('CreateTime')}"
        outcome = await self._desk.press(Press(self.vendor, (user,), order, verb, pressed))
        if not outcome.ok:
            body = {"touser": user, "msgtype": "text", "agentid": self._agent_id, "text": {"content": outcome.text}}
            await self._ask("/cgi-bin/message/send", body)


def _fields(xml: str) -> dict[str, str]:
    """The fields of a message that is known to be the vendor's."""
    return {field.tag: field.text or "" for field in ElementTree.fromstring(xml)}
