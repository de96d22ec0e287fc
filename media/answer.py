"""A committed turn until its reply was spoken or cut, and the record that it leaves."""

from dataclasses import dataclass, field

from media.brain import TurnRecord
from media.budget import Ledger
from media.guess import Guess
from media.speaker import Line


@dataclass(eq=False)
class Answer:
    turn: int
    guess: Guess
    ledger: Ledger
    generation: int
    """The speaker's when the turn was committed: once it has risen, the guest has taken the floor from this answer."""
    lines: list[Line] = field(default_factory=list)
    committed: bool = False
    cut: bool = False

    @property
    def over(self) -> bool:
        return self.committed and all(line.spoken for line in self.lines)

    def record(self, heard: list[str]) -> TurnRecord:
        """`heard`: of each line what reached the guest."""
        reading = self.guess.reading
        lang = reading.lang if reading else ""
        between = "" if lang == "zh" else " "
        reply = between.join(line.say.text for line in self.lines)
        reply_heard = between.join(text for text in heard if text)
        return TurnRecord(
            turn=self.turn,
            heard=reading.text if reading else "",
            lang=lang,
            reply=reply,
            reply_heard=reply_heard,
            cut=self.cut and "".join(reply_heard.split()) != "".join(reply.split()),
            moments=self.ledger.moments(),
            spans=self.ledger.spans(),
            budgets=self.ledger.budgets(),
            overruns=tuple(self.ledger.overruns()),
        )
