"""What an operator chooses, from flags and ``CONCIERGE_*`` variables. The hotel itself is in the property file."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

BUNDLED_ASR = "bundled"
MODELS = "models"
"""Folder of fetched speech models, below the state folder."""


class SettingsError(Exception):
    """A setting has a value that cannot be used."""


def default_state() -> Path:
    """``$XDG_STATE_HOME/concierge`` (XDG Base Directory specification 0.8)."""
    home = os.environ.get("XDG_STATE_HOME")
    return Path(home) / "concierge" if home else Path.home() / ".local" / "state" / "concierge"


@dataclass(frozen=True)
class Settings:
    state: Path = field(default_factory=default_state)
    property_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 8080
    mqtt_port: int = 0
    mqtt_host: str = "127.0.0.1"
    """Where our broker listens for devices; ``0.0.0.0`` for those in the rooms. The rest of the broker stays on this machine."""
    asr: str = BUNDLED_ASR
    """``bundled``, a faster-whisper model's name, or a folder."""
    asr_device: str = "cpu"
    asr_threads: int = 2
    voices: Mapping[str, Path] = field(default_factory=dict)
    """Piper voices by language (``.onnx`` beside its ``.onnx.json``); a language without one is spoken by espeak-ng."""
    ice_servers: tuple[str, ...] = ()
    stages: tuple[str, ...] | None = None
    """Of understanding (``intents.understanding.STAGES``), all if None; the emergency gate always stands."""
    llm_model: str = ""
    """A language model's name, instead of those of the property file; its key is in ``CONCIERGE_LLM_API_KEY``."""
    llm_base_url: str = ""
    """The OpenAI-compatible endpoint that has it; empty: OpenAI's own."""
    push_contact: str = "mailto:concierge@example.com"
    """Whom push services may tell of trouble with our notifications: a mailto: or https: address."""
    push_inside: bool = False
    """Push services may be in the house, and without TLS: for tests."""
    max_calls: int = 16
    """Lines at once; the next caller is told that they are busy."""

    @property
    def asr_path(self) -> str:
        """What the setting names: the bundled folder, one that was fetched, a path, or a hub's name."""
        if self.asr == BUNDLED_ASR:
            from media.asr import BUNDLED  # loads a speech engine: only for those who are about to use it

            return str(BUNDLED)
        fetched = self.state / MODELS / self.asr.replace("/", "--")
        return str(fetched) if (fetched / "model.bin").is_file() else self.asr

    @classmethod
    def from_env(cls, **flags: object) -> Settings:
        """Flags win over variables, variables over defaults. Raises :class:`SettingsError`."""
        env = os.environ
        values: dict[str, object] = {}
        if asr := env.get("CONCIERGE_ASR"):
            values["asr"] = asr
        if device := env.get("CONCIERGE_ASR_DEVICE"):
            values["asr_device"] = device
        if host := env.get("CONCIERGE_MQTT_HOST"):
            values["mqtt_host"] = host
        values["llm_model"] = env.get("CONCIERGE_LLM_MODEL", "")
        values["llm_base_url"] = env.get("CONCIERGE_LLM_BASE_URL", "")
        if values["llm_base_url"] and not values["llm_model"]:
            raise SettingsError("CONCIERGE_LLM_BASE_URL is set, CONCIERGE_LLM_MODEL is not: name the model that it serves")
        if contact := env.get("CONCIERGE_PUSH_CONTACT"):
            if not re.fullmatch(r"(mailto:[^@\s]+@|https://)[\w-]+(\.[\w-]+)+", contact):
                raise SettingsError(
                    f"CONCIERGE_PUSH_CONTACT={contact!r}: expected mailto:somebody@hotel.example or https://hotel.example"
                )
            values["push_contact"] = contact
        for name, key in (
            ("CONCIERGE_MQTT_PORT", "mqtt_port"),
            ("CONCIERGE_ASR_THREADS", "asr_threads"),
            ("CONCIERGE_MAX_CALLS", "max_calls"),
        ):
            if text := env.get(name):
                values[key] = _number(name, text)
        voices = {lang: Path(path) for lang in ("zh", "en") if (path := env.get(f"CONCIERGE_PIPER_{lang.upper()}"))}
        for lang, voice in voices.items():
            if not voice.is_file():
                raise SettingsError(f"CONCIERGE_PIPER_{lang.upper()}={voice}: no such file; name the voice's .onnx")
        if voices:
            values["voices"] = voices
        if servers := env.get("CONCIERGE_ICE_SERVERS"):
            values["ice_servers"] = tuple(server.strip() for server in servers.split(",") if server.strip())
        if stages := env.get("CONCIERGE_STAGES"):
            values["stages"] = _stages(stages)
        values.update({key: value for key, value in flags.items() if value is not None})
        return cls(**values)  # type: ignore[arg-type]


def _stages(text: str) -> tuple[str, ...]:
    from intents.understanding import STAGES  # loads the grammar: only for those who choose

    named = tuple(stage.strip() for stage in text.split(",") if stage.strip())
    unknown = [stage for stage in named if stage not in STAGES]
    if unknown:
        raise SettingsError(f"CONCIERGE_STAGES={text!r}: no stage {unknown[0]!r}; expected some of {', '.join(STAGES)}")
    return named


def _number(name: str, text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingsError(f"{name}={text!r}: expected a whole number") from None
