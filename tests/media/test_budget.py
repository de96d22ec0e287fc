from media.budget import BUDGETS, Ledger


def test_spans_are_made_of_moments_and_compared_with_their_budgets() -> None:
    ledger = Ledger(3)
    for moment, at in (
        ("speech_end", 1000.0),
        ("endpoint", 1200.0),
        ("heard", 1420.0),
        ("first_say", 1500.0),
        ("first_speech", 1505.0),
        ("first_audio", 1620.0),
    ):
        ledger.mark(moment, at)
    ledger.add("device_confirmation", 90.0)
    assert ledger.spans() == {
        "endpoint_silence": 200.0,
        "asr_after_endpoint": 220.0,
        "commit": 300.0,
        "tts_first_audio": 5.0,
        "voice_to_voice": 620.0,
        "device_confirmation": 90.0,
    }
    assert ledger.overruns() == ["asr_after_endpoint", "voice_to_voice"]
    assert ledger.budgets()["device_confirmation"] == 1_500


def test_a_hypothesis_ready_before_the_endpoint_took_nothing_after_it() -> None:
    ledger = Ledger(1)
    ledger.mark("heard", 1100)
    ledger.mark("endpoint", 1200)
    assert ledger.spans() == {"asr_after_endpoint": 0.0}


def test_the_first_mark_of_a_moment_and_the_longest_of_a_span_count() -> None:
    ledger = Ledger(1)
    for at in (5, 10):
        ledger.mark("speech_end", at)
        ledger.mark("first_audio", at + 100)
        ledger.add("device_confirmation", at)
    assert ledger.spans() == {"voice_to_voice": 100.0, "device_confirmation": 10}
    assert ledger.moments() == {"speech_end": 0.0, "first_audio": 100.0}


def test_the_moments_of_a_turn_without_speech_count_from_the_first() -> None:
    ledger = Ledger(0)
    assert ledger.moments() == {}
    ledger.mark("first_say", 50)
    ledger.mark("first_audio", 80)
    assert ledger.moments() == {"first_say": 0.0, "first_audio": 30.0}


def test_every_budget_says_what_an_overrun_does() -> None:
    assert all(budget.on_overrun and budget.p95_ms > 0 for budget in BUDGETS.values())
