"""TensorBoard files in the run's folder. The only module that imports TensorBoard."""

from __future__ import annotations

import numpy as np
from torch.utils.tensorboard import SummaryWriter

from photobench.learning import Standing
from photobench.train.watchers.watcher import Beginning, Watcher


class TensorBoard(Watcher):
    """Scalars by their names in the history, and pictures, against the epoch. To look at them: tensorboard --logdir runs"""

    def begin(self, beginning: Beginning, kept: str) -> str:
        self._writer = SummaryWriter(str(beginning.folder / "tensorboard"), purge_step=beginning.told + 1)
        return ""

    def epoch(self, row: dict[str, float], standing: Standing) -> None:
        for key, value in row.items():
            if key != "epoch":
                self._writer.add_scalar(key, value, int(row["epoch"]))
        self._writer.flush()

    def picture(self, name: str, pixels_HWC: np.ndarray, epoch: int) -> None:
        self._writer.add_image(name, pixels_HWC, epoch, dataformats="HWC")

    def end(self, status: str) -> None:
        self._writer.close()
