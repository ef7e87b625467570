"""The training that the project asks for: the finished run that is up to date, else a run that is trained or gone on with.

What needs torch is in `fitting`, and is loaded only where there is something to train: a look at what is done takes no time.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from photobench import __version__
from photobench.errors import ConfigError
from photobench.parallel import num_processes, process_number
from photobench.progress import say
from photobench.records import Manifest, RunRecord, fingerprint
from photobench.train.watchers import check_watchers
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import split_predictions
from photobench.workflow.models.idle_options import idle_options
from photobench.workflow.models.teaching import teacher_key, with_pseudo
from photobench.workflow.photos.preparing import Prepared, prepare, project_way

WITHOUT_EFFECT = ("workers", "checkpoint_s", "device", "devices", "log", "compile")
"""Options of `train` that change how fast a run is, not what comes of it."""


OF_OTHERS = ("teacher", "pseudo", "pseudo_confidence")
OF_TEACHER = ("teacher_share", "teacher_temperature")
"""Options of what is learned from others, which most trainings do without."""


class Asked(NamedTuple):
    """The training that the project asks for, and what there is of it."""

    prepared: Prepared
    key: str
    """RunRecord.fingerprint."""
    latest: RunRecord | None
    """Begun last."""
    finished: RunRecord | None


def asked_for(bench: Bench) -> Asked:
    """The photos are prepared; nothing is trained."""
    prepared = with_pseudo(bench, prepare(bench))
    key = run_fingerprint(bench, prepared.manifest)
    same = [record for record in bench.workspace.list_runs() if record.fingerprint == key]
    finished = next((record for record in reversed(same) if record.status == "finished"), None)
    return Asked(prepared, key, same[-1] if same else None, finished)


def train(bench: Bench) -> RunRecord:
    """Train as the project says: an identical finished run is kept, an unfinished one is gone on with.

    Raises:
        Interrupted: Ctrl-C; the next call goes on from there.
    """
    if process_number() > 0:
        from photobench.workflow.models.fitting import follow

        return follow(bench)
    with bench.workspace.lock("photobench train"):
        check_before_work(bench)
        prepared, key, latest, finished = asked_for(bench)
        if finished:
            say(f"train: {finished.name} is up to date")
            return use(bench, finished)
        from photobench.workflow.models.fitting import fit

        record = fit(bench, prepared, key, latest)
        bench.took("train", record.timings["train"])
        for split in ("valid", "test"):
            split_predictions(bench, record, split)  # while the photos are those it was trained with
        return record


def use(bench: Bench, finished: RunRecord) -> RunRecord:
    """A finished run as what is asked for now: the next verb means it."""
    _dismiss(bench)
    if finished.purpose and not bench.purpose:  # asked for by a person now, for its own sake
        finished = replace(finished, purpose="")
        bench.workspace.save_run(finished)
    bench.workspace.use_run(finished)
    return finished


def _dismiss(bench: Bench) -> None:
    """Lets other processes of this training know that there is nothing to do."""
    if num_processes() > 1:
        from photobench.workflow.models.fitting import together

        together(bench).tell()


def check_before_work(bench: Bench) -> None:
    """Where the photos have still to be read, a misspelt backbone is told before that, not after it.

    Raises:
        ConfigError: also where there are other processes than `train.devices` asks for, or several with nothing to share.
    """
    log = bench.options.train.log  # it changes nothing of the run, so an up-to-date one would never ask
    bench.project.check({"train.log": lambda: check_watchers(log)})
    asked, there = bench.options.train.devices, num_processes()
    if there > 1 and bench.options.model.mode == "frozen":
        raise ConfigError(
            [
                f'model.mode = "frozen" has no steps that {there} processes could share, and takes seconds: start it without torchrun.'
            ]
        )
    if asked > 1 and asked != there:
        raise ConfigError(
            [
                f"train.devices = {asked} needs {asked} processes, and there {'is 1' if there == 1 else f'are {there}'}. "
                f"Start them with: torchrun --nproc-per-node={asked} -m photobench train"
            ]
        )
    for line in bench.new_notes(idle_options(bench.project)):
        say(line)
    if not any(bench.workspace.packs.glob("*/pack.json")):
        from photobench.workflow.models.fitting import check_choices

        check_choices(bench.project)


def run_fingerprint(bench: Bench, manifest: Manifest) -> str:
    """Of all that decides a training's result: photos, labels, split, options, the weights it starts from, this version."""
    options = bench.options.model_dump(mode="json", include={"pack", "model", "augment", "loss", "train", "probe"})
    options["crop"] = project_way(bench).crop.model_dump(mode="json")  # without what has no effect
    for name in WITHOUT_EFFECT:
        options["train"].pop(name)
    options["pack"].pop("workers")
    for name in OF_OTHERS:  # photos, and what is said of them, count by their content
        options["train"].pop(name)
    for name in () if bench.options.train.teacher else OF_TEACHER:
        options["train"].pop(name)
    options["train"].pop("keep")  # runs of before there was the option kept the best, and are the same still
    if bench.options.augment.on == "auto":
        options["augment"].pop("on")  # the same photos, wherever; and so do runs of before
    if bench.options.keep == "last":
        options["train"] |= {"keep": "last", "patience": None}
    taught = teacher_key(bench, manifest)
    return fingerprint(
        __version__, manifest.fingerprint(), options, _weights_version(bench), *([taught] if taught else [])
    )


def _weights_version(bench: Bench) -> list[int]:
    weights = bench.options.model.weights
    path = bench.project.path(weights)
    if weights in ("pretrained", "none") or not path.is_file():
        return []
    return [path.stat().st_size, path.stat().st_mtime_ns]
