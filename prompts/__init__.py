"""The texts that are put before a model, reviewed like code: one file a purpose and language."""

from __future__ import annotations

from importlib.resources import files


def text(name: str, lang: str) -> str:
    """``text("asr", "zh")`` → ``prompts/asr.zh.md`` without its comment lines. Raises FileNotFoundError."""
    lines = (files(__name__) / f"{name}.{lang}.md").read_text("utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("<!--")).strip()
