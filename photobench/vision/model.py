"""The model: a timm backbone, a head per attribute or one for the joint class, and what a photo goes through before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path
from typing import Any

import torch
from torch import nn

from photobench.crop.options import NO_CROP, CropOptions
from photobench.data.pack import PackSpec
from photobench.errors import ConfigError
from photobench.records import WHOLE, Box, ClassSpace
from photobench.vision import zoo
from photobench.vision.cpu import suit_cpu
from photobench.vision.options import ModelOptions
from photobench.vision.preprocess import Normalise
from photobench.vision.weights import check_weights, hub_error, hub_file, load_backbone_file, weights_path

IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


@dataclass(frozen=True)
class ModelSpec:
    """Everything besides the weights that decides a prediction. Saved as JSON beside them."""

    backbone: str
    args: dict[str, Any]
    head: str
    dropout: float
    size_px: int
    crop: float
    mean: tuple[float, ...]
    std: tuple[float, ...]
    pack: PackSpec
    space: ClassSpace
    precision: str = "fp32"
    head_hidden: int = 0
    """Numbers between the two layers of each head; 0 for a head of one layer."""
    cropping: CropOptions = NO_CROP
    """How it is found where in a photo the thing is that matters."""
    usual_box: Box = WHOLE
    """What is cut out of a photo in which nothing is found."""

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "space": self.space.to_json(), "cropping": self.cropping.model_dump(mode="json")}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ModelSpec:
        records = {
            "pack": PackSpec(**data["pack"]),
            "space": ClassSpace.from_json(data["space"]),
            "cropping": CropOptions(**data.get("cropping", {})),
            "usual_box": Box(**data.get("usual_box", {})),
        }
        return cls(**{**data, **records, "mean": tuple(data["mean"]), "std": tuple(data["std"])})

    @property
    def head_sizes(self) -> tuple[int, ...]:
        return self.space.sizes if self.head == "attributes" else (self.space.num_classes,)

    @property
    def head_values(self) -> list[list[tuple[str, ...]]]:
        """What each output of each head means: a value of an attribute, or one of each for a joint class."""
        values = [a.values for a in self.space.attributes]
        return (
            [[(value,) for value in one] for one in values] if self.head == "attributes" else [list(product(*values))]
        )


class Classifier(nn.Module):
    """Photos as the pack's fixed view, uint8 (B, H, W, 3) → the logits of each head, (B, V)."""

    def __init__(self, spec: ModelSpec, backbone: nn.Module):
        super().__init__()
        self.spec = spec
        self.normalise = Normalise(spec.mean, spec.std)
        self.backbone = backbone
        suit_cpu(backbone)
        width = getattr(backbone, "head_hidden_size", None) or backbone.num_features
        self.dropout = nn.Dropout(spec.dropout)
        self.heads = make_heads(int(width), spec.head_sizes, spec.head_hidden)  # type: ignore[arg-type]

    def forward(self, images_BHWC: torch.Tensor) -> list[torch.Tensor]:
        features = self.dropout(self.features(images_BHWC))
        return [head(features) for head in self.heads]

    def features(self, images_BHWC: torch.Tensor) -> torch.Tensor:
        """What the backbone makes of photos, (B, D): the heads see nothing else."""
        return self.backbone(self.normalise(images_BHWC))

    def targets(self, codes_NA: Any, classes_N: Any) -> Any:
        """What the heads learn: (N, A) codes per attribute, or (N, 1) joint classes."""
        return codes_NA if self.spec.head == "attributes" else classes_N[:, None]

    def joint_probs(self, logits: list[torch.Tensor]) -> torch.Tensor:
        """Logits of the heads → probabilities of the joint classes (B, K), float32."""
        probs = [head.float().softmax(dim=1).numpy(force=True) for head in logits]
        return torch.from_numpy(self.spec.space.join(probs))


def make_heads(width: int, sizes: Sequence[int], hidden: int) -> nn.ModuleList:
    """A head per size: linear, or of two layers with `hidden` numbers between them."""
    if not hidden:
        return nn.ModuleList(nn.Linear(width, size) for size in sizes)
    return nn.ModuleList(nn.Sequential(nn.Linear(width, hidden), nn.GELU(), nn.Linear(hidden, size)) for size in sizes)


def make_spec(options: ModelOptions, pack: PackSpec, space: ClassSpace) -> ModelSpec:
    """The spec of new training: normalisation as in the options, else as the pretrained weights had it."""
    zoo.check(options.backbone)
    cfg = zoo.facts(options.backbone)
    known = (tuple(cfg.mean), tuple(cfg.std)) if cfg is not None and options.weights != "none" else IMAGENET
    args = _sized_args(options)
    mean, std = options.mean or known[0], options.std or known[1]
    return ModelSpec(
        options.backbone, args, options.head, options.dropout, options.size_px, options.crop, mean, std, pack, space
    )


def _sized_args(options: ModelOptions) -> dict[str, Any]:
    """What the backbone is made with: a ViT has its input size in its position embedding."""
    cfg, args = zoo.facts(options.backbone), dict(options.args)
    if cfg is not None and cfg.fixed_input_size and "img_size" not in args:
        args["img_size"] = options.size_px
    return args


def check_args(options: ModelOptions) -> None:
    """The backbone takes what it is given, found out without the memory of its weights.

    Raises:
        ConfigError: model.args do not suit it, or it cannot see photos of model.size_px.
    """
    sized = _sized_args(options)
    if options.args:
        zoo.outline(options.backbone, options.args)
    if sized != options.args:
        try:
            zoo.outline(options.backbone, sized)
        except ConfigError as error:
            raise ConfigError(
                [
                    f"{options.backbone} cannot see photos of {options.size_px} px ({error.__cause__}): change model.size_px."
                ]
            ) from error


def build_classifier(spec: ModelSpec, weights: str = "none", root: Path = Path()) -> Classifier:
    """A classifier with fresh heads on a backbone with these weights ("none", "pretrained", or a file).

    Raises:
        ConfigError: an argument that the backbone does not take.
        ModelError: the weights cannot be had, or do not fit.
    """
    if weights == "pretrained":
        return Classifier(spec, _from_hub(spec))
    backbone = zoo.create(spec.backbone, spec.args)
    if weights != "none":
        load_backbone_file(backbone, weights_path(weights, root))
    return Classifier(spec, backbone)


def _from_hub(spec: ModelSpec) -> nn.Module:
    check_weights(spec.backbone, "pretrained", Path())
    cached = hub_file(spec.backbone)
    overlay = {"file": str(cached)} if cached else None
    try:
        return zoo.create(spec.backbone, spec.args, pretrained=True, pretrained_cfg_overlay=overlay)
    except ConfigError:
        raise
    except Exception as error:  # the hub's client has many ways to fail, of several libraries
        raise hub_error(spec.backbone, error) from error
