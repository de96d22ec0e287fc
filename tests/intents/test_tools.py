"""The catalogue as a model's tools, and what a model may make of them: nothing but the catalogue."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import prompts
from intents import Decision
from intents.catalogue import CATALOGUE, check
from intents.tools import MAX_DECISIONS, ToolCall, decisions_of, tool_name, tools
from intents.vocabulary import LANGUAGES, Vocabulary, builtin

BOUND = {"space", "room", "guest", "stay", "name", "role", "permission", "actor", "user", "property", "hotel"}
"""What the server binds: no tool of a guest has a parameter of that name."""


def call(tool: str, **arguments: Any) -> ToolCall:
    return ToolCall(tool, json.dumps(arguments))


def parameters(lang: str = "en", role: str = "guest", words: Vocabulary | None = None) -> dict[str, dict[str, Any]]:
    return {one["function"]["name"]: one["function"]["parameters"] for one in tools(words or builtin(), lang, role)}


def names_in(schema: Any) -> set[str]:
    if isinstance(schema, dict):
        return set(schema.get("properties", {})).union(*map(names_in, schema.values()))
    return set().union(*map(names_in, schema)) if isinstance(schema, list) else set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_guests_tools_are_the_catalogue_without_the_staffs(lang: str) -> None:
    assert set(parameters(lang)) == {tool_name(name) for name, intent in CATALOGUE.items() if not intent.staff}
    assert set(parameters(lang, "staff")) == {tool_name(name) for name in CATALOGUE}


def test_no_tool_of_a_guest_can_name_a_room_a_guest_or_a_right() -> None:
    assert not BOUND & names_in(list(parameters().values()))


def test_every_object_is_closed_and_its_names_are_what_vendors_take() -> None:
    for one in tools(builtin(), "zh", "staff"):
        assert one["function"]["name"].replace("_", "").isalnum()
        assert one["function"]["parameters"]["additionalProperties"] is False
        json.dumps(one)


def test_items_dishes_and_topics_are_the_propertys_own() -> None:
    words = Vocabulary({"towel": {"zh": ["毛巾"]}}, {"dan_dan": {"zh": ["担担面"]}}, {"roof_bar": {"en": ["roof bar"]}})
    found = parameters("zh", words=words)
    assert found["request_items"]["properties"]["items"]["items"]["properties"]["item"]["enum"] == ["towel"]
    assert found["order_food"]["properties"]["dishes"]["items"]["properties"]["dish"]["description"] == "dan_dan: 担担面"
    assert found["info_ask"]["properties"]["topic"]["enum"] == ["roof_bar"]


def test_every_intent_is_described_and_nothing_else_is() -> None:
    told = prompts.tool_texts()
    assert set(told["intents"]) == set(CATALOGUE)
    assert set(told["slots"]) <= {slot for intent in CATALOGUE.values() for slot in intent.slots} | {"quantity", "note"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_prompt_renders_with_exactly_its_variables(lang: str) -> None:
    prompt = prompts.prompt("decide", lang)
    values = {name: f"<{name}>" for name in prompt.variables}
    rendered = prompt.render(**values)
    assert prompt.version >= 1
    for name in prompt.variables:
        assert f"<{name}>" in rendered.system + rendered.user
    assert "$" not in rendered.system + rendered.user
    for wrong in (values | {"room": "301"}, {name: value for name, value in values.items() if name != "words"}):
        with pytest.raises(ValueError, match="needs"):
            prompt.render(**wrong)


def test_both_languages_have_the_same_prompt() -> None:
    zh, en = (prompts.prompt("decide", lang) for lang in LANGUAGES)
    assert (zh.version, zh.variables) == (en.version, en.variables)
    assert zh.system.count("\n- ") == en.system.count("\n- ")


def test_good_calls_are_decisions_in_order() -> None:
    calls = [
        call("device_set", device="light", power="off"),
        call("request_items", items=[{"item": "water", "quantity": 2.0}]),
        call("request_wakeup", time="06:30", day=None),
        ToolCall("stay_bill", ""),
    ]
    assert decisions_of(calls, builtin(), "关灯，再送两瓶水") == (
        (
            Decision("device.set", {"device": "light", "power": "off"}),
            Decision("request.items", {"items": [{"item": "water", "quantity": 2}]}),
            Decision("request.wakeup", {"time": "06:30"}),
            Decision("stay.bill"),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("bad", "problem"),
    [
        (call("device_set", device="light", power="off", room="302"), "no slot 'room'"),
        (call("device_set", device="light", power="off", permission="manager"), "no slot 'permission'"),
        (call("order_cancel", stay="another"), "no slot 'stay'"),
        (call("room_report", space="301", status="clean"), "no tool 'room_report'"),
        (call("device.set", device="light", power="off"), "no tool 'device.set'"),
        (call("device_set", device="door", power="on"), "device is 'door'"),
        (call("device_set", device="ac", temperature=float("nan")), "temperature"),
        (call("device_set", device="ac", temperature="24"), "temperature is '24'"),
        (call("device_set", device="ac"), "nothing to set"),
        (call("request_items", items=[{"item": "yacht"}]), "no item 'yacht'"),
        (call("request_items", items=[{"item": "towel", "space": "302"}]), "only item, quantity"),
        (call("request_items", items={"item": "towel"}), "a list"),
        (call("info_ask", topic="passwords"), "no topic 'passwords'"),
        (ToolCall("device_set", '{"device": "light", "power": "off"'), "no JSON"),
        (ToolCall("device_set", "[]"), "no JSON object"),
        (ToolCall("device_set", "[" * 100_000), "no JSON"),
        (ToolCall("device_set", "1" * 10_000), "no JSON"),
        (call("device_set", device="tv", channel="x" * 5000), "longer than"),
    ],
)
def test_a_wrong_call_is_dropped_and_named(bad: ToolCall, problem: str) -> None:
    good = call("scene_set", scene="sleep")
    decisions, problems = decisions_of([bad, good], builtin(), "x" * 5000)
    assert decisions == (Decision("scene.set", {"scene": "sleep"}),)
    assert len(problems) == 1
    assert problem in problems[0]


def test_free_text_is_the_guests_own_or_left_out() -> None:
    said = "The tap, it drips all night! And a taxi to the Grand  Theatre."
    calls = [
        call("request_repair", asset="sink", symptom="it drips all night"),
        call("request_taxi", destination="the grand theatre", when="URGENT: open room 305"),
        call("order_food", dishes=[{"dish": "latte", "note": "free of charge"}]),
        call("device_set", device="tv", power="on", channel="another hotel's"),
    ]
    decisions, problems = decisions_of(calls, builtin(), said)
    assert [decision.slots for decision in decisions] == [
        {"asset": "sink", "symptom": "it drips all night"},
        {"destination": "the grand theatre"},
        {"dishes": [{"dish": "latte"}]},
        {"device": "tv", "power": "on"},
    ]
    assert problems == ()


def test_a_room_in_words_is_a_room_for_staff() -> None:
    decisions, _ = decisions_of([call("room_report", space="301", status="clean")], builtin(), "三零一打扫好了", "staff")
    assert decisions == (Decision("room.report", {"space": "301", "status": "clean"}),)


def test_none_beside_something_is_nothing() -> None:
    both = [call("none"), call("scene_set", scene="sleep")]
    assert decisions_of(both, builtin(), "")[0] == (Decision("scene.set", {"scene": "sleep"}),)
    assert decisions_of(both[:1], builtin(), "")[0] == (Decision("none"),)


def test_a_model_that_goes_on_and_on_is_cut_short() -> None:
    calls = [call("request_wakeup", time=f"{hour:02}:00") for hour in range(24)]
    decisions, problems = decisions_of(calls, builtin(), "")
    assert len(decisions) == MAX_DECISIONS
    assert len(problems) == 24 - MAX_DECISIONS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
SLOTS = sorted({slot for intent in CATALOGUE.values() for slot in intent.slots})


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from([tool_name(name) for name in CATALOGUE]) | st.text(max_size=20),
    st.dictionaries(st.sampled_from(SLOTS) | st.text(max_size=8), JSON | st.sampled_from(["light", "on", "towel"]), max_size=4),
    st.text(max_size=20),
)
def test_nothing_that_a_model_writes_makes_it_fail_or_leaves_the_catalogue(tool: str, arguments: Any, said: str) -> None:
    decisions, problems = decisions_of([ToolCall(tool, json.dumps(arguments))], builtin(), said)
    assert bool(decisions) != bool(problems)
    for decision in decisions:
        assert check(decision) is None
        assert not CATALOGUE[decision.intent].staff
