"""Options of the training loop."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from photobench.config import Options


class TrainOptions(Options):
    """How the model learns."""

    epochs: int = Field(12, ge=1, le=10_000, description="times every training photo is seen")
    batch_size: int = Field(32, ge=1, le=4096, description="photos per step, and at once in memory")
    accumulate: int = Field(
        1,
        ge=1,
        le=1024,
        description="batches per step of the optimiser: a larger batch than memory holds, as slow as ever",
    )
    sampler: str = Field("shuffle", description="which photos an epoch shows: photobench list samplers")
    optimizer: str = Field("adamw", description="adamw, or any of timm's: photobench list optimizers")
    lr: float = Field(5e-4, gt=0, le=10, description="peak learning rate")
    weight_decay: float = Field(0.02, ge=0, le=1, description="of the optimiser; not on biases and norms")
    schedule: str = Field("cosine", description="of the learning rate, after the warm-up: photobench list schedules")
    plateau_epochs: int = Field(
        2,
        ge=0,
        description="of schedule = plateau: epochs without a better metric (without a lower training loss, where the last epoch is kept), "
        "after which the rate falls",
    )
    cycles: int = Field(3, ge=1, le=100, description="of schedule = restarts")
    warmup_epochs: float = Field(1.0, ge=0, description="epochs in which the learning rate rises from zero")
    layer_decay: float = Field(
        1.0,
        gt=0,
        le=1,
        description="learning rate of a layer as a share of the one above, such as 0.75: large pretrained models; 1 is none",
    )
    freeze_epochs: int = Field(
        0,
        ge=0,
        description="first epochs that train the heads only: spares pretrained weights the first, wild gradients",
    )
    clip_norm: float = Field(0.0, ge=0, description="longest gradient; longer ones are shortened; 0 leaves them")
    average: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="decay of the moving average of the weights that is evaluated and kept, such as 0.999; 0 is none",
    )
    swa_share: float = Field(
        0.0,
        ge=0,
        le=1,
        description="last share of the epochs whose weights are averaged (SWA), such as 0.25, for a high or constant rate; "
        "each of them looks at its photos once more; 0 is none",
    )
    sam: float = Field(
        0.0,
        ge=0,
        le=2,
        description="radius of sharpness-aware minimisation, such as 0.05: generalises better from few photos; "
        "each step takes twice as long; 0 is off",
    )
    start_share: float = Field(
        1.0,
        gt=0,
        le=1,
        description="side of the photos in the first epoch as a share of model.size_px, such as 0.5; it grows over two thirds "
        "of the epochs, which go faster; 1 is off",
    )
    metric: str = Field("macro_f1", description="what selects the best epoch: photobench list metrics")
    keep: Literal["auto", "best", "last"] = Field(
        "auto",
        description="epoch whose weights stay: the best on the validation photos, whose score is then a little too good, or the last; "
        "auto is last in folds, whose answers are scored, and best otherwise",
    )
    patience: int = Field(
        5, ge=1, description="epochs without a better metric before training stops early, where the best one is kept"
    )
    precision: Literal["auto", "bf16", "fp16", "fp32"] = Field(
        "auto", description="auto measures which is faster here; fp16 is for graphics cards without bf16, such as a T4"
    )
    compile: Literal["auto", "on", "off"] = Field(
        "auto",
        description="torch.compile for the model: auto measures, on CUDA and where much is left to train, whether it pays back within the "
        "run; on compiles in any case",
    )
    device: Literal["auto", "cpu", "cuda", "mps"] = Field("auto", description="where to train")
    devices: int = Field(
        1, ge=1, le=4096, description="processes that share each batch, started by torchrun: docs/multi-gpu.md"
    )
    workers: int = Field(-1, ge=-1, description="processes that augment; -1 chooses, 0 is none")
    seed: int = Field(0, ge=0, description="of weights, order and augmentation")
    checkpoint_s: float = Field(60.0, gt=0, description="seconds of work that a kill may cost at most, within an epoch")
    teacher: str = Field(
        "",
        description="a set of folds, or an ensemble of such sets, by name: what it says of photos that it did not learn from is learned "
        "beside their labels; empty is none",
    )
    teacher_share: float = Field(
        0.5, gt=0, le=1, description="of train.teacher: what it counts in the loss; the rest is for the labels"
    )
    teacher_temperature: float = Field(
        2.0, ge=1, le=20, description="of train.teacher: higher lets the classes that it thinks less likely count more"
    )
    pseudo: str = Field(
        "",
        description="a run, a set of folds or an ensemble, by name: photos of the evaluation set that it is sure of are learned with its "
        "labels; leakage anywhere but in a contest whose rules allow it; empty is none",
    )
    pseudo_confidence: float = Field(
        0.9, gt=0, le=1, description="of train.pseudo: the lowest probability at which a photo is learned"
    )
    log: tuple[str, ...] = Field(
        (), description='who else is told how it goes, such as ["mlflow"]: photobench list loggers'
    )

    @model_validator(mode="after")
    def _together(self) -> TrainOptions:
        """What contradicts itself is told before any work."""
        mistakes = [sentence for is_wrong, sentence in self._contradictions() if is_wrong]
        if mistakes:
            raise ValueError("; ".join(mistakes))
        return self

    def keeps(self, metric: float, so_far: float) -> bool:
        """Whether the weights of an epoch stay in the place of earlier ones, by what its metric is and theirs was."""
        return self.keep == "last" or metric > so_far

    def _contradictions(self) -> list[tuple[bool, str]]:
        return [
            (
                bool(self.teacher and self.pseudo),
                "teacher knows nothing of the photos that pseudo adds, which are of the evaluation set: set one of them",
            ),
            (
                self.average > 0 and self.swa_share > 0,
                "average and swa_share each keep an average of the weights: set one of them to 0",
            ),
            (
                self.freeze_epochs >= self.epochs,
                f"freeze_epochs = {self.freeze_epochs} leaves none of {self.epochs} epochs for the backbone: lower it; "
                'heads alone are trained by model.mode = "frozen", with freeze_epochs = 0',
            ),
            (
                self.schedule == "plateau"
                and self.plateau_epochs >= self.epochs
                and "plateau_epochs" in self.model_fields_set,
                f"plateau_epochs = {self.plateau_epochs} never pass within epochs = {self.epochs}, so the rate would never fall: lower it",
            ),
            (
                self.schedule == "plateau"
                and self.keep != "last"
                and self.patience <= self.plateau_epochs < self.epochs,
                f"training stops after {self.patience} epochs without a better metric (patience), before plateau_epochs = "
                f"{self.plateau_epochs} lowers the rate: raise patience, or lower plateau_epochs",
            ),
        ]


class ProbeOptions(Options):
    """How heads are fitted to a frozen backbone."""

    classifier: str = Field("linear", description="photobench list probes")
    hidden: int = Field(256, ge=1, le=8192, description="of mlp: numbers between its two layers")
    resample: str = Field(
        "none", description="classes made equal, among what the backbone sees: photobench list resamplers"
    )
    epochs: int = Field(
        100, ge=1, le=10_000, description="of linear and mlp, at the most; train.patience ends them earlier"
    )
    lr: float = Field(1e-3, gt=0, le=10, description="of linear and mlp: learning rate of AdamW")
    weight_decay: float = Field(1e-2, ge=0, le=10, description="of linear and mlp")
    inverse_reg: float = Field(0.1, gt=0, description="of logistic: C of scikit-learn; smaller is simpler")
