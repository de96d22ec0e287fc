"""``concierge understand``: sentences on stdin to decisions on stdout, a JSON line each. Nothing is carried out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concierge.domain.hotel import Property
    from intents import Understander, Understanding

LONGEST = 2_000
"""Characters of a line's text; more is nobody's sentence."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("understand", help="sentences to decisions, a JSON line each")
    parser.add_argument("--lang", choices=["zh", "en"], help="what is spoken; else the line's own, else found out")
    parser.add_argument("--room", metavar="R", help="as said in this room: its guest's language stands for no other")
    parser.add_argument("--property", type=Path, metavar="FILE", help="whose items, dishes and topics; else the example")
    parser.add_argument("--json", action="store_true", help="JSON lines (there is no other output yet)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from concierge.domain.errors import DomainError
    from concierge.main import vocabulary
    from concierge.property import PropertyError, load
    from intents import Understander

    try:
        property = load(args.property)
        fallback = property.space(args.room).language if args.room else None
    except (PropertyError, DomainError, OSError) as error:
        print(f"understand: {error}", file=sys.stderr)
        return 2
    understander = Understander.load(vocabulary(property))
    code = 0
    for row in rows(sys.stdin.buffer, understander, property, args.lang, fallback):
        if "error" in row:
            code = 1
        print(json.dumps(row, ensure_ascii=False), flush=True)
    return code


def rows(
    lines: Iterable[bytes], understander: Understander, property: Property, lang: str | None, fallback: str | None = None
) -> Iterable[dict[str, Any]]:
    """A result for each line that is not empty; a bad line's has ``error``, and the rest goes on."""
    for number, raw in enumerate(lines, 1):
        if not raw.strip():
            continue
        request: dict[str, Any] = {"id": number}
        try:
            request |= _request(raw)
            yield {"id": request["id"]} | _answer(request, understander, property, lang, fallback)
        except ValueError as error:
            yield {"id": request["id"], "error": str(error)}


def _request(raw: bytes) -> dict[str, Any]:
    """A line: a JSON object, or plain text. Raises ValueError saying what is wrong."""
    try:
        line = raw.decode("utf-8").strip().lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise ValueError(f"the line is not UTF-8: {error.reason} at byte {error.start}") from error
    if not line.startswith("{"):
        return {"text": line}
    try:
        request = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"the line is not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("the line is not JSON that we read: it is nested too deeply") from error
    return dict(request)


def _answer(
    request: dict[str, Any], understander: Understander, property: Property, lang: str | None, fallback: str | None
) -> dict[str, Any]:
    text, role = request.get("text"), request.get("role", "guest")
    spoken = lang or request.get("lang") or fallback
    if not isinstance(text, str):
        return {"error": f"text is {text!r}; expected the guest's words"}
    if len(text) > LONGEST:
        return {"error": f"text has {len(text)} characters; expected at most {LONGEST}"}
    if spoken not in (None, *property.languages):
        return {"error": f"lang is {spoken!r}; expected one of {', '.join(property.languages)}"}
    if role not in ("guest", "staff"):
        return {"error": f"role is {role!r}; expected guest or staff"}
    understood = understander.understand(text, spoken, role)
    return {
        "decisions": [{"intent": d.intent, "slots": d.slots} for d in understood.decisions],
        "stage": understood.stage,
        "confidence": understood.confidence,
        "complete": understood.complete,
        "unfinished": understood.unfinished,
        "lang": understood.lang,
        "ms": round(understood.ms, 2),
        "reply": _reply(understood, text, property),
    }


def _reply(understood: Understanding, text: str, property: Property) -> str | None:
    """What would be answered at once; None where something must be done first."""
    from concierge.voice import plan
    from concierge.voice.replies import Replies

    return plan.make(understood, text, understood.lang, property, Replies(property), plan.Dialogue()).ready
