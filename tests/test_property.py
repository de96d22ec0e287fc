"""The property file: the example hotel, and mistakes told with their lines."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import argon2
import pytest

from concierge.domain.device import CAN, wanted
from concierge.domain.errors import NotFound
from concierge.domain.hotel import COMPONENTS, SCENES, Property
from concierge.property import PropertyError, load

EXAMPLE = (resources.files("concierge") / "example" / "property.toml").read_text(encoding="utf-8")

Spoil = Callable[[str, str], str]


@pytest.fixture
def spoil(tmp_path: Path) -> Spoil:
    """Replaces one piece of the example by another and gives the mistakes, without the file's name."""

    def spoiled(old: str, new: str) -> str:
        assert old in EXAMPLE
        file = tmp_path / "my.toml"
        file.write_text(EXAMPLE.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(PropertyError) as caught:
            load(file)
        lines = str(caught.value).splitlines()
        assert all(line.startswith(f"{file}:") for line in lines)
        line = EXAMPLE[: EXAMPLE.index(old)].count("\n") + 1
        assert caught.value.line >= line - 6, "a missing key stands at its table"
        return "\n".join(line.removeprefix(f"{file}:") for line in lines)

    return spoiled


def line_of(text: str) -> int:
    return EXAMPLE[: EXAMPLE.index(text)].count("\n") + 1


def test_the_example_hotel_has_what_the_design_says(property_: Property) -> None:
    assert list(property_.spaces) == [f"{floor}0{room}" for floor in (1, 2, 3) for room in range(1, 9)]
    for space in property_.spaces.values():
        assert {device.kind for device in space.devices.values()} == set(COMPONENTS)
        assert space.floor == int(space.id[0])
        assert space.language == ("zh" if int(space.id[-1]) <= 4 else "en")
        assert set(space.scenes) == set(SCENES)
    assert len(property_.items) == 31
    assert len(property_.dishes) == 21
    assert len(property_.topics) == 54
    assert property_.device("301", "bedside").topic == "homeassistant/demo/301/bedside"
    assert property_.space("301").name == {"zh": "301 房", "en": "Room 301"}


def test_everything_in_the_example_has_words_in_both_languages(property_: Property) -> None:
    named = [
        *property_.staff.values(),
        *property_.items.values(),
        *property_.dishes.values(),
        *property_.departments.values(),
    ]
    assert all(set(one.name) == {"zh", "en"} and all(one.name.values()) for one in named)


def test_answers_are_short_and_some_are_in_one_language_only(property_: Property) -> None:
    topics = property_.topics.values()
    assert sum(set(topic.answer) == {"zh", "en"} for topic in topics) >= 40
    assert all(sum(set(topic.answer) == {lang} for topic in topics) >= 3 for lang in ("zh", "en"))
    for topic in topics:
        assert topic.source
        # They are spoken: short, and numbers as one says them.
        assert len(topic.answer.get("zh", "")) <= 60, topic.key
        assert len(topic.answer.get("en", "").split()) <= 30, topic.key
        assert not any(character.isdigit() for text in topic.answer.values() for character in text), topic.key


def test_each_department_has_two_people_and_there_is_a_manager(property_: Property) -> None:
    for department in property_.departments:
        assert sum(one.department == department for one in property_.staff.values()) >= 2, department
    assert any(one.role == "manager" for one in property_.staff.values())


def test_the_documented_demo_password_is_each_persons(property_: Property) -> None:
    for one in property_.staff.values():
        assert argon2.PasswordHasher().verify(one.password_hash, f"demo-{one.id}")
        assert one.password_hash not in repr(one)


def test_scenes_set_only_what_the_devices_can(property_: Property) -> None:
    space = property_.space("101")
    for changes in space.scenes.values():
        for device, change in changes.items():
            assert wanted(space.devices[device], change) == change


def test_a_request_goes_to_the_most_specific_route(property_: Property) -> None:
    assert property_.department_for("request.repair", "ac") == "engineering"
    assert property_.department_for("request.repair", "phone") == "front_desk"
    assert property_.department_for("stay.bill") == "front_desk"
    assert property_.deadline_for("emergency.report").accept_s == 30
    assert property_.deadline_for("stay.bill") == property_.deadlines["default"]


def test_what_is_not_there_is_said(property_: Property) -> None:
    with pytest.raises(NotFound, match="'999'"):
        property_.device("999", "bedside")
    with pytest.raises(NotFound, match=r"'jacuzzi' in 301"):
        property_.device("301", "jacuzzi")


def test_device_kinds_and_what_they_can_are_one_list() -> None:
    assert set(CAN) == set(COMPONENTS)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('department = "engineering"', 'department = "enginering"', "expected one of .*did you mean 'engineering'"),
        ('kind = "guest_room"', 'kind = "suite"', "'suite' is unknown; expected one of guest_room"),
        ('zone = "reading"', 'zone = "raeding"', "did you mean 'reading'"),
        ('desk = { kind = "light"', 'desk = { kind = "lamp"', "'lamp' is unknown; expected one of light, ac"),
        ('desk = { power = "off" }', 'dask = { power = "off" }', "no such device here; expected one of .*did you mean 'desk'"),
        ("level = 10 }", "level = 110 }", "found 110; expected less than or equal to 100"),
        ("level = 10 }", "brightness = 10 }", "unknown key 'brightness'; expected one of power, level"),
        ("floor = 1", 'floor = "1"', "found '1'; expected a whole number"),
        ("floor = 1\n", "", "floor: is missing; expected a whole number"),
        ('timezone = "Asia/Shanghai"', 'timezone = "Shanghai"', "expected a name such as Asia/Shanghai"),
        ('currency = "CNY"', 'currency = "yuan"', "expected three capital letters"),
        ('id = "demo"', 'id = "demo.*"', "no subject token"),
        ('ids = ["101"', 'ids = ["1/1"', "no subject token"),
        ('ids = ["101"', 'ids = ["301"', "'301' is there twice; expected each id once"),
        ('zh = "毛巾", en = "towel"', 'zh = "毛巾"', "no text in 'en'; expected en = "),
        ('zh = "毛巾", en = "towel"', 'zh = "毛巾", en = 3', "found 3; expected a text"),
        ('name = { zh = "客房部"', 'title = { zh = "客房部"', "unknown key 'title'; expected one of name, ladder"),
        ('default = "front_desk"\n', "", "'default' is missing"),
        ("price = 58", "price = -1", "found -1; expected greater than or equal to 0"),
        ('"$argon2id$', '"', "no password hash; expected argon2id"),
        ('base = "homeassistant"', 'base = "home/#"', "no MQTT topic"),
        ('discovery = "homeassistant"', "discovery = homeassistant", "expected TOML"),
        ('ladder = ["supervisor"', 'ladder = ["boss"', "'boss' is unknown; expected one of"),
        ('shift = "day"', 'shift = "dya"', "'dya' is unknown; expected one of day, night .did you mean 'day'"),
        ('begins = "07:00"', 'begins = "7am"', "no time of day; expected one such as 07:00"),
        ('ends = "07:00" }', 'ends = "07:00", days = ["monday"] }', "expected one of 'mon', 'tue'"),
        ('request.repair:wifi" = "it"', 'request.repair:wifi" = "plumbing"', "'plumbing' is unknown; expected one of hvac, it"),
        ('shift = "day"', "floors = [9]", r"staff.ma_jun.floors\[0\]: 9 is unknown; expected one of 1, 2, 3"),
        (
            'answer = { zh = "出门左转两百米',
            'answer = { cn = "出门左转两百米',
            "topics.pharmacy.answer.cn: 'cn' is unknown; expected one of zh, en",
        ),
        ("[topics.room_safe]", "[topics.Room-Safe]", "topics.Room-Safe: .*expected small letters, digits and _"),
        ('keywords = { zh = ["自行车", "单车"] }', 'keywords = { zh = "自行车" }', "found '自行车'; expected a list in"),
        (
            'en = ["Is the tap water safe to drink?"]',
            'en = ["can I rent a bike"]',
            r"bicycles.questions.en\[0\]: stands in topics.tap_water too",
        ),
        (
            'answer = { en = "A tailor comes',
            'reply = { en = "A tailor comes',
            "topics.tailor.answer: is missing; expected a table",
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_and_what_was_expected(spoil: Spoil, old: str, new: str, said: str) -> None:
    assert re.search(said, spoil(old, new))


def test_a_topic_that_nobody_could_find_is_told(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text(EXAMPLE + '\n[topics.moon]\nanswer = { en = "Up." }\nsource = "sky"\n', encoding="utf-8")
    with pytest.raises(
        PropertyError, match=r"topics\.moon: nothing to find it by; expected name, questions or keywords"
    ) as caught:
        load(file)
    assert caught.value.line == EXAMPLE.count("\n") + 2


def test_the_line_is_that_of_the_very_value(spoil: Spoil) -> None:
    said = spoil('"104"]', '"1 4"]')
    assert said.startswith(f"{line_of(chr(34) + '104' + chr(34))}: spaces[0].ids[3]: '1 4' is no subject token")


def test_all_mistakes_are_told_at_once_in_the_files_order(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    text = EXAMPLE.replace("floor = 2", 'floor = "two"').replace('department = "security"', 'department = "guards"')
    file.write_text(text.replace("price = 32", "prize = 32"), encoding="utf-8")
    with pytest.raises(PropertyError) as caught:
        load(file)
    lines = [mistake.line for mistake in caught.value.mistakes]
    assert lines == sorted(lines)
    assert len(lines) == 2 + 2 + 2 * text.count("price = 32")  # an unknown key leaves the right one missing


def test_a_dish_may_cost_less_than_one_unit(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text(EXAMPLE.replace("price = 58", "price = 19.99", 1), encoding="utf-8")
    assert load(file).dishes["beef_noodles"].price_minor == 1999


@pytest.mark.parametrize(
    "text", [b"", b"\xff\xfe", b"[property", b"property = 3\nspaces = {}\nkinds = []\nroutes = 1", b"a.b = 1"]
)
def test_a_file_that_is_something_else_is_told_so(tmp_path: Path, text: bytes) -> None:
    file = tmp_path / "my.toml"
    file.write_bytes(text)
    with pytest.raises(PropertyError, match=r"my\.toml:\d+: .*expected"):
        load(file)


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(PropertyError, match=r"nowhere\.toml: cannot be read"):
        load(tmp_path / "nowhere.toml")
    with pytest.raises(PropertyError, match="cannot be read"):
        load(tmp_path)


def test_language_models_are_in_the_order_of_the_file(tmp_path: Path, property_: Property) -> None:
    assert property_.language_models == (), "the example hotel sends no guest's words to anybody"
    text = """
[[language_model]]
name = "small-fast"
base_url = "http://gpu.hotel.example:8000/v1"
extra = { chat_template_kwargs = { enable_thinking = false } }

[[language_model]]
name = "large"
api_key_env = "HOTEL_LLM_KEY"
price_in = 1
price_out = 4.5
"""
    file = tmp_path / "my.toml"
    file.write_text(EXAMPLE + text, encoding="utf-8")
    first, second = load(file).language_models
    assert (first.name, first.provider, first.api_key_env, first.temperature) == ("small-fast", "openai", None, 0.0)
    assert first.extra == {"chat_template_kwargs": {"enable_thinking": False}}
    assert (second.name, second.base_url, second.price_in, second.price_out) == ("large", None, 1.0, 4.5)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('api_key_env = "sk-proj-12345"', "expected one such as HOTEL_LLM_KEY, never the key itself"),
        ('base_url = "api.example.com"', "expected one such as https://api.example.com/v1"),
        ('base_url = "https://user:secret@api.example.com/v1"', "without a key in it"),
        ("price_in = -1", "greater than or equal to 0"),
        ('api_key = "sk-proj-12345"', "unknown key 'api_key'; expected one of name, provider"),
    ],
)
def test_a_language_models_mistake_is_told_and_a_key_is_not_repeated(tmp_path: Path, line: str, problem: str) -> None:
    file = tmp_path / "my.toml"
    file.write_text(f'{EXAMPLE}\n[[language_model]]\nname = "m"\n{line}\n', encoding="utf-8")
    with pytest.raises(PropertyError) as caught:
        load(file)
    assert problem in str(caught.value)
    assert caught.value.line == EXAMPLE.count("\n") + 4
    assert "sk-proj" not in str(caught.value)
    assert "secret" not in str(caught.value)


OIDC = """
[oidc]
issuer = "https://sso.example.com/realms/hotel"
client_id = "concierge"
client_secret_env = "HOTEL_OIDC_SECRET"
address = "https://concierge.example.com/"
[[oidc.grants]]
group = "hotel-desk"
role = "desk"
department = "front_desk"
"""


def test_log_in_by_a_provider_and_who_needs_a_second_factor(tmp_path: Path) -> None:
    file = tmp_path / "my.toml"
    file.write_text(EXAMPLE.replace("second_factor = []", 'second_factor = ["manager"]') + OIDC, "utf-8")
    hotel = load(file)
    assert hotel.second_factor == {"manager"}
    assert hotel.oidc is not None
    assert (hotel.oidc.address, hotel.oidc.unknown) == ("https://concierge.example.com", "refuse")
    assert [grant.role for grant in hotel.oidc.grants] == ["desk"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("https://sso", "http://sso", "https"),
        ('"HOTEL_OIDC_SECRET"', '"s3cr3t-key"', "environment variable"),
        ("front_desk", "front_dsk", "did you mean 'front_desk'"),
        ('client_id = "concierge"', "", "client_id: is missing"),
    ],
)
def test_a_mistake_in_it_is_told_and_no_secret_repeated(tmp_path: Path, old: str, new: str, said: str) -> None:
    file = tmp_path / "my.toml"
    file.write_text(EXAMPLE + OIDC.replace(old, new), "utf-8")
    with pytest.raises(PropertyError) as caught:
        load(file)
    assert said in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_a_role_that_nobody_has_needs_no_second_factor(spoil: Spoil) -> None:
    assert "did you mean 'manager'" in spoil("second_factor = []", 'second_factor = ["manger"]')
