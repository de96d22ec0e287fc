"""Who speaks in training and who is held out, as data.

A held-out variant is used by no training voice in either language. flite's rms is a whole speaker held out.
Mandarin has one engine only (espeak-ng), so there held out means other variants of the same synthesizer.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Voice:
    """`name` is what the engine calls it: an espeak voice+variant or a flite voice."""

    engine: str
    lang: str
    name: str

    @property
    def slug(self) -> str:
        return f"{self.engine}-{self.name.replace('/', '-').replace('+', '-')}".lower()


_TRAIN_VARIANTS = (
    "Alex Alicia Andrea Andy Denis Gene Gene2 Henrique Hugo Lee Mario Mike Mr_serious Nguyen Reed RicishayMax "
    "RicishayMax2 RicishayMax3 anika antonio aunty benjamin boris caleb david ed edward2 f1 f3 f4 f5 fast grandma "
    "grandpa gustave ian iven iven2 iven3 iven4 john klatt klatt2 klatt3 klatt4 m1 m2 m4 m5 m6 m8 marcelo max miguel "
    "mike2 norbert pablo paul pedro quincy rob robert sandro shelby steph steph2 steph3 travis victor zac"
).replace("Mr_serious", "Mr serious")
_HELD_OUT_VARIANTS = ("f2", "m3", "m7", "Annie", "adam", "linda", "belinda", "Michael", "edward", "Diogo")

_EN_BASES = (
    "en-us",
    "gmw/en",
    "en-gb-x-rp",
    "en-gb-scotland",
    "gmw/en-GB-x-gbclan",
    "gmw/en-GB-x-gbcwmd",
    "gmw/en-029",
    "gmw/en-US-nyc",
)
_ZH_BASE = "cmn-latn-pinyin"


def _variants(names: str) -> list[str]:
    spaced = names.replace("Mr serious", "Mr_serious").split()
    return [name.replace("_", " ") for name in spaced]


#: The few clear voices that the first steps learn from.
FIRST = (
    *(Voice("espeak", "zh", f"{_ZH_BASE}+{v}") for v in ("f1", "m1", "max", "f4")),
    *(Voice("espeak", "en", f"en-us+{v}") for v in ("f1", "m1", "max", "f4")),
)
TRAIN = (
    Voice("espeak", "zh", _ZH_BASE),
    *(Voice("espeak", "zh", f"{_ZH_BASE}+{v}") for v in _variants(_TRAIN_VARIANTS)),
    *(Voice("espeak", "en", base) for base in _EN_BASES),
    *(Voice("espeak", "en", f"{base}+{v}") for base in _EN_BASES for v in _variants(_TRAIN_VARIANTS)),
    *(Voice("flite", "en", name) for name in ("kal16", "awb", "slt")),
)
HELD_OUT = (
    *(Voice("espeak", "zh", f"{_ZH_BASE}+{v}") for v in ("f2", "m3", "m7", "Annie", "adam", "linda", "belinda", "Michael")),
    Voice("espeak", "en", "en-us+f2"),
    Voice("espeak", "en", "gmw/en+m3"),
    Voice("espeak", "en", "en-us+Annie"),
    Voice("espeak", "en", "en-gb-x-rp+adam"),
    Voice("espeak", "en", "en-us+linda"),
    Voice("espeak", "en", "gmw/en-029+m7"),
    Voice("espeak", "en", "gmw/en+belinda"),
    Voice("flite", "en", "rms"),
)


def held_out(lang: str) -> list[Voice]:
    return [voice for voice in HELD_OUT if voice.lang == lang]
