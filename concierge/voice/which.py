"""Which of a stay's open orders the guest means by "the towels", 叫的车, or by nothing at all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from typing import Any

import yaml

from concierge.domain.hotel import Property
from concierge.domain.routing import LISTS

LANGUAGES = ("zh", "en")
Order = Mapping[str, Any]


@cache
def _words() -> Mapping[str, tuple[str, ...]]:
    """Intent, or intent and asset → words for such an order, in all languages; ``any``: words that mean none in particular."""
    found: dict[str, tuple[str, ...]] = {}
    for lang in LANGUAGES:
        text = (resources.files("concierge") / "texts" / f"which_{lang}.yaml").read_text("utf-8")
        for intent, words in yaml.safe_load(text).items():
            found[intent] = (*found.get(intent, ()), *words)
    return found


def chosen(orders: Sequence[Order], which: str, own: Sequence[str], property: Property) -> Order | None:
    """The order that ``which`` means among ``orders`` (the newest first). Without words for one in particular: the newest of
    ``own`` (the ids of those asked for in this conversation), else the newest. None: there is none such."""
    named = [order for order in orders if which and means(order, which, property)]
    if named:
        return named[0]
    if which and not _has(which, _words()["any"]):
        return None
    mine = [order for order in orders if order["id"] in own]
    # A call back that we arranged ourselves is not what a guest calls off without naming it.
    rest = [order for order in orders if order["intent"] != "handoff.human"]
    return next(iter([*mine, *rest, *orders]), None)


def means(order: Order, which: str, property: Property) -> bool:
    """Whether the words name the order: what it brings, its kind, or words that it came from."""
    if any(line_is(line, which, property) for line in lines(order)):
        return True
    kind = str(order["intent"])
    words = (*_words().get(kind, ()), *_words().get(f"{kind}:{order['slots'].get('asset')}", ()))
    return _has(which, words) or _bare(which) in _bare(str(order.get("words", "")))


def lines(order: Order) -> list[Mapping[str, Any]]:
    """The things that an order brings."""
    slot, _ = LISTS.get(str(order["intent"]), ("", ""))
    return list(order["slots"].get(slot, ()))


def line_is(line: Mapping[str, Any], which: str, property: Property) -> bool:
    """Whether the words name the thing of the line."""
    token = str(line.get("item") or line.get("dish"))
    thing = property.items.get(token) or property.dishes.get(token)
    names = [token.replace("_", " ")]
    for lang in thing.name if thing else ():
        names += [thing.name[lang], *thing.also.get(lang, ())] if thing else []
    return _has(which, names)


def says_more(words: str) -> bool:
    """Whether the words ask for more of something, and not for the same once again."""
    return _has(words, _words()["more"])


def says_change(words: str) -> bool:
    """Whether the words put something in place of what was asked for before."""
    return _has(words, _words()["change"])


def _has(which: str, words: Iterable[str]) -> bool:
    """Whether ``which`` holds one of the words: in Chinese anywhere, in English as whole words, singular or plural."""
    said = _bare(which)
    return any(f" {_bare(word)} " in f" {said} " if word.isascii() else _bare(word) in said for word in words)


def _bare(words: str) -> str:
    """Lower case, and each English word without its plural."""
    return " ".join(word[:-1] if len(word) > 3 and word.endswith("s") else word for word in words.lower().split())
