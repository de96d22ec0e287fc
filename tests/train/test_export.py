"""The exported model says what the trained network says, where the extra `train` is installed."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the extra `train` isn't installed (torch)")
pytest.importorskip("wordfreq", reason="the extra `train` isn't installed (wordfreq)")

from faster_whisper import WhisperModel  # noqa: E402 - after the skip

from media.train.export import export  # noqa: E402 - after the skip
from media.train.kinship import kinship  # noqa: E402 - after the skip
from media.train.network import Network, Shape  # noqa: E402 - after the skip
from media.train.vocabulary import SIZE, Vocabulary, build  # noqa: E402 - after the skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> tuple[Network, Vocabulary, Path]:
    folder = tmp_path_factory.mktemp("export")
    build(folder / "tokenizer.json")
    vocabulary = Vocabulary(folder / "tokenizer.json")
    kin = torch.from_numpy(kinship(vocabulary))
    torch.manual_seed(0)
    shape = Shape(rows=len(vocabulary.rows), sounds=vocabulary.sound_count, kin=kin.shape[1], width=64, encoder_layers=5)
    network = Network(shape).eval()
    with torch.no_grad():
        network.decoder.kinship.copy_(kin)
        torch.nn.init.normal_(network.decoder.positions, std=0.5)
        torch.nn.init.normal_(network.decoder.kin, std=0.1)
    before = [p.detach().clone() for p in network.parameters()]
    export(network, vocabulary, folder / "tokenizer.json", folder / "model", "A card.\n")
    assert all(torch.equal(a, b) for a, b in zip(before, network.parameters(), strict=True)), "quantised in place"
    return network, vocabulary, folder / "model"


def test_the_encoder_survives_the_export(trained: tuple[Network, Vocabulary, Path]) -> None:
    network, _, folder = trained
    model = WhisperModel(str(folder), device="cpu", compute_type="float32")
    mel = np.random.default_rng(0).standard_normal((1, 80, 100)).astype(np.float32)
    with torch.no_grad():
        ours = network.encoder(torch.from_numpy(mel))[0].numpy()
    assert np.abs(np.array(model.encode(mel)) - ours).max() < 0.1


def test_the_decoder_chooses_the_same_words(trained: tuple[Network, Vocabulary, Path]) -> None:
    network, vocabulary, folder = trained
    model = WhisperModel(str(folder), device="cpu", compute_type="float32")
    assert model.model.is_multilingual
    mel = np.random.default_rng(1).standard_normal((1, 80, 100)).astype(np.float32)
    rows = [vocabulary.sot, vocabulary.language["zh"], vocabulary.transcribe, vocabulary.notimestamps]
    result = model.model.generate(
        model.encode(mel),
        [[vocabulary.rows[r] for r in rows]],
        beam_size=1,
        max_length=16,
        suppress_blank=False,
        suppress_tokens=[],
    )[0]
    never = [vocabulary.sot, vocabulary.transcribe, vocabulary.notimestamps]
    with torch.no_grad():
        source, _ = network.encoder(torch.from_numpy(mel))
        for _ in range(3):
            tokens = torch.tensor([rows])
            logits = network.decoder(tokens, source, torch.ones_like(tokens, dtype=torch.bool))[-1]
            logits[never] = -1e9
            rows.append(int(logits.argmax()))
    assert result.sequences_ids[0][:3] == [vocabulary.rows[r] for r in rows[4:]]


def test_only_trained_rows_are_ever_said(trained: tuple[Network, Vocabulary, Path]) -> None:
    _, vocabulary, folder = trained
    model = WhisperModel(str(folder), device="cpu", compute_type="int8")
    spoken = set(vocabulary.rows)
    assert len(spoken) < SIZE
    for seed in range(5):
        mel = np.random.default_rng(seed).standard_normal((1, 80, 50)).astype(np.float32)
        language = model.model.detect_language(model.encode(mel))[0][0][0]
        assert language in ("<|zh|>", "<|en|>")
        prompt = [
            vocabulary.rows[r]
            for r in (vocabulary.sot, vocabulary.language["en"], vocabulary.transcribe, vocabulary.notimestamps)
        ]
        result = model.model.generate(model.encode(mel), [prompt], beam_size=1, max_length=24, suppress_tokens=[])[0]
        assert set(result.sequences_ids[0]) <= spoken
