"""The shape of a property file, table by table. What refers to what is checked in :mod:`concierge.property`."""

from __future__ import annotations

import re
from types import UnionType
from typing import Annotated, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from concierge.domain.errors import BadToken
from concierge.domain.event import token
from concierge.toml_lines import Path as KeyPath


def _checked_token(text: str) -> str:
    try:
        return token(text)
    except BadToken as error:
        raise ValueError(str(error)) from None


def _checked_slot(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9_]+", text):
        raise ValueError("no key; expected small letters, digits and _")
    return text


def _checked_timezone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("no known time zone; expected a name such as Asia/Shanghai") from None
    return name


def _checked_topic(text: str) -> str:
    if not all(text.split("/")) or set(text) & set("+#* >"):
        raise ValueError("no MQTT topic; expected words joined by '/', without wildcards or spaces")
    return text


def _checked_hash(text: str) -> str:
    if not text.startswith("$argon2id$"):
        raise ValueError("no password hash; expected argon2id's form, which begins with $argon2id$")
    return text


def _checked_clock(text: str) -> str:
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", text):
        raise ValueError("no time of day; expected one such as 07:00")
    return text


def _checked_url(text: str) -> str:
    url = urlsplit(text)
    if url.scheme not in ("http", "https") or not url.hostname or url.username or url.query:
        raise ValueError("no address of an endpoint; expected one such as https://api.example.com/v1, without a key in it")
    return text


def _checked_origin(text: str) -> str:
    url = urlsplit(_checked_url(text))
    if url.scheme != "https" and url.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise ValueError("log-ins go over https; expected an address such as https://sso.example.com/realms/hotel")
    return text.rstrip("/")


def _checked_variable(text: str) -> str:
    if not re.fullmatch(r"[A-Z][A-Z0-9_]*", text):
        # it may be a key: it is not repeated
        raise ValueError("no name of an environment variable; expected one such as HOTEL_LLM_KEY, never the key itself")
    return text


Token = Annotated[str, AfterValidator(_checked_token)]
Key = Annotated[str, AfterValidator(_checked_slot)]
"""Of what a decision names: the values of its slots are written so."""
Text = Annotated[str, Field(min_length=1)]
Names = dict[str, Text]
Also = dict[str, list[Text]]
WEEK: tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Percent = Annotated[int, Field(ge=0, le=100)]


class _Shape(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class PropertyShape(_Shape):
    id: Token
    name: Names
    timezone: Annotated[str, AfterValidator(_checked_timezone)]
    languages: Annotated[list[Literal["zh", "en"]], Field(min_length=1)]
    currency: Annotated[str, Field(pattern="^[A-Z]{3}$")]
    demo: bool = False


class MqttShape(_Shape):
    discovery: Annotated[str, AfterValidator(_checked_topic)] = "homeassistant"
    base: Annotated[str, AfterValidator(_checked_topic)] = "homeassistant"


class DeviceShape(_Shape):
    kind: str
    name: Names
    zone: str | None = None
    topic: Annotated[str, AfterValidator(_checked_topic)] | None = None


class ChangeShape(_Shape):
    power: Literal["on", "off"] | None = None
    level: Percent | None = None
    temperature: float | None = None
    mode: Literal["cool", "heat", "dry", "fan", "auto"] | None = None
    fan_speed: Literal["low", "medium", "high", "auto"] | None = None
    position: Percent | None = None
    volume: Percent | None = None
    mute: bool | None = None


class KindShape(_Shape):
    name: Names
    devices: dict[Token, DeviceShape] = {}
    scenes: dict[str, dict[str, ChangeShape]] = {}


class SpacesShape(_Shape):
    ids: Annotated[list[Token], Field(min_length=1)]
    kind: str
    floor: int
    language: str


class DepartmentShape(_Shape):
    name: Names
    ladder: list[Text] = []


class StaffShape(_Shape):
    name: Names
    role: Text
    department: str
    password_hash: Annotated[str, AfterValidator(_checked_hash)]
    languages: Annotated[list[str], Field(min_length=1)]
    floors: list[int] = []
    skills: list[Text] = []
    shift: str | None = None
    im: dict[Literal["slack", "feishu", "wecom", "dingtalk"], Text] = {}


class ShiftShape(_Shape):
    name: Names
    begins: Annotated[str, AfterValidator(_checked_clock)]
    ends: Annotated[str, AfterValidator(_checked_clock)]
    days: Annotated[list[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]], Field(min_length=1)] = list(WEEK)


class ItemShape(_Shape):
    name: Names
    department: str
    also: Also = {}


class DishShape(_Shape):
    name: Names
    price: Annotated[float, Field(ge=0)]
    also: Also = {}


class TopicShape(_Shape):
    answer: Annotated[Names, Field(min_length=1)]
    source: Text
    name: Names = {}
    also: Also = {}
    questions: Also = {}
    keywords: Also = {}


class DeadlineShape(_Shape):
    accept_s: Annotated[int, Field(gt=0)]
    done_s: Annotated[int, Field(gt=0)]
    lead_s: Annotated[int, Field(ge=0)] = 900
    again_s: Annotated[int, Field(gt=0)] = 900


class LanguageModelShape(_Shape):
    name: Text
    provider: Text = "openai"
    base_url: Annotated[str, AfterValidator(_checked_url)] | None = None
    api_key_env: Annotated[str, AfterValidator(_checked_variable)] | None = None
    price_in: Annotated[float, Field(ge=0)] = 0.0
    price_out: Annotated[float, Field(ge=0)] = 0.0
    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    extra: dict[str, Any] = {}


Variable = Annotated[str, AfterValidator(_checked_variable)]
Address = Annotated[str, AfterValidator(_checked_url)]
Language = Literal["zh", "en"]


class ChatShape(_Shape):
    chat: Text
    language: Language | None = None


class _VendorShape(_Shape):
    language: Language | None = None
    chat: Text | None = None
    escalations: Text | None = None
    alarms: Text | None = None
    departments: dict[str, ChatShape] = {}


class SlackShape(_VendorShape):
    token_env: Variable
    signing_secret_env: Variable
    base_url: Address = "https://slack.com/api"


class FeishuShape(_VendorShape):
    app_id: Text
    app_secret_env: Variable
    encrypt_key_env: Variable
    verification_token_env: Variable
    base_url: Address = "https://open.feishu.cn"


class WecomShape(_VendorShape):
    corp_id: Text
    agent_id: int
    secret_env: Variable
    token_env: Variable
    aes_key_env: Variable
    base_url: Address = "https://qyapi.weixin.qq.com"


class DingtalkShape(_VendorShape):
    client_id: Text
    client_secret_env: Variable
    template: Text
    base_url: Address = "https://api.dingtalk.com"


class VariableChatShape(ChatShape):
    chat: Variable


class AppriseShape(_VendorShape):
    """A chat is the name of a variable with Apprise's URLs: there are keys in them."""

    chat: Variable | None = None
    escalations: Variable | None = None
    alarms: Variable | None = None
    departments: dict[str, VariableChatShape] = {}  # type: ignore[assignment]  # narrower, and only read


class StaffImShape(_Shape):
    slack: SlackShape | None = None
    feishu: FeishuShape | None = None
    wecom: WecomShape | None = None
    dingtalk: DingtalkShape | None = None
    apprise: AppriseShape | None = None


class LoginShape(_Shape):
    second_factor: list[Text] = []


class GrantShape(_Shape):
    group: Text
    role: Text
    department: str


Origin = Annotated[str, AfterValidator(_checked_origin)]


class OidcShape(_Shape):
    issuer: Origin
    client_id: Text
    address: Origin
    client_secret_env: Variable | None = None
    scopes: list[Text] = ["openid", "profile"]
    user: Text = "preferred_username"
    name: Text = "name"
    groups: Text = "groups"
    unknown: Literal["refuse", "create"] = "refuse"
    grants: list[GrantShape] = []


class File(_Shape):
    property: PropertyShape
    mqtt: MqttShape = MqttShape()
    kinds: Annotated[dict[Token, KindShape], Field(min_length=1)]
    spaces: Annotated[list[SpacesShape], Field(min_length=1)]
    departments: Annotated[dict[Token, DepartmentShape], Field(min_length=1)]
    staff: dict[Token, StaffShape] = {}
    items: dict[Key, ItemShape] = {}
    dishes: dict[Key, DishShape] = {}
    topics: dict[Key, TopicShape] = {}
    routes: dict[str, str]
    deadlines: dict[str, DeadlineShape]
    shifts: dict[Token, ShiftShape] = {}
    skills: dict[str, Text] = {}
    language_model: list[LanguageModelShape] = []
    staff_im: StaffImShape = StaffImShape()
    login: LoginShape = LoginShape()
    oidc: OidcShape | None = None


def annotation_at(path: KeyPath) -> Any:
    """The type that the file's shape has at ``path``."""
    kind: Any = File
    for part in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            kind = kind.model_fields[str(part)].annotation if str(part) in kind.model_fields else None
        elif get_origin(kind) in (dict, list):
            kind = get_args(kind)[-1]
        if get_origin(kind) is Annotated:
            kind = get_args(kind)[0]
        if get_origin(kind) is UnionType:  # … | None
            kind = get_args(kind)[0]
    return kind


def shape_at(path: KeyPath) -> type[BaseModel] | None:
    kind = annotation_at(path)
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def expected_type(path: KeyPath) -> str:
    kind = annotation_at(path)
    names = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", list: "a list"}
    return names.get(get_origin(kind) or kind, "a table")
