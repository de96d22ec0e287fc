"""Who takes part where, by the conversation's name and a group's members alone."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from concierge.domain import conversation as talks
from concierge.domain.conversation import Group
from concierge.domain.errors import BadRequest, NotFound
from concierge.domain.event import Entry
from concierge.domain.people import SERVICE, Actor, guest, staff
from concierge.domain.sight import seen

GUEST = guest("s1", "301", since=10)
LI_NA = staff("li_na", "attendant", "housekeeping", (3,), "day")
WANG_WEI = staff("wang_wei", "engineer", "engineering")
EMMA = staff("emma", "desk", "front_desk")
EVERYBODY = (GUEST, LI_NA, WANG_WEI, EMMA)


@pytest.mark.parametrize(
    ("conversation", "members", "who"),
    [
        ("stay-s1", (), {GUEST, EMMA}),
        ("stay-s2", (), {EMMA}),
        ("dept-housekeeping", (), {LI_NA, EMMA}),
        ("floor-3", (), {LI_NA, EMMA}),
        ("floor-30", (), {EMMA}),
        ("shift-day", (), {LI_NA, EMMA}),
        ("direct-li_na--wang_wei", (), {LI_NA, WANG_WEI}),
        ("direct-wang_wei--li_na", (), set()),  # not the name that the two have
        ("direct-emma--li_na--wang_wei", (), set()),
        ("direct-li_na", (), set()),
        ("incident-i1", (), {LI_NA, WANG_WEI, EMMA}),
        ("group-g1", ("wang_wei", "li_na"), {LI_NA, WANG_WEI}),
        ("group-g1", (), set()),
        ("group-g1", ("s1",), set()),
        ("stay-", (), {EMMA}),
        ("shift-", (), {EMMA}),
        ("pirates", (), set()),
        ("", (), set()),
    ],
)
def test_who_takes_part(conversation: str, members: tuple[str, ...], who: set[Actor]) -> None:
    assert {actor for actor in EVERYBODY if talks.takes_part(actor, conversation, members)} == who
    assert talks.takes_part(SERVICE, conversation, members)
    entry = Entry(20, f"h.demo.im.{conversation}", "said", {"members": list(members)}, "x", datetime(2026, 1, 1, tzinfo=UTC))
    assert {actor for actor in EVERYBODY if seen(entry, actor)} == who


def test_a_groups_own_state_is_nobodys_to_see() -> None:
    group = Group("g1", "night", ("li_na", "emma"))
    entry = Entry(20, "h.demo.group.g1", "made", group.data(), "staff:li_na", datetime(2026, 1, 1, tzinfo=UTC))
    assert not any(seen(entry, actor) for actor in EVERYBODY)


def test_a_group_has_each_member_once_and_a_name() -> None:
    group = Group("g1", "", ()).named(" 晚班 ").joined(("a", "b", "a")).joined(("b", "c")).left("b")
    assert (group.name, group.members) == ("晚班", ("a", "c"))
    assert Group.of(group.data()) == group
    for wrong in ("", "  ", "x" * 81):
        with pytest.raises(BadRequest):
            group.named(wrong)
    with pytest.raises(NotFound):
        group.left("b")
    with pytest.raises(BadRequest):
        group.joined(str(number) for number in range(talks.MAX_MEMBERS))


def test_two_have_one_conversation_whoever_begins() -> None:
    assert talks.of_two("li_na", "emma") == talks.of_two("emma", "li_na") == "direct-emma--li_na"
    with pytest.raises(BadRequest):
        talks.of_two("emma", "emma")


def test_what_is_left_of_a_withdrawn_message_has_none_of_its_words() -> None:
    file = talks.File("0" * 64, "audio/mp4", "secret.m4a", 10, 1.0, "secret")
    data = talks.message("secret", "en", "text", {"client_id": "c1"}, file=file, mentions=["li_na"], reply_to=3)
    assert talks.words(data) == "secret\nsecret\nsecret.m4a"
    left = talks.without_words({**data, "members": ["li_na"]})
    assert "secret" not in str(left)
    assert left == {
        "lang": "en",
        "via": "text",
        "kind": "voice",
        "members": ["li_na"],
        "client_id": "c1",
        "text": "",
        "withdrawn": True,
    }
