"""From an event of a conversation to rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from concierge.domain import conversation as talks
from concierge.domain.event import Entry
from concierge.domain.instant import stamp
from concierge.views.talk_tables import conversations, cursors, files, members, messages, terms
from concierge.views.terms import terms_of


def apply(conn: Connection, entry: Entry) -> None:
    conversation = entry.subject.split(".")[3]
    match entry.event:
        case "said":
            _said(conn, conversation, entry)
        case "edited":
            _changed(conn, entry, lambda data: {**data, "text": entry.data["text"]}, edited=stamp(entry.at))
        case "withdrawn":
            _changed(conn, entry, talks.without_words, withdrawn=True)
            conn.execute(delete(files).where(files.c.seq == entry.data["message"]))
        case "read":
            # Nobody has read what came later, whatever a client says.
            _advance(conn, conversation, entry.by, min(entry.data["seq"], entry.seq))
        case "joined" | "left" | "named":
            who, gone = entry.data["who"], entry.event == "left"
            stay = [member for member in entry.data["members"] if not (gone and member in who)]
            _conversation(conn, conversation, name=entry.data["name"], members=stay)
            for member in who:
                _member(conn, conversation, member, entry.seq, gone=gone)


def refer(conn: Connection, entry: Entry) -> None:
    """The photos of an order, as its event has them."""
    for hash in entry.data.get("photos", ()):
        _file(conn, hash, entry.subject, 0)


def _said(conn: Connection, conversation: str, entry: Entry) -> None:
    row = {"seq": entry.seq, "conversation": conversation, "by": entry.by, "at": stamp(entry.at), "data": entry.data}
    conn.execute(insert(messages).values(**row, withdrawn=False))
    _index(conn, entry.seq, entry.data)
    if _conversation(conn, conversation, last_seq=entry.seq):
        for who in talks.two_of(conversation):
            _member(conn, conversation, who, 0, gone=False)
    if "file" in entry.data:
        _file(conn, entry.data["file"]["hash"], entry.subject, entry.seq)


def _changed(conn: Connection, entry: Entry, change: Any, **row: Any) -> None:
    """A message that was withdrawn stays so, whatever edit was on its way."""
    of = messages.c.seq == entry.data["message"]
    found = conn.execute(select(messages.c.data).where(of, messages.c.withdrawn.is_(False))).scalar()
    if found is not None:
        data = change(found)
        conn.execute(update(messages).where(of).values(data=data, **row))
        conn.execute(delete(terms).where(terms.c.seq == entry.data["message"]))
        _index(conn, entry.data["message"], data)


def _index(conn: Connection, seq: int, data: dict[str, Any]) -> None:
    rows = [{"term": term, "seq": seq} for term in sorted(terms_of(talks.words(data)))]
    if rows:
        conn.execute(insert(terms), rows)


def _conversation(conn: Connection, id: str, **row: Any) -> bool:
    """Whether it is new."""
    if conn.execute(update(conversations).where(conversations.c.id == id).values(row)).rowcount:
        return False
    conn.execute(insert(conversations).values({"id": id, "last_seq": 0, "members": [], **row}))
    return True


def _member(conn: Connection, conversation: str, who: str, seq: int, *, gone: bool) -> None:
    of = (members.c.conversation == conversation) & (members.c.member == who)
    row = {"gone": gone} if gone else {"gone": gone, "since": seq}
    if conn.execute(update(members).where(of).values(row)).rowcount == 0:
        conn.execute(insert(members).values(conversation=conversation, member=who, since=seq, gone=gone))


def _advance(conn: Connection, conversation: str, who: str, seq: int) -> None:
    of = (cursors.c.conversation == conversation) & (cursors.c.who == who)
    standing = conn.execute(select(cursors.c.seq).where(of)).scalar()
    if standing is None:
        conn.execute(insert(cursors).values(conversation=conversation, who=who, seq=seq))
    elif standing < seq:
        conn.execute(update(cursors).where(of).values(seq=seq))


def _file(conn: Connection, hash: str, subject: str, seq: int) -> None:
    of = (files.c.hash == hash) & (files.c.subject == subject) & (files.c.seq == seq)
    if conn.execute(select(files.c.seq).where(of)).first() is None:
        conn.execute(insert(files).values(hash=hash, subject=subject, seq=seq))
