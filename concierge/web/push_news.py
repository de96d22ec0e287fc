"""What of the log is worth a notification, to whom of the staff, and in which words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from concierge.domain import conversation as talks
from concierge.domain.account import Account
from concierge.domain.event import Entry
from concierge.domain.hotel import Property
from concierge.domain.order import OPEN, Order
from concierge.service.ports import Texts
from concierge.service.texts import Phrases, staff_name, summary

Words = Callable[[str], tuple[str, str]]
"""Language → title and text."""


@dataclass(frozen=True)
class News:
    """``to``: staff ids. A later one with the same ``tag`` takes its place. ``page``: what of the staff page it opens."""

    to: frozenset[str]
    tag: str
    page: str
    words: Words
    urgent: bool = False


class Newsroom:
    """``orders``: the texts that orders are summed up with."""

    def __init__(self, property: Property, orders: Texts) -> None:
        self._property = property
        self._orders = orders
        self._texts = Phrases.load("push")
        self._alarms = Phrases.load("card")

    @staticmethod
    def may_be(entry: Entry) -> bool:
        """Whether it is worth finding out who is here."""
        if entry.event != "said":
            return entry.event in ("dispatched", "reminded", "escalated", "raised")
        return "mentions" in entry.data or bool(talks.two_of(entry.subject.split(".")[3]))

    def of(self, entry: Entry, people: Sequence[tuple[Account, bool]]) -> News | None:
        """``people``: all who work here, and whether they are on duty now. Nobody is told of what they did themselves."""
        match entry.subject.split(".")[2:]:
            case ["order", _, _]:
                news = self._of_order(entry, people)
            case ["incident", _] if entry.event == "raised":
                news = self._of_incident(entry, people)
            case ["im", conversation] if entry.event == "said":
                news = self._of_message(entry, conversation, people)
            case _:
                return None
        to = news.to - {entry.by.removeprefix("staff:")} if news else frozenset[str]()
        return News(to, news.tag, news.page, news.words, news.urgent) if news and to else None

    def _of_order(self, entry: Entry, people: Sequence[tuple[Account, bool]]) -> News | None:
        order = Order.of(entry.data)
        worker = order.holder or order.assignee
        department = {one.id for one, here in people if here and one.department == order.department}
        to = {worker} if worker else department
        match entry.event:
            case "dispatched":
                key = "assigned" if worker else "waiting"
            case "reminded" if order.state in OPEN:
                key = "reminded"
            case "escalated":
                key = "late"
                above = {one.id for one, here in people if here and one.role == order.escalated_to}
                to |= {one.id for one, _ in people if one.id in above and one.actor.serves(order.department)}
            case _:
                return None

        def words(lang: str) -> tuple[str, str]:
            what = summary(order, self._property, self._orders, lang)
            return self._texts("ticket", lang, room=order.space, floor=order.floor), self._texts(key, lang, what=what)

        return News(frozenset(to), order.id, "tab=tickets", words)

    def _of_incident(self, entry: Entry, people: Sequence[tuple[Account, bool]]) -> News:
        data = entry.data

        def words(lang: str) -> tuple[str, str]:
            kind = self._alarms(f"alarm.{data['kind']}", lang)
            where = self._texts("ticket", lang, room=data["space"], floor=data["floor"])
            return self._texts("alarm", lang, kind=kind), where

        return News(frozenset(one.id for one, here in people if here), data["id"], "tab=tickets", words, urgent=True)

    def _of_message(self, entry: Entry, conversation: str, people: Sequence[tuple[Account, bool]]) -> News | None:
        known = {one.id: one for one, _ in people}
        pair, members = talks.two_of(conversation), entry.data.get("members", ())
        named = pair or entry.data.get("mentions", ())
        to = {id for id in named if id in known and talks.takes_part(known[id].actor, conversation, members)}
        author = known.get(entry.by.removeprefix("staff:"))

        def words(lang: str) -> tuple[str, str]:
            title = staff_name(author.name if author else None, self._orders, lang)
            key = "wrote" if pair else "mentioned"
            return title, self._texts(key, lang, where="" if pair else self._where(conversation, lang))

        return News(frozenset(to), conversation, f"tab=talks&talk={conversation}", words) if to else None

    def _where(self, conversation: str, lang: str) -> str:
        kind, of = talks.split(conversation)
        if kind == talks.DEPARTMENT:
            return staff_name(self._property.departments[of].name, self._orders, lang)
        if kind == talks.SHIFT:
            return staff_name(self._property.shifts[of].name, self._orders, lang)
        return self._texts(f"where.{kind.rstrip('-')}", lang, of=of)
