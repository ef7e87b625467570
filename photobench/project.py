"""The project file: every stage's options together, and where each value came from."""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from photobench import config
from photobench.audit.options import AuditOptions
from photobench.config import Layer, Options
from photobench.crop.detectors import check_method
from photobench.crop.options import CropOptions
from photobench.data.options import PackOptions, SplitOptions
from photobench.errors import ConfigError, akin, unknown
from photobench.evaluate import EvaluateOptions
from photobench.ledger.options import LedgerOptions
from photobench.refine.options import RefineOptions
from photobench.sources.options import AttributeOptions, SourceOptions
from photobench.sources.table_of_sources import SOURCES
from photobench.submit import SubmitOptions
from photobench.train.options import ProbeOptions, TrainOptions
from photobench.tune.options import TuneOptions
from photobench.vision.options import AugmentOptions, LossOptions, ModelOptions
from photobench.workspace import PROJECT_FILE

MAX_CLASSES = 20_000
"""Joint classes at the most: their probabilities are kept for every photo."""


class ProjectOptions(Options):
    """Everything that can be chosen. A section per stage, in the order of the journey."""

    recipe: str = Field("", description="whose values stand where this file says nothing: photobench list recipes")
    source: SourceOptions = Field(
        SourceOptions(),
        description="Where the photos and their labels are. Relative paths start at this file's folder.",
    )
    attributes: tuple[AttributeOptions, ...] = Field(
        (), description="What to tell from a photo; several compose one class, the first is the most significant."
    )
    crop: CropOptions = Field(
        CropOptions(), description="What matters in a photo, found once and cut out; none is the whole photo."
    )
    pack: PackOptions = Field(PackOptions(), description="Photos are decoded once into a memory-mapped store.")
    split: SplitOptions = Field(SplitOptions(), description="Stratified by class; a group is never separated.")
    model: ModelOptions = Field(ModelOptions(), description="What looks at the photo.")
    augment: AugmentOptions = Field(AugmentOptions(), description="What happens to a photo in training only.")
    loss: LossOptions = Field(LossOptions(), description="What training makes small.")
    train: TrainOptions = Field(TrainOptions(), description="How the model learns.")
    probe: ProbeOptions = Field(ProbeOptions(), description="The heads on a frozen backbone: model.mode.")
    tune: TuneOptions = Field(TuneOptions(), description="How better options are looked for: photobench tune.")
    evaluate: EvaluateOptions = Field(EvaluateOptions(), description="How sure the figures are.")
    audit: AuditOptions = Field(AuditOptions(), description="Who judges the labels.")
    refine: RefineOptions = Field(RefineOptions(), description="What is tried on top of a trained model.")
    submit: SubmitOptions = Field(SubmitOptions(), description="The file that the competition wants.")
    ledger: LedgerOptions = Field(
        LedgerOptions(),
        description="What the competition allows and counts, and where it is written down what was sent.",
    )

    @property
    def keep(self) -> Literal["best", "last"]:
        """What train.keep comes to: the photos that a fold is asked about are to choose nothing of it."""
        if self.train.keep == "auto":
            return "last" if self.split.folds else "best"
        return self.train.keep

    @field_validator("attributes")
    @classmethod
    def _compose(cls, attributes: tuple[AttributeOptions, ...]) -> tuple[AttributeOptions, ...]:
        names = [a.name for a in attributes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two of them are called {', '.join(twice)}: give each its own name")
        num = math.prod(len(a.values) for a in attributes)
        if num > MAX_CLASSES:
            raise ValueError(
                f"they compose {num:,} classes, and {MAX_CLASSES:,} are the most: leave an attribute out, or use fewer values"
            )
        return attributes


@dataclass(frozen=True)
class Project:
    """Resolved options, the folder that relative paths start at, and the layers they came from."""

    options: ProjectOptions
    root: Path
    layers: list[Layer]

    def path(self, text: str) -> Path:
        """A path of the project file, absolute."""
        return (self.root / Path(text).expanduser()).resolve()

    def check(self, checks: Mapping[str, Callable[[], object]]) -> None:
        """Make checks of what options name, by the dotted name of the option.

        Raises:
            ConfigError: with every mistake, each with its option and who gave that.
        """
        mistakes = []
        for key, check in checks.items():
            try:
                check()
            except ConfigError as error:
                named = f"{key}{config.given_by(key.split('.'), self.layers)}"
                mistakes += [f"{named}: {sentence[0].lower()}{sentence[1:]}" for sentence in error.mistakes]
        if mistakes:
            raise ConfigError(mistakes)

    def changed(self, values: Mapping[str, Any], origin: str) -> Project:
        """The same project with these values in the place of its own."""
        layers = [*self.layers, Layer(origin, values)]
        return Project(config.resolve(ProjectOptions, layers), self.root, layers)


def load(root: Path, sets: Iterable[Mapping[str, Any]] = (), origin: str = "command line") -> Project:
    """The project of a workspace, with changes and who made them.

    Raises:
        ConfigError: naming every mistake of the file and of the changes.
    """
    layers = [Layer(PROJECT_FILE, config.read_toml(root / PROJECT_FILE))]
    layers += [Layer(origin, values) for values in sets]
    recipe = config.merge(layers).get("recipe", "")
    if recipe:
        is_of_file = all("recipe" not in layer.values for layer in layers[1:])
        layers.insert(0, Layer(f"recipe {recipe}", read_recipe(str(recipe), [root] if is_of_file else [Path(), root])))
    options = config.resolve(ProjectOptions, layers)
    if not options.attributes:
        raise ConfigError(
            [f"{root / PROJECT_FILE} declares no [[attributes]]: at least one with a name and its values is needed."]
        )
    found = Project(options, root, layers)
    found.check(
        {
            "source.kind": lambda: SOURCES.get(options.source.kind),
            "crop.method": lambda: check_method(options.crop.method),
        }
    )
    check_apart(root, found.path(options.source.photos))
    return found


def recipes() -> dict[str, str]:
    """The recipes that come with photobench, and what each is for."""
    found = sorted(files("photobench").joinpath("recipes").iterdir(), key=lambda entry: entry.name)
    return {entry.name.removesuffix(".toml"): _purpose(entry.read_text(encoding="utf-8")) for entry in found}


def _purpose(text: str) -> str:
    """The comment at the top."""
    lines = itertools.takewhile(lambda line: line.startswith("#"), text.splitlines())
    return " ".join(line.removeprefix("#").strip() for line in lines)


def read_recipe(name: str, folders: Sequence[Path] = (Path(),)) -> dict[str, Any]:
    """The values of a recipe of ours, or of a TOML file in the first of these folders that has it.

    Raises:
        ConfigError: there is none of that name, with the nearest.
    """
    if name.endswith(".toml"):
        files_there = [path for folder in folders if (path := folder / Path(name).expanduser()).is_file()]
        if not files_there:
            looked = " or ".join(str(folder.resolve()) for folder in dict.fromkeys(folders))
            raise ConfigError(
                [f'There is no recipe "{name}" in {looked}: correct its path, or see photobench list recipes.']
            )
        return config.read_toml(files_there[0])
    if name not in recipes():
        raise ConfigError([unknown("recipe", name, recipes())])
    return tomllib.loads(files("photobench").joinpath("recipes", f"{name}.toml").read_text(encoding="utf-8"))


def check_apart(workspace: Path, photos: Path) -> None:
    """Raises ConfigError where the workspace would lie among the photos, where nothing is ever written."""
    if workspace.resolve().is_relative_to(photos.resolve()):
        raise ConfigError(
            [
                f"The workspace {workspace.resolve()} would lie among the photos in {photos.resolve()}, where nothing is ever written. Choose another folder with --workspace."
            ]
        )


def by_name(options: Mapping[str, Any]) -> dict[str, Any]:
    """Options by their bare name, as Python callers write them: `{"epochs": 3}` → `{"train": {"epochs": 3}}`.

    A name that several sections have is written with its section, `{"split.seed": 1}`; alone it means the one in `train`.

    Raises:
        ConfigError: no section has the name.
    """
    nested: dict[str, Any] = {}
    mistakes = []
    for name, value in options.items():
        if name == "recipe":
            nested[name] = value
            continue
        section, _, key = name.rpartition(".")
        sections = [section] if section else _sections_with(name)
        if not sections:
            near = akin(name, _all_names())
            mistakes.append(f'there is no option "{name}".' + (f' Did you mean "{near}"?' if near else ""))
            continue
        chosen = "train" if "train" in sections else sections[0]
        nested.setdefault(chosen, {})[key] = value
    if mistakes:
        raise ConfigError(mistakes)
    return nested


def _sections() -> dict[str, type[Options]]:
    fields = ProjectOptions.model_fields.items()
    return {name: type(info.default) for name, info in fields if isinstance(info.default, Options)}


def _sections_with(name: str) -> list[str]:
    return [section for section, model in _sections().items() if name in model.model_fields or name in model.retired]


def _all_names() -> list[str]:
    return [name for model in _sections().values() for name in model.model_fields]
