"""What a search may change in a project, checked before any work, and how its trials are made cheap."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from photobench import config
from photobench.errors import ConfigError, PhotobenchError
from photobench.project import Project, ProjectOptions
from photobench.train.options import TrainOptions
from photobench.tune.space import BUILT_IN, Choice, Dimension, Space, parse, with_defaults
from photobench.workflow.bench import Bench
from photobench.workflow.models.idle_options import SMALLEST_PX, idle_options
from photobench.workflow.models.training import WITHOUT_EFFECT

SECTIONS = ("crop", "pack", "model", "augment", "loss", "train", "probe")
"""Of what decides a training's result."""

ORIGIN = "tune.space"
SIDE_STEP_PX = 16

NOT_TUNED = {
    "train.seed": "the luckiest seed is no better option",
    "train.metric": "it is what trials are compared by",
    "train.patience": "a trial would win by how long it was trained",
    "train.keep": "a trial would win by choosing its epoch on the photos by which trials are compared",
    "pack.workers": "it changes nothing of the result",
    **{f"train.{name}": "it changes nothing of the result" for name in WITHOUT_EFFECT},
}
"""Options that a space may not hold, and why."""


@dataclass(frozen=True)
class Searched:
    """What may change, the project's own values of it, and what is to be said of it."""

    space: Space
    default: Mapping[str, Any]
    notes: tuple[str, ...]


def searched(bench: Bench) -> Searched:
    """The space of the project, its recipe or of model.mode, in which every value was checked by its option's own rules.

    Raises:
        ConfigError: naming every mistake: an option that there is not, a value out of range, a name that nothing has.
    """
    options, own = bench.options, bool(bench.options.tune.space)
    written = options.tune.space or BUILT_IN[options.model.mode]
    _check_keys(bench.project, written)
    default = {key: _value(options, key) for key in written}
    space = parse(written, default)
    if own:
        _check_values(bench, space)
    else:
        space = {key: dimension for key, dimension in space.items() if not _is_stuck(dimension, default[key])}
    space, widened = with_defaults(space, default)
    notes = [
        f"{key} is {config.shown(default[key])} in the project, which lies outside of tune.space: it is the first trial all the same"
        for key in widened
        if own
    ]
    return Searched(space, {key: default[key] for key in space}, tuple(notes))


def _is_stuck(dimension: Dimension, value: Any) -> bool:
    """A logarithmic range cannot hold the project's own value."""
    return not isinstance(dimension, Choice) and dimension.log and value <= 0


def _check_keys(project: Project, written: Mapping[str, Any]) -> None:
    mistakes = []
    for key in written:
        section = key.partition(".")[0]
        if key in NOT_TUNED:
            mistakes.append(f'tune.space: "{key}" cannot be searched: {NOT_TUNED[key]}. Leave it out.')
        elif section in ProjectOptions.model_fields and section not in SECTIONS:
            mistakes.append(
                f'tune.space: "{key}" is not of what a training is made of. What can be searched is in {", ".join(SECTIONS)}.'
            )
        else:
            mistakes += _mistakes(project, key, None)
    if mistakes:
        raise ConfigError(mistakes)


def _check_values(bench: Bench, space: Space) -> None:
    """Every value of a choice and both ends of a range, each in the project as it would be tried."""
    project, mistakes = bench.project, list[str]()
    before = set(idle_options(project))
    for key, dimension in space.items():
        for value in dimension.ends():
            found = _mistakes(project, key, value)
            if not found:
                changed = changed_by(project, {key: value})
                found = [f"tune.space: {line}" for line in _idle_in(changed, space) if line not in before]
                asks_no_hub = {} if key in ("model.backbone", "model.weights") else {"model.weights": "none"}
                found += _wrong_names(changed_by(changed, asks_no_hub), key)
            mistakes += [one for one in found if one not in mistakes]
    if mistakes:
        raise ConfigError(mistakes)


def _idle_in(changed: Project, space: Space) -> list[str]:
    """What is without effect whatever else of the space is tried beside it: one loss's own number waits for that loss."""
    idle = idle_options(changed)
    if not idle:
        return []
    others = [{key: value} for key, dimension in space.items() for value in dimension.ends()]
    beside = [
        idle_options(changed_by(changed, other))
        for other in others
        if not _mistakes(changed, *next(iter(other.items())))
    ]
    return [line for line in idle if all(line in lines for lines in beside)]


def _wrong_names(changed: Project, key: str) -> list[str]:
    """What is wrong with a value that is chosen by name, or beside others."""
    from photobench.workflow.models.fitting import check_choices

    try:
        check_choices(changed)
    except PhotobenchError as error:
        sentences = error.mistakes if isinstance(error, ConfigError) else [str(error)]
        return [one if f"({ORIGIN})" in one else f'{ORIGIN}: "{key}": {one}' for one in sentences]
    return []


def _mistakes(project: Project, key: str, value: Any) -> list[str]:
    """What the option says of a value; of None, whether there is such an option at all."""
    try:
        if value is not None:
            changed_by(project, {key: value})
        else:
            _value(project.options, key)
    except ConfigError as error:
        return error.mistakes
    except AttributeError:
        try:
            changed_by(project, {key: 0})  # its words name the nearest option
        except ConfigError as error:
            return [f"tune.space: {sentence}" for sentence in error.mistakes]
    return []


def own_value(bench: Bench, key: str) -> Any:
    """Of an option in the project, by its dotted key."""
    return _value(bench.options, key)


def _value(options: ProjectOptions, key: str) -> Any:
    section, _, name = key.partition(".")
    return getattr(getattr(options, section), name)


def changed_by(project: Project, values: Mapping[str, Any]) -> Project:
    """The project with values by their dotted keys."""
    nested: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        section, _, name = key.partition(".")
        nested.setdefault(section, {})[name] = value
    return project.changed(nested, ORIGIN) if nested else project


@dataclass(frozen=True)
class Cheaper:
    """How a trial is made cheaper than the training that it stands for."""

    epochs_share: float
    size_share: float

    @property
    def factor(self) -> float:
        """About how many times fewer pixels it sees."""
        return 1 / (self.epochs_share * self.size_share**2)

    @property
    def is_whole(self) -> bool:
        return self.epochs_share == self.size_share == 1

    def epochs(self, train: TrainOptions) -> int:
        least = max(1, train.freeze_epochs + 1)
        return min(train.epochs, max(least, round(train.epochs * self.epochs_share)))

    def side_px(self, size_px: int) -> int:
        side = round(size_px * self.size_share / SIDE_STEP_PX) * SIDE_STEP_PX
        return min(size_px, max(SMALLEST_PX, side))


def cheaper(options: ProjectOptions) -> Cheaper:
    """By fewer epochs and smaller photos, as far as that is possible: a frozen backbone sees each photo once, as it is."""
    if options.model.mode == "frozen":
        return Cheaper(1.0, 1.0)
    from photobench.vision import zoo

    takes_any = zoo.takes_any_size(options.model.backbone, options.model.args)
    cheap = Cheaper(options.tune.epochs_share, options.tune.size_share if takes_any else 1.0)
    epochs = cheap.epochs(options.train) / options.train.epochs
    return Cheaper(epochs, cheap.side_px(options.model.size_px) / options.model.size_px)


def as_trial(bench: Bench, values: Mapping[str, Any], cheap: Cheaper) -> Bench:
    """The project with these values, as a trial of it is trained."""
    project = changed_by(bench.project, values)
    options = project.options
    if not cheap.is_whole:
        side_px = cheap.side_px(options.model.size_px)
        smaller: dict[str, Any] = {
            "train.epochs": cheap.epochs(options.train),
            "model.size_px": side_px,
            "train.compile": "off",  # a trial is over before it would pay
        }
        if options.pack.side_px:
            smaller["pack.side_px"] = max(side_px, round(options.pack.side_px * cheap.size_share))
        project = changed_by(project, smaller)
    return replace(bench, project=project, purpose="tune")


def in_full(bench: Bench, values: Mapping[str, Any]) -> Bench:
    """The project with these values."""
    return replace(bench, project=changed_by(bench.project, values), purpose="tune")


def same_for_all(bench: Bench, space: Space) -> dict[str, Any]:
    """What has to be the same for every trial of a search, by key: the options that it does not change, and how cheap trials are."""
    values = bench.options.model_dump(mode="json", include={*SECTIONS, "tune"})
    tune = values.pop("tune")
    found = config.flat(values) | {f"tune.{name}": tune[name] for name in ("epochs_share", "size_share")}
    free = {*space, "pack.workers", *(f"train.{name}" for name in WITHOUT_EFFECT)}
    free |= {"train.keep"} if bench.options.keep == "best" else set()  # as in studies of before there was the option
    return {key: value for key, value in found.items() if key not in free}
