"""``concierge understand``: sentences on stdin to decisions on stdout, a JSON line each. Nothing is carried out."""

from __future__ import annotations

import argparse
import json
import math
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concierge.domain.hotel import Property
    from intents import Decision, Understanding
    from intents.router import Router

LONGEST = 2_000
"""Characters of a line's text; more is nobody's sentence."""


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("understand", help="sentences to decisions, a JSON line each")
    parser.add_argument("--lang", choices=["zh", "en"], help="what is spoken where a line does not say; else it is found out")
    parser.add_argument("--room", metavar="R", help="as said in this room: its guest's language stands for no other")
    parser.add_argument("--property", type=Path, metavar="FILE", help="whose items, dishes and topics; else the example")
    parser.add_argument("--json", action="store_true", help="JSON lines; without --explain there is no other output")
    parser.add_argument("--explain", action="store_true", help="what each stage decided, how sure it was, how long it took")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from concierge.domain.errors import DomainError
    from concierge.property import PropertyError, load
    from concierge.settings import Settings, SettingsError
    from concierge.understanding import cascade

    try:
        property = load(args.property)
        fallback = property.space(args.room).language if args.room else None
        stages = Settings.from_env().stages
    except (PropertyError, DomainError, SettingsError, OSError) as error:
        print(f"understand: {error}", file=sys.stderr)
        return 2
    router = cascade(property, stages)
    code = 0
    for row in rows(sys.stdin.buffer, router, property, args.lang, fallback):
        if "error" in row:
            code = 1
        if args.explain and not args.json:
            print("\n".join(explained(row)), flush=True)
            continue
        if not args.explain:
            row.pop("stages", None)
        print(json.dumps(row, ensure_ascii=False), flush=True)
    return code


def explained(row: dict[str, Any]) -> Iterable[str]:
    """A result for people: a line for each stage that was asked."""
    if "error" in row:
        yield f"line {row['line']}: {row['error']}"
        return
    yield f"{row['text']}  ({row['lang']}, {row['ms']} ms)"
    for stage in row["stages"]:
        decided = "; ".join(_short(one) for one in stage["decisions"]) or "-"
        why = f"  [{stage['why']}]" if stage["why"] else ""
        yield f"  {stage['stage']:<11}{stage['outcome']:<8}{stage['confidence']:>5.2f}  {stage['ms']:>6.2f} ms  {decided}{why}"
    yield f"  → {'; '.join(_short(one) for one in row['decisions'])}"


def _short(decision: dict[str, Any]) -> str:
    return " ".join(
        [decision["intent"], *(f"{slot}={json.dumps(v, ensure_ascii=False)}" for slot, v in decision["slots"].items())]
    )


def rows(
    lines: Iterable[bytes], router: Router, property: Property, lang: str | None, fallback: str | None = None
) -> Iterable[dict[str, Any]]:
    """A result for each line; a bad line's has ``error`` and its number as ``line``, and the rest goes on."""
    for number, raw in enumerate(lines, 1):
        request: dict[str, Any] = {"id": number}
        try:
            request |= _request(raw)
            yield {"id": request["id"]} | _answer(request, router, property, lang, fallback)
        except ValueError as error:
            yield {"id": request["id"], "line": number, "error": str(error)}


def _request(raw: bytes) -> dict[str, Any]:
    """A line: a JSON object, or plain text. Raises ValueError saying what is wrong."""
    try:
        line = raw.decode("utf-8").strip().lstrip("\ufeff")
    except UnicodeDecodeError as error:
        raise ValueError(f"the line is not UTF-8: {error.reason} at byte {error.start}") from error
    if not line:
        raise ValueError("the line is empty; expected a JSON object or a sentence")
    if not line.startswith("{"):
        return {"text": line}
    try:
        request = json.loads(line)
    except json.JSONDecodeError as error:
        raise ValueError(f"the line is not JSON: {error.msg} at column {error.colno}") from error
    except RecursionError as error:
        raise ValueError("the line is not JSON that we read: it is nested too deeply") from error
    if not _can_be_told(request.get("id")):
        raise ValueError("id is neither a number nor words; the line's number stands for it")
    return dict(request)


def _can_be_told(id: object) -> bool:
    """Whether it can stand in a result: NaN, a lone surrogate or a nest of lists cannot."""
    if isinstance(id, str):
        return all(unicodedata.category(char) != "Cs" for char in id)
    return id is None or (isinstance(id, int | float) and math.isfinite(id))


def _answer(
    request: dict[str, Any], router: Router, property: Property, lang: str | None, fallback: str | None
) -> dict[str, Any]:
    role, spoken = request.get("role", "guest"), request.get("lang") or lang or fallback
    text = _words(request.get("text"), spoken, role, property)
    understood = router.understand(text, spoken, role)
    return {
        "text": text,
        "decisions": _decisions(understood.decisions),
        "stage": understood.stage,
        "confidence": round(understood.confidence, 4),
        "complete": understood.complete,
        "unfinished": understood.unfinished,
        "lang": understood.lang,
        "ms": round(understood.ms, 2),
        "reply": _reply(understood, text, property),
        "stages": [
            {
                "stage": one.stage,
                "outcome": one.outcome,
                "confidence": round(one.confidence, 4),
                "ms": round(one.ms, 2),
                "decisions": _decisions(one.decisions),
                "why": one.why,
            }
            for one in understood.trace
        ],
    }


def _words(text: object, lang: object, role: object, property: Property) -> str:
    """The text, if all of the request is good. Raises ValueError saying what is wrong."""
    if not isinstance(text, str):
        raise ValueError(f"text is {text!r}; expected the guest's words")
    if not text.strip():
        raise ValueError("text is empty; expected the guest's words")
    if len(text) > LONGEST:
        raise ValueError(f"text has {len(text)} characters; expected at most {LONGEST}")
    odd = next((at for at, char in enumerate(text) if unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n\r"), None)
    if odd is not None:
        raise ValueError(f"text has the control character U+{ord(text[odd]):04X} at {odd}; expected words")
    if lang not in (None, *property.languages):
        raise ValueError(f"lang is {lang!r}; expected one of {', '.join(property.languages)}")
    if role not in ("guest", "staff"):
        raise ValueError(f"role is {role!r}; expected guest or staff")
    return text


def _decisions(decisions: Iterable[Decision]) -> list[dict[str, Any]]:
    return [{"intent": one.intent, "slots": one.slots} for one in decisions]


def _reply(understood: Understanding, text: str, property: Property) -> str | None:
    """What would be answered at once; None where something must be done first."""
    from concierge.voice import plan
    from concierge.voice.replies import Replies
    from intents.dialogue import Dialogue

    return plan.make(understood, text, understood.lang, property, Replies(property), Dialogue()).ready
