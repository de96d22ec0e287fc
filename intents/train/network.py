"""The classifier as torch sees it: a BERT-like encoder under two groups of linear heads."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from intents.classifier.heads import PART_WIDTH, TOKEN_WIDTH
from intents.classifier.model import WITHIN_WORD
from intents.classifier.pieces import LONGEST, MARKS, NAMES


@dataclass(frozen=True)
class Size:
    """``width`` must be the one of the encoder that training starts from."""

    pieces: int
    words: int
    narrow: int = 192
    width: int = 384
    layers: int = 6
    heads: int = 12
    inner: int = 1536


BLOCK = 64
"""Weights that share a scale, along the input."""


def four_bits(weights: Tensor) -> Tensor:
    """``weights`` [N, K] as four bits with a scale each ``BLOCK`` of K would have them; the gradient passes through.

    The scale is the block's largest value (by size, with its sign) over -8: as onnxruntime's MatMulNBits is quantized.
    """
    rows, width = weights.shape
    blocks = weights.reshape(rows, width // BLOCK, BLOCK)
    largest = blocks.gather(-1, blocks.abs().argmax(-1, keepdim=True))
    scale = torch.where(largest == 0, torch.ones_like(largest), largest / -8).detach()
    coarse = (blocks / scale).round().clamp(-8, 7) * scale
    return weights + (coarse.reshape(rows, width) - weights).detach()


class Linear(nn.Linear):
    """Learns with the four-bit weights that it will run with, once ``coarse`` is set."""

    coarse = False

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.linear(x, four_bits(self.weight) if self.coarse else self.weight, self.bias)


class Layer(nn.Module):
    """One post-norm transformer layer (Vaswani et al. 2017; BERT's order of norms)."""

    def __init__(self, size: Size, dropout: float) -> None:
        super().__init__()
        self.heads = size.heads
        self.query = Linear(size.width, size.width)
        self.key = Linear(size.width, size.width)
        self.value = Linear(size.width, size.width)
        self.out = Linear(size.width, size.width)
        self.norm = nn.LayerNorm(size.width, eps=1e-12)
        self.inner = Linear(size.width, size.inner)
        self.outer = Linear(size.inner, size.width)
        self.last_norm = nn.LayerNorm(size.width, eps=1e-12)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        batch, length, width = x.shape

        def split(y: Tensor) -> Tensor:
            return y.view(batch, length, self.heads, width // self.heads).transpose(1, 2)

        query, key, value = split(self.query(x)), split(self.key(x)), split(self.value(x))
        scores = query @ key.transpose(-1, -2) / (width // self.heads) ** 0.5 + bias
        mixed = (self.drop(scores.softmax(-1)) @ value).transpose(1, 2).reshape(batch, length, width)
        x = self.norm(x + self.drop(self.out(mixed)))
        normed: Tensor = self.last_norm(x + self.drop(self.outer(nn.functional.gelu(self.inner(x)))))
        return normed


class Encoder(nn.Module):
    """Narrow vectors of pieces [B, T, narrow], marks, names, role → states [B, T, width]."""

    def __init__(self, size: Size, dropout: float) -> None:
        super().__init__()
        self.wide = Linear(size.narrow, size.width)
        self.places = nn.Embedding(LONGEST, size.width)
        self.marks = nn.Embedding(2 * len(MARKS), size.width)
        self.names = nn.Embedding(2 * len(NAMES), size.width)
        self.role = nn.Embedding(2, size.width)
        self.norm = nn.LayerNorm(size.width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(size, dropout) for _ in range(size.layers))
        self.drop = nn.Dropout(dropout)

    def forward(self, vectors: Tensor, marks: Tensor, names: Tensor, role: Tensor, there: Tensor) -> Tensor:
        places = torch.arange(vectors.shape[1])
        known = self.marks(marks) + self.names(names) + self.role(role)[:, None]
        x: Tensor = self.drop(self.norm(self.wide(vectors) + self.places(places) + known))
        bias = (1.0 - there)[:, None, None, :] * -1e4
        for layer in self.layers:
            x = layer(x, bias)
        return x


class Heads(nn.Module):
    """States → per piece [B, T, TOKEN_WIDTH]; per part of a sentence [P, PART_WIDTH]."""

    def __init__(self, size: Size, dropout: float) -> None:
        super().__init__()
        self.token = Linear(size.width, TOKEN_WIDTH)
        self.weigh = nn.Linear(size.width, 2)
        self.hidden = nn.Linear(3 * size.width, size.width)
        self.part = nn.Linear(size.width, PART_WIDTH)
        self.drop = nn.Dropout(dropout)

    def parts(self, states: Tensor, rows: Tensor, inside: Tensor) -> Tensor:
        """``rows`` [P]: the sentence of each part; ``inside`` [P, T]: 1 where a piece belongs to the part."""
        own = states[rows]
        weights = self.weigh(own) + (1.0 - inside)[:, :, None] * -1e4
        pooled = (weights.softmax(1).transpose(1, 2) @ own).flatten(1)
        joined = torch.cat([pooled, own[:, 0]], -1)
        hidden = nn.functional.gelu(self.hidden(self.drop(joined)))
        scores: Tensor = self.part(self.drop(hidden))
        return scores


class Network(nn.Module):
    """The whole: vectors of pieces and words are one table."""

    def __init__(self, size: Size, dropout: float = 0.1) -> None:
        super().__init__()
        self.size = size
        self.vectors = nn.Embedding(size.pieces + size.words, size.narrow)
        self.encoder = Encoder(size, dropout)
        self.heads = Heads(size, dropout)
        self.coarse = False

    def coarsen(self, on: bool = True) -> None:
        """From here on the weights are four-bit ones in each pass forward, or not any more."""
        self.coarse = on
        for module in self.modules():
            if isinstance(module, Linear):
                module.coarse = on

    def embed(self, ids: Tensor, words: Tensor) -> Tensor:
        """``words`` holds 0 where none covers the piece, else its row in the table."""
        covered = (words > 0).unsqueeze(-1).to(self.vectors.weight.dtype)
        return self._rows(ids) * (1 - (1 - WITHIN_WORD) * covered) + self._rows(words) * covered

    def _rows(self, numbers: Tensor) -> Tensor:
        found: Tensor = self.vectors(numbers)
        return four_bits(found.flatten(0, -2)).view_as(found) if self.coarse else found

    def forward(self, ids: Tensor, words: Tensor, marks: Tensor, names: Tensor, role: Tensor, there: Tensor) -> Tensor:
        states: Tensor = self.encoder(self.embed(ids, words), marks, names, role, there)
        return states
