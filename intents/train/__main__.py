"""``python -m intents.train --out FOLDER``: trains the classifier on ``intents/corpus`` (extra ``train``).

Writers under ``corpus/test`` are never seen, nor any line nearly the same as one of theirs. The figures printed at the end
of each epoch are of the held-out writers of the corpus itself (``--dev``), on the same decoding as the service's.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import time
import zlib
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from intents.classifier.heads import PART_AT
from intents.classifier.pieces import Cutter
from intents.corpus import CorpusError, Sentence, load
from intents.train.calibrate import calibrate
from intents.train.export import export
from intents.train.heldout import without_near
from intents.train.network import Network, Size
from intents.train.rows import Row, batch, loss
from intents.train.sampled import sampled
from intents.train.score import score
from intents.train.start import begin, network, save_vocabulary
from intents.train.targets import all_missing, targets
from intents.train.variety import OWN, Variety
from intents.vocabulary import LANGUAGES, Vocabulary, builtin


def vocabulary_of_training() -> Vocabulary:
    """The built-in names and the ones that only training has."""
    base = builtin()

    def more(kind: str, known: dict[str, dict[str, list[str]]]) -> dict[str, dict[str, list[str]]]:
        return known | {token: {lang: [name]} for lang in LANGUAGES for name, token in OWN[kind][lang]}

    return Vocabulary(more("item", base.items), more("dish", base.dishes), base.topics)


def row_of(sentence: Sentence, cutter: Cutter) -> Row:
    pieces = cutter.cut(sentence.text, sentence.lang)
    return Row(pieces, targets(sentence, pieces), sentence.role == "staff")


def batches(rows: Sequence[Row], pieces: int, chance: random.Random) -> list[list[Row]]:
    """Rows of like length together, about ``pieces`` pieces a batch, in random order."""
    order = sorted(rows, key=lambda row: len(row.pieces.ids) + 3 * chance.random())
    made: list[list[Row]] = [[]]
    for row in order:
        if made[-1] and (len(made[-1]) + 1) * len(row.pieces.ids) > pieces:
            made.append([])
        made[-1].append(row)
    chance.shuffle(made)
    return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m intents.train", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=float, default=14)
    parser.add_argument("--minutes", type=float, default=1e9, help="stop (with the rate run down) after so many minutes")
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--narrow", type=int, default=192)
    parser.add_argument("--rate", type=float, default=3e-4)
    parser.add_argument("--pieces", type=int, default=600, help="pieces a batch")
    parser.add_argument("--share", type=float, default=1.0, help="part of the training lines used: the learning curve")
    parser.add_argument("--dev", default="", help="comma-separated writers held out and reported")
    parser.add_argument("--every", type=float, default=1, help="epochs between reports")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--coarse-from", type=float, default=0.6, help="from this share of training on with four-bit weights")
    parser.add_argument("--sampled", type=int, default=3000, help="sentences of the grammar in each epoch")
    parser.add_argument("--resume", type=Path, help="a folder of this trainer to go on from")
    parser.add_argument("--scratch", action="store_true", help="start from nothing: what MiniLM is worth")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(options.seed)
    chance = random.Random(options.seed)
    train, dev, test = corpus(options, chance)
    print(f"{len(train)} to train on, {len(dev)} dev, {len(test)} test", flush=True)

    size, net = _begin(options, [one.text for one in (*train, *dev)])
    words = vocabulary_of_training()
    cutter = Cutter(options.out, words)
    plain = [row_of(one, cutter) for one in train]
    missing = all_missing([row.goal for row in plain])
    print(f"{len(missing)} values not found in the words: {missing[:12]}", flush=True)
    print(asdict(size), f"{sum(p.numel() for p in net.parameters()) / 1e6:.1f} M", flush=True)
    fit(net, cutter, words, options, chance)
    export(net, options.out)
    if dev:
        print("calibrated", calibrate(options.out, dev), flush=True)
    report = score(net, cutter, dev or test, every_miss=True)
    (options.out / "dev.json").write_text(json.dumps(report, ensure_ascii=False, indent=1), encoding="utf-8")


def _begin(options: argparse.Namespace, texts: list[str]) -> tuple[Size, Network]:
    """A new network with its vocabulary in ``--out``, or the one of ``--resume`` with its."""
    if options.resume is not None:
        for name in ("tokenizer.json", "words.json"):
            (options.out / name).write_bytes((options.resume / name).read_bytes())
        weights = torch.load(options.resume / "network.pt")
        words = len(json.loads((options.out / "words.json").read_text(encoding="utf-8")))
        rows, narrow = weights["vectors.weight"].shape
        size = Size(rows - words, words, narrow, layers=options.layers)
        net = Network(size)
        net.load_state_dict(weights)
        return size, net
    start = begin(texts)
    save_vocabulary(start, options.out)
    size = Size(start.tokenizer.get_vocab_size(), len(start.words), options.narrow, layers=options.layers)
    return size, Network(size) if options.scratch else network(start, size)


def corpus(options: argparse.Namespace, chance: random.Random) -> tuple[list[Sentence], list[Sentence], list[Sentence]]:
    """What is trained on, the dev writers' lines, the test writers'; as the files are now."""
    kept_out = set(options.dev.split(",")) - {""}
    every = load("zh", "en")
    test = load("test/zh", "test/en")
    train = [one for one in every if one.writer not in kept_out]
    dev = [one for one in every if one.writer in kept_out]
    train = without_near(train, [*test, *dev])
    # By the words, not by the draw: the same lines in each epoch, or a learning curve would show nothing.
    train = [one for one in train if zlib.crc32(one.text.encode()) < options.share * 2**32]
    chance.shuffle(train)
    return train, dev, test


def fit(net: Network, cutter: Cutter, words: Vocabulary, options: argparse.Namespace, chance: random.Random) -> None:
    """Trains ``net`` in place, on a new draw of variants each epoch. What was written meanwhile is taken in at the next."""
    drawn = sampled(4 * options.sampled, options.seed) if options.sampled else []
    slow = [p for n, p in net.named_parameters() if not n.startswith("heads")]
    fast = [p for n, p in net.named_parameters() if n.startswith("heads")]
    optimizer = torch.optim.AdamW(
        [{"params": slow, "lr": options.rate}, {"params": fast, "lr": 5 * options.rate}], weight_decay=0.01
    )
    rates = [group["lr"] for group in optimizer.param_groups]
    average = copy.deepcopy(net)
    began, done, epoch, reported = time.monotonic(), 0.0, 0, 0.0
    train, dev, _ = corpus(options, chance)
    while done < 1:
        try:
            train, dev, _ = corpus(options, chance)
        except CorpusError as error:  # somebody is in the middle of a line
            print("the corpus as it was:", error, flush=True)
        variety = Variety([*train, *drawn[: len(train)]], words, options.seed + epoch)
        some = [*train, *chance.sample(drawn, options.sampled)]
        rows = [row_of(variety.draw(one) if epoch or chance.random() < 0.5 else one, cutter) for one in some]
        groups = batches(rows, options.pieces, chance)
        total = 0.0
        net.train()
        for number, group in enumerate(groups):
            spent = (time.monotonic() - began) / 60 / options.minutes
            done = max(spent, (epoch + number / len(groups)) / options.epochs)
            if done >= 1:
                break
            if done > options.coarse_from and not net.coarse:
                net.coarsen()
            for group_of, rate in zip(optimizer.param_groups, rates, strict=True):
                group_of["lr"] = rate * min(1.0, done / 0.06) * max(0.02, 1 - done)
            at = batch(group)
            ids = torch.where((torch.rand(at.ids.shape) < 0.04) & (at.ids > 4), 1, at.ids)
            with torch.autocast("cpu", torch.bfloat16):  # half the time where the processor has it
                states = net(ids, at.words, at.marks, at.names, at.role, at.there)
                token, part = net.heads.token(states), net.heads.parts(states, at.rows, at.inside)
            value = loss(token.float(), part.float(), at, PART_AT)
            optimizer.zero_grad()
            value.backward()  # type: ignore[no-untyped-call]
            torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
            optimizer.step()
            _follow(average, net)
            total += value.item()
        epoch += 1
        print(
            f"epoch {epoch} of {len(train)} lines {(time.monotonic() - began) / 60:.1f} min loss {total / len(groups):.3f}",
            flush=True,
        )
        average.coarsen(net.coarse)
        torch.save(average.state_dict(), options.out / "network.pt")
        if dev and epoch - reported >= options.every:
            reported = epoch
            print("   ", {k: v for k, v in score(average, cutter, dev).items() if not isinstance(v, list)}, flush=True)
    net.load_state_dict(average.state_dict())


@torch.no_grad()
def _follow(average: Network, net: Network, keep: float = 0.998) -> None:
    """The weights' moving average: steadier than the last step's (Polyak 1992)."""
    for mean, now in zip(average.parameters(), net.parameters(), strict=True):
        mean.lerp_(now, 1 - keep)


if __name__ == "__main__":
    main()
