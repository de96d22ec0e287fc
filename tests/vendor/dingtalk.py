"""**Stands for DingTalk**: access tokens, interactive cards, and the stream that brings presses, by
https://open.dingtalk.com/document and the frames of dingtalk-stream's source.

Whether a repeated ``createAndDeliver`` of the same ``outTrackId`` is refused is not documented; here it is.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve

from .loopback import Asked, Loopback

CLIENT_ID, CLIENT_SECRET, TEMPLATE = "dingabc", "client-secret", "0000-template.schema"
TOPIC = "/v1.0/card/instances/callback"


class DingtalkVendor:
    """``cards``: outTrackId → (place, variables as everybody sees them). ``noted``: (user, note that they alone see)."""

    def __init__(self) -> None:
        self.cards: dict[str, tuple[str, dict[str, str]]] = {}
        self.noted: list[tuple[str, str]] = []
        self.mentioned: list[str] = []
        self.lines: list[ServerConnection] = []
        self.token = ""
        self._tickets: set[str] = set()
        self._number = itertools.count(1)
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.server = Loopback(self._answer)

    async def __aenter__(self) -> Self:
        await self.server.__aenter__()
        self._stream: Server = await serve(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._stream.close()
        await self._stream.wait_closed()
        await self.server.__aexit__()

    def expire(self) -> None:
        """The access token is no longer good, long before it said it would be."""
        self.token = "another"

    def shown(self, place: str) -> list[str]:
        return [_text(card) for where, card in self.cards.values() if where == place]

    async def _answer(self, asked: Asked) -> tuple[int, Any]:
        body = asked.body
        if asked.path == "/v1.0/oauth2/accessToken":
            if body != {"appKey": CLIENT_ID, "appSecret": CLIENT_SECRET}:
                return 400, {"code": "invalidClientIdOrSecret", "message": "无效的clientId或者clientSecret"}
            self.token = f"token-{next(self._number)}"
            return 200, {"accessToken": self.token, "expireIn": 7200}
        if asked.path == "/v1.0/gateway/connections/open":
            if (body["clientId"], body["clientSecret"]) != (CLIENT_ID, CLIENT_SECRET):
                return 401, {"code": "authFailed", "message": "鉴权失败"}
            assert body["subscriptions"] == [{"type": "CALLBACK", "topic": TOPIC}]
            ticket = f"ticket+{next(self._number)}"
            self._tickets.add(ticket)
            port = self._stream.sockets[0].getsockname()[1]
            return 200, {"endpoint": f"ws://127.0.0.1:{port}/connect", "ticket": ticket}
        if asked.headers.get("x-acs-dingtalk-access-token") != self.token:
            return 401, {"code": "InvalidAuthentication", "message": "不合法的access_token"}
        track, params = body["outTrackId"], body["cardData"]["cardParamMap"]
        assert all(isinstance(value, str) for value in params.values())
        if asked.path == "/v1.0/card/instances/createAndDeliver":
            assert (body["cardTemplateId"], body["callbackType"], body["userIdType"]) == (TEMPLATE, "STREAM", 1)
            if track in self.cards:
                return 400, {"code": "param.error", "message": "outTrackId exists"}
            place = body["openSpaceId"].removeprefix("dtv1.card//")
            deliver = body["imGroupOpenDeliverModel" if place.startswith("IM_GROUP") else "imRobotOpenDeliverModel"]
            assert deliver["robotCode"] == CLIENT_ID
            self.mentioned += deliver.get("atUserIds", {})
            self.cards[track] = (place, params)
            return 200, {"success": True, "result": {"outTrackId": track, "deliverResults": [{"success": True}]}}
        assert (asked.method, asked.path) == ("PUT", "/v1.0/card/instances")
        if track not in self.cards:
            return 400, {"code": "param.cardNotExist", "message": "卡片不存在"}
        assert body["cardUpdateOptions"] == {"updateCardDataByKey": True}
        self.cards[track] = (self.cards[track][0], self.cards[track][1] | params)
        return 200, {"success": True, "result": True}

    # The stream.

    async def _connected(self, line: ServerConnection) -> None:
        assert line.request is not None
        ticket = dict(parse_qsl(urlsplit(line.request.path).query)).get("ticket")
        if ticket not in self._tickets:
            await line.close(1008, "ticket")
            return
        self._tickets.remove(ticket)  # good for one connection
        self.lines.append(line)
        try:
            async for raw in line:
                answer = json.loads(raw)
                waiting = self._answers.get(answer["headers"]["messageId"])
                if waiting and not waiting.done():
                    waiting.set_result(answer)
        finally:
            self.lines.remove(line)

    async def send(self, kind: str, topic: str, data: dict[str, Any], message_id: str | None = None) -> dict[str, Any]:
        """One frame down the stream; its answer, for which the vendor waits 3 s."""
        message_id = message_id or f"mid-{next(self._number)}"
        self._answers[message_id] = asyncio.get_running_loop().create_future()
        headers = {
            "contentType": "application/json",
            "messageId": message_id,
            "time": str(int(time.time() * 1000)),
            "topic": topic,
        }
        frame = {"specVersion": "1.0", "type": kind, "headers": headers, "data": json.dumps(data)}
        await self.lines[-1].send(json.dumps(frame))
        async with asyncio.timeout(3):
            return await self._answers[message_id]

    def pressed(self, user: str, place: str, verb: str) -> dict[str, Any]:
        """What the stream brings when ``user`` presses the button of the newest card there."""
        track, card = [(track, card) for track, (where, card) in self.cards.items() if where == place][-1]
        assert card[f"can_{verb}"] == "true"
        return {
            "extension": "{}",
            "corpId": "ding-corp",
            "type": "actionCallback",
            "userIdType": 1,
            "userId": user,
            "outTrackId": track,
            "spaceType": "im",
            "spaceId": place.partition(".")[2],
            "content": json.dumps({"cardPrivateData": {"actionIds": [verb], "params": {}}}),
        }

    async def press(self, user: str, place: str, verb: str) -> dict[str, Any]:
        """The answer to the frame; the card and the person's own note change by it at once."""
        data = self.pressed(user, place, verb)
        answer = await self.send("CALLBACK", TOPIC, data)
        assert answer["code"] == 200
        said: dict[str, Any] = json.loads(answer["data"])["response"]
        if "cardData" in said:
            assert said["cardUpdateOptions"]["updateCardDataByKey"] is True
            where, card = self.cards[data["outTrackId"]]
            self.cards[data["outTrackId"]] = (where, card | said["cardData"]["cardParamMap"])
        if "userPrivateData" in said:
            self.noted.append((user, said["userPrivateData"]["cardParamMap"]["note"]))
        return said


def _text(card: dict[str, str]) -> str:
    buttons = [card[f"label_{verb}"] for verb in ("accept", "start", "done") if card[f"can_{verb}"] == "true"]
    return "\n".join([card["title"], card["what"], card["words"], card["status"], card["facts"], *buttons])
