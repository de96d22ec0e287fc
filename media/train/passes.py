"""One forward and backward pass over a batch: the losses and their gradients."""

import torch
import torch.nn.functional as F
from torch import Tensor

from media.train.curriculum import Lesson
from media.train.feed import IGNORE, Batch
from media.train.network import Network

_WORD_WEIGHT = 0.5


class Passes:
    """`real`: how many tokens are words; those after them are special."""

    def __init__(self, network: Network, real: int) -> None:
        self._network, self._real = network, real
        self._late = torch.zeros(0, dtype=torch.long)

    def backward(self, batch: Batch, plan: Lesson) -> tuple[float, ...]:
        """Gradients into the network; the losses: of the text a token, of sounds and of words (CTC) each, and the misalignment 0..1."""
        mel = torch.from_numpy(batch.mel).to(torch.bfloat16)
        if plan.masking:
            mel = _masked(mel)
        labels = torch.from_numpy(batch.labels)
        wanted = labels != IGNORE
        spoken = wanted & (labels < self._real)
        said, place = labels[spoken].unique(return_inverse=True)
        words = torch.cat([said, self._contrast(said)])
        text, sounds, word = self._network(mel, torch.from_numpy(batch.tokens), wanted, words)
        text_loss = F.cross_entropy(text.float(), labels[wanted], label_smoothing=0.05)
        frames = torch.from_numpy(batch.mel_lengths)
        sound_loss = _ctc(sounds, torch.from_numpy(batch.sounds), torch.from_numpy(batch.sound_lengths), frames)
        word_loss = _ctc(word, place + 1, spoken.sum(1), frames)
        astray = _misalignment(self._network, torch.from_numpy(batch.centres))
        loss = text_loss + plan.sound_weight * sound_loss + _WORD_WEIGHT * word_loss + plan.align_weight * astray
        loss.backward()  # type: ignore[no-untyped-call]
        return text_loss.item(), sound_loss.item(), word_loss.item(), astray.item()

    def _contrast(self, said: Tensor) -> Tensor:
        """Rows that the words of this batch are told from: those of late, and some at random. All 7,000 would cost too much."""
        others = torch.cat([self._late, torch.randint(0, self._real, (400,))]).unique()
        self._late = torch.cat([said, self._late])[:600]
        return others[~torch.isin(others, said)]


def _ctc(logits: Tensor, targets: Tensor, lengths: Tensor, mel_frames: Tensor) -> Tensor:
    """CTC loss a target. The window's padding is part of what the model sees; CTC looks at the utterance only."""
    frames = torch.clamp(mel_frames // 2 + 1, max=logits.shape[1])
    log_probabilities = logits.float().log_softmax(-1).transpose(0, 1)
    total = F.ctc_loss(log_probabilities, targets, frames, lengths, reduction="sum", zero_infinity=True)
    return total / (lengths.sum() + len(lengths))  # a batch of silence has no targets at all


def _misalignment(network: Network, centres: Tensor) -> Tensor:
    """How far three heads of each cross-attention look away from where the token is about said: 0 there, 1 and more far off.

    Without it the decoder finds no alignment in the first 20,000 sentences; the estimate is rough, so the slope is wide
    and the other heads are free.
    """
    total = torch.zeros(())
    told = centres >= 0
    for block in network.decoder.blocks:
        weights = block.cross_attention.weights
        frames = torch.arange(weights.shape[-1])
        distance = (frames - centres[..., None]).abs()
        away = 1 - torch.exp(-0.5 * (distance / 3.5) ** 2) + 0.04 * distance
        looks = weights[:, :3].float().mean(1)
        total = total + ((looks * away).sum(-1) * told).sum() / told.sum().clamp(min=1)
    return total / len(network.decoder.blocks)


def _masked(mel: Tensor) -> Tensor:
    """SpecAugment, the same for the whole batch but for the place: one band of pitch, two short spans of time."""
    mel = mel.clone()
    fill = mel.mean()
    n, bands, frames = mel.shape
    for i in range(n):
        width = int(torch.randint(0, 14, ()))
        start = int(torch.randint(0, bands - width, ()))
        mel[i, start : start + width] = fill
        for _ in range(2):
            width = int(torch.randint(0, 8, ()))
            start = int(torch.randint(0, frames - width, ()))
            mel[i, :, start : start + width] = fill
    return mel
