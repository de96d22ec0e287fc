import pytest

from media.turn import TABLE, Effect, Event, IllegalTurn, State, Turn, diagram


class Guest:
    """A scripted guest for the table alone: what happens in a life with a concierge, and what the table does."""

    def __init__(self) -> None:
        self.turn = Turn()
        self.did: list[Effect] = []

    def does(self, *events: Event) -> list[Effect]:
        did = [effect for event in events for effect in self.turn.handle(event)]
        self.did += did
        return did

    def asks(self) -> None:
        self.does(Event.SPEECH, Event.PAUSE, Event.WORDS, Event.END)


def test_a_request_is_guessed_at_the_pause_and_committed_once_at_its_end() -> None:
    guest = Guest()
    guest.asks()
    assert guest.did == [Effect.SPECULATE, Effect.COMMIT]
    assert (guest.turn.state, guest.turn.number) == (State.ANSWERING, 1)
    assert guest.does(Event.REPLY, Event.REPLY_OVER) == []
    assert guest.turn.state is State.IDLE


def test_speech_that_goes_on_throws_the_guess_away() -> None:
    guest = Guest()
    assert guest.does(Event.SPEECH, Event.PAUSE, Event.WENT_ON, Event.PAUSE) == [
        Effect.SPECULATE,
        Effect.DISCARD,
        Effect.SPECULATE,
    ]
    assert guest.turn.number == 0


def test_guest_interrupting_stops_the_voice() -> None:
    guest = Guest()
    guest.asks()
    guest.does(Event.REPLY)
    assert guest.does(Event.SPEECH) == [Effect.DUCK]
    assert guest.does(Event.SPEECH_GOES_ON) == [Effect.HOLD]
    assert guest.does(Event.PAUSE, Event.WORDS) == [Effect.SPECULATE, Effect.CANCEL]
    assert guest.does(Event.END) == [Effect.COMMIT]
    assert guest.turn.number == 2


@pytest.mark.parametrize("event", [Event.BACKCHANNEL, Event.NOTHING])
def test_a_backchannel_or_a_cough_lets_the_voice_go_on(event: Event) -> None:
    guest = Guest()
    guest.asks()
    guest.does(Event.REPLY, Event.SPEECH, Event.SPEECH_GOES_ON, Event.PAUSE)
    assert guest.does(event) == [Effect.DISCARD, Effect.RESUME]
    assert (guest.turn.state, guest.turn.number) == (State.SPEAKING, 1)


def test_a_click_only_ducks() -> None:
    guest = Guest()
    guest.asks()
    assert guest.does(Event.REPLY, Event.SPEECH, Event.NOISE) == [Effect.DUCK, Effect.RESUME]
    assert guest.turn.state is State.SPEAKING


def test_a_guest_who_goes_on_after_the_turn_was_taken_begins_a_new_one() -> None:
    guest = Guest()
    guest.asks()
    assert guest.does(Event.SPEECH) == [Effect.HOLD]
    assert guest.does(Event.REPLY) == [], "the reply waits"
    assert guest.does(Event.PAUSE, Event.WORDS, Event.END) == [Effect.SPECULATE, Effect.CANCEL, Effect.COMMIT]
    assert guest.turn.number == 2


def test_what_we_want_to_say_waits_while_the_guest_speaks() -> None:
    guest = Guest()
    guest.does(Event.SPEECH)
    assert guest.does(Event.REPLY) == [Effect.HOLD]
    assert guest.does(Event.NOISE) == [Effect.RESUME]


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_an_illegal_event_raises_and_changes_nothing(state: State, event: Event) -> None:
    turn = Turn()
    turn.state = state
    if (state, event) in TABLE:
        turn.handle(event)
        assert turn.state is TABLE[state, event][0]
    else:
        with pytest.raises(IllegalTurn, match=state.value):
            turn.handle(event)
        assert (turn.state, turn.number) == (state, 0)


def test_every_state_can_be_reached_and_left() -> None:
    assert {then for then, _ in TABLE.values()} == set(State)
    assert {state for (state, _), (then, _) in TABLE.items() if then is not state} == set(State)


def test_effects_happen_at_the_end_of_a_turn_only() -> None:
    assert {event for (_, event), (_, effects) in TABLE.items() if Effect.COMMIT in effects} == {Event.END}


def test_the_diagram_shows_the_table() -> None:
    picture = diagram()
    assert picture.startswith("stateDiagram-v2\n    [*] --> idle\n")
    assert "    held --> speaking: backchannel / discard, resume\n" in picture
