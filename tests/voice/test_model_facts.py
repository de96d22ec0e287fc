"""What a language model is told: of the own room and stay, and without a name or a number."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from concierge.domain.hotel import Model, Property
from concierge.domain.people import guest, staff
from concierge.settings import Settings, SettingsError
from concierge.voice.model_facts import choices, facts
from intents.language_model import ModelChoice

AT = datetime(2025, 5, 5, 13, 30, tzinfo=UTC)
ORDERS = [
    {"id": "o1", "stay": "mine", "space": "301", "intent": "request.items", "state": "accepted", "words": "两条毛巾", "holder": "li_na",
     "slots": {"items": [{"item": "towel", "quantity": 2}, {"item": "soap"}]}},
    {"id": "o2", "stay": "mine", "space": "301", "intent": "request.repair", "state": "dispatched", "slots": {"asset": "tv"}},
    {"id": "o3", "stay": "other", "space": "302", "intent": "request.taxi", "state": "done", "slots": {}},
]  # fmt: skip


def test_the_own_stays_orders_in_short_words_and_the_hotels_own_time(property_: Property) -> None:
    found = facts(property_, guest("mine", "301"), "zh", AT, [("guest", "热")], ORDERS)
    assert found.orders == (("request.items: towel × 2, soap × 1", "accepted"), ("request.repair: tv", "dispatched"))
    assert (found.hotel, f"{found.time:%H:%M}", found.turns) == ("示范酒店", "21:30", (("guest", "热"),))
    assert ("light", "bedside") in found.devices
    assert not any(secret in repr(found) for secret in ("301", "302", "mine", "li_na", "o1", "毛巾"))


def test_who_has_no_room_is_told_of_none(property_: Property) -> None:
    found = facts(property_, staff("li_na", "attendant", "housekeeping"), "en", AT, orders=ORDERS)
    assert (found.devices, found.orders) == ((), ())


def test_the_environments_model_replaces_the_files(property_: Property, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = replace(property_, language_models=(Model("a", base_url="http://a.example/v1", extra={"x": 1}), Model("b")))
    assert choices(file, Settings(state=tmp_path)) == (
        ModelChoice("a", base_url="http://a.example/v1", extra={"x": 1}),
        ModelChoice("b"),
    )
    monkeypatch.setenv("CONCIERGE_LLM_BASE_URL", "http://c.example/v1")
    with pytest.raises(SettingsError, match="CONCIERGE_LLM_MODEL"):
        Settings.from_env(state=tmp_path)
    monkeypatch.setenv("CONCIERGE_LLM_MODEL", "c")
    settings = Settings.from_env(state=tmp_path)
    assert choices(file, settings) == (ModelChoice("c", base_url="http://c.example/v1"),)
    monkeypatch.setenv("CONCIERGE_LLM_API_KEY", "k")
    assert choices(file, settings) == (ModelChoice("c", base_url="http://c.example/v1", api_key_env="CONCIERGE_LLM_API_KEY"),)
