"""Which passwords are taken, after NIST SP 800-63B 5.1.1.2: long enough, not one that everybody tries; no rules of composition."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from concierge.domain.errors import BadRequest

SHORTEST, LONGEST = 8, 200
_STRAIGHT = ("0123456789" * 2, "9876543210" * 2, "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba",
             "qwertyuiopasdfghjklzxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm")  # fmt: skip
_TRIED_FIRST = """
    password passwort password1 password12 password123 password1234 passw0rd p@ssw0rd p@ssword p@ssw0rd1 pa55word
    letmein1 letmein123 welcome1 welcome12 welcome123 welcome2024 welcome2025 welcome2026 admin123 admin1234 admin12345
    administrator root1234 rootroot toor1234 test1234 testtest guest123 guest1234 user1234 changeme changeme1 changeme123
    default1 secret123 iloveyou iloveyou1 iloveyou2 sunshine sunshine1 princess princess1 football football1 baseball
    baseball1 basketball superman superman1 batman123 starwars starwars1 trustno1 whatever whatever1 dragon123 monkey123
    master123 shadow123 michael1 jennifer jordan23 charlie1 computer computer1 internet internet1 liverpool chelsea1
    qwerty12 qwerty123 qwerty1234 qwerty12345 qwertyui qwertyuiop qwer1234 asdf1234 asdfasdf asdfghjk asdfghjkl zxcvbnm1
    zxcv1234 zaq12wsx 1q2w3e4r 1q2w3e4r5t 1qazxsw2 q1w2e3r4 q1w2e3r4t5 abc12345 abcd1234 abc123456 abcabc123 a1b2c3d4
    a1234567 a12345678 a123456789 aa123456 aa12345678 aa123456789 as123456 zz123456 qq123456 qq123456789 qq123123
    wang1234 wangwang zhang123 xiaoming woaini520 woaini521 woaini123 woaini1314 woaini5201314 iloveyou520 520woaini
    5201314a a5201314 5201314520 52013145 1314520a 13145200 woaiwojia wodemima mima1234 mima123456 nihao123 nihao1234
    asd123456 123456asd 123456aa 123456abc 123456qq 123qweasd 123qweasdzxc 123456789a 12345678a 1234567a 1234qwer 147258369
    741852963 159357159 123123123 123321123 112233445566 11223344 1122334455 12341234 12344321 10203040 88888888a 66666666a
    hotel123 hotel1234 hotel2024 hotel2025 hotel2026 reception reception1 frontdesk frontdesk1 housekeeping concierge
    concierge1 concierge123 qiantai123 binguan123 jiudian123 jiudian888 manager1 manager123 manager1234
"""
_COMMON = frozenset(_TRIED_FIRST.split())


class WeakPassword(BadRequest):
    """This password would be guessed."""


def normal(password: str) -> str:
    """As it is hashed: however a keyboard writes the same characters (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def require_strong(password: str, own: Iterable[str]) -> None:
    """``own``: who the person is and where they work. Raises :class:`WeakPassword`."""
    text = normal(password).casefold()
    if not SHORTEST <= len(text) <= LONGEST:
        raise WeakPassword(f"a password has {SHORTEST} to {LONGEST} characters")
    if text in _COMMON or len(set(text)) < 3 or any(text in line for line in _STRAIGHT):
        raise WeakPassword("this password is one of those that are tried first: take another")
    rest = text
    for word in sorted(own, key=len, reverse=True):
        rest = rest.replace(word.casefold(), "") if len(word) > 2 else rest
    if len(rest) < SHORTEST - 2 and rest != text:
        raise WeakPassword("this password is made of names that everybody here knows: take another")
