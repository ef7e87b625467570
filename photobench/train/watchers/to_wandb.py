"""Weights & Biases: offline in the run's folder unless WANDB_MODE says otherwise. The only module that imports wandb."""

from __future__ import annotations

import os
import secrets
from typing import Any, cast

import numpy as np
import wandb

from photobench.learning import Standing
from photobench.train.watchers.watcher import Beginning, Watcher


class WandB(Watcher):
    """One W&B run per training, in the project that is called like the workspace. Send an offline one with: wandb sync runs/*/wandb/offline-*"""

    def begin(self, beginning: Beginning, kept: str) -> str:
        identity = kept or secrets.token_hex(4)
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", beginning.workspace.name),
            name=beginning.record.name,
            dir=beginning.folder,
            id=identity,
            resume="allow",
            config=beginning.record.config,
            mode=cast(
                Any, os.environ.get("WANDB_MODE", "offline")
            ),  # photos of people are not sent because someone once logged in
            settings=wandb.Settings(console="off", silent=True, disable_git=True, save_code=False),
        )
        self._run.define_metric("*", step_metric="epoch")
        return identity

    def epoch(self, row: dict[str, float], standing: Standing) -> None:
        self._run.log(row)

    def picture(self, name: str, pixels_HWC: np.ndarray, epoch: int) -> None:
        self._run.log({name: wandb.Image(pixels_HWC), "epoch": epoch})

    def end(self, status: str) -> None:
        self._run.summary["status"] = status
        self._run.finish(exit_code=0 if status == "finished" else 1)
