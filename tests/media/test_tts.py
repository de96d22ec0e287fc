import threading
from pathlib import Path

import numpy as np
import pytest
import tiny_piper

from media.spoken import speakable, zh_number
from media.tts import CachedVoice, Speech, VoiceError, clauses, speak
from media.tts_espeak import EspeakVoice, pinyin
from media.tts_piper import PiperVoice, aligned
from media.voices import load_voices


@pytest.mark.parametrize(
    ("text", "lang", "said"),
    [
        ("301房", "zh", "三零幺房"),
        ("您的房间 2008 已打扫", "zh", "您的房间二零零八 已打扫"),
        ("早餐7:00–10:30", "zh", "早餐七点到十点半"),
        ("24.5°C", "zh", "二十四点五度"),
        ("共¥12,500，2瓶水", "zh", "共一万二千五百元，两瓶水"),
        ("50%", "zh", "百分之五十"),
        ("请拨打 8001", "zh", "请拨打八零零幺"),
        ("2026年第2个房间，-5度，1-5度", "zh", "二零二六年第二个房间，零下五度，一到五度"),
        ("￥38.50，¥120，¥0.05，¥100.00", "zh", "三十八点五元，一百二十元，零点零五元，一百元"),
        ("2026-11-20", "zh", "二零二六年十一月二十日"),
        ("breakfast is from 7:00 to 10:30 in room 301", "en", "breakfast is from 7 to 10 30 in room 3 oh 1"),
        ("until 22:00.", "en", "until 22 o'clock."),
        ("at 7:05 pm, 24°C, ¥128, 10%", "en", "at 7 oh 5 p m, 24 degrees, 128 yuan, 10 percent"),
    ],
)
def test_numbers_are_said_as_people_say_them(text: str, lang: str, said: str) -> None:
    assert speakable(text, lang) == said


def test_chinese_numbers() -> None:
    read = {
        0: "零",
        10: "十",
        11: "十一",
        20: "二十",
        105: "一百零五",
        110: "一百一十",
        1003: "一千零三",
        12_500: "一万二千五百",
        100_050: "十万零五十",
    }
    assert {number: zh_number(number) for number in read} == read


def test_clauses_are_split_where_speech_pauses_and_nowhere_else() -> None:
    assert clauses("It is 24.5 degrees. Breakfast starts at 7:00, and two towels are coming!") == [
        "It is 24.5 degrees.",
        "Breakfast starts at 7:00,",
        "and two towels are coming!",
    ]
    assert clauses("好的，空调已调到24度。马上给您送两条毛巾，请稍等一会儿！") == [
        "好的，空调已调到24度。",
        "马上给您送两条毛巾，",
        "请稍等一会儿！",
    ]
    assert clauses("") == []


def test_nothing_of_a_text_is_lost_between_clauses() -> None:
    text = "Okay. The lamp is on, the curtain is opening; anything else? 好的，马上。"
    assert "".join("".join(clauses(text)).split()) == "".join(text.split())


def test_polyphones_of_the_room_are_read_right() -> None:
    assert pinyin("空调调到二十四度") == "kong1 tiao2 tiao2 dao4 er4 shi2 si4 du4"
    assert pinyin("行李还有，重新") == "xing2 li3 hai2 you3 , chong2 xin1"


@pytest.mark.parametrize(
    ("text", "lang"), [("打开床头灯，空调调到24度。", "zh"), ("Two towels are on the way.", "en"), ("Wi-Fi密码是hotel。", "zh")]
)
def test_espeak_speaks(text: str, lang: str) -> None:
    pieces = list(speak(EspeakVoice(), text, lang))
    assert "".join(piece.text for piece in pieces).replace(" ", "") == text.replace(" ", "")
    for piece in pieces:
        assert 300 < piece.ms < 4000
        assert np.abs(piece.pcm[: piece.rate_hz // 50]).max() > 100, "the guest would wait for silence"
        assert 3000 < np.abs(piece.pcm.astype(int)).max() < 32_700, "too soft, or clipped"


def test_words_in_another_script_are_spoken_by_the_other_voice() -> None:
    voice = EspeakVoice()
    assert voice.say("密码是hotel", "zh").ms > voice.say("密码是", "zh").ms + 200


def test_voices_of_many_threads_do_not_mix() -> None:
    voice = EspeakVoice()
    alone = {lang: voice.say(text, lang).ms for lang, text in (("zh", "打开床头灯，再拉上窗帘"), ("en", "the lamp is on"))}
    wrong: list[str] = []

    def check(lang: str, text: str) -> None:
        for _ in range(10):
            if abs(voice.say(text, lang).ms - alone[lang]) > 20:  # espeak's noise is never twice the same
                wrong.append(lang)

    threads = [
        threading.Thread(target=check, args=pair) for pair in (("zh", "打开床头灯，再拉上窗帘"), ("en", "the lamp is on")) * 2
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_what_was_heard_is_counted_in_words_and_in_chinese_in_characters() -> None:
    chinese = Speech("好的，灯开了。", np.zeros(1000, np.int16), 16_000)
    assert [chinese.heard(share) for share in (0, 0.45, 0.7, 1)] == ["", "好的，", "好的，灯", "好的，灯开了。"]
    english = Speech("The lamp is on.", np.zeros(1000, np.int16), 16_000)
    assert [english.heard(share) for share in (0.2, 0.5, 0.99)] == ["", "The lamp", "The lamp is"]


def test_a_phrase_is_synthesised_once() -> None:
    spoken: list[str] = []

    class Counting:
        def say(self, clause: str, lang: str) -> Speech:
            spoken.append(clause)
            return Speech(clause, np.zeros(10, np.int16), 16_000)

    voice = CachedVoice(Counting(), limit=2)
    assert voice.ready("a", "en") is None
    for clause in ("a", "a", "b", "a", "c", "b"):
        voice.say(clause, "en")
    assert spoken == ["a", "b", "c", "b"]


def test_piper_speaks_with_exact_word_ends(tmp_path: Path) -> None:
    voice = PiperVoice(tiny_piper.write(tmp_path), "en")
    speech = voice.say("Two towels are coming.", "en")
    assert speech.rate_hz == tiny_piper.RATE_HZ
    assert speech.marks is not None
    assert [speech.text[:chars] for chars, _ in speech.marks] == ["Two", "Two towels", "Two towels are", "Two towels are coming."]
    samples = [sample for _, sample in speech.marks]
    assert samples == sorted(samples)
    assert samples[-1] < len(speech.pcm)
    halfway = (samples[1] + samples[2]) / 2 / len(speech.pcm)
    assert speech.heard(halfway) == "Two towels"


def test_piper_in_chinese_shares_the_sounds_between_characters(tmp_path: Path) -> None:
    speech = PiperVoice(tiny_piper.write(tmp_path, "cmn"), "zh").say("空调调到24度。", "zh")
    assert speech.marks is not None
    assert speech.marks[-1][0] == len("空调调到24度。")
    assert speech.heard(0.5).startswith("空调")


def test_joined_words_do_not_break_the_alignment() -> None:
    timings = [("^", 1), ("ɔ", 10), ("n", 10), ("ð", 10), ("ə", 10), (" ", 5), ("w", 10), ("e", 10), ("$", 1)]
    assert aligned("on the way", timings, cut=1) == ((2, 20), (6, 40), (10, 65))


def test_a_missing_piper_voice_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match=r"none\.onnx: no such file; a Piper voice is"):
        load_voices({"en": tmp_path / "none.onnx"})
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a model")
    Path(f"{broken}.json").write_text("{}")
    with pytest.raises(VoiceError, match=r"broken\.onnx: not a Piper voice"):
        load_voices({"en": broken})


def test_a_language_without_a_piper_voice_is_spoken_by_espeak(tmp_path: Path) -> None:
    voices = load_voices({"en": tiny_piper.write(tmp_path)})
    assert voices.say("The lamp is on.", "en").marks is not None
    assert voices.say("灯开了。", "zh").marks is None
