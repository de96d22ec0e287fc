"""The tables of conversations, beside those of :mod:`.schema`."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, String, Table

from concierge.views.schema import metadata

messages = Table(
    "messages",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("conversation", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
    Column("edited", String),
    Column("withdrawn", Boolean, nullable=False),
    Column("data", JSON, nullable=False),
    Index("messages_of_conversation", "conversation", "seq"),
    Index("messages_withdrawn", "withdrawn"),
)
"""``data`` as it stands now: after edits, and without its words once it is withdrawn. ``edited``: when."""

conversations = Table(
    "conversations",
    metadata,
    Column("id", String, primary_key=True),
    Column("last_seq", BigInteger, nullable=False),
    Column("name", String),
    Column("members", JSON, nullable=False),
)
"""``last_seq``: of the last message, 0 while there is none. ``name`` and ``members``: of a group."""

members = Table(
    "members",
    metadata,
    Column("conversation", String, primary_key=True),
    Column("member", String, primary_key=True),
    Column("since", BigInteger, nullable=False),
    Column("gone", Boolean, nullable=False),
    Index("members_by_member", "member"),
)
"""Staff of groups and of conversations of two. ``since``: the sequence of the latest joining."""

cursors = Table(
    "cursors",
    metadata,
    Column("conversation", String, primary_key=True),
    Column("who", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

terms = Table(
    "terms",
    metadata,
    Column("term", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Index("terms_of_message", "seq"),
)

files = Table(
    "files",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("subject", String, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Index("files_of_message", "seq"),
)
"""What refers to a file: a message at ``seq``, or, with 0, the order of the subject."""
