"""Several processes that train one model: who one is among them, which part of a batch is one's own, and what all agree on.

torchrun starts them (docs/multi-gpu.md) and says in the environment who each is. The first one decides and writes; the others
learn from it what to do. What they tell each other besides gradients goes over the processor as tensors and JSON, so that nothing
waits for the device. With one process every function here gives back what it got.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import torch
from torch import distributed

from photobench.errors import ConfigError
from photobench.parallel import num_processes, process_number
from photobench.train.loader import Batch

PATIENCE = timedelta(days=1)
"""How long a process waits for another: the first one may read a million photos. torchrun ends all when one has died."""


@dataclass(frozen=True)
class Ranks:
    """One of `world` processes: its number among all, and how many are on its machine."""

    number: int = 0
    world: int = 1
    local: int = 1

    first = property(lambda self: self.number == 0)

    def check(self, batch_size: int) -> None:
        """Raises ConfigError where a batch has not two photos for each process, which batch norm needs."""
        if batch_size < 2 * self.world:
            raise ConfigError(
                [f"train.batch_size = {batch_size} is too small for {self.world} processes: {2 * self.world} or more."]
            )

    def fabric_options(self, some_rest: bool) -> dict[str, Any]:
        """How lightning-fabric is told of the processes. `some_rest`: there are steps in which not all weights learn."""
        if self.world == 1:
            return {"devices": 1}
        strategy = "ddp_find_unused_parameters_true" if some_rest else "ddp"
        return {"devices": self.local, "num_nodes": self.world // self.local, "strategy": strategy}

    def own_chance(self, seed: int) -> None:
        """Dropout of the photos of another process should not be that of one's own."""
        if not self.first:
            torch.manual_seed(seed + self.number)

    def part(self, batch: Batch) -> Batch:
        """Every `world`-th photo of a batch."""
        mine = slice(self.number, None, self.world)
        return batch._replace(
            images=batch.images[mine], targets=batch.targets[mine], others=batch.others[mine], rows=batch.rows[mine]
        )

    def weight(self, part: int, whole: int) -> float:
        """What the mean loss of a part counts, so that the mean of the processes' gradients is that of the whole batch."""
        return part * self.world / whole

    def mean(self, tensor: torch.Tensor) -> torch.Tensor:
        """Over the processes. It stays on the device, which nobody waits for."""
        return self._sum(tensor) / self.world if self.world > 1 else tensor

    def any(self, *flags: bool) -> list[bool]:
        """For each question, whether any process says yes."""
        if self.world == 1:
            return list(flags)
        return [bool(count) for count in self._sum(torch.tensor(flags, dtype=torch.int64))]

    def tell(self, value: Any = None) -> Any:
        """What the first process says; the others' own value does not matter. JSON."""
        if self.world == 1:
            return value
        text = torch.frombuffer(bytearray(json.dumps(value).encode()), dtype=torch.uint8)
        length = torch.tensor([len(text)])
        distributed.broadcast(length, 0)
        text = text if self.first else torch.empty(int(length), dtype=torch.uint8)
        distributed.broadcast(text, 0)
        return json.loads(bytes(text.tolist()))

    def gather(self, tensor: torch.Tensor) -> list[torch.Tensor]:
        """The tensor of every process, in their order; all have one shape."""
        if self.world == 1:
            return [tensor]
        everyone = [torch.empty_like(tensor) for _ in range(self.world)]
        distributed.all_gather(everyone, tensor)
        return everyone

    def own(self, everyone: list[torch.Tensor]) -> torch.Tensor:
        """One's own of what was gathered, by however many processes."""
        return everyone[self.number % len(everyone)]

    @staticmethod
    def _sum(tensor: torch.Tensor) -> torch.Tensor:
        distributed.all_reduce(tensor)
        return tensor


ALONE = Ranks()


def join(device: str) -> Ranks:
    """This process among those that torchrun has started; alone where it has not."""
    if num_processes() == 1:
        return ALONE
    if device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    if not distributed.is_initialized():
        distributed.init_process_group("cpu:gloo,cuda:nccl" if device == "cuda" else "gloo", timeout=PATIENCE)
    return Ranks(process_number(), num_processes(), int(os.environ["LOCAL_WORLD_SIZE"]))
