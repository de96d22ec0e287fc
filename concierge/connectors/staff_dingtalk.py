"""DingTalk 钉钉: interactive cards by its HTTP interface, presses by its stream (a WebSocket that we open: no public address).

Sending https://open.dingtalk.com/document/orgapp/create-and-deliver-cards, changing …/orgapp/interactive-card-update-interface,
presses …/orgapp/event-callback-card. Frames and their answers are dingtalk-stream's; its own loop swallows cancellation, fetches
with calls that block, and knows no other address than the vendor's, so the connection is ours.

A place is a group (``cid…``) or a person (``user:0123``). What a card looks like is a template in DingTalk's card builder; it gets
the variables of :func:`variables`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from concierge.connectors.cards import BUTTONS, Busy, Card, Down, Refused
from concierge.connectors.desk import Desk, missing, secret
from concierge.connectors.presses import Press
from concierge.connectors.vendor_http import Token, VendorHttp
from concierge.domain.hotel import StaffIm

_log = logging.getLogger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0
VERBS = tuple(dict.fromkeys(verb for verbs in BUTTONS.values() for verb in verbs))


def variables(card: Card) -> dict[str, str]:
    """``cardParamMap``: texts only. ``can_<verb>`` says whether a button is there, ``label_<verb>`` what stands on it."""
    labels = {button.verb: button.label for button in card.buttons}
    return {
        "title": card.headline,
        "what": card.what,
        "words": card.words[:1000],
        "status": card.status,
        "state": card.state,
        "facts": "  ·  ".join(f"{name} {value}" for name, value in card.facts),
        **{f"can_{verb}": "true" if verb in labels else "false" for verb in VERBS},
        **{f"label_{verb}": labels.get(verb, "") for verb in VERBS},
        "note": "",
    }


def track_id(card_id: str, chat: str) -> str:
    """The card's name at DingTalk, ours to choose: the same for every try."""
    return f"{card_id}-{sha256(chat.encode()).hexdigest()[:12]}"


class Dingtalk:
    """Raises :class:`~concierge.connectors.desk.StaffImError` if its packages or secrets are missing."""

    vendor = "dingtalk"
    direct = "user:{}"
    routes = None

    def __init__(self, config: StaffIm, desk: Desk) -> None:
        try:
            import dingtalk_stream
        except ImportError as error:
            raise missing(self.vendor, error) from None
        self._desk = desk
        self._id, self._secret = str(config.options["client_id"]), secret(config, "client_secret_env")
        self._template = str(config.options["template"])
        self._http = VendorHttp(str(config.options["base_url"]))
        self._token = Token(self._fetch_token)
        self._topic = dingtalk_stream.CallbackHandler.TOPIC_CARD_CALLBACK
        self._ok = dingtalk_stream.AckMessage.STATUS_OK
        self._parsed = dingtalk_stream.CardCallbackMessage.from_dict
        connector = self

        class Pressed(dingtalk_stream.CallbackHandler):  # type: ignore[misc]  # the library has no types
            async def process(self, message: Any) -> tuple[int, dict[str, Any]]:
                return await connector._pressed(message)

        quiet = logging.getLogger(f"{__name__}.frames")  # it calls every ping an unknown topic
        quiet.setLevel(logging.ERROR)
        self._frames = dingtalk_stream.DingTalkStreamClient(dingtalk_stream.Credential(self._id, self._secret), quiet)
        self._frames.register_callback_handler(self._topic, Pressed())

    async def post(self, chat: str, card: Card, key: str) -> dict[str, Any]:
        track = track_id(card.id, chat)
        kind, _, person = chat.partition(":")
        to_person = kind == "user"
        space = f"IM_ROBOT.{person}" if to_person else f"IM_GROUP.{chat}"
        deliver = {"spaceType": "IM_ROBOT", "robotCode": self._id} if to_person else {"robotCode": self._id}
        name = "imRobot" if to_person else "imGroup"
        mention = self._desk.user(card.assignee)
        if mention and not to_person:
            deliver |= {"atUserIds": {mention: mention}}  # type: ignore[dict-item]
        body = {
            "cardTemplateId": self._template,
            "outTrackId": track,
            "callbackType": "STREAM",
            "cardData": {"cardParamMap": variables(card)},
            "openSpaceId": f"dtv1.card//{space}",
            f"{name}OpenSpaceModel": {"supportForward": False},
            f"{name}OpenDeliverModel": deliver,
            "userIdType": 1,
        }
        try:
            answer = await self._ask("POST", "/v1.0/card/instances/createAndDeliver", body)
        except Refused:
            await self.change(chat, {"track": track}, card)  # it was there: our note of it was lost
            return {"track": track}
        results = answer.get("result", {}).get("deliverResults") or []
        if results and not any(one.get("success") for one in results):
            raise Refused(f"createAndDeliver: {results[0].get('errorMsg')}")
        return {"track": track}

    async def change(self, chat: str, posted: Mapping[str, Any], card: Card) -> dict[str, Any]:
        body = {
            "outTrackId": posted["track"],
            "cardData": {"cardParamMap": variables(card)},
            "cardUpdateOptions": {"updateCardDataByKey": True},
            "userIdType": 1,
        }
        await self._ask("PUT", "/v1.0/card/instances", body)
        return {"track": posted["track"]}

    async def close(self) -> None:
        await self._http.close()

    async def _fetch_token(self) -> tuple[str, float]:
        body = {"appKey": self._id, "appSecret": self._secret}
        status, answer = await self._http.ask("POST", "/v1.0/oauth2/accessToken", json=body)
        if status != 200 or "accessToken" not in answer:
            raise Down(f"accessToken: HTTP {status}, {answer.get('code')}")
        return str(answer["accessToken"]), float(answer.get("expireIn", 7200))

    async def _ask(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        for attempt in (1, 2):
            headers = {"x-acs-dingtalk-access-token": await self._token.get()}
            status, answer = await self._http.ask(method, path, headers=headers, json=body)
            if status == 401 and attempt == 1:
                self._token.forget()
                continue
            break
        code = str(answer.get("code", ""))
        said = f"{path}: HTTP {status}, {code} {answer.get('message', '')}"
        if "Qps" in code or "Throttling" in code:
            raise Busy(said, 5.0)
        if status == 401 or code == "ServiceUnavailable":
            raise Down(said)
        if status != 200 or answer.get("success") is False:
            raise Refused(said)
        return answer

    # The stream.

    async def run(self) -> None:
        """Keeps the stream open, for ever; cancel it to stop."""
        pause_s = 0.0
        while True:
            try:
                async with connect(await self._address(), open_timeout=10) as socket:
                    pause_s = 0.0
                    await self._listen(socket)
            except Exception as error:  # whatever it is, tomorrow it may be over
                _log.warning("dingtalk: the stream is down: %s", str(error) or type(error).__name__)
                pause_s = min(max(pause_s * 2, FIRST_PAUSE_S), LONGEST_PAUSE_S)
            await asyncio.sleep(pause_s * random.uniform(0.5, 1.0))

    async def _address(self) -> str:
        body = {
            "clientId": self._id,
            "clientSecret": self._secret,
            "subscriptions": [{"type": "CALLBACK", "topic": self._topic}],
            "ua": "concierge",
        }
        status, answer = await self._http.ask("POST", "/v1.0/gateway/connections/open", json=body)
        if status != 200 or not {"endpoint", "ticket"} <= set(answer):
            raise Down(f"connections/open: HTTP {status}, {answer.get('code')}")
        return f"{answer['endpoint']}?ticket={quote_plus(str(answer['ticket']))}"

    async def _listen(self, socket: Any) -> None:
        """Until the vendor asks us to connect anew, or the line breaks. A press that takes its time keeps no ping waiting."""
        self._frames.websocket = socket
        async for raw in socket:
            try:
                frame = json.loads(raw)
            except ValueError:
                _log.warning("dingtalk: a frame is no JSON")
                continue
            if isinstance(frame, dict):
                self._desk.afterwards.go_on(self._take(frame, socket))

    async def _take(self, frame: dict[str, Any], socket: Any) -> None:
        try:
            if await self._frames.route_message(frame) == self._frames.TAG_DISCONNECT:
                await socket.close()
        except WebSocketException:
            _log.info("dingtalk: the line broke before an answer; the vendor sends it again")

    async def _pressed(self, message: Any) -> tuple[int, dict[str, Any]]:
        """(status, the answer: what changes on the card, for all and for who pressed)."""
        if not self._desk.replays.first(f"dingtalk {message.headers.message_id}", time.time()):
            return self._ok, {}
        pressed = self._parsed(message.data)
        private = pressed.content.get("cardPrivateData") or {}
        verb = str((private.get("actionIds") or [""])[0])
        order = pressed.card_instance_id.partition("-")[0]
        press = Press(self.vendor, (str(pressed.user_id),), order, verb, str(message.headers.message_id))
        outcome = await self._desk.afterwards.in_time(self._desk.press(press))
        note = outcome.text if outcome else self._desk.says("press.working")
        answer: dict[str, Any] = {
            "cardUpdateOptions": {"updateCardDataByKey": True, "updatePrivateDataByKey": True},
            "userPrivateData": {"cardParamMap": {"note": note}},
        }
        if outcome and outcome.entry:
            chat = str(message.data.get("spaceId", ""))
            answer["cardData"] = {"cardParamMap": variables(self._desk.draw(outcome.entry, chat))}
        return self._ok, answer
