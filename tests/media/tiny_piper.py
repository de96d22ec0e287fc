"""A tiny voice with Piper's own inputs and outputs: each phoneme id lasts a few frames of one tone. Drives the real piper-tts."""

import json
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from piper.phoneme_ids import DEFAULT_PHONEME_ID_MAP

RATE_HZ = 22_050
HOP = 256
FRAMES = 20
"""Frames that each phoneme lasts; a pad (id 0) lasts one."""


def write(folder: Path, espeak_voice: str = "en-us") -> Path:
    """Returns the path of the model."""
    nodes = [
        helper.make_node("Cast", ["input"], ["ids"], to=TensorProto.FLOAT),
        helper.make_node("Clip", ["ids", "zero", "one"], ["sounding"]),
        helper.make_node("Mul", ["sounding", "more"], ["longer"]),
        helper.make_node("Add", ["longer", "one"], ["frames"]),
        helper.make_node("Gather", ["scales", "index"], ["length_scale"]),
        helper.make_node("Mul", ["frames", "length_scale"], ["w"]),
        helper.make_node("Ceil", ["w"], ["w_ceil"]),
        helper.make_node("ReduceSum", ["w_ceil"], ["total_frames"], keepdims=0),
        helper.make_node("Mul", ["total_frames", "hop"], ["total"]),
        helper.make_node("Range", ["zero", "total", "one"], ["n"]),
        helper.make_node("Mul", ["n", "step"], ["phase"]),
        helper.make_node("Sin", ["phase"], ["tone"]),
        helper.make_node("Unsqueeze", ["tone", "axes"], ["output"]),
    ]
    constants = {
        "zero": np.float32(0),
        "one": np.float32(1),
        "more": np.float32(FRAMES - 1),
        "index": np.int64(1),
        "hop": np.float32(HOP),
        "step": np.float32(2 * np.pi * 220 / RATE_HZ),
        "axes": np.array([0, 1, 2], np.int64),
    }
    graph = helper.make_graph(
        nodes,
        "tiny",
        [
            helper.make_tensor_value_info("input", TensorProto.INT64, ["batch", "phonemes"]),
            helper.make_tensor_value_info("input_lengths", TensorProto.INT64, ["batch"]),
            helper.make_tensor_value_info("scales", TensorProto.FLOAT, [3]),
        ],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["batch", 1, 1, "samples"])],
        [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)
    onnx.checker.check_model(model)
    path = folder / "tiny.onnx"
    onnx.save(model, path)
    config = {
        "audio": {"sample_rate": RATE_HZ},
        "espeak": {"voice": espeak_voice},
        "phoneme_type": "espeak",
        "num_symbols": 256,
        "num_speakers": 1,
        "inference": {"noise_scale": 0.667, "length_scale": 1.0, "noise_w": 0.8},
        "hop_length": HOP,
        "phoneme_id_map": DEFAULT_PHONEME_ID_MAP,
    }
    Path(f"{path}.json").write_text(json.dumps(config), "utf-8")
    return path
