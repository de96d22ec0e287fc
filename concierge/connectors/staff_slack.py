"""Slack: Block Kit cards by slack_sdk, buttons by slack_bolt. https://docs.slack.dev/reference/block-kit"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, cast

from fastapi import APIRouter, Request, Response

from concierge.connectors.callbacks import body_of, refused
from concierge.connectors.cards import Busy, Card, Down, Refused
from concierge.connectors.desk import Desk, missing, secret
from concierge.connectors.presses import Press
from concierge.connectors.vendor_http import retry_after_s
from concierge.domain.hotel import StaffIm

ACTION = "ticket:"
TIMEOUT_S = 10
PASSING = frozenset({
    "internal_error", "fatal_error", "service_unavailable", "request_timeout", "team_added_to_org",
    "invalid_auth", "token_expired", "token_revoked", "account_inactive", "not_authed",
})  # fmt: skip
"""Slack's errors that are over some time: its own, and those of the log-in, which an administrator mends."""


def escaped(text: str) -> str:
    """So that no words of a guest become a mention or a link: https://docs.slack.dev/messaging/formatting-message-text"""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def blocks(card: Card, mention: str | None) -> list[dict[str, Any]]:
    """The card as Block Kit. ``mention``: the Slack user whom it was dispatched to."""
    words = f"“{card.words}”" if card.words else "—"
    status = " ".join(filter(None, (escaped(card.status), f"<@{mention}>" if mention and card.open else "")))
    facts = "  ·  ".join(f"{name} {value}" for name, value in card.facts)
    found: list[dict[str, Any]] = [
        {"type": "header", "text": _plain(card.headline, 150)},
        {"type": "section", "text": {"type": "mrkdwn", "text": f"*{escaped(card.what)}*\n{status}"}},
        {"type": "section", "text": _plain(words, 2900)},
    ]
    if facts:
        found.append({"type": "context", "elements": [_plain(facts, 1900)]})
    if card.buttons:
        found.append({"type": "actions", "elements": [_button(card, number) for number in range(len(card.buttons))]})
    return found


def _button(card: Card, number: int) -> dict[str, Any]:
    button = card.buttons[number]
    primary = {"style": "primary"} if number == len(card.buttons) - 1 else {}
    return {"type": "button", "action_id": ACTION + button.verb, "text": _plain(button.label, 75), "value": card.id} | primary


def _plain(text: str, limit: int) -> dict[str, Any]:
    return {"type": "plain_text", "text": text if len(text) <= limit else text[: limit - 1] + "…", "emoji": False}


class Slack:
    """Raises :class:`~concierge.connectors.desk.StaffImError` if its packages or secrets are missing."""

    vendor = "slack"
    direct = "{}"

    def __init__(self, config: StaffIm, desk: Desk) -> None:
        try:
            from slack_bolt.async_app import AsyncApp
            from slack_bolt.authorization import AuthorizeResult
            from slack_sdk.errors import SlackApiError
            from slack_sdk.signature import SignatureVerifier
            from slack_sdk.web.async_client import AsyncWebClient
        except ImportError as error:
            raise missing(self.vendor, error) from None
        self._desk = desk
        token, signing_secret = secret(config, "token_env"), secret(config, "signing_secret_env")
        base_url = str(config.options["base_url"])
        # Its own retries wait in the middle of a call and know no queue: the courier repeats.
        self._client = AsyncWebClient(token=token, base_url=base_url, timeout=TIMEOUT_S, retry_handlers=[])
        self._api_error = SlackApiError
        self._verifier = SignatureVerifier(signing_secret)

        async def authorize(**_: Any) -> Any:  # bolt's own asks Slack who we are before it answers a button
            return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=token)

        self._app = AsyncApp(
            name="concierge",
            client=AsyncWebClient(base_url=base_url, timeout=TIMEOUT_S),
            signing_secret=signing_secret,
            authorize=authorize,
            request_verification_enabled=False,  # done before it, with replays
        )
        for verb in ("accept", "start", "done"):
            self._app.action(ACTION + verb)(self._pressed)
        self.routes = APIRouter()
        self.routes.add_api_route("/im/slack", self._called, methods=["POST"], include_in_schema=False)

    async def post(self, chat: str, card: Card, key: str) -> dict[str, Any]:
        answer = await self._ask("chat.postMessage", {"channel": chat, "unfurl_links": False, **self._look(card)})
        return {"channel": answer["channel"], "ts": answer["ts"]}

    async def change(self, chat: str, posted: Mapping[str, Any], card: Card) -> dict[str, Any]:
        where = {"channel": posted["channel"], "ts": posted["ts"]}
        await self._ask("chat.update", {**where, **self._look(card)})
        return where

    def _look(self, card: Card) -> dict[str, Any]:
        text = f"{card.headline} · {card.what} · {card.status}"  # for notifications and screen readers
        return {"text": escaped(text), "blocks": blocks(card, self._desk.user(card.assignee))}

    async def _ask(self, method: str, body: dict[str, Any]) -> Mapping[str, Any]:
        try:
            return cast(Mapping[str, Any], (await self._client.api_call(method, json=body)).data)
        except self._api_error as error:
            raise self._weighed(method, error.response) from error
        except Exception as error:  # aiohttp's, time-outs, and what it cannot parse
            raise Down(f"{method}: {str(error) or type(error).__name__}") from error

    def _weighed(self, method: str, answer: Any) -> Exception:
        status = int(getattr(answer, "status_code", 0) or getattr(answer, "status", 0))
        data = getattr(answer, "data", None)
        code = data.get("error", "") if isinstance(data, dict) else ""
        if status == 429 or code == "ratelimited":
            return Busy(f"{method}: too many requests", retry_after_s(answer.headers.get("Retry-After")))
        if status >= 500 or not code or code in PASSING:
            return Down(f"{method}: {code or f'HTTP {status}'}")
        return Refused(f"{method}: {code}")

    async def _called(self, request: Request) -> Response:
        """A button: https://docs.slack.dev/interactivity/handling-user-interaction"""
        from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response

        body = await body_of(request)
        stamped, signature = (request.headers.get(f"x-slack-{name}", "") for name in ("request-timestamp", "signature"))
        if not self._desk.replays.fresh(stamped, time.time()):
            raise refused("slack: its time stamp is old or missing")
        if not (stamped.isdecimal() and signature.isascii() and self._verifier.is_valid(body, stamped, signature)):
            raise refused("slack: its signature is wrong")
        if not self._desk.replays.first(signature, time.time()):
            raise refused("slack: it came before")
        return to_starlette_response(await self._app.async_dispatch(to_async_bolt_request(request, body)))

    async def _pressed(self, ack: Any, body: dict[str, Any], respond: Any) -> None:
        await ack()
        # bolt goes on after the answer by itself, but knows no orderly end
        await self._desk.afterwards.go_on(self._carry_out(body, respond))

    async def _carry_out(self, body: dict[str, Any], respond: Any) -> None:
        action = body["actions"][0]
        event = f"{body.get('trigger_id') or action['action_ts']}"
        verb = action["action_id"].removeprefix(ACTION)
        outcome = await self._desk.press(Press(self.vendor, (body["user"]["id"],), str(action.get("value")), verb, event))
        if not outcome.ok:
            await respond(outcome.text, response_type="ephemeral", replace_original=False)
