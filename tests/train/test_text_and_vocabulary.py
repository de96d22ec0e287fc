"""The trainer's small parts, where its extra is installed."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("wordfreq", reason="the extra `train` isn't installed (wordfreq)")
pytest.importorskip("scipy", reason="the extra `train` isn't installed (scipy)")

from faster_whisper.feature_extractor import FeatureExtractor

from media.train import features, voices
from media.train.numbers import en_number, zh_number
from media.train.pronounce import pinyin, zh_units
from media.train.sentences import Mix, Sentences
from media.train.text import edit_distance, normalise, units
from media.train.vocabulary import EMPTY_ID, SIZE, SOT_ID, Vocabulary, build


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    file = tmp_path_factory.mktemp("vocabulary") / "tokenizer.json"
    build(file)
    return Vocabulary(file)


@pytest.mark.parametrize(
    ("lang", "text", "normal"),
    [
        ("zh", "把空调调到二十四度，谢谢！", "把空调调到二十四度谢谢"),
        ("zh", "Wi-Fi 密码", "wifi密码"),
        ("en", "Two more towels, please.", "two more towels please"),
        ("en", "What's the Wi-Fi password? It's twenty-four.", "what's the wifi password it's twenty four"),
    ],
)
def test_texts_have_one_normal_form(lang: str, text: str, normal: str) -> None:
    assert normalise(text, lang) == normal


def test_error_rates_count_characters_and_words() -> None:
    assert edit_distance(units("开灯", "zh"), units("关灯", "zh")) == 1
    assert edit_distance(units("turn it on", "en"), units("turn on", "en")) == 1
    assert units("wifi密码", "zh") == ["wifi", "密", "码"]


@pytest.mark.parametrize(
    ("number", "zh", "en"),
    [(24, "二十四", "twenty four"), (110, "一百一十", "one hundred ten"), (2008, "二千零八", "two thousand eight")],
)
def test_numbers_are_spoken(number: int, zh: str, en: str) -> None:
    assert zh_number(number) == zh
    assert en_number(number) == en


def test_a_set_point_is_tuned_and_not_transferred() -> None:
    assert pinyin("空调调到二十四度")[:4] == ["kong1", "tiao2", "tiao2", "dao4"]
    assert zh_units(["zhong1", "er2"]) == ["zh", "ong1", "er2"]


def test_the_vocabulary_is_laid_out_like_openais(vocabulary: Vocabulary) -> None:
    tokenizer = vocabulary.tokenizer
    assert tokenizer.get_vocab_size() == SIZE
    assert tokenizer.id_to_token(EMPTY_ID) == ""
    assert tokenizer.token_to_id("<|startoftranscript|>") == SOT_ID
    assert tokenizer.token_to_id("<|zh|>") == 50_260
    assert tokenizer.token_to_id("<|nospeech|>") == 50_362
    assert tokenizer.token_to_id("<|0.00|>") == 50_364


@pytest.mark.parametrize(("lang", "text"), [("zh", "把空调调到二十四度"), ("en", "what's the bedside lamp"), ("zh", "wifi密码")])
def test_texts_survive_the_tokenizer(vocabulary: Vocabulary, lang: str, text: str) -> None:
    rows = vocabulary.encode(text, lang)
    assert vocabulary.tokenizer.decode([vocabulary.rows[row] for row in rows]).strip() == text


def test_no_word_needs_a_bare_space(vocabulary: Vocabulary) -> None:
    space = vocabulary.tokenizer.token_to_id("Ġ")
    for first in "abcdefghijklmnopqrstuvwxyz":
        assert space not in vocabulary.encode(f"a {first}xq", "en")


def test_features_are_faster_whispers(vocabulary: Vocabulary) -> None:
    audio = (np.random.default_rng(0).standard_normal(30_000) * 0.1).astype(np.float32)
    config = {k: v for k, v in features.preprocessor_config().items() if k != "short_windows"}
    theirs = FeatureExtractor(**config)(audio)[:, :-1]
    assert np.abs(theirs - features.log_mel(audio)).max() < 1e-5


def test_held_out_voices_share_no_variant_with_training() -> None:
    trained = {voice.name.partition("+")[2] or voice.name for voice in voices.TRAIN}
    held_out = {voice.name.partition("+")[2] or voice.name for voice in voices.HELD_OUT}
    assert not trained & held_out
    assert set(voices.FIRST) <= set(voices.TRAIN)
    for lang in ("zh", "en"):
        assert len(voices.held_out(lang)) >= 6


def test_benchmark_sentences_and_their_like_stay_out_of_training(vocabulary: Vocabulary, tmp_path: Path) -> None:
    rows = ["这个枕头太软了我脖子疼", "这个枕头太软了我的脖子疼", "两条毛巾"]
    samples = tmp_path / "samples.jsonl"
    samples.write_text("".join(json.dumps({"lang": "zh", "text": text}) + "\n" for text in rows), "utf-8")
    (tmp_path / "natural.jsonl").write_text(json.dumps({"lang": "zh", "text": rows[0]}) + "\n", "utf-8")
    sentences = Sentences(vocabulary, samples, tmp_path, np.random.default_rng(0))
    only_samples = Mix(general=0, natural=0, samples=1, spliced=0, numbers=0)
    assert {sentences.draw("zh", only_samples, 20) for _ in range(50)} == {"两条毛巾"}
