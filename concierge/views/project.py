"""From an entry of the log to rows: what each kind of event leaves in the views."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, insert, update

from concierge.domain.event import Entry
from concierge.domain.instant import instant, seconds_between, stamp
from concierge.domain.order import Order
from concierge.domain.stay import Stay
from concierge.views import schema, talk_rows


def apply(conn: Connection, entry: Entry) -> None:
    """Idempotent but for the commands: an entry is applied once, which the position in the same transaction sees to."""
    kind = entry.subject.split(".")[2]
    # Device states are facts that nobody asks for again by client id, and nobody's deed; they are most of the log.
    if kind != "device":
        row = {"command": entry.command, "seq": entry.seq, "subject": entry.subject}
        row |= {"event": entry.event, "who": entry.by, "at": stamp(entry.at)}
        conn.execute(insert(schema.commands).values(row))
    match kind:
        case "order":
            _put(conn, schema.orders, entry, _order_row(entry), first_seq=entry.seq)
            talk_rows.refer(conn, entry)
        case "im":
            talk_rows.apply(conn, entry)
        case "stay":
            _put(conn, schema.stays, entry, _stay_row(entry))
        case "space":
            _put(conn, schema.spaces, entry, {"stay": entry.data.get("stay"), "data": entry.data})
        case "staff":
            _put(conn, schema.staff, entry, {"data": entry.data})
        case "incident":
            row = {"state": entry.data["state"], "kind": entry.data["kind"], "data": entry.data}
            _put(conn, schema.incidents, entry, row, raised=entry.data["times"]["raised"])


def _put(conn: Connection, table: Table, entry: Entry, row: dict[str, Any], **at_first: Any) -> None:
    """The entity's row as of this entry; ``at_first`` holds what its first entry settles for good."""
    row = {**row, "seq": entry.seq}
    if conn.execute(update(table).where(table.c.id == entry.data["id"]).values(row)).rowcount == 0:
        conn.execute(insert(table).values({**row, **at_first, "id": entry.data["id"]}))


def _order_row(entry: Entry) -> dict[str, Any]:
    order = Order.of(entry.data)
    times, due = order.times, order.deadlines
    placed = None if order.planned else times["placed"]  # what is wanted later is on time or late, it has no response time
    accept_late, done_late = _late(times.get("accepted"), due.get("accept")), _late(times.get("done"), due.get("done"))
    return {
        "subject": entry.subject,
        "stay": order.stay,
        "space": order.space,
        "department": order.department,
        "intent": order.intent,
        "state": order.state,
        "worker": order.holder or order.assignee,
        "holder": order.holder,
        "placed": times["placed"],
        "accept_s": seconds_between(placed, times.get("accepted")),
        "done_s": seconds_between(placed, times.get("done")),
        "accept_late": accept_late,
        "done_late": done_late,
        "late": bool(order.missed or order.late or accept_late or done_late),
        "rating": order.rating,
        "data": entry.data,
    }


def _stay_row(entry: Entry) -> dict[str, Any]:
    stay = Stay.of(entry)
    return {
        "checked_in": stay.checked_in,
        "checked_out": None if stay.state == "open" else entry.seq,
        "space": stay.space,
        "state": stay.state,
        "code_hash": stay.code_hash,
        "data": {**entry.data, "checked_in": stay.checked_in},
    }


def _late(at: str | None, due: str | None) -> bool | None:
    return instant(at) > instant(due) if at and due else None
