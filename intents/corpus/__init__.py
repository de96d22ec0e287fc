"""The labelled sentences: reading ``words => label`` lines (see README.md beside this file)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from intents.catalogue import CATALOGUE, Decision, check

FOLDER = Path(__file__).parent
_PLAIN = {
    "laundry": "request.laundry",
    "luggage": "request.luggage",
    "taxi": "request.taxi",
    "status": "order.status",
    "cancel": "order.cancel",
    "checkout": "stay.checkout",
    "bill": "stay.bill",
    "room": "stay.change_room",
    "key": "stay.key",
    "none": "none",
    **{name.removeprefix("dialog."): name for name in CATALOGUE if name.startswith("dialog.")},
}
_FIRST = {
    "set": ("device.set", "device"),
    "query": ("device.query", "device"),
    "scene": ("scene.set", "scene"),
    "clean": ("request.cleaning", "what"),
    "repair": ("request.repair", "asset"),
    "info": ("info.ask", "topic"),
    "extend": ("stay.extend", "nights"),
    "late": ("stay.late_checkout", "time"),
    "emergency": ("emergency.report", "kind"),
    "human": ("handoff.human", "to"),
}
FREE = frozenset({"when", "symptom", "destination", "which", "remark"})
_PAIR = re.compile(r'(\w+)=("[^"]*"|\S+)')
_LISTED = re.compile(r'\s*(\w+)(?::(\d+))?\s*("[^"]*")?\s*(?:,|$)')
_TOKEN = re.compile(r'\w+="[^"]*"|"[^"]*"|\S+')


class CorpusError(ValueError):
    """A line that cannot be read: ``FILE:LINE: what is wrong``."""


@dataclass(frozen=True)
class Sentence:
    """What a writer's persona said and what it means. ``bounds``: where the 2nd, 3rd … decision's words begin in ``text``."""

    text: str
    decisions: tuple[Decision, ...]
    lang: str
    writer: str
    where: str
    bounds: tuple[int, ...] = ()
    role: str = "guest"
    spans: tuple[tuple[int, str, int, int], ...] = field(default=())
    """Free text: (decision's number, slot, start, end) in ``text``; a dish's note has the slot ``note``."""


def read(path: Path) -> Iterator[Sentence | CorpusError]:
    """Each line of a writer's file, or what is wrong with it."""
    lang = path.parent.name
    group = ""
    for number, raw in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith(("#", "//")):
            continue
        where = f"{path.name}:{number}"
        if line.startswith("=>"):
            group = line
            continue
        if "=>" not in line and group:
            line = f"{line} {group}"
        try:
            yield parse(line, lang, path.stem, where)
        except CorpusError as error:
            yield CorpusError(f"{where}: {error}: {line}")


def load(*folders: str) -> list[Sentence]:
    """All sentences of the folders below ``intents/corpus`` (zh, en, test/zh …). Raises ``CorpusError`` at a wrong line."""
    found: list[Sentence] = []
    for folder in folders:
        for path in sorted((FOLDER / folder).glob("*.txt")):
            for sentence in read(path):
                if isinstance(sentence, CorpusError):
                    raise sentence
                found.append(sentence)
    return found


def parse(line: str, lang: str, writer: str = "", where: str = "") -> Sentence:
    """One line ``words => label``."""
    words, arrow, label = line.rpartition("=>")
    if not arrow:
        raise CorpusError("no '=>' between words and label")
    pieces = words.split("|")
    if lang == "en":  # words of two decisions are not one word
        pieces[1:] = [p if a[-1:].isspace() or p[:1].isspace() else f" {p}" for a, p in itertools.pairwise(pieces)]
    text = "".join(pieces).strip()
    if not text:
        raise CorpusError("no words")
    lead = len("".join(pieces)) - len("".join(pieces).lstrip())
    bounds, at = [], -lead
    for piece in pieces[:-1]:
        at += len(piece)
        bounds.append(at)
    parts = _split(label)
    if len(bounds) != len(parts) - 1:
        raise CorpusError(f"{len(parts)} decisions but {len(bounds)} '|' (wanted {len(parts) - 1})")
    decisions = []
    spans: list[tuple[int, str, int, int]] = []
    edges = [0, *bounds, len(text)]
    role = "guest"
    for index, part in enumerate(parts):
        segment = text[edges[index] : edges[index + 1]]
        decision = _decision(part, segment)
        problem = check(decision)
        if problem:
            raise CorpusError(problem)
        if decision.intent == "room.report":
            role = "staff"
        for slot, value in _free_texts(decision):
            start = text.find(value, edges[index], edges[index + 1])
            if start < 0:
                start = text.find(value)
            if start < 0:
                raise CorpusError(f"{slot} {value!r} is not in the words")
            spans.append((index, slot, start, start + len(value)))
        decisions.append(decision)
    return Sentence(text, tuple(decisions), lang, writer, where, tuple(bounds), role, tuple(spans))


def _free_texts(decision: Decision) -> Iterator[tuple[str, str]]:
    for slot, value in decision.slots.items():
        if slot in FREE or (slot == "channel" and isinstance(value, str)):
            yield slot, value
        elif slot == "dishes":
            for dish in value:
                if "note" in dish:
                    yield "note", dish["note"]


def _split(label: str) -> list[str]:
    parts = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', label)
    found = [part.strip() for part in parts]
    if not all(found):
        raise CorpusError("an empty label")
    return found


def _decision(label: str, segment: str) -> Decision:
    verb, _, rest = label.partition(" ")
    rest = rest.strip()
    if verb == "items":
        return Decision("request.items", {"items": _listed(rest, "item")})
    if verb == "food":
        return Decision("order.food", {"dishes": _listed(rest, "dish")})
    if verb == "change":
        return _change(rest)
    tokens = _TOKEN.findall(rest)
    named = {key: _value(key, value) for token in tokens for key, value in _PAIR.findall(token) if _PAIR.fullmatch(token)}
    bare = [token for token in tokens if not _PAIR.fullmatch(token)]
    if verb == "wakeup":
        return Decision(
            "request.wakeup", {"time": bare[0] if bare else "", **({"day": bare[1]} if len(bare) > 1 else {}), **named}
        )
    if verb == "dnd":
        return Decision("request.dnd", {"on": {"on": True, "off": False}.get(rest)})
    if verb == "report":
        if len(bare) != 2:
            raise CorpusError("report SPACE STATUS")
        return Decision("room.report", {"space": bare[0], "status": bare[1], **named})
    if verb in _FIRST:
        intent, slot = _FIRST[verb]
        slots: dict[str, Any] = {}
        if bare:
            first, _, zone = bare.pop(0).partition("/")
            slots[slot] = _value(slot, first)
            if zone:
                slots["zone"] = zone
        for word in bare:
            if verb != "set" or word not in ("up", "down"):
                raise CorpusError(f"{word!r} is not understood")
            slots["change"] = word
        slots |= named
        if intent == "info.ask":
            slots["question"] = question(segment)
        return Decision(intent, slots)
    if verb in _PLAIN:
        if bare:
            raise CorpusError(f"{bare[0]!r} is not understood")
        return Decision(_PLAIN[verb], named)
    raise CorpusError(f"no label {verb!r}")


def question(segment: str) -> str:
    """The words of a question: the part of the sentence without the marks at its ends."""
    return segment.strip(" ,.;:!?，。；：！？、…~～") or segment


def _change(rest: str) -> Decision:
    slots: dict[str, Any] = {}
    match = re.match(r'which="([^"]*)"\s*', rest)
    if match:
        slots["which"] = match[1]
        rest = rest[match.end() :]
    if rest:
        verb, _, listed = rest.partition(" ")
        if verb not in ("items", "food"):
            raise CorpusError(f"{verb!r} is not understood")
        slots["items" if verb == "items" else "dishes"] = _listed(listed, "item" if verb == "items" else "dish")
    return Decision("order.change", slots)


def _listed(text: str, key: str) -> list[dict[str, Any]]:
    found, at = [], 0
    while at < len(text):
        match = _LISTED.match(text, at)
        if match is None or match.end() == at:
            raise CorpusError(f"{text[at:]!r} is not TOKEN:N, …")
        one: dict[str, Any] = {key: match[1]}
        if match[2]:
            one["quantity"] = int(match[2])
        if match[3]:
            one["note"] = match[3].strip('"')
        found.append(one)
        at = match.end()
    if not found:
        raise CorpusError("nothing is listed")
    return found


def _value(key: str, value: str) -> Any:
    if value.startswith('"'):
        return value.strip('"')
    if key in ("level", "temperature", "position", "volume", "channel", "step", "nights"):
        try:
            number = float(value)
        except ValueError:
            return value
        return int(number) if number == int(number) else number
    return {"true": True, "false": False}.get(value, value) if key == "mute" else value
