"""Options that were chosen and cannot take effect beside others. They harm nothing, so they are said and not refused: one project
file serves trainings of several modes.
"""

from __future__ import annotations

from collections.abc import Iterator

from photobench import config
from photobench.parallel import num_cores
from photobench.project import Project, ProjectOptions
from photobench.train.options import ProbeOptions
from photobench.vision.options import AugmentOptions

OF_STEPS = (
    "augment.preset", "augment.strength", "augment.pipeline", "augment.on", "augment.erasing", "augment.mix",
    "augment.mix_share",
    "train.epochs", "train.batch_size", "train.accumulate", "train.sampler", "train.optimizer", "train.lr", "train.weight_decay",
    "train.schedule", "train.plateau_epochs", "train.cycles", "train.warmup_epochs", "train.clip_norm", "train.average",
    "train.swa_share", "train.sam", "train.start_share", "train.compile",
)  # fmt: skip
"""What a training does step by step, with photos that it augments: a frozen backbone sees each photo once, as it is."""

OF_ONE_CHOICE = {
    "loss.name": {
        "focal": "loss.gamma",
        "logit_adjusted": "loss.tau",
        "bootstrapped": "loss.beta",
        "generalised_ce": "loss.q",
    },
    "train.schedule": {"plateau": "train.plateau_epochs", "restarts": "train.cycles"},
    "model.mode": {"lora": "model.lora_rank"},
    "probe.classifier": {"mlp": "probe.hidden", "logistic": "probe.inverse_reg"},
}
"""What is chosen by name, and the option that only one of its choices has."""

SMALLEST_PX = 32
"""The side below which photos do not shrink: train.start_share."""


def idle_options(project: Project) -> list[str]:
    """A sentence for each option, or group of them, that a person set and that has no effect here. Defaults and recipes are no choice."""
    found = config.fields(project.options, project.layers)
    chosen = {one.key for one in found if not _is_given(one.origin) and one.value != _default(one.key)}
    return [f"{', '.join(sorted(chosen & keys))} {text}" for keys, text in _rules(project.options) if chosen & keys]


def _is_given(origin: str) -> bool:
    return origin == "default" or origin.startswith("recipe ")


def _default(key: str) -> object:
    return _value(ProjectOptions(), key)


def _value(options: ProjectOptions, key: str) -> object:
    value: object = options
    for name in key.split("."):
        value = getattr(value, name)
    return value


def _rules(options: ProjectOptions) -> Iterator[tuple[set[str], str]]:
    """Keys, and what is to be said of those of them that were chosen."""
    model, train, probe = options.model, options.train, options.probe
    if options.source.kind == "folder":
        yield {"source.table", "source.path_column"}, 'without effect: of source.kind = "table", and it is "folder"'
    if not train.teacher:
        yield {"train.teacher_share", "train.teacher_temperature"}, "without effect: train.teacher names nobody"
    if not train.pseudo:
        yield {"train.pseudo_confidence"}, "without effect: train.pseudo names nobody"
    if options.keep == "last":
        yield {"train.patience"}, f"without effect: {_why_last(options)}"
    if options.loss.label_smoothing == 0:
        yield {"loss.smoothed"}, "without effect: loss.label_smoothing = 0"
    yield from _of_other_choices(options, "loss.name", "model.mode")
    if model.mode == "frozen":
        yield (
            set(OF_STEPS),
            'without effect: with model.mode = "frozen" each photo is seen once, as it is, and heads are fitted (see [probe])',
        )
        yield from _of_probe(probe)
        yield from _of_other_choices(options, "probe.classifier")
        return
    yield from _of_other_choices(options, "train.schedule")
    if train.workers > num_cores():
        yield {"train.workers"}, f"are more than the {num_cores()} cores that there are: they wait for each other"
    yield from _of_augment(options.augment)
    yield (
        {f"probe.{name}" for name in ProbeOptions.model_fields},
        f'without effect: of model.mode = "frozen", and it is "{model.mode}"',
    )
    if train.warmup_epochs > train.epochs / 2 and train.schedule != "one_cycle":
        yield {"train.warmup_epochs"}, f"is cut to half of the training, {train.epochs / 2:g} of {train.epochs} epochs"
    if train.schedule == "one_cycle":
        yield {"train.warmup_epochs"}, 'without effect: train.schedule = "one_cycle" has its own warm-up'
    if train.schedule == "restarts" and train.cycles > train.epochs:
        yield {"train.cycles"}, f"are more than the {train.epochs} epochs: the rate starts anew within an epoch"
    if train.start_share * model.size_px < SMALLEST_PX and train.start_share < 1:
        yield (
            {"train.start_share"},
            f"would begin with photos of {train.start_share * model.size_px:.0f} px: they begin with {SMALLEST_PX}",
        )


def _why_last(options: ProjectOptions) -> str:
    if options.train.keep == "last":
        return 'train.keep = "last" trains to the end'
    return "a fold trains to the end and keeps its last epoch, so that the photos it is asked about choose nothing (train.keep)"


def _of_other_choices(options: ProjectOptions, *choosers: str) -> Iterator[tuple[set[str], str]]:
    for chooser in choosers:
        now = _value(options, chooser)
        for choice, key in OF_ONE_CHOICE[chooser].items():
            if now != choice:
                yield {key}, f'without effect: of {chooser} = "{choice}", and it is "{now}"'


def _of_augment(augment: AugmentOptions) -> Iterator[tuple[set[str], str]]:
    if augment.mix == "none":
        yield {"augment.mix_share"}, 'without effect: augment.mix = "none"'
    if augment.preset == "none":
        yield {"augment.strength"}, 'without effect: augment.preset = "none" changes nothing'


def _of_probe(probe: ProbeOptions) -> Iterator[tuple[set[str], str]]:
    if probe.classifier == "centroid":
        yield (
            {"probe.resample"},
            'hardly matters with probe.classifier = "centroid": the mean of a class stays where it is',
        )


def about_batches(options: ProjectOptions, num_photos: int) -> list[str]:
    """Said after the split: a step that would see more photos than there are."""
    step = options.train.batch_size * options.train.accumulate
    if options.model.mode == "frozen" or step <= num_photos:
        return []
    return [
        f"train.batch_size × train.accumulate = {step:,} photos a step, and there are {num_photos:,} to learn from: an epoch is one step"
    ]
