"""What the guests' conversations remember, in memory. A call and the chat of one stay are one conversation."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from concierge.domain import conversation as talks
from concierge.domain.hotel import Property
from concierge.domain.people import Actor
from intents.dialogue import Dialogue

FORGOTTEN_S = 600.0
"""A conversation that nothing was said in for so long begins anew."""
REMEMBERED = 1000
"""Conversations at a time; those that were silent longest are forgotten first."""

Clock = Callable[[], float]


class Held:
    """One conversation's dialogue. Plans are made from ``dialogue`` as it stands; only what is carried out changes it."""

    def __init__(self, dialogue: Dialogue, clock: Clock = time.time) -> None:
        self.dialogue = dialogue
        self.now = clock
        self.touched = clock()

    def change(self, update: Callable[[Dialogue], Dialogue]) -> None:
        self.dialogue = update(self.dialogue)
        self.touched = self.now()


class Dialogues:
    def __init__(self, property: Property, clock: Clock = time.time) -> None:
        self._property = property
        self._clock = clock
        self._held: dict[str, Held] = {}

    def of(self, actor: Actor, call: str = "") -> Held:
        """The conversation of the actor's stay; of the ``call`` alone for one who has no stay."""
        name = talks.of_stay(actor.stay) if actor.stay else f"{actor.who}-{call}"
        held = self._held.pop(name, None)
        if held is None or self._clock() - held.touched > FORGOTTEN_S:
            held = Held(Dialogue(zones=self._zones(actor.space)), self._clock)
        self._held[name] = held
        while len(self._held) > REMEMBERED:
            del self._held[next(iter(self._held))]
        return held

    def _zones(self, space: str) -> Mapping[str, tuple[str, ...]]:
        """Kind of device → the zones of those in the space."""
        found: dict[str, tuple[str, ...]] = {}
        here = self._property.spaces.get(space)
        for device in here.devices.values() if here else ():
            found[device.kind] = (*found.get(device.kind, ()), device.zone or "")
        return found
