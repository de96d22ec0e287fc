"""The tokenizer: byte-level BPE laid out like OpenAI's multilingual Whisper, and the few thousand rows that are trained.

Every Han character that may occur is one token, English words are merged from their letters. The file has 51,865 entries
because CTranslate2 takes a model as multilingual by that; the entries between the real tokens and the special ones never
occur. Training uses `Vocabulary.rows`: a dense numbering of the entries that do.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from wordfreq import top_n_list, word_frequency

from media.train.espeak import Espeak
from media.train.pronounce import ZH_UNITS

SIZE = 51_865
EMPTY_ID = 50_256  # the empty string, as in OpenAI's: CTranslate2 asks for it
EOT_ID = 50_257
SOT_ID = 50_258
ENGLISH_MERGES = 2_000

#: Whisper's language codes in the order of their ids, from 50,259 on.
LANGUAGES = (  # noqa: SIM905 - a table of words reads better so
    "en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk te "
    "fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps "
    "tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su"
).split()
_AFTER_LANGUAGES = ("translate", "transcribe", "startoflm", "startofprev", "nospeech", "notimestamps")
TRAINED_SPECIALS = ("endoftext", "startoftranscript", "en", "zh", "transcribe", "nospeech", "notimestamps")


def byte_symbols() -> list[str]:
    """The 256 printable stand-ins of byte-level BPE, by byte value."""
    keep = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(b) if b in keep else chr(next(spare)) for b in range(256)]


_BYTES = byte_symbols()


def _symbols(text: str) -> list[str]:
    return [_BYTES[b] for b in text.encode()]


def han_characters() -> list[str]:
    """GB 2312 level 1 (3,755 characters in use) and level 2's that occur in wordfreq's 60,000 commonest words."""
    common = {c for word in top_n_list("zh", 60_000) for c in word}
    level_1 = [bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    level_2 = [bytes((row, cell)).decode("gb2312", "ignore") for row in range(0xD8, 0xF8) for cell in range(0xA1, 0xFF)]
    return [c for c in level_1 if c] + [c for c in level_2 if c in common]


def _english_merges(count: int) -> list[tuple[str, str]]:
    words = [w for w in top_n_list("en", 60_000) if w.replace("'", "").isascii() and w.replace("'", "").isalpha()]

    def weighted() -> Iterable[str]:
        for word in words:
            yield from [" " + word] * (1 + int((word_frequency(word, "en") * 1e7) ** 0.5))

    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.train_from_iterator(weighted(), trainers.BpeTrainer(vocab_size=count + 300, show_progress=False))
    merges = json.loads(bpe.to_str())["model"]["merges"]
    return [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in merges][:count]


def build(path: Path) -> None:
    """Write tokenizer.json (a few seconds)."""
    space = _BYTES[32]
    # a bare space is never a token of ours: faster-whisper suppresses the first token of " -" and of " ♪"
    merges: dict[tuple[str, str], None] = {(space, c): None for c in "abcdefghijklmnopqrstuvwxyz'-"}
    for character in han_characters():
        one, two, three = _symbols(character)
        merges[(one, two)] = None
        merges[(one + two, three)] = None
    for pair in _english_merges(ENGLISH_MERGES):
        merges.setdefault(pair)
    entries: dict[str, int] = {}
    for symbol in _BYTES:
        entries.setdefault(symbol, len(entries))
    for left, right in merges:
        entries.setdefault(left + right, len(entries))
    real = len(entries)
    for number in range(real, EMPTY_ID):
        entries[f"<unused{number}>"] = number
    specials = ["", "<|endoftext|>", "<|startoftranscript|>", *(f"<|{code}|>" for code in LANGUAGES)]
    specials += [f"<|{name}|>" for name in _AFTER_LANGUAGES]
    specials += [f"<|{i * 0.02:.2f}|>" for i in range(1501)]
    for token in specials:
        entries[token] = len(entries)
    if len(entries) != SIZE or entries["<|startoftranscript|>"] != SOT_ID:
        raise AssertionError(f"vocabulary came out with {len(entries)} entries")
    tokenizer = Tokenizer(models.BPE(vocab=entries, merges=list(merges)))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens(specials[1:])
    path.parent.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(path))
    sounds = {"zh": list(ZH_UNITS), "en": _english_phonemes(), "real": real}
    (path.parent / "sounds.json").write_text(json.dumps(sounds, ensure_ascii=False) + "\n", "utf-8")


def _english_phonemes() -> list[str]:
    espeak = Espeak()
    seen: dict[str, int] = {}
    for word in top_n_list("en", 8_000):
        for phoneme in espeak.phonemes(word, "en-us"):
            seen[phoneme] = seen.get(phoneme, 0) + 1
    return sorted(p for p, n in seen.items() if n >= 5 and "(" not in p)


class Vocabulary:
    """tokenizer.json with its dense training rows. Raises ValueError for text that it cannot write in trained rows."""

    def __init__(self, path: Path) -> None:
        self.tokenizer: Tokenizer = Tokenizer.from_file(str(path))
        sounds = json.loads((path.parent / "sounds.json").read_text("utf-8"))
        self.real: int = sounds["real"]
        #: file id of each trained row
        self.rows: list[int] = [*range(self.real), *(self._special(name) for name in TRAINED_SPECIALS)]
        eot, sot, en, zh, transcribe, nospeech, notimestamps = range(self.real, self.real + len(TRAINED_SPECIALS))
        self.eot, self.sot, self.transcribe, self.nospeech, self.notimestamps = eot, sot, transcribe, nospeech, notimestamps
        self.language = {"en": en, "zh": zh}
        #: CTC classes; 0 is the blank
        self.sounds = {
            lang: {unit: 1 + i + (0 if lang == "zh" else len(sounds["zh"])) for i, unit in enumerate(sounds[lang])}
            for lang in ("zh", "en")
        }
        self.sound_count = 1 + len(sounds["zh"]) + len(sounds["en"])
        self.han = set(han_characters())

    def _special(self, name: str) -> int:
        return int(self.tokenizer.token_to_id(f"<|{name}|>"))

    def encode(self, text: str, lang: str) -> list[int]:
        """Rows of a normalised text; English begins with a space, as in Whisper."""
        ids: list[int] = self.tokenizer.encode(" " + text if lang == "en" else text, add_special_tokens=False).ids
        if any(i >= self.real for i in ids):
            raise ValueError(f"special token in {text!r}")
        return ids

    def writable(self, text: str) -> bool:
        """Whether every Han character of the text is one token."""
        return all(c in self.han or c.isascii() for c in text)
