"""Second factors and sessions, pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from concierge.domain.account import Account, manager_view, public_view
from concierge.domain.instant import stamp
from concierge.domain.password import WeakPassword, require_strong
from concierge.domain.second_factor import SecondFactor, taken
from concierge.domain.session import MOST, Session, Sessions

SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""``12345678901234567890``, as RFC 6238 has it in its test vectors."""
AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "code"), [(59, "287082"), (1111111109, "081804"), (20000000000, "353130")])
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    assert taken(SecondFactor("n"), SECRET, (), code, at) is not None


@pytest.mark.parametrize(("off_s", "good"), [(-60, False), (-30, True), (0, True), (30, True), (60, False)])
def test_a_phones_clock_may_be_half_a_minute_off(off_s: int, good: bool) -> None:
    code = pyotp.TOTP(SECRET).at(AT + timedelta(seconds=off_s))
    assert (taken(SecondFactor("n"), SECRET, (), code, AT) is not None) is good


def test_no_code_of_a_step_that_was_used_or_is_older() -> None:
    first = taken(SecondFactor("n"), SECRET, (), pyotp.TOTP(SECRET).at(AT), AT)
    assert first is not None
    for back_s in (0, 30):
        code = pyotp.TOTP(SECRET).at(AT - timedelta(seconds=back_s))
        assert taken(first, SECRET, (), code, AT) is None
    assert taken(first, SECRET, (), pyotp.TOTP(SECRET).at(AT + timedelta(seconds=30)), AT) is not None


@pytest.mark.parametrize("code", ["", "１２３４５６", "000000000", "nonsense", "\x00"])
def test_whatever_is_typed_is_only_wrong(code: str) -> None:
    assert taken(SecondFactor("n"), SECRET, ("ABCDE-FGHJK",), code, AT) is None


def session(number: int, at: datetime = AT, life: timedelta = timedelta(hours=14)) -> Session:
    return Session(f"s{number}", stamp(at), stamp(at + life), "password")


def test_sessions_do_not_pile_up() -> None:
    many = Sessions("li_na")
    for number in range(MOST + 5):
        many = many.started(session(number))
    assert [many.open[0].id, many.open[-1].id, len(many.open)] == ["s5", f"s{MOST + 4}", MOST]
    assert [one.id for one in many.started(session(999, AT + timedelta(days=1))).open] == ["s999"], "the others have expired"


def test_ending_all_voids_what_was_made_before_and_nothing_that_is_made_after() -> None:
    ended = Sessions("li_na").started(session(1)).started(session(2)).ended_all(AT, but="s2")
    assert not ended.admits("s1", AT)
    assert ended.admits("s2", AT - timedelta(hours=1))
    assert not ended.admits(None, AT - timedelta(milliseconds=1))
    assert ended.admits(None, AT + timedelta(microseconds=1))
    assert Sessions.of(ended.data()) == ended


def test_an_account_is_read_as_it_was_written_and_shown_without_secrets() -> None:
    account = Account(
        "mei", {"zh": "小美"}, "desk", "front_desk", (1, 3), shift="day", password_hash="$argon2id$x",
        totp=SecondFactor("abc", "def", 7, (1, 2)), sso="https://sso.example.com 4711", im={"slack": "U1"},
    )  # fmt: skip
    assert Account.of(account.data()) == account
    assert "argon2" not in repr(account)
    for view in (public_view(account.data()), manager_view(account.data())):
        assert not any(secret in str(view) for secret in ("argon2", "abc", "def", "4711"))
    assert (account.actor.floors, account.actor.shift) == ((1, 3), "day")


@pytest.mark.parametrize(
    "password", ["li_na_li_na", "Grand Hotel 1", "GRANDHOTEL", "lina1234", "12345678", "qwertyui", "ababababab"]
)
def test_names_and_rows_of_keys_are_no_passwords(password: str) -> None:
    with pytest.raises(WeakPassword):
        require_strong(password, ("li_na", "lina", "grand", "Grand Hotel", "grandhotel"))
