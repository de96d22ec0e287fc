"""The jitter buffer: a lost packet costs only itself."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from media.jitter import MAX_WAIT_MS, JitterBuffer, Piece

MS20 = 960


class Line:
    """A sender of 20 ms packets and a line that may lose, delay and repeat them, in virtual time."""

    def __init__(self, *, first_seq: int = 0, first_timestamp: int = 0) -> None:
        self.buffer = JitterBuffer()
        self.heard: list[tuple[float, Piece]] = []
        self.first_seq, self.first_timestamp = first_seq, first_timestamp

    def arrive(self, arrivals: list[tuple[float, int]]) -> None:
        """(arrival in seconds, packet number), the timer of the buffer's deadline in between."""
        for at, number in sorted(arrivals):
            while (deadline := self.buffer.deadline) is not None and deadline <= at:
                self._hear(deadline, self.buffer.pop(deadline))
            seq, timestamp = (self.first_seq + number) % 65_536, (self.first_timestamp + number * MS20) % 2**32
            self._hear(at, self.buffer.push(seq, timestamp, MS20, number.to_bytes(4, "big"), at))
        while (deadline := self.buffer.deadline) is not None:
            self._hear(deadline, self.buffer.pop(deadline))

    def _hear(self, at: float, pieces: list[Piece]) -> None:
        self.heard += [(at, piece) for piece in pieces]

    @property
    def numbers(self) -> list[int | None]:
        """The packets as they were heard; None for each 20 ms that were missing."""
        out: list[int | None] = []
        for _, piece in self.heard:
            out += [None] * (piece.samples // MS20) if piece.payload is None else [int.from_bytes(piece.payload, "big")]
        return out

    def delays(self, sent: dict[int, float]) -> list[float]:
        """Seconds from each packet's arrival to its being heard."""
        return [at - sent[int.from_bytes(p.payload, "big")] for at, p in self.heard if p.payload is not None]


def test_a_clean_line_has_no_delay_at_all() -> None:
    line = Line()
    sent = {n: n * 0.02 for n in range(500)}
    line.arrive([(at, n) for n, at in sent.items()])
    assert line.numbers == list(range(500))
    assert max(line.delays(sent)) == 0


def test_a_lost_packet_costs_only_itself() -> None:
    line = Line()
    sent = {n: n * 0.02 for n in range(200) if n != 100}
    line.arrive([(at, n) for n, at in sent.items()])
    assert line.numbers == [*range(100), None, *range(101, 200)]
    delays = line.delays(sent)
    assert max(delays) <= 0.041
    assert delays[103:] == [0.0] * len(delays[103:]), "delay stayed after the loss"


def test_five_percent_loss_leaves_no_more_missing_than_lost() -> None:
    chance = random.Random(1)
    sent = {n: n * 0.02 for n in range(1_400) if n in (0, 1_399) or chance.random() > 0.05}
    line = Line()
    line.arrive([(at, n) for n, at in sent.items()])
    missing = line.numbers.count(None)
    assert missing == line.buffer.counts.lost == 1_400 - len(sent)
    assert len(line.numbers) == 1_400
    assert max(line.delays(sent)) < MAX_WAIT_MS / 1000


def test_an_overtaken_packet_is_put_back_in_its_place() -> None:
    line = Line()
    line.arrive([(0.00, 0), (0.04, 2), (0.05, 1), (0.06, 3)])
    assert line.numbers == [0, 1, 2, 3]
    assert line.buffer.counts.reordered == 1
    assert line.buffer.counts.lost == 0


def test_the_packet_behind_a_gap_is_offered_for_its_copy() -> None:
    line = Line()
    line.arrive([(0.0, 0), (0.06, 3)])
    gap = line.heard[1][1]
    assert gap == Piece(2 * MS20, None, (3).to_bytes(4, "big"))


def test_late_packets_are_dropped_and_the_wait_grows_for_the_next() -> None:
    line = Line()
    arrivals = [(n * 0.02, n) for n in range(100) if n not in (10, 50)]
    line.arrive([*arrivals, (11 * 0.02 + 0.07, 10), (51 * 0.02 + 0.07, 50)])
    assert line.buffer.counts.late == 1
    assert line.numbers.count(None) == 1
    assert 50 in line.numbers


def test_the_wait_never_grows_beyond_its_bound_and_shrinks_on_a_calm_line() -> None:
    line = Line()
    line.arrive([*((n * 0.02, n) for n in range(3_000) if n != 10), (5.0, 10)])
    assert line.buffer.wait_ms <= 40
    assert line.buffer.counts.late == 1


def test_a_burst_after_a_stall_is_heard_whole() -> None:
    line = Line()
    line.arrive([(max(n * 0.02, 0.5 if 10 <= n < 25 else 0), n) for n in range(50)])
    assert line.numbers == list(range(50))


def test_counters_that_wrap_round_change_nothing() -> None:
    line = Line(first_seq=65_500, first_timestamp=2**32 - 20 * MS20)
    line.arrive([(n * 0.02, n) for n in range(100) if n not in (36, 20)])
    assert line.numbers == [None if n in (36, 20) else n for n in range(100)]


def test_a_sender_that_slept_is_not_made_up_for() -> None:
    buffer = JitterBuffer()
    buffer.push(0, 0, MS20, b"a", 0.0)
    pieces = buffer.push(1, 48_000 * 60, MS20, b"b", 60.0)
    assert [piece.samples for piece in pieces] == [48_000, MS20]
    assert buffer.counts.lost == 0


def test_a_sender_that_starts_anew_is_followed() -> None:
    buffer = JitterBuffer()
    buffer.push(10, 0, MS20, b"a", 0.0)
    assert buffer.push(30_000, 123_456, MS20, b"b", 0.02) == [Piece(MS20, b"b")]
    assert buffer.push(30_001, 123_456 + MS20, MS20, b"c", 0.04) == [Piece(MS20, b"c")]


def test_a_clock_that_runs_fast_builds_up_no_delay() -> None:
    line = Line()
    sent = {n: n * 0.0199 for n in range(20_000)}
    line.arrive([(at, n) for n, at in sent.items()])
    assert max(line.delays(sent)) == 0


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0, 0.3), st.booleans()), min_size=1, max_size=120),
    st.integers(0, 65_535),
)
def test_whatever_the_line_does_the_sound_stays_in_order_and_in_time(
    line_does: list[tuple[bool, float, bool]], first_seq: int
) -> None:
    line = Line(first_seq=first_seq)
    arrivals = [(0.0, 0)]
    for number, (lost, delay, twice) in enumerate(line_does, start=1):
        if not lost:
            arrivals += [(number * 0.02 + delay, number)] * (1 + twice)
    line.arrive(arrivals)
    numbers = line.numbers
    assert all(number in (None, place) for place, number in enumerate(numbers)), "not at its own time"
    last = max(number for _, number in arrivals)
    assert len(numbers) == last + 1, "a gap was not filled to the end"
    counts = line.buffer.counts
    assert numbers.count(None) == counts.lost
    assert counts.received == len(arrivals)
    assert not line.buffer._held
