"""A run made and trained. Loaded only where there is something to train, for it brings torch and timm."""

from __future__ import annotations

from dataclasses import replace
from importlib.metadata import version
from pathlib import Path

import torch

from photobench import __version__, config
from photobench.data.pack import Pack
from photobench.memory import keep_freed_memory
from photobench.metrics import METRICS
from photobench.progress import say
from photobench.project import ProjectOptions
from photobench.records import WHOLE, Manifest, RunRecord, fingerprint
from photobench.train.data import TrainingData
from photobench.train.loop import Trainer
from photobench.train.ranks import ALONE, Ranks, join
from photobench.train.run import FollowedRun, Run
from photobench.train.sampling import SAMPLERS
from photobench.train.schedule import SCHEDULES
from photobench.vision import zoo
from photobench.vision.augment import AUGMENTATIONS
from photobench.vision.device import choose_device, describe, faster_precision, has_bf16
from photobench.vision.loss import LOSSES
from photobench.vision.mix import MIXES
from photobench.vision.model import ModelSpec, build_classifier, make_spec
from photobench.vision.weights import check_weights
from photobench.workflow.bench import Bench
from photobench.workflow.preparing import Prepared, describe_split
from photobench.workspace import now


def check_choices(options: ProjectOptions, root: Path) -> None:
    """What is chosen by name exists, and the weights can be had. `root`: where relative paths start.

    Raises:
        ConfigError, ModelError: it does not (with the nearest name), or they cannot (with what to do).
    """
    zoo.check(options.model.backbone)
    AUGMENTATIONS.get(options.augment.preset)
    MIXES.get(options.augment.mix)
    LOSSES.get(options.loss.name)
    SAMPLERS.get(options.train.sampler)
    SCHEDULES.get(options.train.schedule)
    if options.train.optimizer != "adamw":
        zoo.create_optimizer(
            options.train.optimizer, [{"params": [torch.nn.Parameter(torch.zeros(1))]}], options.train.lr
        )
    METRICS.get(options.train.metric)
    choose_device(options.train.device)
    check_weights(options.model.backbone, options.model.weights, root)


def fit(bench: Bench, prepared: Prepared, key: str, unfinished: RunRecord | None) -> RunRecord:
    """Train to the end, from nothing or from where an unfinished run stopped."""
    options = bench.options
    check_choices(options, bench.project.root)
    keep_freed_memory()
    device = choose_device(options.train.device)
    spec = _spec(bench, prepared, device, unfinished.environment.get("precision") if unfinished else None)
    run = Run(bench.workspace, unfinished or _new_record(bench, prepared, key, device, spec))
    resumed = run.checkpoint.exists()
    say("\n".join([describe_split(prepared.manifest), *(f"note: {note}" for note in prepared.manifest.notes)]))
    say(f"train: {'going on with' if resumed else 'training'} {run.record.name} in {spec.precision}")
    run.start(config.to_toml(options, f"The options of run {run.record.name}, as they were resolved."))
    bench.workspace.write(run.folder / "manifest.parquet", prepared.manifest.to_bytes())
    data = TrainingData(prepared.pack, prepared.manifest)
    weights = "none" if resumed else options.model.weights
    ranks = together(bench)
    ranks.tell(
        {
            "run": run.record.to_json(),
            "spec": spec.to_json(),
            "pack": bench.workspace.relative(prepared.pack.folder),
            "weights": weights,
        }
    )
    return _trainer(bench, data, run, spec, device, weights, ranks).fit()


def follow(bench: Bench) -> RunRecord:
    """What every process but the first does: the training that it is told, from the photos that are prepared. Writes nothing."""
    ranks = together(bench)
    told = ranks.tell()
    if told is None:
        return bench.workspace.find_run()
    keep_freed_memory()
    run = FollowedRun(bench.workspace, RunRecord.from_json(told["run"]))
    data = TrainingData(Pack(bench.workspace.root / told["pack"]), Manifest.read(run.folder / "manifest.parquet"))
    spec = ModelSpec.from_json(told["spec"])
    return _trainer(bench, data, run, spec, choose_device(bench.options.train.device), told["weights"], ranks).fit()


def together(bench: Bench) -> Ranks:
    """This process among those that train together."""
    ranks = join(choose_device(bench.options.train.device))
    ranks.check(bench.options.train.batch_size)
    return ranks


def trial_trainer(bench: Bench, prepared: Prepared) -> Trainer:
    """The training that the options ask for, to try some steps of: its run is never begun, so nothing is written."""
    check_choices(bench.options, bench.project.root)
    keep_freed_memory()
    device = choose_device(bench.options.train.device)
    spec = _spec(bench, prepared, device)
    run = Run(bench.workspace, _new_record(bench, prepared, "", device, spec))
    data = TrainingData(prepared.pack, prepared.manifest)
    return _trainer(bench, data, run, spec, device, bench.options.model.weights)


def _trainer(
    bench: Bench, data: TrainingData, run: Run, spec: ModelSpec, device: str, weights: str, ranks: Ranks = ALONE
) -> Trainer:
    options = bench.options
    torch.manual_seed(options.train.seed)
    model = build_classifier(spec, weights, bench.project.root)
    return Trainer(run, model, data, device, options.train, options.augment, options.loss, options.model.frozen, ranks)


def _spec(bench: Bench, prepared: Prepared, device: str, precision: str | None = None) -> ModelSpec:
    way = prepared.way
    spec = make_spec(bench.options.model, way.pack, prepared.manifest.space)
    precision = precision or _precision(bench, spec, device)
    return replace(spec, precision=precision, cropping=way.crop, usual_box=way.usual or WHOLE)


def _new_record(bench: Bench, prepared: Prepared, key: str, device: str, spec: ModelSpec) -> RunRecord:
    options = bench.options
    name = bench.workspace.new_run_name(options.model.backbone.replace("/", "-"))
    return RunRecord(
        name=name, status="running", created=now(), fingerprint=key, config=options.model_dump(mode="json"),
        seed=options.train.seed, dataset=prepared.manifest.fingerprint(), folder=f"runs/{name}",
        environment={**_versions(), "device": describe(device), "precision": spec.precision},
    )  # fmt: skip


def _precision(bench: Bench, spec: ModelSpec, device: str) -> str:
    """As asked, or the faster one, measured once for a model on a device."""
    asked = bench.options.train.precision
    if asked != "auto":
        return asked
    if not has_bf16(device):
        return "fp32"
    key = fingerprint("precision", spec.backbone, spec.args, spec.size_px, describe(device), version("torch"))
    return bench.workspace.fact(key, lambda: faster_precision(build_classifier(spec), spec.size_px, device))


def _versions() -> dict[str, str]:
    return {"photobench": __version__, **{name: version(name) for name in ("torch", "timm", "albumentations", "numpy")}}
