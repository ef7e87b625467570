"""Options of the model, the augmentation and the loss."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from photobench.config import Options

Channel = Annotated[float, Field(ge=0, le=1)]
Spread = Annotated[float, Field(gt=0, le=1)]


class ModelOptions(Options):
    """What looks at the photo."""

    backbone: str = Field("resnet18", description="any timm model: photobench list backbones")
    weights: str = Field(
        "pretrained", description="pretrained (downloads from timm's hub), none, or a .safetensors / .pth file"
    )
    args: dict[str, Any] = Field(
        {}, description='further arguments of timm.create_model, such as { pad_type = "same" }'
    )
    size_px: int = Field(224, ge=16, le=1024, description="side of the square that the model sees")
    crop: float = Field(
        0.875,
        gt=0,
        le=1,
        description="centre of the stored square that is looked at outside training; the rest is room for random crops",
    )
    mean: tuple[Channel, Channel, Channel] | None = Field(
        None,
        examples=[[0.485, 0.456, 0.406]],
        description="normalisation; that of the pretrained weights where not set",
    )
    std: tuple[Spread, Spread, Spread] | None = Field(
        None,
        examples=[[0.229, 0.224, 0.225]],
        description="normalisation; that of the pretrained weights where not set",
    )
    head: Literal["attributes", "joint"] = Field(
        "attributes", description="one head per attribute, or one for the joint class"
    )
    mode: Literal["finetune", "frozen", "lora"] = Field(
        "finetune",
        description="what is learned: all of it; heads alone on what the backbone sees (seconds, see probe); small additions to a ViT's attention",
    )
    lora_rank: int = Field(8, ge=1, le=256, description="of mode = lora: how much may be added")
    dropout: float = Field(0.0, ge=0, lt=1, description="dropout before the heads")


class AugmentOptions(Options):
    """What happens to a photo in training only. Everything else sees one fixed transform."""

    preset: str = Field("light", description="photobench list augmentations")
    strength: float = Field(
        1.0,
        gt=0,
        le=2,
        description="of the preset: what its ranges are multiplied by; for randaugment 1 is magnitude 9",
    )
    pipeline: tuple[dict[str, Any], ...] = Field(
        (),
        examples=[[{"name": "Rotate", "limit": 10, "p": 0.5}, {"name": "GaussianBlur"}]],
        description="transforms of albumentations in place of the preset's own, after its crop",
    )
    on: Literal["auto", "loader", "device"] = Field(
        "auto",
        description="who changes the pixels: the loader photo by photo, or the training's device a batch at once; auto is the device on CUDA, "
        "where it can do all that is chosen",
    )
    erasing: float = Field(0.0, ge=0, le=1, description="of the photos that lose a random rectangle, after all else")
    mix: str = Field("none", description="photos of a batch mixed with each other: photobench list mixes")
    mix_share: float = Field(0.5, gt=0, le=1, description="of the batches that are mixed")

    @field_validator("pipeline")
    @classmethod
    def _named(cls, pipeline: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
        nameless = [str(number) for number, entry in enumerate(pipeline, 1) if not isinstance(entry.get("name"), str)]
        if nameless:
            raise ValueError(f'entry {", ".join(nameless)} has no name: write it as {{ name = "Rotate", limit = 10 }}')
        return pipeline


class LossOptions(Options):
    """What training makes small."""

    name: str = Field("cross_entropy", description="photobench list losses")
    label_smoothing: float = Field(
        0.05, ge=0, lt=1, description="how much of each label is spread over the other values"
    )
    smoothed: tuple[str, ...] = Field(
        (),
        description="the values whose labels are smoothed, such as two ages that are easily confused; all where empty",
    )
    class_weights: Literal["none", "balanced", "effective"] = Field(
        "none", description="rare values count more: by their inverse number, or by their effective number"
    )
    gamma: float = Field(2.0, ge=0, le=10, description="of focal: how little a known photo counts")
    tau: float = Field(1.0, ge=0, le=4, description="of logit_adjusted: how large the margin of rare values is")
    beta: float = Field(
        0.95, gt=0, le=1, description="of bootstrapped: trust in the label against the model's own answer"
    )
    q: float = Field(0.7, gt=0, le=1, description="of generalised_ce: 0 is cross-entropy, 1 the error rate")
