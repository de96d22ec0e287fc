from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from example_people import DESK, LI_NA, WANG_WEI, NoDevices

from concierge.bus.log import Log, stream_name
from concierge.domain.conversation import of_department, of_stay
from concierge.domain.errors import BadRequest, Forbidden, IllegalStep, NotFound
from concierge.domain.people import SERVICE, Actor
from concierge.service import commands as c
from concierge.service.handlers import Service
from concierge.views.store import Store
from concierge.views.views import Views


async def test_stays_conversation_holds_what_was_said_by_voice_and_by_text(service: Service, log: Log, guest: Actor) -> None:
    talk = of_stay(guest.stay)
    await service.do(c.Say(talk, "开灯", "zh", "voice", {"call": "c1", "turn": 1}), guest, "1")
    await service.do(c.Say(talk, "好的，灯开了。", "zh", "voice", {"call": "c1", "turn": 1}), SERVICE, "2")
    await service.do(c.Say(talk, "谢谢", "zh"), guest, "3")
    said = [(e.by, e.data["via"], e.data["text"]) async for e in log.read(f"h.demo.im.{talk}")]
    assert said == [
        (guest.who, "voice", "开灯"),
        ("service:concierge", "voice", "好的，灯开了。"),
        (guest.who, "text", "谢谢"),
    ]


async def test_message_sent_five_times_at_once_is_said_once(service: Service, log: Log, guest: Actor) -> None:
    say = c.Say(of_stay(guest.stay), "你好", "zh")
    answers = await asyncio.gather(*(service.do(say, guest, "m1") for _ in range(5)))
    assert {answer.seq for answer in answers} == {answers[0].seq}
    assert len([e async for e in log.read(f"h.demo.im.{of_stay(guest.stay)}")]) == 1


async def test_message_repeated_a_day_later_in_another_process_gets_its_first_answer(
    service: Service, views: Views, log: Log, guest: Actor, tmp_path: Path
) -> None:
    """The broker remembers message ids for two minutes. Here its memory is cut short, so only the view knows."""
    talk = of_stay(guest.stay)
    say = c.Say(talk, "你好", "zh")
    first = await service.do(say, guest, "m1")
    await views.caught_up(first.seq)
    js = log._client.jetstream()
    config = (await js.stream_info(stream_name("demo"))).config
    config.duplicate_window = 0.1
    await js.update_stream(config)
    await asyncio.sleep(0.5)
    store = Store.open(tmp_path / "views.db")
    restarted = Service(replace(service.world, views=Views(store)))
    assert await restarted.do(say, guest, "m1") == first
    assert len([e async for e in log.read(f"h.demo.im.{talk}")]) == 1
    await store.close()


async def test_every_talk_command_repeated_over_rebuilt_views_by_another_process_gets_its_first_answer(
    service: Service, views: Views, log: Log, guest: Actor, tmp_path: Path
) -> None:
    """The broker has forgotten all ids, and the views are new: what is left is the log."""
    talk = of_stay(guest.stay)
    said = await service.do(c.Say(talk, "你好", "zh"), guest, "say")
    group = (await service.do(c.MakeGroup("night", ("emma",)), LI_NA, "make")).data["id"]
    commands: list[tuple[c.Command[Any], Actor]] = [
        (c.EditMessage(talk, said.seq, "您好"), guest),
        (c.WithdrawMessage(talk, said.seq), guest),
        (c.MarkRead(talk, said.seq), DESK),
        (c.JoinGroup(group, ("chen_jing",)), LI_NA),
        (c.NameGroup(group, "late"), DESK),
        (c.LeaveGroup(group, "emma"), DESK),
    ]
    first = [await service.do(command, actor, f"n{number}") for number, (command, actor) in enumerate(commands)]
    end = await log.end()
    await views.caught_up(end)
    js = log._client.jetstream()
    config = (await js.stream_info(stream_name("demo"))).config
    config.duplicate_window = 0.1
    await js.update_stream(config)
    await asyncio.sleep(0.5)
    store = Store.open(tmp_path / "rebuilt.db")
    await store.rebuild(log, "demo")
    restarted = Service(replace(service.world, views=Views(store)))
    again = [await restarted.do(command, actor, f"n{number}") for number, (command, actor) in enumerate(commands)]
    assert again == first
    assert await log.end() == end
    await store.close()


async def test_nobody_speaks_where_they_do_not_belong(service: Service, guest: Actor) -> None:
    other = await service.do(c.CheckIn("302", "en"), SERVICE, "in")
    for actor, talk in [
        (guest, of_stay(other.id)),
        (guest, of_department("housekeeping")),
        (LI_NA, of_stay(guest.stay)),
        (WANG_WEI, of_department("housekeeping")),
    ]:
        with pytest.raises(Forbidden):
            await service.do(c.Say(talk, "hi", "en"), actor, "1")
    with pytest.raises(NotFound):
        await service.do(c.Say(of_stay("nobody"), "hi", "en"), DESK, "1")
    with pytest.raises(BadRequest):
        await service.do(c.Say("dept-pirates", "hi", "en"), DESK, "1")
    assert await service.do(c.Say(of_department("housekeeping"), "hi", "en"), LI_NA, "1")
    assert await service.do(c.Say(of_stay(guest.stay), "您好", "zh"), DESK, "1")


async def test_turn_is_recorded_by_the_service_only(service: Service, guest: Actor) -> None:
    turn = c.RecordTurn("c1", guest.stay, {"turn": 1, "spans": {"asr": 40}})
    entry = await service.do(turn, SERVICE, "c1-1")
    assert entry.subject == f"h.demo.turn.{guest.stay}.c1"
    with pytest.raises(Forbidden):
        await service.do(turn, guest, "c1-1")


async def test_alarm_is_answered_and_cleared_and_the_guest_hears_of_it(service: Service, log: Log, guest: Actor) -> None:
    raised = await service.do(c.RaiseIncident("fire", "着火了", 0.8), guest, "1")
    assert (raised.data["space"], raised.data["stay"], raised.data["certainty"]) == ("301", guest.stay, 0.8)
    incident = raised.data["id"]
    with pytest.raises(Forbidden):
        await service.do(c.ClearIncident(incident), guest, "2")
    await service.do(c.AckIncident(incident), WANG_WEI, "3")
    with pytest.raises(IllegalStep):
        await service.do(c.AckIncident(incident), LI_NA, "4")
    cleared = await service.do(c.ClearIncident(incident, "电视声"), DESK, "5")
    assert cleared.data["state"] == "cleared"
    texts = [e.data["text"] async for e in log.read(f"h.demo.im.{of_stay(guest.stay)}")]
    assert texts[0] == "王伟已收到您的警报，正在赶来。"
    assert len(texts) == 2


async def test_room_status_and_do_not_disturb(service: Service, guest: Actor) -> None:
    reported = await service.do(c.SetSpaceStatus("301", "cleaning", "many guests"), LI_NA, "1")
    assert (reported.data["status"], reported.data["stay"]) == ("cleaning", guest.stay)
    await service.do(c.SetSpaceStatus("301", "clean"), LI_NA, "2")
    with pytest.raises(Forbidden):
        await service.do(c.SetSpaceStatus("301", "inspected"), LI_NA, "3")
    with pytest.raises(Forbidden):
        await service.do(c.SetSpaceStatus("301", "dirty"), guest, "4")
    quiet = await service.do(c.SetDoNotDisturb(True), guest, "5")
    assert (quiet.data["dnd"], quiet.data["status"]) == (True, "clean")
    with pytest.raises(Forbidden):
        await service.do(c.SetDoNotDisturb(False, "302"), guest, "6")


async def test_device_state_is_recorded_when_it_changed(service: Service, log: Log) -> None:
    for number, power in enumerate(["on", "on", "off"]):
        entry = await service.do(c.RecordDeviceState("301", "bedside", {"power": power}), SERVICE, str(number))
        assert (entry is None) == (number == 1)
    assert [e.data["state"]["power"] async for e in log.read("h.demo.device.301.bedside")] == ["on", "off"]


async def test_guest_sets_devices_of_the_own_room_only(service: Service, devices: NoDevices, guest: Actor) -> None:
    await service.do(c.SetDevice("301", {"bedside": {"power": "on"}}), guest, "1")
    assert devices.asked == [("301", {"bedside": {"power": "on"}})]
    for actor, space, device, error in [
        (guest, "302", "bedside", Forbidden),
        (LI_NA, "301", "bedside", Forbidden),
        (guest, "301", "jacuzzi", NotFound),
    ]:
        with pytest.raises(error):
            await service.do(c.SetDevice(space, {device: {"power": "on"}}), actor, "2")
    assert len(devices.asked) == 1


async def test_change_of_a_device_is_checked_and_counted_from_its_state(
    service: Service, devices: NoDevices, guest: Actor
) -> None:
    await service.do(c.SetDevice("301", {"bedside": {"change": "up"}}), guest, "1")
    assert devices.asked == [("301", {"bedside": {"level": 60}})]
    for change in ({}, {"power": "perhaps"}, {"temperature": 20}, {"level": "high"}, {"level": [1]}):
        with pytest.raises(BadRequest):
            await service.do(c.SetDevice("301", {"bedside": change}), guest, "2")


@pytest.mark.parametrize("client_id", ["", "x" * 201])
async def test_client_id_of_no_use_is_refused(service: Service, guest: Actor, client_id: str) -> None:
    with pytest.raises(BadRequest):
        await service.do(c.SetDoNotDisturb(True), guest, client_id)
