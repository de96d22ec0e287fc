"""The texts that are put before a model, reviewed like code: one file a purpose and language."""

from __future__ import annotations

from importlib.resources import files


def text(name: str, lang: str) -> str:
    """``text("asr", "zh")`` → ``prompts/asr.zh.md`` without its comment lines. Raises FileNotFoundError."""
    lines = (files(__name__) / f"{name}.{lang}.md").read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("<!--")).strip()


def by_language(name: str) -> dict[str, str]:
    """``by_language("asr")`` → ``{"en": …, "zh": …}``"""
    files_of = (file.name.split(".") for file in files(__name__).iterdir())
    return {parts[1]: text(name, parts[1]) for parts in sorted(files_of) if parts[0] == name and parts[-1] == "md"}
