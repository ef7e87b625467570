"""One training of the project's model: a new one, an unfinished one gone on with, or the finished one that is up to date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.metadata import version

import torch

from photobench import __version__, config
from photobench.metrics import METRICS
from photobench.progress import say
from photobench.records import RunRecord, fingerprint
from photobench.train.loop import Trainer, TrainingData
from photobench.train.run import Run
from photobench.vision.augment import AUGMENTATIONS
from photobench.vision.device import choose_device, describe, faster_precision, has_bf16
from photobench.vision.loss import LOSSES
from photobench.vision.model import ModelSpec, build_classifier, make_spec
from photobench.workflow.bench import Bench
from photobench.workflow.prepare import Prepared, describe_split, prepare
from photobench.workspace import now


def train(bench: Bench) -> RunRecord:
    """Train as the project says: an identical finished run is kept, an unfinished one is gone on with.

    Raises:
        Interrupted: Ctrl-C; the next call goes on from there.
    """
    with bench.workspace.lock("photobench train"):
        plan = _plan(bench, prepare(bench))
        same = [r for r in bench.workspace.list_runs() if r.fingerprint == plan.record.fingerprint]
        finished = next((r for r in reversed(same) if r.status == "finished"), None)
        if finished:
            say(f"train: {finished.name} is up to date")
            return finished
        record = _train(bench, plan, same[-1] if same else None)
        bench.workspace.add_timing("train", record.timings["train"])
        return record


@dataclass(frozen=True)
class _Plan:
    """All that decides a training, before any work is done."""

    prepared: Prepared
    spec: ModelSpec
    device: str
    record: RunRecord


def _plan(bench: Bench, prepared: Prepared) -> _Plan:
    options = bench.options
    AUGMENTATIONS.get(options.augment.preset)
    LOSSES.get(options.loss.name)
    METRICS.get(options.train.metric)
    device = choose_device(options.train.device)
    spec = make_spec(options.model, prepared.pack.spec, prepared.manifest.space)
    spec = replace(spec, precision=_precision(bench, spec, device))
    decides = options.model_dump(mode="json", include={"model", "augment", "loss", "train"})
    for harmless in ("workers", "checkpoint_s", "device"):
        decides["train"].pop(harmless)
    key = fingerprint(
        __version__, prepared.manifest.fingerprint(), spec.to_json(), decides, _weights_version(bench), device
    )
    name = bench.workspace.new_run_name(options.model.backbone.replace("/", "-"))
    record = RunRecord(
        name=name, status="running", created=now(), fingerprint=key, config=options.model_dump(mode="json"),
        seed=options.train.seed, dataset=prepared.manifest.fingerprint(), folder=f"runs/{name}",
        environment={**_versions(), "device": describe(device), "precision": spec.precision},
    )  # fmt: skip
    return _Plan(prepared, spec, device, record)


def _train(bench: Bench, plan: _Plan, unfinished: RunRecord | None) -> RunRecord:
    options = bench.options
    run = Run(bench.workspace, unfinished or plan.record)
    torch.manual_seed(options.train.seed)
    model = build_classifier(
        plan.spec, "none" if run.checkpoint.exists() else options.model.weights, bench.project.root
    )
    verb = "going on with" if run.checkpoint.exists() else "training"
    say(f"train: {verb} {run.record.name} · {describe_split(plan.prepared.manifest).removeprefix('split: ')}")
    run.start(config.to_toml(options, f"The options of run {run.record.name}, as they were resolved."))
    bench.workspace.write(run.folder / "manifest.parquet", plan.prepared.manifest.to_bytes())
    data = TrainingData(plan.prepared.pack, plan.prepared.manifest)
    trainer = Trainer(run, model, data, plan.device, options.train, options.augment, options.loss, options.model.frozen)
    return trainer.fit()


def _precision(bench: Bench, spec: ModelSpec, device: str) -> str:
    """As asked, or the faster one: measured once for a model on a device, so that a run that goes on keeps its own."""
    asked = bench.options.train.precision
    if asked != "auto":
        return asked
    if not has_bf16(device):
        return "fp32"
    key = fingerprint("precision", spec.backbone, spec.args, spec.size_px, describe(device), version("torch"))
    return bench.workspace.fact(key, lambda: faster_precision(build_classifier(spec), spec.size_px, device))


def _weights_version(bench: Bench) -> list[int]:
    weights = bench.options.model.weights
    if weights in ("pretrained", "none"):
        return []
    path = bench.project.path(weights)
    return [path.stat().st_size, path.stat().st_mtime_ns] if path.is_file() else []


def _versions() -> dict[str, str]:
    return {"photobench": __version__, **{name: version(name) for name in ("torch", "timm", "albumentations", "numpy")}}
