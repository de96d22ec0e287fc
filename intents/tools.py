"""The catalogue as a language model's tools, and a model's calls as decisions. Pure.

A guest's tools hold no intent of the staff, and nothing names a room, a guest or a right: the server binds those. What
comes back is a stranger's text: it is held against the catalogue, the property's own lists and the guest's own words.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import prompts
from intents.catalogue import CATALOGUE, Decision, Intent, check
from intents.checks import Check, NumberOrWords, Schema, Several, Token, Words, is_number
from intents.vocabulary import Names, Vocabulary

MAX_DECISIONS = 8
"""More than a guest says in one breath; a model that goes on is not believed."""
MAX_SLOTS = 2000
"""Characters of one decision's slots as JSON."""
MAX_PROBLEM = 200
NOT_FREE = frozenset({"space"})
"""Text slots that are no clause of the speaker's: "three oh one" is 301."""


@dataclass(frozen=True)
class ToolCall:
    """A call as the model wrote it: the tool's name and its arguments as text, hoped to be a JSON object."""

    name: str
    arguments: str


def tool_name(intent: str) -> str:
    """``device.set`` → ``device_set``: vendors allow no dots."""
    return intent.replace(".", "_")


def tools(words: Vocabulary, lang: str, role: str = "guest") -> list[dict[str, Any]]:
    """The tools for ``role`` (guest or staff) in OpenAI's function format. ``lang``: of the names beside the tokens."""
    told = prompts.tool_texts()
    return [
        {
            "type": "function",
            "function": {
                "name": tool_name(name),
                "description": told["intents"][name],
                "parameters": _parameters(intent, words, lang, told["slots"]),
            },
        }
        for name, intent in _allowed(role).items()
    ]


def decisions_of(
    calls: Sequence[ToolCall], words: Vocabulary, said: str, role: str = "guest"
) -> tuple[tuple[Decision, ...], tuple[str, ...]]:
    """(decisions, problems): what the calls ask for, in order, and what was wrong with each that was dropped.

    ``said``: the speaker's own words. Free text that is not in them is left out of its decision, so that no ticket holds
    a word that a model made up.
    """
    by_name = {tool_name(name): name for name in _allowed(role)}
    decisions: list[Decision] = []
    problems: list[str] = []
    for call in calls:
        intent = by_name.get(call.name)
        if intent is None:
            problems.append(f"no tool {call.name[:64]!r} for {role}")
            continue
        try:
            slots = json.loads(call.arguments or "{}")
        except (ValueError, RecursionError):
            problems.append(f"{intent}: its arguments are no JSON")
            continue
        if not isinstance(slots, dict):
            problems.append(f"{intent}: its arguments are no JSON object")
            continue
        decision = _in_own_words(Decision(intent, {name: value for name, value in slots.items() if value is not None}), said)
        problem = check(decision) or unknown_token(decision, words) or _too_long(decision)
        if problem:
            problems.append(problem[:MAX_PROBLEM])
        elif len(decisions) == MAX_DECISIONS:
            problems.append(f"{intent}: more than {MAX_DECISIONS} calls")
        elif decision not in decisions:
            decisions.append(decision)
    weighty = [decision for decision in decisions if decision.intent != "none"]
    return tuple(weighty or decisions[:1]), tuple(problems)


def _allowed(role: str) -> dict[str, Intent]:
    return {name: intent for name, intent in CATALOGUE.items() if role == "staff" or not intent.staff}


def _parameters(intent: Intent, words: Vocabulary, lang: str, told: Mapping[str, str]) -> Schema:
    properties = {slot: _described(slot, rule, words, lang, told) for slot, rule in intent.slots.items()}
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(intent.required),
        "additionalProperties": False,
    }


def _described(slot: str, rule: Check, words: Vocabulary, lang: str, told: Mapping[str, str]) -> Schema:
    if isinstance(rule, Several):
        schema = rule.schema()
        each = schema["items"]["properties"]
        each.update({name: _described(name, part, words, lang, told) for name, part in rule.fields.items()})
        return schema
    schema = _listed(rule, words, lang) if isinstance(rule, Token) else rule.schema()
    return {**schema, "description": told[slot]} if slot in told else schema


def _listed(rule: Token, words: Vocabulary, lang: str) -> Schema:
    """The property's own tokens, each with its first name in ``lang`` where the token does not say it already."""
    tokens = _tokens(rule.kind, words)
    names = {token: next(iter(by_lang.get(lang, ())), "") for token, by_lang in tokens.items()}
    told = [f"{token}: {name}" for token, name in names.items() if name and name.replace(" ", "_") != token]
    return {"type": "string", "enum": list(tokens)} | ({"description": "; ".join(told)} if told else {})


def _tokens(kind: str, words: Vocabulary) -> Names:
    return {"item": words.items, "dish": words.dishes, "topic": words.topics}[kind]


def unknown_token(decision: Decision, words: Vocabulary) -> str | None:
    """The first token that the property does not have. The slots are good by the catalogue."""
    for slot, value in decision.slots.items():
        rule = CATALOGUE[decision.intent].slots[slot]
        if isinstance(rule, Token) and value not in _tokens(rule.kind, words):
            return f"{decision.intent}: this property has no {rule.kind} {value!r}"
        if isinstance(rule, Several):
            known = _tokens(rule.token.kind, words)
            for one in value:
                if one[rule.token.kind] not in known:
                    return f"{decision.intent}: this property has no {rule.token.kind} {one[rule.token.kind]!r}"
    return None


def _too_long(decision: Decision) -> str | None:
    long = len(json.dumps(decision.slots, ensure_ascii=False)) > MAX_SLOTS
    return f"{decision.intent}: its slots are longer than {MAX_SLOTS} characters" if long else None


def _in_own_words(decision: Decision, said: str) -> Decision:
    """Without the free text that is not the speaker's, and with whole numbers as such (24.0 is 24)."""
    heard = _bare(said)
    rules = CATALOGUE[decision.intent].slots

    def kept(name: str, rule: Check | None, value: Any) -> bool:
        free = isinstance(rule, Words | NumberOrWords) and isinstance(value, str) and name not in NOT_FREE
        return not free or (bool(_bare(value)) and _bare(value) in heard)

    def settled(rule: Check | None, value: Any) -> Any:
        if isinstance(rule, Several) and isinstance(value, list):
            return [
                {name: settled(None, part) for name, part in one.items() if kept(name, rule.fields.get(name), part)}
                if isinstance(one, dict)
                else one
                for one in value
            ]
        return int(value) if is_number(value) and abs(value) < 1e6 and value == int(value) else value

    slots = {
        name: settled(rules.get(name), value) for name, value in decision.slots.items() if kept(name, rules.get(name), value)
    }
    return Decision(decision.intent, slots)


def _bare(text: str) -> str:
    """Letters, digits and characters alone: how it was written does not matter."""
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())
