"""Chinese words with what each is in English: where their vectors begin, and which characters sound alike."""

from __future__ import annotations

from pathlib import Path

GLOSSES = Path(__file__).parent / "glosses.tsv"


def glosses() -> dict[str, str]:
    """Chinese word → its English gloss."""
    found: dict[str, str] = {}
    for line in GLOSSES.read_text(encoding="utf-8").splitlines():
        word, tab, gloss = line.partition("\t")
        if tab and word and gloss.strip():
            found.setdefault(word, gloss.strip())
    return found
