"""Options that are each right, and wrong together."""

from __future__ import annotations

from photobench.errors import ConfigError
from photobench.project import ProjectOptions
from photobench.vision import lora, zoo


def check_together(options: ProjectOptions) -> None:
    """Raises ConfigError with a sentence for each contradiction between sections. Those within one are told by its model."""
    mistakes = [sentence for is_wrong, sentence in _contradictions(options) if is_wrong]
    if mistakes:
        raise ConfigError(mistakes)


def _contradictions(options: ProjectOptions) -> list[tuple[bool, str]]:
    model, train = options.model, options.train
    return [
        (
            model.mode == "frozen" and train.freeze_epochs > 0,
            "model.mode = frozen freezes the backbone in every epoch, train.freeze_epochs in the first ones: set one of them",
        ),
        (
            model.mode == "frozen" and train.layer_decay < 1,
            "train.layer_decay is of the backbone, and model.mode = frozen trains none of its layers: set one of them",
        ),
        (
            options.loss.name == "ordinal" and model.head == "joint" and len(options.attributes) > 1,
            'loss.name = "ordinal" counts how far off an answer is, and joint classes of several attributes have no order: '
            'set model.head = "attributes"',
        ),
        (
            model.mode == "lora" and not lora.suits(zoo.outline(model.backbone, model.args)),
            f'model.mode = "lora" wants a backbone with attention (a ViT), and {model.backbone} has none: set "finetune" or "frozen"',
        ),
        (
            bool(train.teacher) and model.mode == "frozen",
            'the heads of model.mode = "frozen" are fitted to labels alone, so train.teacher would teach nothing: set model.mode = '
            '"finetune", or train.teacher = ""',
        ),
        (
            bool(train.teacher) and options.augment.mix != "none",
            "train.teacher says nothing of photos that are mixed with each other: set augment.mix = none",
        ),
        (
            bool(train.teacher) and options.split.folds > 0,
            "with train.teacher what fold models say of the photos that they hold out is not out of fold, for the teacher learned from those: "
            'set train.teacher = "" to train folds',
        ),
        (
            train.start_share < 1 and not zoo.takes_any_size(model.backbone, model.args),
            f"{model.backbone} sees photos of one size, so they cannot grow: set train.start_share = 1",
        ),
    ]
