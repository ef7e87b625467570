"""The table of watchers that `train.log` can name. Each lives in a module of its own, which is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec

from photobench.errors import ConfigError
from photobench.registry import Entry, Registry
from photobench.train.watchers.watcher import Watcher

EXTRAS = ("mlflow", "wandb")
"""Libraries that do not come with photobench. Extra, library and watcher have one name."""


def _builder(module: str, name: str) -> Callable[[], Watcher]:
    def build() -> Watcher:
        return getattr(import_module(f"photobench.train.watchers.{module}"), name)()

    return build


WATCHERS: Registry[Watcher] = Registry(
    "logger",
    Entry("tensorboard", _builder("to_tensorboard", "TensorBoard"), "files in the run's folder; always there"),
    Entry("mlflow", _builder("to_mlflow", "MLflow"), "mlflow.db and mlartifacts/ in the workspace, or MLFLOW_TRACKING_URI (pip install 'photobench[mlflow]')"),
    Entry("wandb", _builder("to_wandb", "WandB"), "W&B, offline in the run's folder unless WANDB_MODE=online (pip install 'photobench[wandb]')"),
)  # fmt: skip


def check_watchers(names: Sequence[str]) -> None:
    """Each can be had.

    Raises:
        ConfigError: there is none of that name (with the nearest), or its library is not installed (with what to do).
    """
    for name in names:
        WATCHERS.get(name)
        if name in EXTRAS and find_spec(name) is None:
            raise ConfigError(
                [
                    f'the library of "{name}" is not installed. '
                    f"Install it with: pip install 'photobench[{name}]', or leave it out."
                ]
            )
