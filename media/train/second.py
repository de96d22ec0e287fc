"""A second process that works out gradients beside the first: small operations leave the second core idle otherwise.

Both hold the same bfloat16 weights in shared memory and take batches from the same queue; the first applies the mean.
"""

from multiprocessing import get_context
from typing import Any

import torch

from media.train.curriculum import lesson
from media.train.network import Network
from media.train.passes import Passes

_SPAWN = get_context("spawn")


class Second:
    """`begin`, then the first's own pass, then `finish`; `gradients` are the second's, by the network's parameters."""

    def __init__(self, network: Network, real: int, queue: Any, update: Any, elapsed: Any) -> None:
        network.share_memory()
        self.gradients = [torch.zeros_like(p).share_memory_() for p in network.parameters()]
        self._begin, self._done = _SPAWN.Semaphore(0), _SPAWN.Semaphore(0)
        self._count = _SPAWN.Value("i", 0)
        shared = (network, [g.detach() for g in self.gradients], real, queue, update, elapsed)
        self._process = _SPAWN.Process(target=_work, args=(*shared, self._begin, self._done, self._count), daemon=True)
        self._process.start()

    def begin(self) -> None:
        self._begin.release()

    def finish(self) -> int:
        """The number of sentences in the second's batch. Raises RuntimeError if it has died."""
        while not self._done.acquire(timeout=60):
            if not self._process.is_alive():
                raise RuntimeError("the second process has died")
        return int(self._count.value)

    def stop(self) -> None:
        self._process.terminate()


def _work(
    network: Network,
    gradients: list[torch.Tensor],
    real: int,
    queue: Any,
    update: Any,
    elapsed: Any,
    begin: Any,
    done: Any,
    count: Any,
) -> None:
    torch.set_num_threads(1)
    torch.manual_seed(2 + update.value)
    passes = Passes(network, real)
    while True:
        begin.acquire()
        batch = queue.get(timeout=300)
        passes.backward(batch, lesson(update.value, elapsed.value))
        for parameter, gradient in zip(network.parameters(), gradients, strict=True):
            if parameter.grad is None:
                gradient.zero_()
            else:
                gradient.copy_(parameter.grad)
                parameter.grad = None
        count.value = len(batch.mel)
        done.release()
