"""Words that were kept, and not answered because the service was killed: the next one answers them, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from concierge.domain.conversation import of_stay
from concierge.domain.event import now
from concierge.service.commands import Say

DAY = timedelta(days=1)


async def kept(room, text: str, client_id: str = "before-the-kill", **more):
    """As a service leaves it that dies between the append and the answer."""
    return await room.service.do(Say(of_stay(room.guest.stay), text, "zh", **more), room.guest, client_id)


async def tickets(room) -> list[tuple[str, str]]:
    return [
        (entry.data["intent"], entry.data["words"])
        async for entry in room.log.read("h.demo.order.*.*")
        if entry.event == "placed"
    ]


async def replies(room) -> list[str]:
    where = f"h.demo.im.{of_stay(room.guest.stay)}"
    return [
        entry.data["text"] async for entry in room.log.read(where) if entry.event == "said" and entry.by.startswith("service:")
    ]


async def test_what_was_asked_for_before_a_kill_is_done_after_the_start(room):
    await kept(room, "再送两条毛巾")
    assert await room.chat.resume(now() - DAY) == 1
    await room.chat.drained()
    assert await tickets(room) == [("request.items", "再送两条毛巾")]
    assert len(await replies(room)) == 1


async def test_a_second_start_and_the_clients_own_repeat_change_nothing(room):
    await kept(room, "再送两条毛巾", "mine")
    await asyncio.gather(
        room.chat.resume(now() - DAY), room.chat.said(room.guest, of_stay(room.guest.stay), "再送两条毛巾", "zh", "mine")
    )
    await room.chat.drained()
    assert await room.chat.resume(now() - DAY) == 0
    assert len(await tickets(room)) == 1
    assert len(await replies(room)) == 1


async def test_what_was_answered_is_left_alone(room):
    await room.types("再送两条毛巾")
    assert await room.chat.resume(now() - DAY) == 0


async def test_words_of_an_hour_ago_are_a_persons_to_look_at(room, monkeypatch):
    await kept(room, "把空调调到二十四度")
    before = await room.log.end()
    monkeypatch.setattr("concierge.voice.chat.FRESH_S", -1)
    await room.chat.resume(now() - DAY)
    await room.chat.drained()
    assert await tickets(room) == [("handoff.human", "把空调调到二十四度")]
    assert [entry async for entry in room.log.read("h.demo.device.>", before)] == []


async def test_words_spoken_in_a_call_that_died_are_answered_on_the_screen(room):
    await kept(room, "再送两条毛巾", via="voice", about={"call": "c-1", "turn": 1, "cut": False})
    assert await room.chat.resume(now() - DAY) == 1
    await room.chat.drained()
    assert len(await tickets(room)) == 1
    assert await room.chat.resume(now() - DAY) == 0


async def test_an_answer_that_fails_is_handed_to_a_person(room, monkeypatch):
    def broken(*_):
        raise RuntimeError("a bug")

    monkeypatch.setattr(room.chat._understander, "understand", broken)
    await room.types("再送两条毛巾")
    assert await tickets(room) == [("handoff.human", "再送两条毛巾")]
