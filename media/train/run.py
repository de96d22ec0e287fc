"""The training loop: bfloat16 network, float32 master weights, an averaged copy for export, a schedule kept by the clock."""

import json
import logging
import math
import os
import signal
import subprocess
import sys
import threading
from dataclasses import asdict, dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic, time
from typing import Any

import torch

from media.train import feed
from media.train.curriculum import Lesson, lesson
from media.train.export import export
from media.train.feed import Batch
from media.train.kinship import kinship
from media.train.network import Network, Shape
from media.train.passes import Passes
from media.train.second import Second
from media.train.vocabulary import Vocabulary, build

log = logging.getLogger(__name__)

PEAK_RATE = 1e-3
_WARM_UPDATES = 300
_AVERAGE_EVERY = 4
_AVERAGE_KEEP = 0.996  # each time, so 0.999 an update


@dataclass(frozen=True)
class Places:
    """Where the training keeps its state, what it reads and what it makes."""

    state: Path
    samples: Path
    held_out: Path
    model: Path

    @property
    def tokenizer(self) -> Path:
        return self.state / "tokenizer.json"

    @property
    def checkpoint(self) -> Path:
        return self.state / "checkpoint.pt"


class Trainer:
    """`until` is a unix time: the learning rate falls to nothing there and the loop ends."""

    def __init__(self, places: Places, until: float, threads: int) -> None:
        torch.set_num_threads(threads)
        self._places, self._until = places, until
        if not places.tokenizer.exists():
            build(places.tokenizer)
        self._vocabulary = Vocabulary(places.tokenizer)
        kin = torch.from_numpy(kinship(self._vocabulary))
        shape = Shape(rows=len(self._vocabulary.rows), sounds=self._vocabulary.sound_count, kin=kin.shape[1])
        torch.manual_seed(1)
        self.master = Network(shape)
        self.master.decoder.kinship.copy_(kin)
        self.update, self.sentences, self.started = 0, 0, time()
        shared = self.master.decoder.kin
        decay = [p for p in self.master.parameters() if p.ndim > 1 and p is not shared]
        plain = [p for p in self.master.parameters() if p.ndim <= 1]
        groups = [
            {"params": decay, "weight_decay": 0.02},
            {"params": plain, "weight_decay": 0.0},
            {"params": [shared], "weight_decay": 0.0},
        ]
        self._optimizer = torch.optim.AdamW(groups, lr=PEAK_RATE, betas=(0.9, 0.98), eps=1e-8, fused=True)
        self.average = [p.detach().clone() for p in self.master.parameters()]
        if places.checkpoint.exists():
            self._resume()
        self._network = Network(shape).bfloat16()
        self._network.decoder.kinship.copy_(kin)
        self._copy_down()
        self._passes = Passes(self._network, self._vocabulary.real)
        self._stop = False

    def _resume(self) -> None:
        saved = torch.load(self._places.checkpoint, weights_only=True)
        self.master.load_state_dict(saved["master"])
        self._optimizer.load_state_dict(saved["optimizer"])
        self.average = saved["average"]
        self.update, self.sentences, self.started = saved["update"], saved["sentences"], saved["started"]
        log.info("resumed at update %d, %d sentences", self.update, self.sentences)

    def save(self) -> None:
        fresh = self._places.checkpoint.with_suffix(".fresh")
        torch.save(
            {
                "master": self.master.state_dict(),
                "optimizer": self._optimizer.state_dict(),
                "average": self.average,
                "update": self.update,
                "sentences": self.sentences,
                "started": self.started,
                "shape": asdict(self.master.shape),
            },
            fresh,
        )
        os.replace(fresh, self._places.checkpoint)

    @torch.no_grad()
    def _copy_down(self) -> None:
        for low, high in zip(self._network.parameters(), self.master.parameters(), strict=True):
            low.copy_(high)

    @property
    def elapsed(self) -> float:
        return min(1.0, (time() - self.started) / max(1.0, self._until - self.started))

    def _rate(self) -> float:
        warm = min(1.0, (self.update + 1) / _WARM_UPDATES)
        # flat for the first quarter: the curriculum is still growing there
        fall = max(0.0, (self.elapsed - 0.25) / 0.75)
        return PEAK_RATE * warm * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * fall)))

    @torch.no_grad()
    def _apply(self, second: Second) -> None:
        for low, other, high in zip(self._network.parameters(), second.gradients, self.master.parameters(), strict=True):
            if high.grad is None:
                high.grad = torch.empty_like(high)
            high.grad.copy_(other)
            if low.grad is not None:
                high.grad.add_(low.grad)
                low.grad = None
            high.grad.mul_(0.5)
        torch.nn.utils.clip_grad_norm_(self.master.parameters(), 1.0, foreach=True)
        for group in self._optimizer.param_groups:
            group["lr"] = self._rate()
        self._optimizer.step()
        self._copy_down()
        self.update += 1
        if self.update % _AVERAGE_EVERY == 0:
            keep = min(_AVERAGE_KEEP, self.update / (self.update + 100))
            torch._foreach_lerp_(self.average, list(self.master.parameters()), 1 - keep)

    def averaged(self) -> Network:
        """A float32 network with the averaged weights."""
        network = Network(self.master.shape)
        network.decoder.kinship.copy_(self.master.decoder.kinship)
        with torch.no_grad():
            for target, source in zip(network.parameters(), self.average, strict=True):
                target.copy_(source)
        return network

    def loop(self, *, save_minutes: float = 5.0, show_minutes: float = 15.0) -> None:
        """Train until the time is up or SIGTERM; either way the last state is saved and exported."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask_to_stop)
        places = self._places
        queue, update, elapsed, process = feed.start(
            places.tokenizer, places.samples, places.held_out, 1_000 + self.update, self.update, self.elapsed
        )
        tally = _Tally()
        threading.Thread(target=self._watch, args=(process,), daemon=True).start()
        second = Second(self._network, self._vocabulary.real, queue, update, elapsed)
        saved = shown = monotonic()
        try:
            while not self._stop and time() < self._until:
                waited = monotonic()
                batch: Batch = queue.get(timeout=300)
                waited = monotonic() - waited
                plan = lesson(self.update, self.elapsed)
                second.begin()
                losses = self._passes.backward(batch, plan)
                count = len(batch.mel) + second.finish()
                self._apply(second)
                self.sentences += count
                update.value, elapsed.value = self.update, self.elapsed
                tally.add(count, losses, waited)
                if tally.seconds > 60 or (self.update < 500 and self.update % 50 == 0):
                    log.info("%s", tally.line(self.update, self.sentences, self._rate(), plan))
                    tally = _Tally()
                if monotonic() - saved > save_minutes * 60:
                    self.save()
                    saved = monotonic()
                if monotonic() - shown > show_minutes * 60:
                    self.show()
                    shown = monotonic()
        finally:
            second.stop()
            process.terminate()
            self.save()
        self.show()

    def _watch(self, feeding: BaseProcess) -> None:
        """A synthesizer that crashes takes the feed with it, perhaps in the middle of a batch: then the loop would wait for ever."""
        feeding.join()
        if not self._stop and time() < self._until:
            log.error("the feed has died (exit code %s): start again, it goes on from the checkpoint", feeding.exitcode)
            self.save()
            os._exit(1)

    def _ask_to_stop(self, *_: Any) -> None:
        self._stop = True

    def show(self) -> None:
        """Export the averaged weights and have another process measure them through faster-whisper."""
        places = self._places
        folder = places.state / "candidate"
        export(self.averaged(), self._vocabulary, places.tokenizer, folder, "A checkpoint in training.\n")
        note = {"update": self.update, "sentences": self.sentences, "hours": round((time() - self.started) / 3600, 2)}
        command = [sys.executable, "-m", "media.train", "eval", "--model", str(folder), "--publish", str(places.model)]
        command += ["--curve", str(places.state / "curve.jsonl"), "--note", json.dumps(note)]
        with (places.state / "eval.log").open("ab") as out:
            subprocess.Popen(command, stdout=out, stderr=out, start_new_session=True)


class _Tally:
    """What is said in the log once a minute."""

    def __init__(self) -> None:
        self._since = monotonic()
        self._count, self._batches, self._waited = 0, 0, 0.0
        self._losses = [0.0] * 4

    @property
    def seconds(self) -> float:
        return monotonic() - self._since

    def add(self, count: int, losses: tuple[float, ...], waited: float) -> None:
        self._count += count
        self._batches += 1
        self._losses = [a + b for a, b in zip(self._losses, losses, strict=True)]
        self._waited += waited

    def line(self, update: int, sentences: int, rate: float, plan: Lesson) -> str:
        text, sounds, words, astray = (loss / max(1, self._batches) for loss in self._losses)
        return (
            f"update {update} sentences {sentences} text {text:.3f} sounds {sounds:.3f} words {words:.3f} astray {astray:.3f} rate {rate:.2e} "
            f"growth {plan.growth:.2f} {self._count / self.seconds:.1f} sentences/s waited {self._waited / self.seconds:.0%}"
        )


def export_checkpoint(state: Path, folder: Path) -> None:
    """The checkpoint's averaged weights as a model folder; an existing model card is kept."""
    saved = torch.load(state / "checkpoint.pt", weights_only=True)
    network = Network(Shape(**saved["shape"]))
    network.decoder.kinship.copy_(saved["master"]["decoder.kinship"])
    with torch.no_grad():
        for target, source in zip(network.parameters(), saved["average"], strict=True):
            target.copy_(source)
    card = folder / "README.md"
    text = card.read_text("utf-8") if card.exists() else "A checkpoint in training.\n"
    export(network, Vocabulary(state / "tokenizer.json"), state / "tokenizer.json", folder, text)
