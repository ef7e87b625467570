"""The doctor's visit: what limits a training of this project here, measured on its own photos.

Nothing of it stays but what `prescribe` writes. Where the photos are packed, they are those of the pack; else a sample of them
is packed beside, so that a first visit takes seconds too.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from photobench.data.pack import Pack, pack_key
from photobench.doctor import measure
from photobench.doctor.checkup import Checkup
from photobench.doctor.facts import Case, Measured, Setting, Trial, Work
from photobench.doctor.measure import in_threads
from photobench.doctor.trials import Comparison, MakeTrainer, Trainings, candidates
from photobench.doctor.verdict import OBVIOUS, workers_may_help
from photobench.errors import SourceError
from photobench.memory import keep_freed_memory
from photobench.progress import say
from photobench.records import Manifest
from photobench.sources.manifest import build_manifest
from photobench.sources.options import class_space
from photobench.train.data import TrainingData
from photobench.train.loader import choose_workers
from photobench.train.loop import Trainer
from photobench.train.run import UnwrittenRun
from photobench.vision.device import choose_device, halves
from photobench.workflow.bench import Bench
from photobench.workflow.models.fitting import (
    check_choices,
    check_steps,
    new_record,
    stepwise_trainer,
    training_model,
    training_spec,
)
from photobench.workflow.models.machine import machine_with
from photobench.workflow.photos.preparing import Prepared, Way, project_way

SECONDS = 30.0
SMALLEST_SAMPLE = 32
LONG_STEP = 20
"""Steps that should fit into the time."""
UNTIL_STOPPED = {"epochs": 10_000, "lr": 1e-7}
"""No schedule ends while it is measured, and no weight runs away."""


def doctor(bench: Bench, seconds: float = SECONDS) -> Checkup:
    """Measure the parts of a training, what they give together, and settings beside those of the project.

    Args:
        seconds: about as long as it may take.

    Raises:
        SourceError: there is no photo to measure with.
    """
    end = time.perf_counter() + seconds
    check_steps(bench.options)
    with bench.workspace.lock("photobench doctor"), tempfile.TemporaryDirectory() as folder:
        check_choices(bench.project)
        way = project_way(bench)
        known = _packed(bench, way)
        manifest = known.manifest if known else _named(bench)
        labelled = manifest.part(np.flatnonzero(_labelled(manifest)))
        say(f"doctor: decode photos of {manifest.root}")
        rate = measure.decode_rate(labelled, way.pack, bench.options.pack.workers, seconds / 10)
        case = _case(bench, rate, _work(bench, manifest, is_packed=known is not None))
        prepared = known or _sample(bench, labelled, way, Path(folder), round(rate * seconds / 10))
        return examine(bench, prepared, case, end)


def examine(bench: Bench, prepared: Prepared, case: Case, end: float) -> Checkup:
    """The training of prepared photos, taken apart and put together, until about `end` (of time.perf_counter)."""
    keep_freed_memory()
    device = choose_device(bench.options.train.device)
    trainings = Trainings(trainer_maker(bench, prepared, device))
    crowding = _crowding(trainings, device)  # first: among too many others all else is slow
    with in_threads(crowding.new if crowding else torch.get_num_threads()):
        seconds = max(end - time.perf_counter(), 0)
        setting = _bearable(_setting(bench, prepared, device), trainings, seconds / LONG_STEP)
        comparison = Comparison(trainings, setting, case.work.num_train, end, [crowding] if crowding else [])
        most = len(prepared.manifest.rows("train")) if setting.batch_size == case.batch_size else 0
        to_try = candidates(setting, case.machine, device, _precisions(device), most)
        threads = to_try.pop("threads", [])
        comparison.compare("threads", [] if crowding else threads)
        measured = _measured(case, trainings, comparison.setting, seconds / 10)
        for option, values in to_try.items():
            if option != "train.workers" or workers_may_help(measured):
                comparison.compare(option, values)
    trials, untried, too_large = tuple(comparison.trials), tuple(comparison.untried), tuple(comparison.too_large)
    return Checkup(replace(measured, trials=trials, untried=untried, too_large=too_large))


def _measured(case: Case, trainings: Trainings, setting: Setting, seconds: float) -> Measured:
    """The parts, `seconds` for each kind, and what they give together."""
    say("doctor: the parts of a training")
    with in_threads(setting.threads):
        trainer = trainings.trainer(setting)
        parts = measure.loader_parts(trainer, seconds / 2)
        parts |= measure.model_parts(trainer, trainer.batches[0, 0], seconds)
    loader = trainings.loader_pace(setting, seconds / 2).rate
    return Measured(case, setting, parts, loader, trainings.pace(setting, seconds))


def _packed(bench: Bench, way: Way) -> Prepared | None:
    """The photos as they were packed here last, if the project cuts and names them so today."""
    path, packs = bench.workspace.manifest_file, bench.workspace.packs
    if not path.exists():
        return None
    manifest = Manifest.read(path)
    folder = packs / pack_key(manifest, way.pack)
    if manifest.space != class_space(bench.options.attributes) or not folder.exists():
        return None
    return Prepared(manifest, Pack(folder), way)


def _named(bench: Bench) -> Manifest:
    """The photos that the source names, with their labels; none has been opened.

    Raises:
        SourceError: it names none with a label.
    """
    manifest = build_manifest(bench.options.source, bench.options.attributes, bench.project.root)
    if not _labelled(manifest).any():
        raise SourceError(
            f"No photo of {manifest.root} has a label and can be used, so there is nothing to measure with. What is wrong with them: photobench pack"
        )
    return manifest


def _sample(bench: Bench, labelled: Manifest, way: Way, folder: Path, most: int) -> Prepared:
    """Some of the photos, packed in a folder beside.

    Raises:
        SourceError: none of them can be read.
    """
    most = max(most, SMALLEST_SAMPLE, 2 * bench.options.train.batch_size)
    pack, sample = measure.sample_pack(labelled, way.pack, folder, bench.options.pack.workers, most)
    if not len(sample.rows("train")):
        reason = sample.broken()["reason"].iloc[0]
        raise SourceError(
            f"None of {len(sample):,} photos of {labelled.root} can be read ({reason}), so there is nothing to measure with. "
            "All reasons: photobench pack, then photobench list problems"
        )
    return Prepared(sample, pack, way)


def _work(bench: Bench, manifest: Manifest, is_packed: bool) -> Work:
    """What there is to do. Where the photos are not divided yet, about as many on each side as will be."""
    split, labelled, options = manifest.frame["split"].to_numpy(), _labelled(manifest), bench.options.split
    pool = int((labelled & np.isin(split, ["", "train"])).sum())
    given = {name: int((labelled & (split == name)).sum()) for name in ("valid", "test")}
    if is_packed:
        return Work(pool, given["valid"], bench.options.train.epochs, 0)
    valid = given["valid"] or round(options.valid * pool)
    test = 0 if given["test"] else round(options.test * pool)
    drawn = (0 if given["valid"] else valid) + test
    return Work(pool - drawn, valid, bench.options.train.epochs, int(manifest.usable().sum()))


def _labelled(manifest: Manifest) -> np.ndarray:
    return (manifest.classes() >= 0) & manifest.usable() & (manifest.frame["split"] != "predict").to_numpy()


def _case(bench: Bench, decode_rate: float, work: Work) -> Case:
    options = bench.options
    model = f"{options.model.backbone} at {options.model.size_px} px"
    machine = machine_with(choose_device(options.train.device))
    stored_px, needed_px = project_way(bench).pack.size_px, round(options.model.size_px / options.model.crop)
    preset, batch_size = options.augment.preset, options.train.batch_size
    return Case(machine, model, preset, stored_px, needed_px, batch_size, decode_rate, work)


def _crowding(trainings: Trainings, device: str) -> Trial | None:
    """The trial of one thread less, where the cores are so much wanted by others that it shows in a single step."""
    threads = torch.get_num_threads()
    if device != "cpu" or threads == 1:
        return None
    say(f"doctor: {threads} threads beside what else runs here")
    smallest = Setting(0, "fp32", measure.PROBE, threads)
    ratio = measure.crowding(trainings.trainer(smallest), threads)
    return Trial("threads", threads, threads - 1, (ratio,)) if ratio > OBVIOUS else None


def _bearable(setting: Setting, trainings: Trainings, step_s: float) -> Setting:
    """With batches so small that a step takes no longer than this: photos per second hardly depend on them where steps are long."""
    most = int(step_s / measure.photo_s(trainings.trainer(setting)))
    bearable = replace(setting, batch_size=min(setting.batch_size, max(most, measure.PROBE)))
    trainings.forget_all_but(bearable)
    return bearable


def _precisions(device: str) -> tuple[str, ...]:
    return (*halves(device)[:1], "fp32")


def _setting(bench: Bench, prepared: Prepared, device: str) -> Setting:
    """With which the project would train here."""
    train = bench.options.train
    precision = training_spec(bench, prepared, device).precision
    workers = choose_workers(train.workers, device)
    return Setting(workers, precision, train.batch_size, torch.get_num_threads())


def trainer_maker(bench: Bench, prepared: Prepared, device: str) -> MakeTrainer:
    """Trainers of the project's model under a setting. The weights do not matter, and nothing is written."""

    def make(setting: Setting) -> Trainer:
        spec = training_spec(bench, prepared, device, setting.precision)
        record = new_record(bench, prepared, "", device, spec)
        train = bench.options.train.model_copy(update={**UNTIL_STOPPED, "batch_size": setting.batch_size})
        options = bench.options.model_copy(update={"train": train})
        data = TrainingData(prepared.pack, prepared.manifest)
        model = training_model(bench, spec, "none")
        return stepwise_trainer(options, data, UnwrittenRun(bench.workspace, record), model, device)

    return make
