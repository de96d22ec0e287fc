"""What the property file describes: spaces and their devices, people, things, and where each request goes.

Pure data, read by :mod:`concierge.property`. Words are ``{"zh": …, "en": …}``: one text a language of the property.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from concierge.domain.errors import NotFound
from concierge.domain.people import LEADS

Words = Mapping[str, str]
"""Language → text, for instance ``{"zh": "毛巾", "en": "towel"}``."""

COMPONENTS: Mapping[str, str] = {
    "light": "light",
    "ac": "climate",
    "curtain": "cover",
    "sheer": "cover",
    "tv": "switch",
    "water_heater": "water_heater",
    "fan": "fan",
    "music": "switch",
}
"""Kind of a device (DESIGN 9) → Home Assistant's component. A television is a switch with numbers beside it."""

ZONES = ("bedside", "reading", "bathroom", "desk", "hallway", "ceiling", "living", "bedroom", "night", "floor_lamp",
         "mirror")  # fmt: skip
SCENES = ("sleep", "reading", "movie", "wake", "welcome", "away")


@dataclass(frozen=True)
class Device:
    """A thing in a space that can be set. ``topic`` is the base of its MQTT topics, without a slash at the end."""

    id: str
    kind: str
    name: Words
    component: str
    topic: str
    zone: str | None = None


@dataclass(frozen=True)
class Space:
    """A room of any kind. ``language`` is that of the example's open stay; ``scenes``: scene → device id → change."""

    id: str
    kind: str
    floor: int
    name: Words
    language: str
    devices: Mapping[str, Device] = field(default_factory=dict)
    scenes: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Department:
    """``ladder``: the roles that a late order climbs, the first one up first."""

    id: str
    name: Words
    ladder: tuple[str, ...] = ()


@dataclass(frozen=True)
class Staff:
    """One of the people who work here. ``password_hash`` is argon2's encoded form."""

    id: str
    name: Words
    role: str
    department: str
    password_hash: str = field(repr=False)
    languages: tuple[str, ...] = ()
    floors: tuple[int, ...] = ()
    """Where they work; none: everywhere."""
    skills: tuple[str, ...] = ()
    """What repairs they are for (:attr:`Property.skills`); none: whatever comes."""
    shift: str | None = None
    """When they are on duty; None: always, unless they say otherwise."""
    im: Mapping[str, str] = field(default_factory=dict)
    """Their user ids in the staff IMs: vendor → id."""


@dataclass(frozen=True)
class Shift:
    """``begins``, ``ends``: HH:MM of the property's clock; one that ends before it begins goes past midnight.
    ``days``: on which it begins, 0 is Monday."""

    id: str
    name: Words
    begins: str
    ends: str
    days: frozenset[int] = frozenset(range(7))


@dataclass(frozen=True)
class Item:
    """A thing that can be brought. ``also``: other words for it, by language."""

    token: str
    name: Words
    department: str
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Dish:
    """A dish or drink. ``price_minor`` is in hundredths of the property's currency."""

    id: str
    name: Words
    price_minor: int
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Topic:
    """Something the property knows. ``answer`` is spoken as it stands; ``source`` says where it comes from.

    It is found by ``name`` and ``also`` (what it is called), ``questions`` and ``keywords``. None needs every language.
    """

    key: str
    name: Words
    answer: Words
    source: str
    also: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    questions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    keywords: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def told(self, lang: str) -> tuple[str, str]:
        """(the answer, its language): in ``lang`` if the property gives it in that, else in the one it has."""
        found = lang if lang in self.answer else next(iter(self.answer))
        return self.answer[found], found


@dataclass(frozen=True)
class Deadline:
    """How long an order may wait, in seconds: to be accepted, from each dispatch; to be done, from the first, or from the
    time it is wanted for. Such a one is dispatched ``lead_s`` before. What is still late after ``again_s`` is told again."""

    accept_s: int
    done_s: int
    lead_s: int = 900
    again_s: int = 900


@dataclass(frozen=True)
class Model:
    """A language model that may be asked. Prices are for a million tokens, in the property's currency.

    ``api_key_env`` names the environment variable with the key; ``extra``: more fields of each request.
    """

    name: str
    provider: str = "openai"
    base_url: str | None = None
    api_key_env: str | None = None
    price_in: float = 0.0
    price_out: float = 0.0
    temperature: float | None = 0.0
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Chat:
    """A place in a staff IM, as its vendor names it, and the language of those who read there."""

    id: str
    language: str


@dataclass(frozen=True)
class StaffIm:
    """Where tickets go in one vendor's staff IM. A department without a chat of its own has ``chat``.

    ``escalations``: where late tickets go besides; ``alarms``: where incidents go. ``options``: what this vendor needs, see
    its shape in :mod:`concierge.property_shape`; keys that end in ``_env`` name environment variables.
    """

    vendor: str
    language: str
    chat: Chat | None
    escalations: Chat | None
    alarms: Chat | None
    departments: Mapping[str, Chat]
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Grant:
    """Who is in ``group`` at the OpenID provider has ``role`` in ``department`` here."""

    group: str
    role: str
    department: str


@dataclass(frozen=True)
class Oidc:
    """Log-in by a chain's OpenID provider. ``address``: of this service, as browsers have it. ``user``, ``name``, ``groups``:
    the claims that these come from. ``unknown``: what becomes of who has no account here, ``refuse`` or ``create``.

    ``client_secret_env`` names the environment variable with the secret; None: a public client. With ``grants``, the first
    that fits settles role and department at each log-in, and who has none is refused; without, accounts keep theirs.
    """

    issuer: str
    client_id: str
    address: str
    client_secret_env: str | None = None
    scopes: tuple[str, ...] = ("openid", "profile")
    user: str = "preferred_username"
    name: str = "name"
    groups: str = "groups"
    unknown: str = "refuse"
    grants: tuple[Grant, ...] = ()


@dataclass(frozen=True)
class MqttTopics:
    """``discovery``: the prefix of Home Assistant's discovery. ``base``: what devices' own topics begin with."""

    discovery: str = "homeassistant"
    base: str = "homeassistant"


@dataclass(frozen=True)
class Property:
    """One hotel, apartment house, office: all that its file says. ``demo`` log-ins are refused off localhost."""

    id: str
    name: Words
    timezone: str
    languages: tuple[str, ...]
    currency: str
    spaces: Mapping[str, Space]
    departments: Mapping[str, Department]
    staff: Mapping[str, Staff]
    items: Mapping[str, Item]
    dishes: Mapping[str, Dish]
    topics: Mapping[str, Topic]
    routes: Mapping[str, str]
    deadlines: Mapping[str, Deadline]
    mqtt: MqttTopics
    demo: bool = False
    language_models: tuple[Model, ...] = ()
    """In the order in which they are asked; none: what the hotel's own rules leave over goes to a person."""
    staff_im: tuple[StaffIm, ...] = ()
    shifts: Mapping[str, Shift] = field(default_factory=dict)
    skills: Mapping[str, str] = field(default_factory=dict)
    """What a request takes: ``request.repair:ac`` or ``request.repair`` → a skill of staff."""
    second_factor: frozenset[str] = frozenset()
    """Roles that log in by password only with a second factor."""
    oidc: Oidc | None = None

    def space(self, space_id: str) -> Space:
        """Raises :class:`NotFound`."""
        try:
            return self.spaces[space_id]
        except KeyError:
            raise NotFound(f"there is no space {space_id!r} in this property") from None

    def device(self, space_id: str, device_id: str) -> Device:
        """Raises :class:`NotFound`."""
        try:
            return self.space(space_id).devices[device_id]
        except KeyError:
            raise NotFound(f"there is no device {device_id!r} in {space_id}") from None

    @property
    def roles(self) -> frozenset[str]:
        """All that the file speaks of, and those that the code knows."""
        ladders = {role for department in self.departments.values() for role in department.ladder}
        grants = {grant.role for grant in self.oidc.grants} if self.oidc else set()
        return frozenset({one.role for one in self.staff.values()} | ladders | grants | LEADS)

    def department_for(self, intent: str, detail: str | None = None) -> str:
        """The department id of a request: ``request.repair:wifi`` before ``request.repair`` before ``default``."""
        for key in ((f"{intent}:{detail}",) if detail else ()) + (intent, "default"):
            if key in self.routes:
                return self.routes[key]
        raise NotFound(f"no route for {intent}")  # the loader requires routes.default

    def skill_for(self, intent: str, detail: str | None = None) -> str | None:
        return self.skills.get(f"{intent}:{detail}") or self.skills.get(intent)

    def deadline_for(self, intent: str) -> Deadline:
        """The deadlines of a request, those of ``default`` where it has none of its own."""
        return self.deadlines.get(intent, self.deadlines["default"])
