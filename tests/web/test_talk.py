"""Conversations over HTTP and the socket: what each kind of person sees of each kind of conversation, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hotel_site import House, Site, bearer
from test_socket import joined

from concierge.domain import conversation as talks
from concierge.domain.event import Entry
from concierge.domain.people import SERVICE, Actor
from concierge.service import commands as c
from concierge.service.commands import CheckedIn, CheckIn, CheckOut


async def said(site: Site, token: str, conversation: str, text: str, **more: Any) -> dict[str, Any]:
    answer = await site.http.post(
        f"/v1/conversations/{conversation}/messages", json={"text": text, **more}, headers=bearer(token)
    )
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def asked(site: Site, token: str, path: str, **query: Any) -> Any:
    answer = await site.http.get(path, params=query, headers=bearer(token))
    assert answer.status_code == 200, answer.text
    return answer.json()


async def did(site: Site, token: str, path: str, body: Any = None, status: int = 200) -> dict[str, Any]:
    answer = await site.http.post(path, json=body, headers=bearer(token))
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()
    return found


PEOPLE = ("li_na", "zhou_min", "wang_wei", "emma", "lin_manager")


async def a_busy_house(site: Site, house: House, stay: CheckedIn) -> dict[str, str]:
    """Something in a conversation of each kind, by the service where no test person is in it; people's tokens by name."""
    tokens = {user: await site.staff(user) for user in PEOPLE} | {"guest": await site.room("301")}
    other = await house.service.do(CheckIn("302", "en", "Alice"), SERVICE, "302")
    incident = await house.service.do(c.RaiseIncident("smoke", "烟", 0.9, "204"), SERVICE, "i")
    group = await did(site, tokens["li_na"], "/v1/conversations", {"name": "三楼", "members": ["zhou_min"]}, 201)
    where = [
        talks.of_stay(stay.id), talks.of_stay(other.id), "dept-housekeeping", "dept-engineering", "floor-3",
        talks.of_two("li_na", "wang_wei"), talks.of_two("emma", "zhou_min"), talks.of_incident(incident.data["id"]), group["id"],
    ]  # fmt: skip
    for number, conversation in enumerate(where):
        await house.service.do(c.Say(conversation, f"towels 毛巾 {number}", "zh"), SERVICE, f"say {number}")
    return tokens


async def test_list_messages_search_and_socket_show_the_same_and_only_ones_own(site: Site, house: House, stay: CheckedIn) -> None:
    tokens = await a_busy_house(site, house, stay)
    expected = {
        "guest": [0],
        "li_na": [2, 5, 7, 8],
        "zhou_min": [2, 6, 7, 8],
        "wang_wei": [3, 5, 7],
        "emma": [0, 1, 2, 3, 4, 6, 7],
        "lin_manager": [0, 1, 2, 3, 4, 7],
    }
    every = {f"dept-{name}" for name in house.property.departments} | {entry async for entry in _conversations(house)}
    for person, numbers in expected.items():
        token = tokens[person]
        texts = {f"towels 毛巾 {number}" for number in numbers}
        listed = (await asked(site, token, "/v1/conversations"))["items"]
        assert {item["last"]["text"] for item in listed if item["last"]} == texts, person
        found = (await asked(site, token, "/v1/search", q="毛巾"))["items"]
        assert {item["text"] for item in found} == texts, person
        shown = set()
        for conversation in every:
            answer = await site.http.get(f"/v1/conversations/{conversation}/messages", headers=bearer(token))
            assert answer.status_code in (200, 403)
            shown |= {item["text"] for item in answer.json().get("items", ())}
        assert shown == texts, person
        async with joined(site, token=token, since=0) as client:
            frames = (await client.until("ready"))[:-1]
        assert {frame["data"]["text"] for frame in frames if frame["event"] == "said"} == texts, person
        assert not any(frame["subject"].startswith("h.demo.group.") for frame in frames)


async def _conversations(house: House) -> Any:
    async for entry in house.log.read("h.demo.im.*"):
        yield entry.subject.split(".")[3]


async def test_unread_counts_what_others_said_since_ones_cursor(site: Site, house: House, stay: CheckedIn) -> None:
    guest, emma = await site.room("301"), await site.staff("emma")
    talk = talks.of_stay(stay.id)

    async def unread(token: str) -> int:
        return next(i["unread"] for i in (await asked(site, token, "/v1/conversations"))["items"] if i["id"] == talk)

    first = await said(site, guest, talk, "你好")
    await said(site, guest, talk, "有人吗")
    gone = await said(site, guest, talk, "算了")
    await said(site, emma, talk, "在的")
    assert (await unread(guest), await unread(emma)) == (1, 3)
    async with joined(site, token=emma) as client:
        await client.until("ready")
        await client.send(type="read", conversation=talk, seq=first["seq"])
        assert (await client.next())["event"] == "read"
    assert await unread(emma) == 2
    await did(site, guest, f"/v1/conversations/{talk}/messages/{gone['seq']}/withdraw")
    assert await unread(emma) == 1
    (item,) = (await asked(site, guest, "/v1/conversations"))["items"]
    assert item["cursors"] == {"staff:emma": first["seq"]}


async def test_a_lower_or_repeated_read_leaves_no_event(site: Site, house: House, stay: CheckedIn) -> None:
    guest, talk = await site.room("301"), talks.of_stay(stay.id)
    seqs = [(await said(site, guest, talk, str(n)))["seq"] for n in range(3)]
    async with joined(site, token=guest) as client:
        await client.until("ready")
        await client.send(type="read", conversation=talk, seq=seqs[1])
        assert (await client.next())["data"] == {"seq": seqs[1]}
        await client.send(type="read", conversation=talk, seq=seqs[0])
        assert await client.next() == {"type": "cursor", "conversation": talk, "seq": seqs[1]}
        await client.send(type="read", conversation=talk, seq=seqs[1])
        await client.send(type="ping")
        assert (await client.next())["type"] == "pong"
        await client.send(type="read", conversation=talk, seq=seqs[2])
        assert (await client.next())["data"] == {"seq": seqs[2]}
    assert [e.data["seq"] async for e in house.log.read(f"h.demo.im.{talk}") if e.event == "read"] == seqs[1:]


async def test_what_is_withdrawn_is_shown_to_nobody_any_more(site: Site, house: House, stay: CheckedIn) -> None:
    guest, emma, talk = await site.room("301"), await site.staff("emma"), talks.of_stay(stay.id)
    message = await said(site, guest, talk, "我的密码是 hunter2")
    path = f"/v1/conversations/{talk}/messages/{message['seq']}"
    await did(site, guest, f"{path}/edit", {"text": "我的密码是 hunter3"})
    assert (await asked(site, emma, "/v1/search", q="hunter3"))["items"][0]["edited"]
    assert (await asked(site, emma, "/v1/search", q="hunter2"))["items"] == []
    for nobody in (emma, guest):  # an author alone may take words back
        answer = await site.http.post(f"{path}/withdraw", headers=bearer(nobody))
        assert answer.status_code == (403 if nobody == emma else 200), answer.text
    answer = await site.http.post(f"{path}/edit", json={"text": "hunter4"}, headers=bearer(guest))
    assert (answer.status_code, answer.json()["state"]) == (409, "withdrawn")
    texts = []
    for token in (emma, guest):
        texts.append(await asked(site, token, f"/v1/conversations/{talk}/messages"))
        texts.append(await asked(site, token, "/v1/search", q="密码"))
        texts.append(await asked(site, token, "/v1/conversations"))
        async with joined(site, token=token, since=0) as client:
            frames = await client.until("ready")
            texts.append(frames)
            assert [frame["data"]["message"] for frame in frames if frame.get("event") == "withdrawn"] == [message["seq"]]
    assert "hunter" not in str(texts)
    assert texts[0]["items"][0]["withdrawn"]  # staff see that there was something
    assert texts[4]["items"] == []  # the guest's own page no longer


async def test_old_messages_and_those_of_others_cannot_be_edited(site: Site, house: House, stay: CheckedIn) -> None:
    guest, emma, talk = await site.room("301"), await site.staff("emma"), talks.of_stay(stay.id)
    message = await said(site, guest, talk, "水")
    answer = await site.http.post(
        f"/v1/conversations/{talk}/messages/{message['seq']}/edit", json={"text": "x"}, headers=bearer(emma)
    )
    assert answer.status_code == 403
    answer = await site.http.post(
        f"/v1/conversations/{talk}/messages/{stay.entry.seq}/edit", json={"text": "x"}, headers=bearer(guest)
    )
    assert answer.status_code == 404  # a check-in is no message
    entry = await house.log.at(message["seq"])
    assert isinstance(entry, Entry)
    me = Actor("guest", stay.id, stay=stay.id, space="301")
    assert talks.edited(entry, "x", me, entry.at + talks.EDITABLE)["text"] == "x"
    with pytest.raises(Exception, match="24 hours"):
        talks.edited(entry, "x", me, entry.at + talks.EDITABLE * 1.001)


async def test_replies_mentions_and_cards(site: Site, house: House, stay: CheckedIn) -> None:
    emma, li_na = await site.staff("emma"), await site.staff("li_na")
    first = await said(site, li_na, "dept-housekeeping", "303 要毛巾")
    card = {"type": "order", "id": "o1"}
    second = await said(site, emma, "dept-housekeeping", "", card=card, mentions=["li_na", "li_na"], reply_to=first["seq"])
    assert (second["kind"], second["card"], second["mentions"], second["reply_to"]) == ("card", card, ["li_na"], first["seq"])
    for bad, status in (
        ({"text": "x", "reply_to": 1}, 404),
        ({"text": "x", "mentions": ["nobody"]}, 404),
        ({"text": "x", "card": {"type": "bomb", "id": "o1"}}, 422),
        ({"text": ""}, 422),
        ({"text": " "}, 400),
    ):
        answer = await site.http.post("/v1/conversations/dept-housekeeping/messages", json=bad, headers=bearer(emma))
        assert answer.status_code == status, (bad, answer.text)


async def test_a_group_is_its_members(site: Site, house: House, stay: CheckedIn) -> None:
    tokens = {user: await site.staff(user) for user in PEOPLE}
    group = (await did(site, tokens["li_na"], "/v1/conversations", {"name": " 晚班 ", "members": ["emma"]}, 201))["id"]
    await said(site, tokens["li_na"], group, "first")
    for outsider in ("wang_wei", "lin_manager"):
        for path, body in (
            (f"/v1/conversations/{group}/messages", {"text": "x"}),
            (f"/v1/conversations/{group}/join", {"members": ["wang_wei"]}),
        ):
            answer = await site.http.post(path, json=body, headers=bearer(tokens[outsider]))
            assert answer.status_code == 403
    async with joined(site, token=tokens["wang_wei"]) as client:
        await client.until("ready")
        await did(site, tokens["emma"], f"/v1/conversations/{group}/join", {"members": ["wang_wei"]})
        assert (await client.next())["data"] == {"name": "晚班", "who": ["wang_wei"], "members": ["li_na", "emma", "wang_wei"]}
        await said(site, tokens["emma"], group, "second")
        assert (await client.next())["data"]["text"] == "second"
        await did(site, tokens["wang_wei"], f"/v1/conversations/{group}/leave")
        assert (await client.next())["event"] == "left"
        await said(site, tokens["emma"], group, "third")
        await client.send(type="ping")
        assert (await client.next())["type"] == "pong"
    seen = (await asked(site, tokens["wang_wei"], f"/v1/conversations/{group}/messages"))["items"]
    assert [item["text"] for item in seen] == ["second"]
    assert group not in [item["id"] for item in (await asked(site, tokens["wang_wei"], "/v1/conversations"))["items"]]
    await did(site, tokens["emma"], f"/v1/conversations/{group}/name", {"name": "夜班"})
    item = next(i for i in (await asked(site, tokens["emma"], "/v1/conversations"))["items"] if i["id"] == group)
    assert (item["name"], item["members"], item["kind"]) == ("夜班", ["li_na", "emma"], "group")


async def test_search_in_chinese_and_english(site: Site, house: House, stay: CheckedIn) -> None:
    guest, talk = await site.room("301"), talks.of_stay(stay.id)
    texts = ["請送兩條毛巾到三零一", "空调坏了，修一下", "The bathtub is leaking again", "Two towels, please", "巾毛"]
    for text in texts:
        await said(site, guest, talk, text)
    for query, found in (
        ("毛巾", [0]), ("两条", [0]), ("兩條毛巾", [0]), ("修", [1]), ("空調", [1]), ("leaks", [2]), ("TOWEL", [3]),
        ("bathtub leak", [2]), ("bathtub towel", []), ("巾", [4, 0]), ("，。", []), ("zebra", []),
    ):  # fmt: skip
        answer = await asked(site, guest, "/v1/search", q=query)
        assert [item["text"] for item in answer["items"]] == [texts[n] for n in found], query
    page = await asked(site, guest, "/v1/search", q="巾", limit=1)
    rest = await asked(site, guest, "/v1/search", q="巾", limit=1, before=page["next"])
    assert ([i["text"] for i in page["items"] + rest["items"]], rest["next"]) == ([texts[4], texts[0]], None)


async def test_a_stays_conversation_ends_with_the_stay(site: Site, house: House, stay: CheckedIn) -> None:
    guest, emma, talk = await site.room("301"), await site.staff("emma"), talks.of_stay(stay.id)
    await said(site, guest, talk, "再见")
    await house.service.do(CheckOut(stay.id), SERVICE, "out")
    assert (await site.http.get("/v1/conversations", headers=bearer(guest))).status_code == 401
    item = next(i for i in (await asked(site, emma, "/v1/conversations"))["items"] if i["id"] == talk)
    assert (item["space"], item["guest"], item["open"]) == ("301", "王芳", False)
    await house.service.do(CheckIn("301", "en", "Bob"), SERVICE, "in again")
    assert (await asked(site, await site.room("301"), "/v1/search", q="再见"))["items"] == []
