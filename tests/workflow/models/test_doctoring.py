"""The doctor on real workspaces: its own photos, its own model, and loaders that are slow on purpose."""

from __future__ import annotations

import math
import time
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

import photobench as pb
from photobench.data.pack import Pack
from photobench.doctor.facts import LOADER_PARTS, MODEL_PARTS, Case, Machine, Setting, Trial, Work
from photobench.doctor.measure import in_threads
from photobench.doctor.trials import Comparison, Trainings
from photobench.doctor.verdict import chosen
from photobench.errors import PhotobenchError
from photobench.train.loop import Trainer
from photobench.workflow import Bench, doctor, open_bench, prepare, prescribe
from photobench.workflow.models.doctoring import examine, trainer_maker
from photobench.workflow.photos.preparing import Prepared
from tests.conftest import Cli, draw_photo, project_toml

CASE = Case(
    Machine("cpu", cores=2, load=0.0), "test_resnet at 32 px", "light", 37, 37, 8, decode=500.0, work=Work(43, 11, 2, 0)
)


class SlowPixels:
    """The squares of a pack on a disk that takes its time."""

    def __init__(self, pixels: np.ndarray, photo_s: float):
        self.pixels, self.photo_s = pixels, photo_s

    def __getitem__(self, row: int) -> np.ndarray:
        time.sleep(self.photo_s)
        return self.pixels[row]


class SlowPack(Pack):
    def __init__(self, folder: Path, photo_s: float):
        super().__init__(folder)
        self.pixels = SlowPixels(self.pixels, photo_s)  # type: ignore[assignment]


def on_a_slow_disk(bench: Bench, photo_s: float) -> Prepared:
    prepared = prepare(bench)
    return replace(prepared, pack=SlowPack(prepared.pack.folder, photo_s))


def test_a_first_visit_measures_every_part_and_leaves_nothing(workspace: Path) -> None:
    checkup = doctor(open_bench(workspace), seconds=2)
    assert set(checkup.measured.parts) == {*LOADER_PARTS, *MODEL_PARTS} - {"apply"}, (
        "a processor leaves it to the loader"
    )
    assert all(seconds > 0 for seconds in checkup.measured.parts.values())
    assert checkup.measured.case.work == Work(num_train=43, num_valid=11, epochs=2, num_to_decode=54)
    assert checkup.measured.setting.batch_size == 8
    assert checkup.sentence in str(checkup)
    assert not any((workspace / name).exists() for name in ("runs", "packs", "manifest.parquet"))
    assert pb.open(workspace).runs().empty


def test_what_the_device_augments_is_a_part_of_its_own(workspace: Path) -> None:
    on_device = {"augment": {"on": "device", "preset": "medium"}}
    parts = doctor(open_bench(workspace, [on_device]), seconds=1).measured.parts
    assert set(parts) == {*LOADER_PARTS, *MODEL_PARTS}
    assert parts["apply"] > parts["transfer"], "on a processor nothing has to be copied"


def test_packed_photos_are_those_of_the_training(workspace: Path) -> None:
    bench = open_bench(workspace)
    prepare(bench)
    work = doctor(open_bench(workspace), seconds=1).measured.case.work
    assert work.num_to_decode == 0
    assert work.num_train + work.num_valid == 54
    other = doctor(open_bench(workspace, [{"pack": {"side_px": 48}}]), seconds=1)
    assert other.measured.case.work.num_to_decode == 54


def test_the_measured_steps_change_no_training(workspace: Path, tmp_path: Path) -> None:
    run = pb.open(workspace).train()
    doctor(open_bench(workspace), seconds=1)
    again = pb.open(workspace).train()
    assert again.name == run.name
    assert pb.open(workspace).get_run().name == run.name


def test_a_starved_loader_is_named_as_the_cause(workspace: Path) -> None:
    bench = open_bench(workspace)
    slow = on_a_slow_disk(bench, photo_s=0.02)
    with in_threads(1):  # what else runs here is no matter of this test
        checkup = examine(bench, slow, CASE, time.perf_counter() + 2)
    assert checkup.cause == "loader"
    assert checkup.measured.loader < 60
    assert checkup.sentence.startswith("The loader limits: it gives ")
    assert "of the loader's work is read (a photo out of the pack)" in checkup.sentence


def test_fix_writes_workers_that_help_and_the_next_visit_has_nothing_to_add(workspace: Path) -> None:
    project = workspace / "photobench.toml"
    project.write_text(project.read_text().replace("[train]", "# mine\n[train]\nworkers = 0  # one process"))
    first = _compare_workers(open_bench(workspace), 2)
    assert first is not None
    assert prescribe(open_bench(workspace), {first.option: first.new}) == [f"{project}: train.workers 0 -> 2"]
    text = project.read_text()
    assert "# mine\n[train]" in text
    assert "workers = 2  # one process\n" in text
    assert _compare_workers(open_bench(workspace), 0) is None


def _compare_workers(bench: Bench, other: int) -> Trial | None:
    """The trial of another number of workers than the project's, on a slow disk, where it is better."""
    trainings = Trainings(trainer_maker(bench, on_a_slow_disk(bench, photo_s=0.05), "cpu"))
    setting = Setting(bench.options.train.workers, "fp32", 8, threads=1)
    comparison = Comparison(trainings, setting, num_photos=43, end=math.inf)
    comparison.compare("train.workers", [other])
    assert len(comparison.trials) == 1
    return chosen(comparison.trials)


@pytest.mark.parametrize(("room", "too_large", "tried"), [(8, [16], [4]), (4, [16], [4]), (99, [], [4, 16])])
def test_a_batch_that_is_learned_in_more_parts_does_not_fit_here(
    workspace: Path, room: int, too_large: list[int], tried: list[int]
) -> None:
    """A device with room for so many photos. The batch of the project is 8; where it does not fit it is still measured."""
    bench = open_bench(workspace)
    make = trainer_maker(bench, prepare(bench), "cpu")

    def full(model: torch.nn.Module, images: tuple[torch.Tensor]) -> None:
        if model.training and len(images[0]) > room:
            raise torch.OutOfMemoryError

    def make_small(setting: Setting) -> Trainer:
        trainer = make(setting)
        trainer.model.register_forward_pre_hook(full)
        return trainer

    comparison = Comparison(Trainings(make_small), Setting(0, "fp32", 8, threads=1), num_photos=43, end=math.inf)
    comparison.compare("train.batch_size", [4, 16])
    assert comparison.too_large == [f"train.batch_size {size}" for size in too_large]
    assert [trial.new for trial in comparison.trials] == tried
    assert not comparison.untried


def test_what_is_prescribed_is_checked_before_it_is_written(workspace: Path) -> None:
    before = (workspace / "photobench.toml").read_bytes()
    with pytest.raises(PhotobenchError, match=r"train\.workers = -7"):
        prescribe(open_bench(workspace), {"train.workers": -7})
    assert (workspace / "photobench.toml").read_bytes() == before


def test_a_schedule_that_ends_does_not_stop_the_measuring(workspace: Path) -> None:
    options = {"train": {"epochs": 1, "schedule": "one_cycle", "average": 0.9, "clip_norm": 1.0}}
    assert doctor(open_bench(workspace, [options]), seconds=1).measured.training.rate > 0


@pytest.mark.slow
def test_the_command_and_its_counterpart_in_python(workspace: Path, cli: Cli) -> None:
    done = cli("doctor", "-w", workspace, "--seconds", "1", OMP_NUM_THREADS="1")
    assert done.returncode == 0, done.stderr
    assert "doctor: the parts of a training" in done.stderr
    for part in {*LOADER_PARTS, *MODEL_PARTS, "decode"} - {"apply"}:
        assert f"\n{part} " in done.stdout
    assert " limits: " in done.stdout
    before = (workspace / "photobench.toml").read_bytes()
    checkup = pb.open(workspace).doctor(fix=True, seconds=1, batch_size=4)
    assert ((workspace / "photobench.toml").read_bytes() != before) == bool(checkup.changes)
    assert checkup.measured.case.batch_size == 4


def test_mistakes_are_a_sentence(workspace: Path, photos: Path, tmp_path: Path, cli: Cli) -> None:
    nowhere = cli("doctor", "-w", tmp_path / "nowhere")
    assert nowhere.returncode == 2
    assert "photobench init PHOTOS" in nowhere.stderr
    with pytest.raises(PhotobenchError, match='no model "resnet19"'):
        doctor(open_bench(workspace, [{"model": {"backbone": "resnet19"}}]))
    broken = tmp_path / "broken"
    for name in ("red", "green", "blue"):
        draw_photo(broken / name / "person0_0.jpg", (1, 2, 3), 0).write_bytes(b"\xff\xd8\xff\xe0 no photo")
    (workspace / "photobench.toml").write_text(project_toml(broken))
    with pytest.raises(PhotobenchError, match=r"None of 3 photos of .* can be read"):
        doctor(open_bench(workspace), seconds=1)
    empty = tmp_path / "empty"
    empty.mkdir()
    (workspace / "photobench.toml").write_text(project_toml(empty))
    with pytest.raises(PhotobenchError, match="empty"):
        doctor(open_bench(workspace), seconds=1)


def test_the_file_is_toml_after_a_fix(workspace: Path) -> None:
    prescribe(open_bench(workspace), {"train.workers": 2, "train.precision": "fp32"})
    assert tomllib.loads((workspace / "photobench.toml").read_text())["train"]["precision"] == "fp32"
    assert open_bench(workspace).options.train.workers == 2
