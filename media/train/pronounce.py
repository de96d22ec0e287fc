"""Text → what the synthesizer is fed, and the sound units that the CTC helper head learns.

Mandarin: pypinyin's phrase-based pinyin (polyphones read right), units are initials and toned finals.
English: the text itself; units are espeak's American phonemes, whoever speaks.
"""

import re
from functools import lru_cache

from pypinyin import Style, lazy_pinyin, load_phrases_dict

from media.train.text import LATIN_PINYIN

_INITIALS = ("zh", "ch", "sh", *"bpmfdtnlgkhjqxrzcsyw")
_FINALS = (  # noqa: SIM905 - a table of words reads better so
    "a ai an ang ao e ei en eng er i ia ian iang iao ie in ing iong iu o ong ou u ua uai uan uang ue ui un uo v van ve vn m n ng"
).split()
ZH_UNITS = (*_INITIALS, *(f"{final}{tone}" for final in _FINALS for tone in range(1, 6)))
#: Readings that pypinyin's phrase list has otherwise (调到 as "transferred to": diao4); in a room they are said so.
_READINGS = {
    **{
        f"调{b}": [["tiáo"], [reading]]
        for b, reading in (
            ("到", "dào"),
            ("成", "chéng"),
            ("高", "gāo"),
            ("低", "dī"),
            ("大", "dà"),
            ("小", "xiǎo"),
            ("亮", "liàng"),
            ("暗", "àn"),
            ("热", "rè"),
            ("冷", "lěng"),
            ("回", "huí"),
            ("至", "zhì"),
        )
    },
    "调一下": [["tiáo"], ["yí"], ["xià"]],
    "还有": [["hái"], ["yǒu"]],
}
load_phrases_dict(_READINGS)

_PARTS = re.compile(r"[a-z]+|[^a-z]+")


def pinyin(text: str) -> list[str]:
    """Toned syllables ("kong1", "tiao2", neutral is 5) of a normalised Chinese text. Raises KeyError for an unknown Latin word."""
    syllables: list[str] = []
    for part in _PARTS.findall(text):
        if part.isascii():
            syllables += LATIN_PINYIN[part].split()
        else:
            syllables += lazy_pinyin(part, style=Style.TONE3, neutral_tone_with_five=True, v_to_u=False)
    return syllables


@lru_cache(maxsize=4096)
def syllable_units(syllable: str) -> tuple[str, ...]:
    """("zh", "ong1") for "zhong1"."""
    for initial in _INITIALS:
        if syllable.startswith(initial) and len(syllable) > len(initial) + 1:
            return initial, syllable[len(initial) :]
    return (syllable,)


def zh_units(syllables: list[str]) -> list[str]:
    return [unit for syllable in syllables for unit in syllable_units(syllable)]
