"""Web Push over HTTP: the service's key, and a browser's subscription for as long as its log-in lasts."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from typing import Annotated, Any

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from concierge.domain.errors import BadRequest
from concierge.domain.event import now
from concierge.domain.instant import stamp
from concierge.domain.people import require
from concierge.domain.push import MAX_ENDPOINT, Subscription, check_endpoint
from concierge.service.commands import Subscribe, Unsubscribe
from concierge.web.push_post import public
from concierge.web.request import ActorOf, BearerOf, ClientId, HouseOf, require_language

router = APIRouter(prefix="/v1/push", tags=["notifications"])

Base64 = Annotated[str, Field(max_length=200, pattern="^[A-Za-z0-9_-]+=*$")]


class Keys(BaseModel):
    p256dh: Base64
    auth: Base64


class Wanted(BaseModel):
    """A PushSubscription as the browser's ``toJSON()`` gives it, and the language to be told in."""

    endpoint: str = Field(max_length=MAX_ENDPOINT)
    keys: Keys
    lang: str | None = None


@router.get("/key")
async def key(request: Request, actor: ActorOf) -> dict[str, str]:
    """``key``: what ``pushManager.subscribe`` takes as ``applicationServerKey``."""
    require(actor.kind == "staff", "notifications are for staff")
    return {"key": public(request.app.state.push_key)}


@router.post("/subscriptions", status_code=201)
async def subscribe(body: Wanted, house: HouseOf, bearer: BearerOf, client_id: ClientId) -> dict[str, Any]:
    """It ends with the log-in. ``id``: by which it is deleted."""
    require(bearer.actor.kind == "staff", "notifications are for staff")
    require_language(house, body.lang)
    if not house.settings.push_inside:
        check_endpoint(body.endpoint)
    _check_keys(body.keys)
    lang = body.lang or house.property.languages[0]
    keys, until = body.keys, stamp(bearer.expires)
    wanted = Subscription(body.endpoint, keys.p256dh, keys.auth, lang, bearer.session, stamp(now()), until)
    await house.service.do(Subscribe(wanted), bearer.actor, client_id)
    return {"id": wanted.id, "until": until}


@router.delete("/subscriptions/{id}", status_code=204)
async def unsubscribe(id: str, house: HouseOf, actor: ActorOf, client_id: ClientId) -> None:
    """One's own. One that is not there is gone already."""
    require(actor.kind == "staff", "notifications are for staff")
    await house.service.do(Unsubscribe(actor.id, id), actor, client_id)


def _check_keys(keys: Keys) -> None:
    """Raises :class:`BadRequest`: nothing could ever be sealed with them."""
    try:
        EllipticCurvePublicKey.from_encoded_point(SECP256R1(), _decoded(keys.p256dh))
        short = len(_decoded(keys.auth)) != 16
    except ValueError:
        short = True
    if short:
        raise BadRequest("keys: expected those of the browser's PushSubscription (RFC 8291)")


def _decoded(text: str) -> bytes:
    return urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
