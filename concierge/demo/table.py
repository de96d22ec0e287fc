"""The demo's words on the terminal."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from concierge.demo.checks import Verdict
from concierge.demo.figures import SpanFigure

GREEN, RED, DIM, PLAIN = "\x1b[32m", "\x1b[31m", "\x1b[2m", "\x1b[0m"


class Paper:
    """Prints lines; colours only on a terminal."""

    def __init__(self, coloured: bool) -> None:
        self._coloured = coloured

    def paint(self, text: str, colour: str) -> str:
        return f"{colour}{text}{PLAIN}" if self._coloured else text

    def verdict(self, verdict: Verdict) -> None:
        """The timeline of one utterance, as it happened."""
        line, result = verdict.line, verdict.result
        mark = self.paint("ok  ", GREEN) if verdict.passed else self.paint("FAIL", RED)
        print(f"{mark} {line.lang} {line.room}  {self.paint('guest', DIM)} {line.text}", flush=True)
        if result.heard != line.text:
            print(f"            {self.paint('heard', DIM)} {result.heard}")
        for one in result.decisions:
            print(f"            {self.paint('meant', DIM)} {one['intent']} {one.get('slots') or ''}")
        for effect in verdict.effects:
            print(f"            {self.paint('done ', DIM)} {effect}")
        for what in verdict.missing:
            print(f"            {self.paint('lacks', RED)} {what}")
        timing = f"{_ms(result.voice_to_voice_ms)} after the last word"
        if result.filler:
            timing += ' ("one moment" first)'
        if result.barge_in_stop_ms is not None:
            timing = f"our voice stopped {_ms(result.barge_in_stop_ms)} into the interruption; {timing}"
        print(f"            {self.paint('reply', DIM)} {result.reply}  {self.paint(timing, DIM)}", flush=True)

    def spans(self, figures: Sequence[SpanFigure]) -> None:
        rows = [("span", "n", "p50", "p95", "budget", "")]
        for one in figures:
            budget = "–" if one.budget_ms is None else f"{one.budget_ms}"
            if one.median_ms is not None:
                budget = f"{one.median_ms} / {budget}"
            verdict = "" if one.budget_ms is None else self.paint("over", RED) if one.over else self.paint("within", GREEN)
            rows.append((one.span, str(one.n), f"{one.p50:.0f}", f"{one.p95:.0f}", budget, verdict))
        print("\nTime ledger, ms (budget: 95th percentile, or median / 95th percentile)")
        for span, n, p50, p95, budget, verdict in rows:
            print(f"  {_padded(span, 26)} {n:>3} {p50:>7} {p95:>7} {budget:>11}  {verdict}")


def _ms(value: float | None) -> str:
    return "no reply" if value is None else f"{value:.0f} ms"


def _padded(text: str, width: int) -> str:
    """Han characters take two columns."""
    columns = sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
    return text + " " * (width - columns)
