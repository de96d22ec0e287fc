"""Whisper's network in torch, small, over the trained rows only; and the CTC head that helps training.

Pre-norm transformer as in OpenAI's; what differs is width, depth and that keys have a bias (it cancels in the softmax).
"""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

MAX_TEXT = 448
SOUND_BLOCKS = 4  # sounds are read off here, words at the top: the last blocks turn the one into the other
MAX_ENCODER_FRAMES = 1_500  # faster-whisper pads every segment to 3,000 mel frames


@dataclass(frozen=True)
class Shape:
    """Sizes of the network; `rows` is the trained vocabulary, `sounds` the CTC classes, `kin` the columns of `kinship`."""

    rows: int
    sounds: int
    kin: int = 0
    width: int = 256
    heads: int = 4
    encoder_layers: int = 6
    decoder_layers: int = 2
    bands: int = 80


def sinusoids(length: int, width: int) -> Tensor:
    """Whisper's fixed encoder positions."""
    steps = torch.log(torch.tensor(10_000.0)) / (width // 2 - 1)
    scales = torch.exp(-steps * torch.arange(width // 2))
    angles = torch.arange(length)[:, None] * scales[None, :]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


class Attention(nn.Module):
    """Self-attention, or attention over `source` if it is given."""

    def __init__(self, width: int, heads: int, cross: bool) -> None:
        super().__init__()
        self.heads = heads
        #: the last attention weights [batch, heads, length, frames], kept of cross-attention for the alignment loss
        self.weights: Tensor | None = None
        if cross:
            self.query = nn.Linear(width, width)
            self.key_value = nn.Linear(width, 2 * width)
        else:
            self.query_key_value = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def _split(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], x.shape[1], self.heads, -1).transpose(1, 2)

    def forward(self, x: Tensor, source: Tensor | None = None, causal: bool = False) -> Tensor:
        if source is None:
            query, key, value = self.query_key_value(x).chunk(3, dim=-1)
        else:
            query = self.query(x)
            key, value = self.key_value(source).chunk(2, dim=-1)
        # written out: on short sequences four times as fast in bfloat16 on a CPU as scaled_dot_product_attention
        scores = (self._split(query) * (x.shape[-1] // self.heads) ** -0.5) @ self._split(key).transpose(-1, -2)
        if causal:
            scores = scores + scores.new_full(scores.shape[-2:], -1e4).triu(1)
        weights = scores.softmax(-1)
        if source is not None and self.training:
            self.weights = weights
        mixed = weights @ self._split(value)
        joined: Tensor = self.out(mixed.transpose(1, 2).reshape(x.shape))
        return joined


class Block(nn.Module):
    def __init__(self, width: int, heads: int, cross: bool) -> None:
        super().__init__()
        self.self_norm = nn.LayerNorm(width)
        self.self_attention = Attention(width, heads, cross=False)
        if cross:
            self.cross_norm = nn.LayerNorm(width)
            self.cross_attention = Attention(width, heads, cross=True)
        self.feed_norm = nn.LayerNorm(width)
        self.feed_in = nn.Linear(width, 4 * width)
        self.feed_out = nn.Linear(4 * width, width)

    def forward(self, x: Tensor, source: Tensor | None = None, causal: bool = False) -> Tensor:
        x = x + self.self_attention(self.self_norm(x), causal=causal)
        if source is not None:
            x = x + self.cross_attention(self.cross_norm(x), source)
        out: Tensor = x + self.feed_out(F.gelu(self.feed_in(self.feed_norm(x))))
        return out


class Encoder(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(shape.bands, shape.width, 3, padding=1)
        self.conv2 = nn.Conv1d(shape.width, shape.width, 3, stride=2, padding=1)
        self.register_buffer("positions", sinusoids(MAX_ENCODER_FRAMES, shape.width))
        self.blocks = nn.ModuleList(Block(shape.width, shape.heads, cross=False) for _ in range(shape.encoder_layers))
        self.norm = nn.LayerNorm(shape.width)

    def forward(self, mel: Tensor) -> tuple[Tensor, Tensor]:
        """[batch, bands, frames] → output and inner state, both [batch, frames / 2, width]."""
        x = F.gelu(self.conv2(F.gelu(self.conv1(mel)))).transpose(1, 2)
        x = x + self.positions[: x.shape[1]]
        inner = x
        for number, block in enumerate(self.blocks, 1):
            x = block(x)
            if number == SOUND_BLOCKS:
                inner = x
        return self.norm(x), inner


class Decoder(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.embedding = nn.Embedding(shape.rows, shape.width)
        nn.init.normal_(self.embedding.weight, std=shape.width**-0.5)
        #: what tokens that sound or are spelt alike share; see kinship.py
        self.kin = nn.Parameter(torch.zeros(shape.kin, shape.width))
        self.register_buffer("kinship", torch.zeros(shape.rows, shape.kin))
        self.positions = nn.Parameter(torch.zeros(MAX_TEXT, shape.width))
        self.blocks = nn.ModuleList(Block(shape.width, shape.heads, cross=True) for _ in range(shape.decoder_layers))
        self.norm = nn.LayerNorm(shape.width)
        self.row_bias = nn.Parameter(torch.zeros(shape.rows))

    def rows(self) -> Tensor:
        """The embedding [rows, width]: each row's own part and its kin's."""
        return self.embedding.weight + self.kinship @ self.kin

    def forward(self, tokens: Tensor, source: Tensor, wanted: Tensor) -> Tensor:
        """[batch, length] rows → [count, rows] logits where `wanted` is true; the output shares the embedding's weights."""
        rows = self.rows()
        x = F.embedding(tokens, rows) + self.positions[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x, source, causal=True)
        return F.linear(self.norm(x)[wanted], rows, self.row_bias)


class Network(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.encoder = Encoder(shape)
        self.decoder = Decoder(shape)
        # helpers of the training, not exported
        self.sound_norm = nn.LayerNorm(shape.width)
        self.sounds = nn.Linear(shape.width, shape.sounds)
        self.word_query = nn.Linear(shape.width, shape.width)
        self.word_blank = nn.Linear(shape.width, 1)

    def forward(self, mel: Tensor, tokens: Tensor, wanted: Tensor, words: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Decoder logits [count, rows] where `wanted` is true; CTC logits of the sounds [batch, frames / 2, sounds]; and of
        the tokens whose rows `words` lists, the blank before them, [batch, frames / 2, 1 + words]."""
        source, inner = self.encoder(mel)
        text = self.decoder(tokens, source, wanted)
        word = self.word_query(source) @ self.decoder.rows()[words].T
        return text, self.sounds(self.sound_norm(inner)), torch.cat([self.word_blank(source), word], dim=-1)
