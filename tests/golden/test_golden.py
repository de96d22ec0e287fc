"""What the bus carries is a contract: today's messages are the golden ones, those of every earlier version are still read, and
the AsyncAPI document tells of each."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from golden_day import CHEN_JING, DESK, LI_NA, MANAGER, Clock, Day, messages, opened

from concierge.bus.codec import decode, encode
from concierge.domain.event import Draft, Entry
from concierge.domain.people import guest
from concierge.domain.sight import seen
from concierge.service.commands import AcceptOrder, DoneOrder
from concierge.service.reading import Reading
from concierge.web.asyncapi import BUS, document

HERE = Path(__file__).parent
VERSIONS = sorted((folder for folder in HERE.iterdir() if folder.name.isdigit()), key=lambda folder: int(folder.name))
EVERY = [file for folder in VERSIONS for file in sorted(folder.glob("*.json"))]


def stored(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def entry(file: Path) -> Entry:
    one = stored(file)
    return decode(one["seq"], one["subject"], json.dumps(one["message"]).encode())


def whole_log(folder: Path) -> list[Entry]:
    return sorted((entry(file) for file in folder.glob("*.json")), key=lambda one: one.seq)


def latest() -> dict[str, dict[str, Any]]:
    return {file.stem: stored(file) for file in VERSIONS[-1].glob("*.json")}


def name(file: Path) -> str:
    return f"{file.parent.name}/{file.stem}"


async def test_today_writes_what_the_latest_golden_messages_are(log, property_, tmp_path):
    clock = Clock()
    async with opened(log, property_, tmp_path, clock) as service:
        await Day(service, clock).run()
    assert await messages(log) == latest()


def test_the_document_tells_of_every_event_and_of_no_other():
    documented = {f"{kind}.{event}" for kind, one in BUS.items() for event in one.events}
    assert documented == set(latest())


@pytest.mark.parametrize("file", EVERY, ids=name)
def test_a_message_of_any_version_is_as_the_document_says(file: Path):
    whole = document()
    schema = whole["components"]["messages"][file.stem]["payload"]
    jsonschema_rs.validator_for({**schema, "components": whole["components"]}).validate(stored(file)["message"])


@pytest.mark.parametrize("file", EVERY, ids=name)
def test_a_message_of_any_version_is_shown_to_whom_it_was_shown(file: Path):
    one = entry(file)
    tokens = one.subject.split(".")
    stay = next((token for token in tokens if token.startswith("s")), "s1").removeprefix("stay-")
    for actor in (LI_NA, CHEN_JING, DESK, MANAGER, guest(stay, "301")):
        visible = seen(one, actor)
        assert visible is None or "password_hash" not in json.dumps(visible.data)


@pytest.mark.parametrize("folder", VERSIONS, ids=lambda folder: folder.name)
async def test_a_log_of_any_version_goes_on(folder: Path, log, property_, tmp_path):
    """Its messages are the views' and the service's to read, and an order of then is carried out now."""
    entries = whole_log(folder)
    open_order = next(one for one in entries if one.event == "dispatched")
    for number, one in enumerate(entries):
        if one.subject != open_order.subject or one.seq <= open_order.seq:
            await log.append(Draft(one.subject, one.event, one.data, one.by, None, one.command, number, one.at))
    async with opened(log, property_, tmp_path, Clock()) as service:
        await service.world.views.caught_up(await log.end())
        order = str(open_order.data["id"])
        await service.do(AcceptOrder(order), CHEN_JING, "accept")
        done = await service.do(DoneOrder(order), CHEN_JING, "done")
        assert done.data["state"] == "done"
        assert done.data["words"] == open_order.data["words"]
        room, _ = await Reading(service.world).room("301")
        assert room.id == "301"


def test_a_message_is_stored_as_it_was_read():
    """Nothing is lost between the bytes on the log and the entry."""
    for file in EVERY:
        one = entry(file)
        again = encode(Draft(one.subject, one.event, one.data, one.by, None, one.command, at=one.at))
        assert json.loads(again) == stored(file)["message"]
