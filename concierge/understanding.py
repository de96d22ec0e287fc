"""A property's understanding: the cascade with its own words, knowledge and clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from concierge.domain.hotel import Property
from intents import Vocabulary
from intents.knowledge import Knowledge
from intents.router import Router


def cascade(property: Property, stages: Sequence[str] | None = None) -> Router:
    """All stages, or those that are named. Takes a second or so."""
    knowledge = Knowledge.of(property.topics.values())
    return Router.load(vocabulary(property), knowledge, stages, partial(datetime.now, ZoneInfo(property.timezone)))


def vocabulary(property: Property) -> Vocabulary:
    """The property's own words for its things, by language."""
    return Vocabulary(
        items={
            token: {lang: [item.name[lang], *item.also.get(lang, ())] for lang in item.name}
            for token, item in property.items.items()
        },
        dishes={
            id: {lang: [dish.name[lang], *dish.also.get(lang, ())] for lang in dish.name} for id, dish in property.dishes.items()
        },
        topics={
            key: {lang: [topic.name[lang], *topic.also.get(lang, ())] for lang in topic.name}
            for key, topic in property.topics.items()
        },
    )
