"""Reads a property file (``property.toml``) and tells all its mistakes, each with its line and what was expected."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from concierge.domain.hotel import (
    COMPONENTS,
    SCENES,
    ZONES,
    Chat,
    Deadline,
    Department,
    Device,
    Dish,
    Grant,
    Item,
    Model,
    MqttTopics,
    Oidc,
    Property,
    Shift,
    Space,
    Staff,
    StaffIm,
    Topic,
)
from concierge.domain.people import LEADS
from concierge.property_shape import WEEK, File, OidcShape, TopicShape, expected_type, shape_at
from concierge.toml_lines import Path as KeyPath
from concierge.toml_lines import toml_lines


@dataclass(frozen=True)
class Mistake:
    """One mistake. ``line`` counts from 1; 0: the file as a whole."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class PropertyError(Exception):
    """The property file has mistakes. ``str()`` has a line for each; ``file``, ``line``, ``message``: the first's."""

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        super().__init__("\n".join(map(str, mistakes)))
        self.mistakes = tuple(mistakes)
        self.file, self.line, self.message = mistakes[0].file, mistakes[0].line, mistakes[0].message


def load(path: Path | None = None) -> Property:
    """The property that ``path`` describes; None: the example hotel. Raises :class:`PropertyError`."""
    source = resources.files("concierge") / "example" / "property.toml" if path is None else path
    try:
        raw_bytes = source.read_bytes()
    except OSError as error:
        problem = f"cannot be read ({error.strerror}); expected a property file such as concierge/example/property.toml"
        raise PropertyError([Mistake(str(source), 0, problem)]) from error
    return _parse(raw_bytes, str(source))


def _parse(raw_bytes: bytes, file: str) -> Property:
    try:
        text = raw_bytes.decode("utf-8")
        raw = tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = raw_bytes.count(b"\n", 0, error.start) + 1
        raise PropertyError([Mistake(file, line, "this is not UTF-8; expected a text saved as UTF-8")]) from error
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"\(at line (\d+), column (\d+)\)", str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        problem = f'{str(error).split(" (at ")[0]}; expected TOML, such as  name = "text"  or  [table]'
        raise PropertyError([Mistake(file, line, problem)]) from error

    problems = list(_bad_references(raw))
    shape: File | None = None
    try:
        shape = File.model_validate(raw)
    except ValidationError as error:
        problems += [_shape_problem(details) for details in error.errors()]
    if problems or shape is None:
        lines = toml_lines(text)
        mistakes = {Mistake(file, _line(lines, path), problem) for path, problem in problems}
        raise PropertyError(sorted(mistakes, key=lambda mistake: (mistake.line, mistake.message)))
    return _built(shape)


def _line(lines: Mapping[KeyPath, int], path: KeyPath) -> int:
    """The line of the longest part of ``path`` that the text holds: a key that is missing stands at its table."""
    while path and path not in lines:
        path = path[:-1]
    return lines.get(path, 1)


# What refers to what: (where a reference stands, the words for what it must be).

_WORDS: tuple[KeyPath, ...] = (
    ("property", "name"), ("kinds", "*", "name"), ("kinds", "*", "devices", "*", "name"), ("departments", "*", "name"),
    ("staff", "*", "name"), ("shifts", "*", "name"), ("items", "*", "name"), ("dishes", "*", "name"),
)  # fmt: skip

_TOPIC_TEXTS = ("answer", "name", "also", "questions", "keywords")


def _bad_references(raw: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    """Works on the raw file, whatever its shape, so that these mistakes are told together with those of shape."""
    languages = [text for _, text in _at(raw, ("property", "languages", "*"))]
    roles = sorted({str(role) for _, role in _at(raw, ("staff", "*", "role"))} | LEADS)
    known: Sequence[tuple[KeyPath, Sequence[Any]]] = (
        (("spaces", "*", "kind"), _keys(raw, "kinds")),
        (("spaces", "*", "language"), languages),
        (("staff", "*", "department"), _keys(raw, "departments")),
        (("staff", "*", "languages", "*"), languages),
        (("staff", "*", "shift"), _keys(raw, "shifts")),
        (("staff", "*", "floors", "*"), list({str(one): one for _, one in _at(raw, ("spaces", "*", "floor"))}.values())),
        (("skills", "*"), sorted({str(skill) for _, skill in _at(raw, ("staff", "*", "skills", "*"))})),
        (("items", "*", "department"), _keys(raw, "departments")),
        (("routes", "*"), _keys(raw, "departments")),
        (("staff_im", "*", "language"), languages),
        (("staff_im", "*", "departments", "*", "language"), languages),
        (("departments", "*", "ladder", "*"), sorted({str(role) for _, role in _at(raw, ("staff", "*", "role"))})),
        (("login", "second_factor", "*"), roles),
        (("oidc", "grants", "*", "department"), _keys(raw, "departments")),
        (("kinds", "*", "devices", "*", "kind"), list(COMPONENTS)),
        (("kinds", "*", "devices", "*", "zone"), ZONES),
    )
    for pattern, allowed in known:
        for path, found in _at(raw, pattern):
            if found not in allowed:
                yield path, f"{_dotted(path)}: {found!r} is unknown; {_expected(found, allowed)}"
    for section in ("routes", "deadlines"):
        if isinstance(raw.get(section), dict) and "default" not in raw[section]:
            yield (section,), f"{section}: 'default' is missing; expected default = …, for what has none of its own"
    for pattern in _WORDS:
        for path, words in _at(raw, pattern):
            for language in languages if isinstance(words, dict) else ():
                if language not in words:
                    yield path, f'{_dotted(path)}: no text in {language!r}; expected {language} = "…"'
    yield from _bad_topics(raw, languages)
    for path, scenes in _at(raw, ("kinds", "*", "scenes")):
        devices = _keys(raw, "kinds", path[1], "devices")
        for scene in _keys(raw, *path):
            if scene not in SCENES:
                yield (*path, scene), f"{_dotted(path)}: {scene!r} is unknown; {_expected(scene, SCENES)}"
            for device in _keys(scenes, scene):
                if device not in devices:
                    where = (*path, scene, device)
                    yield where, f"{_dotted(where)}: no such device here; {_expected(device, devices)}"
    seen: dict[Any, int] = {}
    for path, space in _at(raw, ("spaces", "*", "ids", "*")):
        if isinstance(space, str) and space in seen:
            yield path, f"{_dotted(path)}: the space {space!r} is there twice; expected each id once"
        elif isinstance(space, str):
            seen[space] = 1
    yield from _bad_staff_im(raw)


def _bad_staff_im(raw: Mapping[str, Any]) -> Iterator[tuple[KeyPath, str]]:
    for path, chats in _at(raw, ("staff_im", "*", "departments")):
        for department in set(_keys(chats)) - set(_keys(raw, "departments")):
            at = (*path, department)
            yield at, f"{_dotted(at)}: no such department here; {_expected(department, _keys(raw, 'departments'))}"
    first: dict[tuple[Any, Any], KeyPath] = {}
    for path, user in _at(raw, ("staff", "*", "im", "*")):
        if isinstance(user, str) and first.setdefault((path[-1], user), path) != path:
            yield path, f"{_dotted(path)}: stands at {_dotted(first[path[-1], user])} too; expected each user at one person"


def _bad_topics(raw: Mapping[str, Any], languages: Sequence[Any]) -> Iterator[tuple[KeyPath, str]]:
    """A topic may lack a language, but not be one that no guest would ever find, or that is found as often as another."""
    first: dict[str, KeyPath] = {}
    for path, topic in _at(raw, ("topics", "*")):
        texts = [where for where in _TOPIC_TEXTS if isinstance(topic, dict) and isinstance(topic.get(where), dict)]
        for where in texts:
            for language in set(topic[where]) - set(languages):
                at = (*path, where, language)
                yield at, f"{_dotted(at)}: {language!r} is unknown; {_expected(language, languages)}"
        if isinstance(topic, dict) and not any(topic[where] for where in texts if where != "answer"):
            yield path, f"{_dotted(path)}: nothing to find it by; expected name, questions or keywords in some language"
    for path, question in _at(raw, ("topics", "*", "questions", "*", "*")):
        said = "".join(filter(str.isalnum, question.lower())) if isinstance(question, str) else ""
        if said and first.setdefault(said, path)[1] != path[1]:
            yield path, f"{_dotted(path)}: stands in {_dotted(first[said][:2])} too; expected each question in one topic"


def _at(raw: Any, pattern: Sequence[str | int], path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any]]:
    """Each value whose path fits ``pattern``, in which ``*`` is any key or index."""
    if not pattern:
        yield path, raw
        return
    first, *rest = pattern
    if isinstance(raw, dict):
        steps: list[Any] = list(raw) if first == "*" else [first] if first in raw else []
    else:
        steps = list(range(len(raw))) if isinstance(raw, list) and first == "*" else []
    for step in steps:
        yield from _at(raw[step], rest, (*path, step))


def _keys(raw: Any, *path: str | int) -> list[str]:
    return [key for _, table in _at(raw, path) if isinstance(table, dict) for key in table]


# How mistakes are said.


def _expected(found: object, allowed: Sequence[Any]) -> str:
    near = difflib.get_close_matches(str(found), [str(each) for each in allowed], n=1)
    listed = ", ".join(str(each) for each in allowed[:24]) + (", …" if len(allowed) > 24 else "")
    return f"expected one of {listed}" + (f" (did you mean {near[0]!r}?)" if near else "")


def _dotted(path: KeyPath) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path).lstrip(".")


_TYPES = {
    "string_type": 'a text in "quotes"',
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list in [ ]",
    "dict_type": 'a table, such as { zh = "…", en = "…" }',
    "model_type": "a table",
    "model_attributes_type": "a table",
    "string_too_short": "a text that is not empty",
    "too_short": "at least one",
}


_MAY_HOLD_A_KEY = ("api_key", "api_key_env", "base_url")
"""Where people paste one by mistake: what stands there is not repeated on a screen or in a log."""


def _shape_problem(details: Any) -> tuple[KeyPath, str]:
    """Pydantic's finding in our words: (path, problem)."""
    path = tuple(part for part in details["loc"] if part != "[key]")
    where, what, found = _dotted(path), details["type"], details["input"]
    secret = bool(path) and (path[-1] in _MAY_HOLD_A_KEY or str(path[-1]).endswith("_env") or path[0] == "staff_im")
    shown = "a text" if secret else repr(found) if isinstance(found, str | int | float) else f"a {type(found).__name__}"
    if what == "missing":
        return path, f"{where}: is missing; expected {expected_type(path)}"
    if what == "extra_forbidden":
        shape = shape_at(path[:-1])
        names = list(shape.model_fields) if shape else []
        return path, f"{where}: unknown key {path[-1]!r}; {_expected(path[-1], names)}"
    if what == "literal_error":
        return path, f"{where}: found {shown}; expected one of {details['ctx']['expected']}"
    if what == "value_error":
        return path, f"{where}: {shown}: {details['ctx']['error']}".replace(f"{shown}: {shown}", shown)
    if what == "string_pattern_mismatch":
        return path, f"{where}: found {shown}; expected three capital letters, such as CNY"
    if what in _TYPES:
        return path, f"{where}: found {shown}; expected {_TYPES[what]}"
    return path, f"{where}: found {shown}; expected {details['msg'].removeprefix('Input should be ')}"


# From the file's shape to the domain's.


def _built(file: File) -> Property:
    return Property(
        id=file.property.id,
        name=file.property.name,
        timezone=file.property.timezone,
        languages=tuple(file.property.languages),
        currency=file.property.currency,
        demo=file.property.demo,
        spaces={space.id: space for space in _spaces(file)},
        departments={
            key: Department(key, department.name, tuple(department.ladder)) for key, department in file.departments.items()
        },
        staff={
            key: Staff(
                key,
                one.name,
                one.role,
                one.department,
                one.password_hash,
                tuple(one.languages),
                floors=tuple(one.floors),
                skills=tuple(one.skills),
                shift=one.shift,
                im=dict[str, str](one.im.items()),
            )
            for key, one in file.staff.items()
        },
        items={key: Item(key, item.name, item.department, _also(item.also)) for key, item in file.items.items()},
        dishes={
            key: Dish(key, dish.name, int((Decimal(str(dish.price)) * 100).to_integral_value()), _also(dish.also))
            for key, dish in file.dishes.items()
        },
        topics={key: _topic(key, topic) for key, topic in file.topics.items()},
        routes=file.routes,
        deadlines={key: Deadline(**each.model_dump()) for key, each in file.deadlines.items()},
        mqtt=MqttTopics(file.mqtt.discovery, file.mqtt.base),
        shifts={
            key: Shift(key, one.name, one.begins, one.ends, frozenset(WEEK.index(day) for day in one.days))
            for key, one in file.shifts.items()
        },
        skills=file.skills,
        language_models=tuple(Model(**one.model_dump()) for one in file.language_model),
        staff_im=tuple(_staff_im(file)),
        second_factor=frozenset(file.login.second_factor),
        oidc=_oidc(file.oidc) if file.oidc else None,
    )


def _oidc(shape: OidcShape) -> Oidc:
    plain = shape.model_dump(exclude={"grants", "scopes"})
    return Oidc(**plain, scopes=tuple(shape.scopes), grants=tuple(Grant(**one.model_dump()) for one in shape.grants))


def _topic(key: str, topic: TopicShape) -> Topic:
    return Topic(key, topic.name, topic.answer, topic.source, _also(topic.also), _also(topic.questions), _also(topic.keywords))


def _staff_im(file: File) -> Iterator[StaffIm]:
    for vendor, shape in file.staff_im:
        if shape is None:
            continue
        language = shape.language or file.property.languages[0]
        places = {name: Chat(chat, language) for name in ("chat", "escalations", "alarms") if (chat := getattr(shape, name))}
        departments = {key: Chat(one.chat, one.language or language) for key, one in shape.departments.items()}
        common = {"language", "chat", "escalations", "alarms", "departments"}
        yield StaffIm(
            vendor,
            language,
            places.get("chat"),
            places.get("escalations"),
            places.get("alarms"),
            departments,
            shape.model_dump(exclude=common),
        )


def _also(words: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    return {language: tuple(texts) for language, texts in words.items()}


def _spaces(file: File) -> Iterator[Space]:
    for group in file.spaces:
        kind = file.kinds[group.kind]
        scenes = {
            scene: {device: change.model_dump(exclude_none=True) for device, change in changes.items()}
            for scene, changes in kind.scenes.items()
        }
        for space in group.ids:
            base = f"{file.mqtt.base}/{file.property.id}/{space}"
            devices = {
                key: Device(
                    id=key,
                    kind=device.kind,
                    name=device.name,
                    component=COMPONENTS[device.kind],
                    topic=device.topic.replace("{space}", space) if device.topic else f"{base}/{key}",
                    zone=device.zone,
                )
                for key, device in kind.devices.items()
            }
            name = {language: text.replace("{id}", space) for language, text in kind.name.items()}
            yield Space(space, group.kind, group.floor, name, group.language, devices, scenes)
