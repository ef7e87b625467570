"""A run made and trained. Loaded only where there is something to train, for it brings torch and timm."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import version

import torch

from photobench import __version__
from photobench.data.pack import Pack
from photobench.data.pseudo import without_pseudo
from photobench.errors import ConfigError, WorkspaceError, unknown
from photobench.learning import Jury
from photobench.memory import keep_freed_memory
from photobench.metrics import METRICS
from photobench.progress import say
from photobench.project import Project, ProjectOptions
from photobench.records import WHOLE, Manifest, RunRecord, fingerprint
from photobench.train.data import TrainingData
from photobench.train.examples import Examples
from photobench.train.frozen import FrozenTrainer
from photobench.train.log import SilentLog, TrainingLog
from photobench.train.loop import Trainer
from photobench.train.options import TrainOptions
from photobench.train.probe import PROBES
from photobench.train.ranks import ALONE, Ranks, join
from photobench.train.resample import check_resampler
from photobench.train.run import Run, UnwrittenRun
from photobench.train.sampling import SAMPLERS
from photobench.train.schedule import SCHEDULES
from photobench.train.watchers import WATCHERS, Watcher, check_watchers
from photobench.train.watchers.terminal import Terminal
from photobench.vision import lora, zoo
from photobench.vision.augment import AUGMENTATIONS, about_place, check_augmentation
from photobench.vision.device import choose_device, describe, faster_precision, halves
from photobench.vision.loss import LOSSES
from photobench.vision.mix import MIXES
from photobench.vision.model import Classifier, ModelSpec, build_classifier, check_args, make_spec
from photobench.vision.weights import check_weights
from photobench.workflow.bench import Bench
from photobench.workflow.models.contradictions import check_together
from photobench.workflow.models.idle_options import about_batches
from photobench.workflow.models.machine import about_machine
from photobench.workflow.models.resolving import run_toml
from photobench.workflow.models.teaching import read_taught, taught
from photobench.workflow.models.watching import LivePage
from photobench.workflow.photos.preparing import Prepared, describe_split, stored_squares
from photobench.workspace import Claim, now


def check_choices(project: Project) -> None:
    """What is chosen by name exists, and the weights can be had.

    Raises:
        ConfigError, ModelError: it does not (with the nearest name), or they cannot (with what to do).
    """
    options = project.options
    project.check(_names(options))
    check_augmentation(options.augment, options.model.size_px)
    check_args(options.model)
    choose_device(options.train.device)
    check_together(options)
    check_weights(options.model.backbone, options.model.weights, project.root)


def _names(options: ProjectOptions) -> dict[str, Callable[[], object]]:
    """Checks of every choice by name, each told with its option."""
    train = options.train
    return {
        "model.backbone": lambda: zoo.check(options.model.backbone),
        "augment.preset": lambda: AUGMENTATIONS.get(options.augment.preset),
        "augment.mix": lambda: MIXES.get(options.augment.mix),
        "loss.name": lambda: LOSSES.get(options.loss.name),
        "loss.smoothed": lambda: _check_smoothed(options),
        "train.sampler": lambda: SAMPLERS.get(train.sampler),
        "probe.classifier": lambda: PROBES.get(options.probe.classifier),
        "probe.resample": lambda: check_resampler(options.probe.resample),
        "train.schedule": lambda: SCHEDULES.get(train.schedule),
        "train.optimizer": lambda: zoo.create_optimizer(
            train.optimizer, [{"params": [torch.nn.Parameter(torch.zeros(1))]}], train.lr
        ),
        "train.metric": lambda: METRICS.get(train.metric),
        "train.log": lambda: check_watchers(train.log),
    }


def _check_smoothed(options: ProjectOptions) -> None:
    values = [value for attribute in options.attributes for value in attribute.values]
    wrong = [unknown("value", value, values) for value in options.loss.smoothed if value not in values]
    if wrong:
        raise ConfigError(wrong)


def check_steps(options: ProjectOptions) -> None:
    """Raises ConfigError where the training has no steps that could be tried."""
    if options.model.mode == "frozen":
        raise ConfigError(
            [
                'With model.mode = "frozen" each photo is seen once, and there is no step to try or to measure: set "finetune" for it.'
            ]
        )


def fit(
    bench: Bench, prepared: Prepared, key: str, unfinished: RunRecord | None, jury: Jury | None = None
) -> RunRecord:
    """Train to the end, from nothing or from where an unfinished run stopped. One with a jury is a trial of many, which speaks for all.

    Raises:
        WorkspaceError: another process trains this very run.
        GivenUp: the jury sees no hope in it.
    """
    options = bench.options
    check_choices(bench.project)
    keep_freed_memory()
    device = choose_device(options.train.device)
    spec = training_spec(bench, prepared, device, unfinished.environment.get("precision") if unfinished else None)
    resumed = unfinished is not None and Run(bench.workspace, unfinished).checkpoint.exists()
    weights = "none" if resumed else options.model.weights
    model = training_model(bench, spec, weights)  # before anything is written: what cannot be built leaves no run
    if not jury:
        about = [*about_batches(options, len(prepared.manifest.rows("train"))), *about_machine(device)]
        if options.model.mode != "frozen":
            about += about_place(options.augment, options.model.size_px, device)
        say("\n".join([describe_split(prepared.manifest), *bench.new_notes([*prepared.manifest.notes, *about])]))
    run, claim = _begun(bench, prepared, key, unfinished, device, spec)
    with claim:
        if not jury:
            say(f"train: {'going on with' if resumed else 'training'} {run.record.name} in {spec.precision}")
        taught_NK = taught(bench, prepared.manifest, run.folder)
        ranks = together(bench)
        ranks.tell(
            {
                "run": run.record.to_json(),
                "spec": spec.to_json(),
                "pack": bench.workspace.relative(prepared.pack.folder),
                "weights": weights,
            }
        )
        data = TrainingData(prepared.pack, prepared.manifest, taught_NK)
        trainer = make_trainer(bench, data, run, model, device, ranks)
        return trainer.fit(_training_log(bench, prepared, run, jury))


def _begun(
    bench: Bench, prepared: Prepared, key: str, unfinished: RunRecord | None, device: str, spec: ModelSpec
) -> tuple[Run, Claim]:
    """The run, and the claim to train it. Its name is nobody else's: the workspace is held while it is chosen."""
    with bench.workspace.lock("photobench train"):
        run = Run(bench.workspace, _ours(unfinished, bench) or new_record(bench, prepared, key, device, spec))
        claim = bench.workspace.claim_run(run.record)
        if claim is None:
            raise WorkspaceError(
                f"Run {run.record.name} is being trained by another photobench. Wait for it, or stop it."
            )
        run.start(run_toml(bench.options, bench.project.root, spec, device, run.record.name))
        bench.workspace.write(run.folder / "manifest.parquet", prepared.manifest.to_bytes())
    return run, claim


def _ours(unfinished: RunRecord | None, bench: Bench) -> RunRecord | None:
    """A run that was begun for a purpose and is gone on with for its own sake has none any more."""
    return replace(unfinished, purpose="") if unfinished and not bench.purpose else unfinished


def follow(bench: Bench) -> RunRecord:
    """What every process but the first does: the training that it is told, from the photos that are prepared. Writes nothing."""
    ranks = together(bench)
    told = ranks.tell()
    if told is None:
        return bench.workspace.find_run()
    keep_freed_memory()
    run = UnwrittenRun(bench.workspace, RunRecord.from_json(told["run"]))
    manifest = Manifest.read(run.folder / "manifest.parquet")
    data = TrainingData(Pack(bench.workspace.root / told["pack"]), manifest, read_taught(run.folder, manifest))
    model = training_model(bench, ModelSpec.from_json(told["spec"]), told["weights"])
    device = choose_device(bench.options.train.device)
    return stepwise_trainer(bench.options, data, run, model, device, ranks).fit(SilentLog())


def together(bench: Bench) -> Ranks:
    """This process among those that train together."""
    ranks = join(choose_device(bench.options.train.device))
    ranks.check(bench.options.train.batch_size)
    return ranks


def trial_trainer(bench: Bench, prepared: Prepared) -> Trainer:
    """The training that the options ask for, to try some steps of: nothing of it is written."""
    check_choices(bench.project)
    keep_freed_memory()
    device = choose_device(bench.options.train.device)
    spec = training_spec(bench, prepared, device)
    run = UnwrittenRun(bench.workspace, new_record(bench, prepared, "", device, spec))
    data = TrainingData(prepared.pack, prepared.manifest)
    model = training_model(bench, spec, bench.options.model.weights)
    return stepwise_trainer(bench.options, data, run, model, device)


def training_spec(bench: Bench, prepared: Prepared, device: str, precision: str | None = None) -> ModelSpec:
    """The model that the options describe, in this precision; None: as they say, or the faster one."""
    way, options = prepared.way, bench.options
    spec = make_spec(options.model, way.pack, prepared.manifest.space)
    if options.model.mode == "frozen" and options.probe.classifier == "mlp":
        spec = replace(spec, head_hidden=options.probe.hidden)
    chosen = precision or _precision(bench, spec, device)
    return replace(spec, precision=chosen, cropping=way.crop, usual_box=way.usual or WHOLE)


def make_trainer(
    bench: Bench, data: TrainingData, run: Run, model: Classifier, device: str, ranks: Ranks = ALONE
) -> Trainer | FrozenTrainer:
    """What trains in the way that model.mode says."""
    if bench.options.model.mode == "frozen":
        options, cache = bench.options, bench.workspace.embeddings
        return FrozenTrainer(run, model, data, device, _resolved(options), options.probe, options.loss, cache)
    return stepwise_trainer(bench.options, data, run, model, device, ranks)


def stepwise_trainer(
    options: ProjectOptions, data: TrainingData, run: Run, model: Classifier, device: str, ranks: Ranks = ALONE
) -> Trainer:
    """Of a model that learns step by step."""
    return Trainer(run, model, data, device, _resolved(options), options.augment, options.loss, ranks)


def _resolved(options: ProjectOptions) -> TrainOptions:
    """Those of `train`, with the epoch that is kept decided."""
    return options.train.model_copy(update={"keep": options.keep})


def _training_log(bench: Bench, prepared: Prepared, run: Run, jury: Jury | None) -> TrainingLog:
    """Live page and TensorBoard always, and what else `train.log` names. On the terminal what takes more than seconds.

    A trial of many tells only whom the project names.
    """
    options, manifest = bench.options.train, prepared.manifest
    watchers: dict[str, Watcher] = {}
    if not jury:
        watchers["live page"] = LivePage(bench.workspace, manifest.space, stored_squares(prepared))
        watchers |= {} if bench.options.model.mode == "frozen" else {"terminal": Terminal()}
    names = options.log if jury else ("tensorboard", *options.log)
    watchers |= {name: WATCHERS.build(name) for name in names}
    examples = Examples(run, prepared.pack, manifest, options.epochs)
    return TrainingLog(run, watchers, examples, options.metric, options.epochs, jury)


def training_model(bench: Bench, spec: ModelSpec, weights: str) -> Classifier:
    """The model as the training begins: the same for the same seed."""
    options = bench.options
    torch.manual_seed(options.train.seed)
    model = build_classifier(spec, weights, bench.project.root)
    if options.model.mode == "lora":
        lora.attach(model.backbone, options.model.lora_rank)
    return model


def new_record(bench: Bench, prepared: Prepared, key: str, device: str, spec: ModelSpec) -> RunRecord:
    options = bench.options
    name = bench.workspace.new_run_name(options.model.backbone.replace("/", "-"))
    config = options.model_copy(update={"train": _resolved(options)}).model_dump(mode="json")
    return RunRecord(
        name=name, status="running", created=now(), fingerprint=key, config=config,
        seed=options.train.seed, dataset=without_pseudo(prepared.manifest).fingerprint(), folder=f"runs/{name}",
        environment={**_versions(), "device": describe(device), "precision": spec.precision}, purpose=bench.purpose,
    )  # fmt: skip


def _precision(bench: Bench, spec: ModelSpec, device: str) -> str:
    """As asked, or the faster one, measured once for a model on a device."""
    asked = bench.options.train.precision
    if asked != "auto":
        return asked
    if not halves(device):
        return "fp32"
    key = fingerprint("precision", spec.backbone, spec.args, spec.size_px, describe(device), version("torch"))
    return bench.workspace.fact(key, lambda: faster_precision(build_classifier(spec), spec.size_px, device))


def _versions() -> dict[str, str]:
    return {"photobench": __version__, **{name: version(name) for name in ("torch", "timm", "albumentations", "numpy")}}
