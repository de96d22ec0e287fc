"""Who has the floor: a table of states and events, nothing else. `session.py` performs the effects.

A reply ducks as soon as the guest may be speaking, falls silent when that is likely, and the guest's words then decide: dropped, or gone on with from
where it was. What was committed is never undone here: a barge-in takes away our words, not our deeds.
"""

from enum import Enum
from types import MappingProxyType
from typing import Final


class State(Enum):
    IDLE = "idle"
    LISTENING = "listening"
    ANSWERING = "answering"
    SPEAKING = "speaking"
    DUCKED = "ducked"
    HELD = "held"


class Event(Enum):
    SPEECH = "speech"
    """The guest may be speaking (60 ms)."""
    SPEECH_GOES_ON = "speech goes on"
    """It is speech, not a click (within 150 ms)."""
    NOISE = "noise"
    PAUSE = "pause"
    WENT_ON = "went on"
    """Speech after a pause."""
    WORDS = "words"
    """The hypothesis at a pause holds words for us."""
    BACKCHANNEL = "backchannel"
    """嗯, "uh-huh", a cough, or our own words come back: not a turn."""
    END = "end of turn"
    NOTHING = "nothing heard"
    """The turn ended and there were no words."""
    REPLY = "reply"
    """Audio of a reply is ready."""
    REPLY_OVER = "reply over"
    """All was said and nothing more will come."""


class Effect(Enum):
    SPECULATE = "speculate"
    DISCARD = "discard"
    COMMIT = "commit"
    DUCK = "duck"
    HOLD = "hold"
    RESUME = "resume"
    CANCEL = "cancel"


class IllegalTurn(Exception):
    """This event cannot happen in this state; nothing was changed."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"turn: {event.value!r} cannot happen while {state.value}")
        self.state, self.event = state, event


_S, _E, _F = State, Event, Effect

TABLE: Final = MappingProxyType(
    {
        (_S.IDLE, _E.SPEECH): (_S.LISTENING, ()),
        (_S.IDLE, _E.REPLY): (_S.SPEAKING, ()),
        (_S.IDLE, _E.REPLY_OVER): (_S.IDLE, ()),
        (_S.LISTENING, _E.SPEECH_GOES_ON): (_S.LISTENING, ()),
        (_S.LISTENING, _E.NOISE): (_S.IDLE, (_F.DISCARD,)),
        (_S.LISTENING, _E.PAUSE): (_S.LISTENING, (_F.SPECULATE,)),
        (_S.LISTENING, _E.WENT_ON): (_S.LISTENING, (_F.DISCARD,)),
        (_S.LISTENING, _E.WORDS): (_S.LISTENING, ()),
        (_S.LISTENING, _E.BACKCHANNEL): (_S.LISTENING, ()),
        (_S.LISTENING, _E.END): (_S.ANSWERING, (_F.COMMIT,)),
        (_S.LISTENING, _E.NOTHING): (_S.IDLE, (_F.DISCARD,)),
        (_S.LISTENING, _E.REPLY): (_S.HELD, (_F.HOLD,)),
        (_S.LISTENING, _E.REPLY_OVER): (_S.LISTENING, ()),
        # The guest goes on after the turn was taken: what was committed stays, its words wait for what comes now.
        (_S.ANSWERING, _E.SPEECH): (_S.HELD, (_F.HOLD,)),
        (_S.ANSWERING, _E.REPLY): (_S.SPEAKING, ()),
        (_S.ANSWERING, _E.REPLY_OVER): (_S.IDLE, ()),
        (_S.SPEAKING, _E.REPLY): (_S.SPEAKING, ()),
        (_S.SPEAKING, _E.SPEECH): (_S.DUCKED, (_F.DUCK,)),
        (_S.SPEAKING, _E.REPLY_OVER): (_S.IDLE, ()),
        (_S.DUCKED, _E.REPLY): (_S.DUCKED, ()),
        (_S.DUCKED, _E.SPEECH_GOES_ON): (_S.HELD, (_F.HOLD,)),
        (_S.DUCKED, _E.NOISE): (_S.SPEAKING, (_F.RESUME,)),
        (_S.DUCKED, _E.PAUSE): (_S.DUCKED, (_F.SPECULATE,)),
        (_S.DUCKED, _E.WENT_ON): (_S.DUCKED, (_F.DISCARD,)),
        (_S.DUCKED, _E.BACKCHANNEL): (_S.SPEAKING, (_F.DISCARD, _F.RESUME)),
        (_S.DUCKED, _E.NOTHING): (_S.SPEAKING, (_F.DISCARD, _F.RESUME)),
        (_S.DUCKED, _E.WORDS): (_S.LISTENING, (_F.CANCEL,)),
        (_S.DUCKED, _E.END): (_S.ANSWERING, (_F.CANCEL, _F.COMMIT)),
        (_S.DUCKED, _E.REPLY_OVER): (_S.LISTENING, (_F.RESUME,)),
        (_S.HELD, _E.REPLY): (_S.HELD, ()),
        (_S.HELD, _E.REPLY_OVER): (_S.HELD, ()),
        (_S.HELD, _E.SPEECH_GOES_ON): (_S.HELD, ()),
        (_S.HELD, _E.NOISE): (_S.SPEAKING, (_F.RESUME,)),
        (_S.HELD, _E.PAUSE): (_S.HELD, (_F.SPECULATE,)),
        (_S.HELD, _E.WENT_ON): (_S.HELD, (_F.DISCARD,)),
        (_S.HELD, _E.BACKCHANNEL): (_S.SPEAKING, (_F.DISCARD, _F.RESUME)),
        (_S.HELD, _E.NOTHING): (_S.SPEAKING, (_F.DISCARD, _F.RESUME)),
        (_S.HELD, _E.WORDS): (_S.LISTENING, (_F.CANCEL,)),
        (_S.HELD, _E.END): (_S.ANSWERING, (_F.CANCEL, _F.COMMIT)),
    }
)


class Turn:
    """The floor of one call. `number` counts the committed turns: with the call it is their idempotency key."""

    def __init__(self) -> None:
        self.state = State.IDLE
        self.number = 0

    def handle(self, event: Event) -> tuple[Effect, ...]:
        """The effects to perform, in order. Raises IllegalTurn and changes nothing."""
        try:
            self.state, effects = TABLE[self.state, event]
        except KeyError:
            raise IllegalTurn(self.state, event) from None
        self.number += Effect.COMMIT in effects
        return effects


def diagram() -> str:
    """The table as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {State.IDLE.value}"]
    for (state, event), (then, effects) in TABLE.items():
        if then is state and not effects:
            continue
        done = f" / {', '.join(effect.value for effect in effects)}" if effects else ""
        lines.append(f"    {state.value} --> {then.value}: {event.value}{done}")
    return "\n".join(lines) + "\n"
