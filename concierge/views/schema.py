"""The views' tables. All of them are made from the log and may be thrown away; ``data`` is the entity's whole state."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Float, Index, Integer, MetaData, String, Table

VERSION = 4
"""Raised when a table changes: views of another version are made anew."""

metadata = MetaData()

position = Table(
    "position",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("incarnation", String, nullable=False),
    Column("version", Integer, nullable=False),
)

commands = Table(
    "commands",
    metadata,
    Column("command", String(32), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("subject", String, nullable=False),
    Column("event", String, nullable=False),
    Column("who", String, nullable=False),
    Column("at", String, nullable=False),
    Index("commands_by_age", "seq"),
    Index("commands_of", "who", "seq"),
)
"""Each entry of the log but device states: by which a repeated command finds its answer, and who did what when."""

orders = Table(
    "orders",
    metadata,
    Column("id", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("first_seq", BigInteger, nullable=False),
    Column("subject", String, nullable=False),
    Column("stay", String),
    Column("space", String, nullable=False),
    Column("department", String, nullable=False),
    Column("intent", String, nullable=False),
    Column("state", String, nullable=False),
    Column("worker", String),
    Column("holder", String),
    Column("placed", String, nullable=False),
    Column("accept_s", Float),
    Column("done_s", Float),
    Column("accept_late", Boolean),
    Column("done_late", Boolean),
    Column("late", Boolean, nullable=False),
    Column("rating", Integer),
    Column("data", JSON, nullable=False),
    Index("orders_by_age", "first_seq"),
    Index("orders_of_stay", "stay"),
    Index("orders_by_time", "placed"),
    Index("orders_by_state", "state"),
    Index("orders_of_worker", "worker", "state", "seq"),
)

stays = Table(
    "stays",
    metadata,
    Column("id", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("checked_in", BigInteger, nullable=False),
    Column("checked_out", BigInteger),
    Column("space", String, nullable=False),
    Column("state", String, nullable=False),
    Column("code_hash", String, nullable=False, unique=True),
    Column("data", JSON, nullable=False),
    Index("stays_of_space", "space", "state"),
)

spaces = Table(
    "spaces",
    metadata,
    Column("id", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("stay", String),
    Column("data", JSON, nullable=False),
)

staff = Table(
    "staff",
    metadata,
    Column("id", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("data", JSON, nullable=False),
)

incidents = Table(
    "incidents",
    metadata,
    Column("id", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("raised", String, nullable=False),
    Column("data", JSON, nullable=False),
)
