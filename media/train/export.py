"""The trained network as a CTranslate2 model folder that faster-whisper loads like any Whisper.

Only the trained rows have weights. The other rows of the 51,865 are zero with an output bias so low that they are never
sampled, except that timestamps read like <|notimestamps|>: a caller who asks for timestamps still gets the words.
"""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import torch
from ctranslate2.specs import whisper_spec

from media.train.features import preprocessor_config
from media.train.network import Attention, Block, Network
from media.train.vocabulary import LANGUAGES, SIZE, Vocabulary

_NEVER = -1e4


def _copy(tensor: torch.Tensor) -> np.ndarray:
    """A copy, because CTranslate2 quantises the array in place."""
    return tensor.detach().float().clone().numpy()


def _linear(spec: object, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
    spec.weight = _copy(weight)  # type: ignore[attr-defined]
    if bias is not None:
        spec.bias = _copy(bias)  # type: ignore[attr-defined]


def _norm(spec: object, norm: torch.nn.LayerNorm) -> None:
    spec.gamma = _copy(norm.weight)  # type: ignore[attr-defined]
    spec.beta = _copy(norm.bias)  # type: ignore[attr-defined]


def _attention(spec: object, attention: Attention, norm: torch.nn.LayerNorm) -> None:
    linears = spec.linear  # type: ignore[attr-defined]
    fused = hasattr(attention, "query_key_value")
    first = [attention.query_key_value] if fused else [attention.query, attention.key_value]
    for target, source in zip(linears, [*first, attention.out], strict=True):
        _linear(target, source.weight, source.bias)
    _norm(spec.layer_norm, norm)  # type: ignore[attr-defined]


def _block(spec: object, block: Block) -> None:
    _attention(spec.self_attention, block.self_attention, block.self_norm)  # type: ignore[attr-defined]
    if hasattr(block, "cross_attention"):
        _attention(spec.attention, block.cross_attention, block.cross_norm)  # type: ignore[attr-defined]
    feed = spec.ffn  # type: ignore[attr-defined]
    _linear(feed.linear_0, block.feed_in.weight, block.feed_in.bias)
    _linear(feed.linear_1, block.feed_out.weight, block.feed_out.bias)
    _norm(feed.layer_norm, block.feed_norm)


def _full_rows(network: Network, vocabulary: Vocabulary) -> tuple[torch.Tensor, torch.Tensor]:
    trained = network.decoder.rows().detach().float()
    rows = torch.zeros(SIZE, trained.shape[1])
    bias = torch.full((SIZE,), _NEVER)
    rows[vocabulary.rows] = trained
    bias[vocabulary.rows] = network.decoder.row_bias.detach().float()
    notimestamps = vocabulary.rows[vocabulary.notimestamps]
    rows[notimestamps + 1 :] = trained[vocabulary.notimestamps]
    for row in ("sot", "transcribe", "notimestamps"):
        bias[vocabulary.rows[getattr(vocabulary, row)]] = _NEVER  # asked for, never answered
    return rows, bias


def export(network: Network, vocabulary: Vocabulary, tokenizer_file: Path, folder: Path, card: str) -> None:
    """Write the int8 model folder, replacing it in one rename. `card` is the README.md."""
    shape = network.shape
    spec = whisper_spec.WhisperSpec(shape.encoder_layers, shape.heads, shape.decoder_layers, shape.heads)
    for target, conv in ((spec.encoder.conv1, network.encoder.conv1), (spec.encoder.conv2, network.encoder.conv2)):
        _linear(target, conv.weight, conv.bias)
    spec.encoder.position_encodings.encodings = _copy(network.encoder.positions)
    _norm(spec.encoder.layer_norm, network.encoder.norm)
    for target, block in zip(spec.encoder.layer, network.encoder.blocks, strict=True):
        _block(target, block)
    rows, bias = _full_rows(network, vocabulary)
    spec.decoder.embeddings.weight = _copy(rows)
    spec.decoder.projection.weight = _copy(rows)
    spec.decoder.projection.bias = _copy(bias)
    spec.decoder.position_encodings.encodings = _copy(network.decoder.positions)
    _norm(spec.decoder.layer_norm, network.decoder.norm)
    for target, block in zip(spec.decoder.layer, network.decoder.blocks, strict=True):
        _block(target, block)

    tokens = vocabulary.tokenizer
    spec.register_vocabulary([tokens.id_to_token(i) for i in range(SIZE)])
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []  # an empty text is a valid answer: silence
    spec.config.lang_ids = [tokens.token_to_id(f"<|{code}|>") for code in LANGUAGES]
    spec.config.alignment_heads = [(shape.decoder_layers - 1, head) for head in range(shape.heads)]
    spec.validate()
    spec.optimize(quantization="int8")

    fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    spec.save(str(fresh))
    shutil.copyfile(tokenizer_file, fresh / "tokenizer.json")
    (fresh / "preprocessor_config.json").write_text(json.dumps(preprocessor_config(), indent=2) + "\n", "utf-8")
    (fresh / "README.md").write_text(card, "utf-8")
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)
