import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.endpoint import MAX_SPEECH_MS, Completeness, Ended, Endpoint, Moment, Noise, Paused, SpeechStarted, WentOn

FRAME = 20


def feed(endpoint: Endpoint, speech_ms: int, silence_ms: int) -> list[Moment]:
    moments: list[Moment] = []
    for is_speech, length in ((True, speech_ms), (False, silence_ms)):
        for _ in range(length // FRAME):
            moments += endpoint.feed(FRAME, is_speech)
    return moments


@pytest.mark.parametrize(
    ("completeness", "silence_ms"), [(Completeness.COMPLETE, 200), (Completeness.OPEN, 460), (Completeness.UNFINISHED, 880)]
)
def test_the_silence_that_ends_a_turn_depends_on_the_words(completeness: Completeness, silence_ms: int) -> None:
    endpoint = Endpoint()
    assert feed(endpoint, 600, 100) == [SpeechStarted(20), Paused(700, 600)]
    assert endpoint.judge(completeness) == []
    assert feed(endpoint, 0, silence_ms - 120) == []
    assert feed(endpoint, 0, 20) == [Ended(600 + silence_ms, 600, silence_ms)]


def test_words_known_after_their_silence_has_passed_end_the_turn_at_once() -> None:
    endpoint = Endpoint()
    feed(endpoint, 600, 300)
    assert endpoint.judge(Completeness.COMPLETE) == [Ended(900, 600, 300)]


def test_a_turn_whose_words_are_not_known_ends_as_an_open_one() -> None:
    assert feed(Endpoint(), 600, 900)[-1] == Ended(1060, 600, 460)


def test_a_guest_who_goes_on_is_not_ended_by_what_the_first_half_meant() -> None:
    endpoint = Endpoint()
    feed(endpoint, 600, 120)
    endpoint.judge(Completeness.COMPLETE)
    assert feed(endpoint, 20, 0) == [WentOn(740)]
    assert feed(endpoint, 400, 180) == [Paused(1240, 1140)]
    assert feed(endpoint, 0, 20) == []


def test_a_knock_is_no_turn() -> None:
    assert feed(Endpoint(), 80, 600) == [SpeechStarted(20), Noise(180)]


def test_silence_counts_from_where_the_voice_ended_not_from_the_verdict() -> None:
    endpoint = Endpoint()
    feed(endpoint, 600, 0)
    endpoint.feed(32, True, tail_ms=24)
    endpoint.feed(32, True, tail_ms=32)
    assert endpoint.speech_end_ms == 608
    assert endpoint.feed(44, False) == [Paused(708, 608)]


def test_silence_that_fills_no_window_yet_counts_too() -> None:
    endpoint = Endpoint()
    feed(endpoint, 600, 80)
    assert endpoint.tick(690) == []
    assert endpoint.tick(700) == [Paused(700, 600)]
    assert feed(endpoint, 0, 100) == []
    endpoint.judge(Completeness.COMPLETE)
    assert endpoint.tick(800) == [Ended(800, 600, 200)]
    assert feed(endpoint, 0, 20) == []


def test_a_television_that_never_pauses_is_cut_into_turns() -> None:
    moments = feed(Endpoint(), MAX_SPEECH_MS + 100, 0)
    assert [type(moment) for moment in moments] == [SpeechStarted, Paused, Ended, SpeechStarted]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([None, *Completeness])), max_size=300))
def test_moments_come_in_an_order_that_makes_sense(frames: list[tuple[bool, Completeness | None]]) -> None:
    follows = {
        None: {SpeechStarted},
        SpeechStarted: {Noise, Paused},
        Noise: {SpeechStarted},
        Paused: {WentOn, Ended},
        WentOn: {Paused},
        Ended: {SpeechStarted},
    }
    endpoint, last = Endpoint(), None
    for is_speech, completeness in frames:
        moments = endpoint.feed(32, is_speech)
        if completeness:
            moments += endpoint.judge(completeness)
        for moment in moments:
            assert type(moment) in follows[last]
            last = type(moment)
