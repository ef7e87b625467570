"""The training on the terminal: a row per epoch."""

from __future__ import annotations

from photobench.learning import Standing
from photobench.progress import say
from photobench.train.watchers.watcher import Beginning, Watcher
from photobench.words import duration


class Terminal(Watcher):
    """Prints to standard error, like all that is said."""

    def begin(self, beginning: Beginning, kept: str) -> str:
        metric = beginning.standing.metric
        say(
            f"  {'epoch':>7}  {'loss':>7}  {'valid loss':>10}  {metric:>9}  {'accuracy':>8}  {'images/s':>8}  {'left':>12}"
        )
        return ""

    def epoch(self, row: dict[str, float], standing: Standing) -> None:
        number, metric = int(row["epoch"]), standing.metric
        star = " ★ best so far" if number == standing.best_epoch else ""
        say(
            f"  {number:>3}/{standing.epochs:<3}  {row['train_loss']:>7.3f}  {row['valid_loss']:>10.3f}  "
            f"{row[metric]:>{max(len(metric), 9)}.4f}  {row['accuracy']:>8.4f}  {row['images_per_s']:>8.0f}  "
            f"{duration(standing.left_s or 0):>12}{star}"
        )


def live_words(standing: Standing) -> str:
    """What stands behind the bar of an epoch: `"loss 0.512 · best macro_f1 0.8123 (epoch 2) · 3 min to the end"`."""
    parts = [] if standing.loss is None else [f"loss {standing.loss:.3f}"]
    if standing.history:
        last = standing.history[-1][standing.metric]
        best = "" if standing.best is None else f", best {standing.best:.4f} in epoch {standing.best_epoch}"
        parts += [f"{standing.metric} {last:.4f}{best}"]
    parts += [] if standing.left_s is None else [f"{duration(standing.left_s)} to the end"]
    return " · ".join(parts)
