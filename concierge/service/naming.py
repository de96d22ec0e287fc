"""Names and codes that follow from what they are for: a repeated command makes the same entity, not a second one."""

from __future__ import annotations

import hmac
from base64 import b32encode

from concierge.domain.second_factor import RECOVERY_CODES

# Crockford's base 32: no I, L, O, U, so a code that is read aloud or written down survives.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def entity_id(prefix: str, command: str) -> str:
    """``prefix`` and 60 bits of the command's id: ``o4k2…``. The same command names the same entity."""
    return prefix + _base32(bytes.fromhex(command)[:8])[:12].lower()


def room_code(secret: bytes, stay: str) -> str:
    """The stay's room code, ``XXXX-XXXX-XXXX-XXXX``: 80 bits that only the holder of ``secret`` can make again.

    So a repeated check-in gives the code that the first gave, a lost card can be printed anew, and neither the log
    nor a view holds it.
    """
    code = _base32(hmac.digest(secret, f"room code {stay}".encode(), "sha256")[:10])
    return "-".join(code[at : at + 4] for at in range(0, 16, 4))


def totp_secret(secret: bytes, staff: str, nonce: str) -> str:
    """The 160 bits, in base 32, that a phone makes codes from. The log holds the nonce, which is worth nothing without
    ``secret``."""
    return b32encode(hmac.digest(secret, f"totp {staff} {nonce}".encode(), "sha256")[:20]).decode()


def recovery_codes(secret: bytes, staff: str, nonce: str) -> list[str]:
    """``XXXXX-XXXXX``, 50 bits each, made likewise: the log holds which were used, not even a hash of one."""
    codes = [
        _base32(hmac.digest(secret, f"recovery {staff} {nonce} {number}".encode(), "sha256")[:10])
        for number in range(RECOVERY_CODES)
    ]
    return [f"{code[:5]}-{code[5:10]}" for code in codes]


def _base32(raw: bytes) -> str:
    number = int.from_bytes(raw)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(len(raw) * 8 - 5, -1, -5))
