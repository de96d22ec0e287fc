"""Names that follow from what they are for: a repeated command makes the same entity, not a second one."""

from __future__ import annotations

import hmac

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


def _base32(raw: bytes) -> str:
    number = int.from_bytes(raw)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(len(raw) * 8 - 5, -1, -5))
