"""Lines of values, found again by what tomllib reads."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib import resources
from typing import Any

from concierge.toml_lines import Path, toml_lines

TRICKY = '''\
# [comment]
title = "a # [b] \\" = 1"   # more
"quoted key" . 'and.this' = 1
a.b.c = [ 1, # one ]
  "two, ]",
  { x = """
[not.a.table]
y = 2\\""" still""", y = [ ] },
]

[ table . "sub.table" ]
literal = \'\'\'
x = 1
\'\'\'\'
date = 1979-05-27 07:32:00
empty = {}

[[rows]]
n = 1
[rows.child]
n = 2
[[rows.inner]]
n = 3
[[rows]]
n = 4
[[rows.inner]]
n = 5
[[rows.inner]]
n = 6
'''


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    steps: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    for step in steps:
        yield from paths(value[step], (*path, step))


def test_every_value_has_its_line() -> None:
    lines = toml_lines(TRICKY)
    assert lines[("title",)] == 2
    assert lines[("quoted key", "and.this")] == 3
    assert lines[("a", "b", "c", 0)] == 4
    assert lines[("a", "b", "c", 1)] == 5
    assert lines[("a", "b", "c", 2, "x")] == 6
    assert lines[("a", "b", "c", 2, "y")] == 8
    assert lines[("table", "sub.table")] == 11
    assert lines[("table", "sub.table", "literal")] == 12
    assert lines[("table", "sub.table", "date")] == 15
    assert lines[("rows", 0, "n")] == 19
    assert lines[("rows", 0, "child", "n")] == 21
    assert lines[("rows", 0, "inner", 0, "n")] == 23
    assert lines[("rows", 1, "n")] == 25
    assert lines[("rows", 1, "inner", 0, "n")] == 27
    assert lines[("rows", 1, "inner", 1, "n")] == 29


def test_no_value_is_forgotten_and_none_is_made_up() -> None:
    example = (resources.files("concierge") / "example" / "property.toml").read_text(encoding="utf-8")
    for text in (TRICKY, TRICKY.replace("\n", "\r\n"), example, "", "a=1", "\n\n[x]"):
        read = set(paths(tomllib.loads(text)))
        found = set(toml_lines(text))
        parents = {path[:end] for path in read for end in range(1, len(path))}
        assert read - found <= parents, "only a table that is nowhere written may have no line"
        assert found <= read
