"""A scripted guest in virtual time: real speech, VAD and playout; recogniser and brain are scripted."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np
import pytest
from scripted_guest import Room, spoken

from media.brain import Say
from media.session import Settings

LONG = "The curtain is open, and the lamp is on, and your towels are on the way, and breakfast is at seven."


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    room = Room()
    room.warm("Done: turn on the lamp.", "Done: turn off the lamp.", LONG, "Sorry, something went wrong. Please say it again.")
    call = asyncio.create_task(room.session.run())
    await asyncio.sleep(0.05)
    yield room
    room.session.close()
    room.brain.confirm_ms = 0
    for _, done in room.timers:
        done.set()
    await asyncio.wait_for(call, 5)


def kinds(room: Room, *names: str) -> list[str]:
    return [event["type"] for _, event in room.events if event["type"] in names]


async def test_a_whole_request_is_answered_200_ms_after_it_ended(room: Room) -> None:
    asked = room.says("turn on the lamp", 1000)
    await room.run(6000)
    assert room.brain.commits == [("turn on the lamp", 1)]
    assert room.brain.planned == [("turn on the lamp", 1)], "one recognition, one plan: the guess at the pause serves as final"
    assert len(room.brain.understood) == 1
    first_sound = room.first_sound_ms()
    assert 200 <= first_sound - asked.end_ms <= 200 + 60 + 60, "silence, the device, frames"
    assert kinds(room, "heard", "reply", "speaking", "stopped", "ledger") == [
        "heard",
        "heard",
        "reply",
        "speaking",
        "stopped",
        "ledger",
    ]
    assert room.brain.heard_replies == [(1, "Done: turn on the lamp.", False)]
    record = room.brain.records[0]
    assert (record.turn, record.heard, record.reply, record.cut) == (1, "turn on the lamp", "Done: turn on the lamp.", False)
    assert record.spans["asr_after_endpoint"] == 0
    assert not record.overruns


async def test_an_unfinished_sentence_is_waited_for(room: Room) -> None:
    first = room.says("turn on the lamp and", 1000)
    room.says("turn off the fan", first.end_ms + 700)
    await room.run(8000)
    assert room.brain.commits == [("turn on the lamp and turn off the fan", 1)]


async def test_other_words_end_after_450_ms(room: Room) -> None:
    asked = room.says("how about it", 1000)
    room.brain.open_texts.add("how about it")
    await room.run(4000)
    (at, _), *_ = [entry for entry in room.named("heard") if entry[1]["final"]]
    assert 440 <= at - asked.end_ms <= 500


async def test_plans_of_a_guest_who_goes_on_have_no_effects(room: Room) -> None:
    first = room.says("turn on the lamp", 1000)
    room.says("in the bathroom", first.end_ms + 160)
    await room.run(6000)
    assert [text for text, _ in room.brain.planned] == ["turn on the lamp", "turn on the lamp in the bathroom"]
    assert room.brain.commits == [("turn on the lamp in the bathroom", 1)]


async def test_speech_after_the_turn_was_taken_is_a_new_turn_and_the_effect_stays(room: Room) -> None:
    room.brain.confirm_ms = 400
    first = room.says("turn on the lamp", 1000)
    second = room.says("turn off the lamp", first.end_ms + 300)
    await room.run(8000)
    assert room.brain.commits == [("turn on the lamp", 1), ("turn off the lamp", 2)]
    assert not room.loud(first.end_ms, second.end_ms), "the first reply waited while the guest went on"
    assert (1, "", True) in room.brain.heard_replies
    assert (2, "Done: turn off the lamp.", False) in room.brain.heard_replies


async def test_guest_interrupting_stops_the_voice(room: Room) -> None:
    room.brain.replies["turn on the lamp"] = [Say(LONG, "en")]
    room.says("turn on the lamp", 1000)
    interrupted = room.says("turn off the lamp", 3500)
    await room.run(8000)
    assert room.loud(3300, 3500)
    assert not room.loud(interrupted.at_ms + 220, interrupted.end_ms + 200), "silent within 200 ms of the guest's speech"
    assert room.brain.commits == [("turn on the lamp", 1), ("turn off the lamp", 2)]
    turn, heard, cut = room.brain.heard_replies[0]
    assert (turn, cut) == (1, True)
    assert LONG.startswith(heard)
    assert 0 < len(heard) < len(LONG) / 2
    assert [event["reason"] for _, event in room.named("stopped")] == ["barge_in", "end"]
    assert room.brain.barge_ins == 1
    assert 0 < room.brain.records[0].spans["barge_in_stop"] <= 150


@pytest.mark.parametrize(("text", "lang"), [("嗯", "zh"), ("好的", "zh"), ("uh-huh", "en")])
async def test_a_backchannel_lets_the_voice_go_on_from_where_it_was(room: Room, text: str, lang: str) -> None:
    room.brain.replies["turn on the lamp"] = [Say(LONG, "en")]
    room.says("turn on the lamp", 1000)
    murmur = room.says(text, 3500, lang=lang)
    await room.run(12_000)
    resumed = room.first_sound_ms(murmur.at_ms + 260)
    assert resumed - murmur.at_ms <= 800
    assert room.brain.commits == [("turn on the lamp", 1)]
    assert room.brain.barge_ins == 0
    assert room.brain.heard_replies == [(1, LONG, False)]
    assert room.sound_ms() == pytest.approx(room.length_ms(LONG), abs=120), "nothing was lost or said twice"


async def test_after_three_false_alarms_more_speech_is_needed_to_silence_us(room: Room) -> None:
    room.brain.replies["turn on the lamp"] = [Say(f"{LONG} {LONG}", "en")]
    room.says("turn on the lamp", 1000)
    murmurs = [room.says("嗯", at, lang="zh") for at in (2500, 4000, 5500, 7500)]
    await room.run(8500)
    assert [any(murmur.at_ms < at < murmur.at_ms + 400 for at in room.paused) for murmur in murmurs] == [True, True, True, False]
    assert room.brain.heard_replies == []
    assert len(room.brain.commits) == 1


async def test_a_cough_does_not_silence_us_for_good(room: Room) -> None:
    room.brain.replies["turn on the lamp"] = [Say(LONG, "en")]
    room.says("turn on the lamp", 1000)
    room.sounds(spoken("ah", "en")[:2400], 3500)
    await room.run(12_000)
    assert room.loud(3500 + 800, 3500 + 1000)
    assert room.brain.heard_replies == [(1, LONG, False)]


@pytest.mark.parametrize("gain", [0.1, 0.4])
async def test_our_own_voice_from_an_open_speaker_does_not_stop_us(room: Room, gain: float) -> None:
    room.echo_gain = gain
    room.brain.replies["turn on the lamp"] = [Say(LONG, "en")]
    room.says("turn on the lamp", 1000)
    await room.run(12_000)
    assert room.brain.commits == [("turn on the lamp", 1)]
    assert room.brain.heard_replies == [(1, LONG, False)]
    assert len(room.named("heard")) == 2, "nothing of ours was recognised"
    assert room.sound_ms() == pytest.approx(room.length_ms(LONG), abs=60)


async def test_a_guest_is_heard_through_our_own_echo(room: Room) -> None:
    room.echo_gain = 0.1
    room.brain.replies["turn on the lamp"] = [Say(LONG, "en")]
    room.says("turn on the lamp", 1000)
    interrupted = room.says("turn off the lamp", 3500)
    await room.run(8000)
    assert not room.loud(interrupted.at_ms + 300, interrupted.end_ms + 200)
    assert room.brain.commits == [("turn on the lamp", 1), ("turn off the lamp", 2)]


async def test_our_own_words_coming_back_are_no_turn(room: Room) -> None:
    room.brain.replies["turn on the lamp"] = [Say(LONG, "en")]
    room.says("turn on the lamp", 1000)
    room.says("the curtain is open", 3000, heard="the curtain is open")
    await room.run(12_000)
    assert room.brain.commits == [("turn on the lamp", 1)]
    assert room.brain.heard_replies == [(1, LONG, False)]


async def test_an_obligation_that_was_not_heard_is_offered_again(room: Room) -> None:
    room.brain.replies["turn on the lamp"] = [Say(LONG, "en"), Say("Engineering is coming.", "en", obligation=True)]
    room.warm("Engineering is coming.")
    room.says("turn on the lamp", 1000)
    room.says("turn off the lamp", 3500)
    await room.run(12_000)
    assert room.brain.records[1].reply == "Done: turn off the lamp. Engineering is coming."
    assert room.brain.heard_replies[1] == (2, "Done: turn off the lamp. Engineering is coming.", False)


async def test_a_late_result_of_an_earlier_turn_is_said_only_if_it_must_be(room: Room) -> None:
    room.brain.confirm_ms = 4000
    room.brain.replies["turn on the lamp"] = [
        Say("The lamp is on.", "en"),
        Say("The lamp is not answering.", "en", obligation=True),
    ]
    room.brain.fast.add("turn off the lamp")
    room.warm("The lamp is on.", "The lamp is not answering.")
    room.says("turn on the lamp", 1000)
    room.says("turn off the lamp", 3000)
    await room.run(9000)
    assert {turn: heard for turn, heard, _ in room.brain.heard_replies} == {
        1: "The lamp is not answering.",
        2: "Done: turn off the lamp.",
    }


async def test_an_emergency_is_committed_at_once_even_if_unfinished(room: Room) -> None:
    asked = room.says("there is a fire and", 1000)
    await room.run(4000)
    (at, _), *_ = [entry for entry in room.named("heard") if entry[1]["final"]]
    assert at - asked.end_ms <= 240
    assert room.brain.commits == [("there is a fire and", 1)]


async def test_silence_hum_and_a_click_are_no_turn(room: Room) -> None:
    room.sounds(np.random.default_rng(3).normal(0, 3000, 16_000).astype(np.int16), 1000)
    room.sounds(np.full(160, 20_000, np.int16), 3000)
    await room.run(5000)
    assert room.events == []


async def test_words_that_are_none_are_no_turn(room: Room) -> None:
    room.says("mumble", 1000, heard="")
    room.says("turn on the lamp", 4000)
    await room.run(8000)
    assert room.brain.commits == [("turn on the lamp", 1)]


async def test_a_failing_recogniser_is_said_and_the_call_goes_on(room: Room) -> None:
    room.asr_error = RuntimeError("model gone")
    room.says("turn on the lamp", 1000)
    await room.run(4500)
    assert room.named("error")[0][1]["where"] == "asr"
    assert room.named("reply")[0][1]["kind"] == "apology"
    room.asr_error = None
    room.says("turn on the lamp", 5500)
    await room.run(9000)
    assert room.brain.commits == [("turn on the lamp", 1)]
    assert room.loud(6500, 8500)


async def test_a_failing_plan_is_said_and_the_call_goes_on(room: Room) -> None:
    room.brain.fail_plan = True
    room.says("turn on the lamp", 1000)
    await room.run(4500)
    assert room.named("error")[0][1] == {"type": "error", "turn": 1, "where": "plan"}
    assert room.named("reply")[0][1]["kind"] == "apology"
    room.brain.fail_plan = False
    room.says("turn on the lamp", 5500)
    await room.run(9000)
    assert room.brain.commits == [("turn on the lamp", 2)]


async def test_a_commit_is_tried_again_under_the_same_turn(room: Room) -> None:
    room.brain.fail_commits = 1
    room.says("turn on the lamp", 1000)
    await room.run(4500)
    assert room.brain.commits == [("turn on the lamp", 1)] * 2
    assert room.brain.heard_replies == [(1, "Done: turn on the lamp.", False)]


async def test_a_commit_that_fails_is_said(room: Room) -> None:
    room.brain.fail_commits = 2
    room.says("turn on the lamp", 1000)
    await room.run(6000)
    assert room.named("error")[0][1] == {"type": "error", "turn": 1, "where": "commit"}
    assert room.brain.heard_replies == [(1, "Sorry, something went wrong. Please say it again.", False)]


async def test_a_hang_up_in_the_middle_leaves_what_was_committed_done_and_recorded(room: Room) -> None:
    room.brain.confirm_ms = 300
    asked = room.says("turn on the lamp", 1000)
    await room.run(asked.end_ms + 300)
    room.session.close()
    await room.run(asked.end_ms + 800)
    assert [(record.turn, record.reply, record.reply_heard, record.cut) for record in room.brain.records] == [
        (1, "Done: turn on the lamp.", "", True)
    ]
    assert not room.loud(0, room.now_ms)


async def test_news_for_the_guest_waits_while_the_guest_speaks(room: Room) -> None:
    room.warm("Your towels are here.")
    asked = room.says("turn on the lamp", 1000)
    await room.run(1500)
    room.session.say(Say("Your towels are here.", "en", obligation=True))
    await room.run(8000)
    assert not room.loud(0, asked.end_ms)
    assert room.sound_ms() == pytest.approx(
        room.length_ms("Done: turn on the lamp.") + room.length_ms("Your towels are here."), abs=120
    )


async def test_a_guest_who_talks_all_over_us_never_breaks_the_table(room: Room) -> None:
    rng = np.random.default_rng(11)
    room.brain.replies["turn on the lamp"] = [Say(LONG, "en", obligation=True)]
    at = 500
    while at < 34_000:
        text, lang = [
            ("turn on the lamp", "en"),
            ("嗯", "zh"),
            ("turn off the lamp", "en"),
            ("uh-huh", "en"),
            ("how about it", "en"),
        ][rng.integers(5)]
        at = room.says(text, at, lang=lang).end_ms + int(rng.integers(60, 1500))
    await room.run(38_000)
    await room.run(39_500)
    assert len(room.brain.commits) > 5
    assert [turn for _, turn in room.brain.commits] == list(range(1, len(room.brain.commits) + 1))


class SlowEars(Room):
    """Recognition takes real time."""

    slow_s = 0.0

    async def hear(self, pcm: np.ndarray, lang: str | None):  # type: ignore[no-untyped-def]
        heard = await super().hear(pcm, lang)
        await asyncio.sleep(self.slow_s)
        return heard


async def test_late_recognition_is_served_by_the_last_whole_request() -> None:
    room = SlowEars(Settings(lang="en"))
    room.warm("Done: turn on the lamp.")
    call = asyncio.create_task(room.session.run())
    await asyncio.sleep(0.05)
    first = room.says("turn on the lamp", 1000)
    room.says("ah", first.end_ms + 130)
    await room.run(first.end_ms + 120)
    room.slow_s = 2.0
    await room.run(first.end_ms + 1200)
    await asyncio.sleep(0.3)
    await room.run(first.end_ms + 1600)
    assert room.brain.commits == [("turn on the lamp", 1)]
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)


async def test_a_late_voice_is_bridged_by_a_cached_phrase() -> None:
    room = Room(Settings(lang="en"))
    real = room.voice._voice.say

    def slowly(clause: str, lang: str):  # type: ignore[no-untyped-def]
        import time

        time.sleep(0.4)
        return real(clause, lang)

    room.warm("Okay,", "Sorry, something went wrong. Please say it again.")
    room.warm("好的，", "抱歉，出了点问题，请再说一遍。", lang="zh")
    room.voice._voice.say = slowly  # type: ignore[method-assign]
    call = asyncio.create_task(room.session.run())
    await asyncio.sleep(0.05)
    room.brain.replies["turn on the lamp"] = [Say("Something else entirely.", "en")]
    asked = room.says("turn on the lamp", 1000)
    for _ in range(280):
        await room.run(room.now_ms + 20)
        if room.now_ms > asked.end_ms + 200:
            await asyncio.sleep(0.01)
    assert room.sound_ms() == pytest.approx(room.length_ms("Okay,") + room.length_ms("Something else entirely."), abs=150)
    call.cancel()
    await asyncio.gather(call, return_exceptions=True)
