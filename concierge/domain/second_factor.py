"""The second factor of a log-in: a code by the clock (TOTP, RFC 6238) or one of ten recovery codes, each good once."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import pyotp

RECOVERY_CODES = 10
DRIFT_STEPS = 1
"""Steps of 30 s that a phone's clock may be off, either way."""


@dataclass(frozen=True)
class SecondFactor:
    """``nonce``: what the secret in force is made from (:func:`concierge.service.naming.totp_secret`), None: there is none yet;
    ``pending``: likewise of one that is offered. ``step``: the last that a code was taken of. ``spent``: recovery codes."""

    nonce: str | None = None
    pending: str | None = None
    step: int = 0
    spent: tuple[int, ...] = ()


def taken(factor: SecondFactor, secret: str, recovery: Sequence[str], code: str, at: datetime) -> SecondFactor | None:
    """The factor after ``code`` was used; None: it is wrong, or was used before."""
    given = code.replace("-", "").replace(" ", "").upper().encode()
    clock = pyotp.TOTP(secret)
    for offset in range(-DRIFT_STEPS, DRIFT_STEPS + 1):
        step = clock.timecode(at) + offset
        if step > factor.step and hmac.compare_digest(clock.generate_otp(step).encode(), given):
            return replace(factor, step=step)
    for number, known in enumerate(recovery):
        if number not in factor.spent and hmac.compare_digest(known.replace("-", "").encode(), given):
            return replace(factor, spent=(*factor.spent, number))
    return None


def address(secret: str, user: str, issuer: str) -> str:
    """What the QR code says to the phone: ``otpauth://totp/…``."""
    return pyotp.TOTP(secret).provisioning_uri(name=user, issuer_name=issuer)
