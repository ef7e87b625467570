"""What a training tells while it runs: a line per epoch, and TensorBoard files. The only module that imports TensorBoard."""

from __future__ import annotations

from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from photobench.progress import duration, say


class TrainingLog:
    """Writes each epoch's row to the terminal and to TensorBoard."""

    def __init__(self, folder: Path, metric: str, epochs: int, first_epoch: int):
        self.metric, self.epochs = metric, epochs
        self._writer = SummaryWriter(str(folder / "tensorboard"), purge_step=first_epoch + 1)
        if first_epoch == 0:
            say(
                f"  {'epoch':>7}  {'loss':>7}  {'valid loss':>10}  {metric:>9}  {'accuracy':>8}  {'images/s':>8}  {'left':>12}"
            )

    def epoch(self, row: dict[str, float], is_best: bool, left_s: float) -> None:
        """A row of the history; `left_s` is the time that the remaining epochs will take at most."""
        number = int(row["epoch"])
        for key, value in row.items():
            if key != "epoch":
                self._writer.add_scalar(key, value, number)
        self._writer.flush()
        star = " ★ best so far" if is_best else ""
        say(
            f"  {number:>3}/{self.epochs:<3}  {row['train_loss']:>7.3f}  {row['valid_loss']:>10.3f}  {row[self.metric]:>9.4f}  "
            f"{row['accuracy']:>8.4f}  {row['images_per_s']:>8.0f}  {duration(left_s):>12}{star}"
        )

    def close(self) -> None:
        self._writer.close()
