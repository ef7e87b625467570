"""Options of the training loop."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from photobench.config import Options


class TrainOptions(Options):
    """How the model learns."""

    epochs: int = Field(12, ge=1, le=10_000, description="times every training photo is seen")
    batch_size: int = Field(32, ge=1, le=4096, description="photos per step")
    sampler: str = Field("shuffle", description="which photos an epoch shows: photobench list samplers")
    optimizer: str = Field("adamw", description="adamw, or any of timm's: photobench list optimizers")
    lr: float = Field(5e-4, gt=0, le=10, description="peak learning rate")
    weight_decay: float = Field(0.02, ge=0, le=1, description="of the optimiser; not on biases and norms")
    schedule: str = Field("cosine", description="of the learning rate, after the warm-up: photobench list schedules")
    cycles: int = Field(3, ge=1, le=100, description="of schedule = restarts")
    warmup_epochs: float = Field(1.0, ge=0, description="epochs in which the learning rate rises from zero")
    clip_norm: float = Field(0.0, ge=0, description="longest gradient; longer ones are shortened; 0 leaves them")
    average: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="decay of the moving average of the weights that is evaluated and kept, such as 0.999; 0 is none",
    )
    metric: str = Field("macro_f1", description="what selects the best epoch: photobench list metrics")
    patience: int = Field(5, ge=1, description="epochs without a better metric before training stops early")
    precision: Literal["auto", "bf16", "fp32"] = Field("auto", description="auto measures which is faster here")
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="where to train")
    devices: int = Field(
        1, ge=1, le=4096, description="processes that share each batch, started by torchrun: docs/multi-gpu.md"
    )
    workers: int = Field(-1, ge=-1, description="processes that augment; -1 chooses, 0 is none")
    seed: int = Field(0, ge=0, description="of weights, order and augmentation")
    checkpoint_s: float = Field(60.0, gt=0, description="seconds of work that a kill may cost at most, within an epoch")
