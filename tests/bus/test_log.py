"""The log against a real nats-server."""

from __future__ import annotations

import asyncio

import pytest

from concierge.bus.log import Log
from concierge.bus.server import Broker
from concierge.domain.errors import BadToken, Conflict, Unavailable
from concierge.domain.event import Draft, Entry, subject

ORDER = subject("demo", "order", "s-1", "o1")
CHAT = subject("demo", "im", "stay-s-1")


def draft(
    on: str, event: str = "placed", *, expected: int | None = None, command: str = "", number: int = 0, n: int = 0
) -> Draft:
    return Draft(on, event, {"n": n}, "test", expected=expected, command=command, number=number)


async def everything(log: Log) -> list[Entry]:
    return [entry async for entry in log.read("h.demo.>")]


async def test_the_last_entry_of_a_subject_is_its_state(log: Log) -> None:
    assert await log.last(ORDER) is None
    [placed] = await log.append(draft(ORDER, expected=0))
    [accepted] = await log.append(draft(ORDER, "accepted", expected=placed.seq))
    await log.append(draft(CHAT))
    assert await log.last(ORDER) == accepted


async def test_of_two_stale_appends_one_wins(log: Log) -> None:
    [placed] = await log.append(draft(ORDER, expected=0))
    tries = [log.append(draft(ORDER, f"accepted-{n}", expected=placed.seq, command=f"c{n}")) for n in range(8)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    won = [result for result in results if isinstance(result, list)]
    assert len(won) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 7
    assert [entry.event for entry in await everything(log)] == ["placed", won[0][0].event]


async def test_a_repeated_command_gets_its_first_entry(log: Log) -> None:
    [first] = await log.append(draft(ORDER, expected=0, command="c1", n=1))
    await log.append(draft(ORDER, "accepted", expected=first.seq))
    assert await log.append(draft(ORDER, expected=0, command="c1", n=2)) == [first]
    [said] = await log.append(draft(CHAT, command="c2", n=1))
    assert await log.append(draft(CHAT, command="c2", n=2)) == [said]
    assert len(await everything(log)) == 3


async def test_two_senders_with_the_same_words_are_two_messages(log: Log) -> None:
    await log.append(draft(CHAT, command="guest-1"))
    await log.append(draft(CHAT, command="guest-2"))
    await log.append(draft(CHAT))
    await log.append(draft(CHAT))
    assert len(await everything(log)) == 4


async def test_a_batch_is_written_whole_and_a_repeat_of_it_changes_nothing(log: Log) -> None:
    batch = [
        draft(ORDER, "placed", expected=0, command="b"),
        draft(ORDER, "dispatched", command="b", number=1),
        draft(CHAT, "said", command="b", number=2),
    ]
    entries = await log.append(*batch)
    assert [entry.event for entry in entries] == ["placed", "dispatched", "said"]
    assert await everything(log) == entries
    await log.append(draft(CHAT))
    assert await log.append(*batch) == entries
    assert len(await everything(log)) == 4


async def test_a_batch_of_standalone_messages_is_repeated_without_doubling(log: Log) -> None:
    batch = [draft(CHAT, command="b", number=number) for number in range(3)]
    entries = await log.append(*batch)
    assert await log.append(*batch) == entries


async def test_a_stale_batch_writes_nothing_at_all(log: Log) -> None:
    await log.append(draft(ORDER, expected=0, command="first"))
    with pytest.raises(Conflict, match="o1 at 0"):
        await log.append(draft(CHAT, command="b"), draft(ORDER, expected=0, command="b", number=1))
    assert len(await everything(log)) == 1


async def test_reading_ends_where_the_log_ended_at_the_call(log: Log) -> None:
    entries = [(await log.append(draft(CHAT, n=n)))[0] for n in range(20)]
    await log.append(draft(ORDER, expected=0))
    assert [entry async for entry in log.read("h.demo.im.>", since=entries[4].seq)] == entries[5:]
    assert [entry async for entry in log.read(["h.demo.turn.>", "h.demo.incident.>"])] == []
    assert [entry async for entry in log.read("h.demo.>", since=1000)] == []
    seen = []
    async for entry in log.read("h.demo.im.>"):
        seen.append(entry.seq)
        await log.append(draft(CHAT, n=99))
    assert seen == [entry.seq for entry in entries]


async def test_following_catches_up_and_then_is_live(log: Log) -> None:
    seen: list[int] = []
    live = asyncio.Event()

    async def follow() -> None:
        async for entry in log.follow(["h.demo.im.>"], since=2):
            seen.append(entry.data["n"])
            if len(seen) >= 3:
                live.set()
            if len(seen) == 6:
                return

    for n in range(5):
        await log.append(draft(CHAT, n=n))
    task = asyncio.create_task(follow())
    async with asyncio.timeout(5):
        await live.wait()
        for n in range(5, 8):
            await log.append(draft(ORDER))
            await log.append(draft(CHAT, n=n))
        await task
    assert seen == [2, 3, 4, 5, 6, 7]


async def test_the_incarnation_tells_a_new_log_from_the_old_one(log: Log, broker: Broker) -> None:
    other = await Log.open(broker.address, "demo")
    elsewhere = await Log.open(broker.address, "other")
    try:
        assert other.incarnation == log.incarnation
        assert elsewhere.incarnation != log.incarnation
    finally:
        await other.close()
        await elsewhere.close()


@pytest.mark.parametrize(
    "bad", ["h.demo.im.*", "h.demo.>", "h.demo.im.a b", "h.demo.im..x", "h.demo.", "h.demox.im.a", "h.other.im.a", "$JS.API"]
)
async def test_a_subject_with_a_wildcard_or_of_another_house_is_refused(log: Log, bad: str) -> None:
    with pytest.raises(BadToken):
        await log.append(draft(bad))
    with pytest.raises(BadToken):
        await log.last(bad)


async def test_a_filter_of_another_house_is_refused(log: Log) -> None:
    with pytest.raises(BadToken):
        await anext(log.follow("h.>"))


async def test_a_log_that_nobody_answers_is_unavailable() -> None:
    from concierge.bus.address import BrokerAddress

    with pytest.raises(Unavailable):
        await Log.open(BrokerAddress("nats://127.0.0.1:1", None, None), "demo", timeout_s=0.3)
