"""Sounds that say "I am listening": they never take the turn."""

from __future__ import annotations

import re

from intents.text import detect, plain

_ZH = re.compile(
    r"(嗯|恩|唔|哦|噢|喔|啊|呃|额|哎|诶|欸|嘿|哈|呵|好|好的|好啊|好吧|行|对|对的|是|是的|是啊|这样啊|知道了|明白|明白了|咳|咳咳)+"
)
_EN = re.compile(
    r"(u+h+ *h+u+h+|m+ *h+m+|h+m+|m+|u+h+|u+m+|a+h+|o+h+|yeah|yep|yes|ok|okay|right|sure|i see|got it|alright|all right"
    r"|great|good|cool|uh|huh|cough|ahem|wow|really)( (u+h+ *h+u+h+|m+ *h+m+|h+m+|yeah|yes|ok|okay|right|i see|sure))*"
)


def is_backchannel(text: str, lang: str | None = None) -> bool:
    """Whether ``text`` is only 嗯, 好的, "uh-huh", a cough, or nothing."""
    bare = plain(text)
    if not bare:
        return True
    if (lang or detect(text)) == "zh":
        return _ZH.fullmatch(bare) is not None
    words = " ".join(re.sub(r"[^a-z ]", " ", text.lower()).split())
    return _EN.fullmatch(words) is not None
