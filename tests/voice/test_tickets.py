"""What voice makes a ticket of, the service takes, and both have words for it."""

from __future__ import annotations

import pytest

from concierge.domain.routing import LISTS, ORDERABLE
from concierge.service.texts import Phrases
from concierge.voice.plan import TICKETS
from concierge.voice.replies import LANGUAGES, templates
from concierge.voice.steps import Steps
from intents.catalogue import CATALOGUE


def test_every_ticket_is_an_order_that_the_service_takes() -> None:
    assert set(TICKETS) <= ORDERABLE <= set(CATALOGUE)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_ticket_has_words_for_guests(lang: str) -> None:
    phrases = Phrases.load()
    for intent, reply in TICKETS.items():
        assert reply in templates(lang)
        assert intent in LISTS or phrases(intent, lang, asset="x")


def test_every_intent_is_a_ticket_or_has_a_step_or_an_answer(property_) -> None:
    steps = Steps(None, None, None, property_, None)  # type: ignore[arg-type]
    answered = {intent for intent in CATALOGUE if intent.startswith("dialog.")} | {"info.ask", "none"}
    assert set(CATALOGUE) == set(TICKETS) | set(steps._handlers) | answered
