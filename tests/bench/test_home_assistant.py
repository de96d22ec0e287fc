"""Home Assistant's own recognizer, told as our decisions, on sentences that it knows."""

from typing import Any

import pytest

from bench import home_assistant
from intents import Decision, Understanding
from intents.corpus import parse

KNOWN: list[tuple[str, str, str]] = [
    ("en", "turn on the bedside light", "set light/bedside power=on"),
    ("en", "Turn off the lights, please.", "set light power=off"),
    ("en", "turn off all the lights", "set light/all power=off"),
    ("en", "switch off the bathroom lights", "set light/bathroom power=off"),
    ("en", "set the reading lamp to 30 percent", "set light/reading level=30"),
    ("en", "set the AC to twenty-four degrees", "set ac temperature=24"),
    ("en", "set the temperature to 72", "set ac temperature=22"),
    ("en", "what's the temperature", "query ac what=temperature"),
    ("en", "close the curtains", "set curtain position=0"),
    ("en", "open the sheers to 50%", "set sheer position=50"),
    ("en", "turn up the TV volume", "set tv up of=volume"),
    ("en", "mute the television", "set tv mute=true"),
    ("en", "pause the music", "set music power=off"),
    ("en", "set the fan to 100 percent", "set fan fan_speed=high"),
    ("en", "is the bathroom light on", "query light/bathroom what=power"),
    ("zh", "打开床头灯", "set light/bedside power=on"),
    ("zh", "把灯关了", "set light power=off"),
    ("zh", "关闭所有的灯", "set light/all power=off"),
    ("zh", "台灯亮度调到三十", "set light/desk level=30"),
    ("zh", "空调调到24度", "set ac temperature=24"),
    ("zh", "打开窗帘", "set curtain position=100"),
    ("zh", "关闭纱帘", "set sheer position=0"),
    ("zh", "电视音量调到20", "set tv volume=20"),
    ("zh", "电视静音", "set tv mute=true"),
]


def nothing(_: Any) -> Understanding:
    return Understanding((Decision("none"),), "none", 0.0, False, False, "en", 0.0)


@pytest.fixture
def _installed() -> None:
    pytest.importorskip("home_assistant_intents")


@pytest.mark.usefixtures("_installed")
@pytest.mark.parametrize(("lang", "words", "label"), KNOWN)
def test_known_sentences_are_told_as_our_decisions(lang: str, words: str, label: str) -> None:
    assert home_assistant.recognize(words, lang) == parse(f"{words} => {label}", lang).decisions


@pytest.mark.usefixtures("_installed")
def test_unknown_words_an_answer_and_a_thing_the_room_lacks_do_nothing() -> None:
    assert home_assistant.recognize("it's hotter than a two-dollar pistol in here", "en") is None
    assert home_assistant.recognize("what time is it", "en") == ()
    assert home_assistant.recognize("open the garage door", "en") == ()
    assert home_assistant.acts(home_assistant.recognize("set a timer for five minutes", "en") or ())


@pytest.mark.usefixtures("_installed")
def test_both_are_measured_on_the_same_sentences() -> None:
    test = [
        parse("turn on the bedside light => set light/bedside power=on", "en"),
        parse("关灯，|拉上窗帘 => set light power=off ; set curtain position=0", "zh"),
        parse("two towels please => items towel:2", "en"),
        parse("打开床头灯，他在电影里说 => none", "zh"),
    ]
    found = home_assistant.measure(test, nothing)
    assert found["sentences"] == {"all": 2, "zh": 1, "en": 1, "one_decision": 1}
    assert found["home_assistant"]["right_percent"]["all"] == 50.0
    assert found["cut_into_clauses"]["matched_percent"]["all"] == 100.0
    assert found["ours"]["right_percent"]["all"] == 0.0
    assert found["ours"]["wrong_action_percent"]["all"] == 0.0
    assert found["out_of_scope"] == {"sentences": 1, "false_actions_percent": 0.0}


def test_without_the_package_there_is_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> Any:
        raise ModuleNotFoundError(name)

    home_assistant._sentences.cache_clear()
    monkeypatch.setattr(home_assistant, "import_module", absent)
    assert "home-assistant-intents is not installed" in home_assistant.measure([], nothing)["note"]
