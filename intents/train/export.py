"""A trained network → the files that the service loads: four-bit weights, no torch."""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer
from torch import Tensor, nn

from intents.train.network import BLOCK, Network


class _OneSentence(nn.Module):
    """The encoder on a single sentence: no padding, no batch."""

    def __init__(self, net: Network) -> None:
        super().__init__()
        self.net = net

    def forward(self, vectors: Tensor, marks: Tensor, names: Tensor, role: Tensor) -> tuple[Tensor, Tensor]:
        there = torch.ones_like(marks, dtype=torch.float32)
        states = self.net.encoder(vectors, marks, names, role, there)
        return states, self.net.heads.token(states)


def export(net: Network, folder: Path) -> None:
    """Writes ``encoder.onnx`` and ``rest.npz`` (the table in four bits, the parts' heads in eight) into ``folder``."""
    net.eval()
    net.coarsen(False)  # the weights themselves go out; they are made coarse once, below
    torch.save(net.state_dict(), folder / "network.pt")
    sample = (torch.zeros(1, 7, net.size.narrow), *(torch.zeros(1, 7, dtype=torch.long) for _ in range(2)), torch.zeros(1).long())
    names = ("vectors", "marks", "names", "states", "token")
    with tempfile.TemporaryDirectory() as temporary:
        whole = Path(temporary) / "whole.onnx"
        torch.onnx.export(
            _OneSentence(net),
            sample,
            str(whole),
            input_names=["vectors", "marks", "names", "role"],
            output_names=["states", "token"],
            dynamic_axes={name: {1: "T"} for name in names},
            opset_version=17,
            dynamo=False,
        )
        logging.getLogger("onnxruntime.quantization.matmul_nbits_quantizer").setLevel(logging.WARNING)
        coarse = MatMulNBitsQuantizer(onnx.load(str(whole)), bits=4, block_size=BLOCK, is_symmetric=True, accuracy_level=4)
        coarse.process()
        onnx.save(coarse.model.model, str(folder / "encoder.onnx"))
    table, scale = halves(net.vectors.weight.detach().numpy())
    rest: dict[str, Any] = {"table": table, "scale": scale}
    for name in ("weigh", "hidden", "part"):
        layer = getattr(net.heads, name)
        rest[f"{name}.bias"] = layer.bias.detach().numpy().astype(np.float16)
        weights = layer.weight.detach().numpy()
        width = np.abs(weights).max(1, keepdims=True) / 127
        rest[f"{name}.weight"], rest[f"{name}.scale"] = np.round(weights / width).astype(np.int8), width.astype(np.float16)
    np.savez(folder / "rest.npz", **rest)


def halves(table: NDArray[np.float32]) -> tuple[NDArray[np.uint8], NDArray[np.float16]]:
    """Rows [N, K] → two values a byte [N, K/2] and a scale each block [N, K/BLOCK]; as ``network.four_bits``."""
    rows, width = table.shape
    blocks = table.reshape(rows, width // BLOCK, BLOCK)
    largest = np.take_along_axis(blocks, np.abs(blocks).argmax(-1)[..., None], -1)
    scale = np.where(largest == 0, 1, largest / -8).astype(np.float16)
    values = (np.clip(np.round(blocks / scale.astype(np.float32)), -8, 7) + 8).astype(np.uint8).reshape(rows, width)
    packed: NDArray[np.uint8] = (values[:, ::2] << 4 | values[:, 1::2]).astype(np.uint8)
    return packed, scale[..., 0].astype(np.float16)
