"""The sheet of what training sees, and the warning of an augmentation that destroys the label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import photobench as pb
from photobench import workflow
from photobench.workflow.models import augmenting
from photobench.workflow.models.label_check import check_labels, label_check
from tests.conftest import Cli, project_toml

MIRRORED, SYMMETRIC = ("left", "right"), ("disc", "square")


def draw_shape(path: Path, kind: str, seed: int) -> None:
    """An arrow that points left or right, a disc or a square, somewhere on noise."""
    rng = np.random.default_rng(seed)
    image = Image.fromarray(rng.integers(90, 160, (48, 48, 3), dtype=np.uint8))
    x, y, size = *rng.integers(19, 29, 2), int(rng.integers(9, 14))
    colour = tuple(int(c) for c in rng.integers(190, 255, 3))
    draw, corners = ImageDraw.Draw(image), [x - size, y - size, x + size, y + size]
    if kind == "disc":
        draw.ellipse(corners, fill=colour)
    elif kind == "square":
        draw.rectangle(corners, fill=colour)
    else:
        tip = size if kind == "right" else -size
        draw.polygon([(x + tip, y), (x - tip, y - size), (x - tip, y + size)], fill=colour)
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path)


def draw_project(root: Path, kinds: tuple[str, ...]) -> Path:
    """A workspace with 60 photos of each kind."""
    for kind in kinds:
        for number in range(60):
            draw_shape(root / "photos" / kind / f"{number}.png", kind, seed=number)
    (root / "bench").mkdir()
    text = project_toml(root / "photos", kinds).replace("group_pattern = '(person\\d+)_'", "")
    (root / "bench" / "photobench.toml").write_text(text.replace("size_px = 32", "size_px = 48"))
    return root / "bench"


def trained(root: Path, kinds: tuple[str, ...], **options: object) -> tuple[workflow.Bench, pb.RunRecord]:
    """A model that had six epochs of such photos."""
    draw_project(root, kinds)
    sets = [{"train": {"epochs": 6, "lr": 2e-3, "batch_size": 16}, "evaluate": {"bootstraps": 200}, "augment": options}]
    bench = workflow.open_bench(root / "bench", sets)
    return bench, workflow.train(bench)


def test_a_flip_of_mirrored_classes_is_warned_of(tmp_path: Path) -> None:
    """Trained with flips the model tells neither arrow, flipped or not: that its own answers do not differ says nothing."""
    bench, record = trained(tmp_path, MIRRORED, preset="light")
    assert record.metrics["accuracy"] < 0.75
    (warning,) = check_labels(bench, record).warnings
    assert warning.startswith("The left-right flip of the augmentation costs ")
    assert "'left' is taken for 'right'" in warning or "'left' for 'right'" in warning
    assert warning.endswith('set augment.preset = "no-flip".')
    assert warning.replace("'", "&#39;").replace('"', "&#34;") in workflow.report(bench, record.name).read_text()


def test_no_flip_is_not_warned_of_but_is_told_what_flips_would_cost(tmp_path: Path) -> None:
    bench, record = trained(tmp_path, MIRRORED, preset="no-flip")
    assert record.metrics["accuracy"] > 0.85
    check = workflow.check_augmentation(bench)
    assert check.used == ()
    assert check.warnings == []
    costly = {cost.transform for cost in check.costs if cost.is_beyond_doubt}
    assert {"left-right flip", "half turn"} <= costly
    assert "up-down flip" not in costly


@pytest.mark.parametrize("preset", ["light", "any-way-up"])
def test_symmetric_classes_are_not_warned_of(tmp_path: Path, preset: str) -> None:
    bench, record = trained(tmp_path, SYMMETRIC, preset=preset)
    check = check_labels(bench, record)
    assert len(check.costs) == len(check.used) > 0
    assert check.warnings == []


def test_it_is_measured_once_and_more_of_it_when_asked(tmp_path: Path) -> None:
    bench, record = trained(tmp_path, SYMMETRIC, preset="light")
    assert label_check(bench, record) is None
    first = check_labels(bench, record)
    model = bench.workspace.root / record.folder / "model.safetensors"
    hidden = model.rename(model.with_suffix(".hidden"))
    assert check_labels(bench, record) == first  # without the model
    hidden.rename(model)
    whole = workflow.check_augmentation(bench)
    assert whole.costs[:1] == first.costs
    assert len(whole.costs) == 4
    assert label_check(bench, record) == whole


def test_the_sheet_shows_each_class_and_what_is_mixed(workspace: Path, cli: Cli) -> None:
    done = cli("augment", "--preview", "-w", workspace, "-s", "augment.mix=halves", "-s", "augment.erasing=0.5")
    assert done.stderr.startswith("augment: loading the transforms\n") and "how fast one core applies" in done.stderr
    assert done.returncode == 0, done.stderr
    sheet = workspace / "augment.html"
    assert done.stdout.splitlines()[-1] == str(sheet)
    html = sheet.read_text()
    for said in ("What training sees of a photo: light", "images a second on one core", "Erasing", "Mixed: halves"):
        assert said in html
    for name in ("red", "green", "blue"):
        assert f'<span class="words">{name}</span>' in html
    assert html.count("data:image/webp") > 6 * 7
    assert "<script" not in html


def test_the_sheet_of_a_pipeline_by_names(workspace: Path, cli: Cli) -> None:
    done = cli("augment", "-w", workspace, "-s", 'augment.pipeline=[{name="Rotate", limit=10}, {name="ToGray"}]')
    assert done.returncode == 0, done.stderr
    html = (workspace / "augment.html").read_text()
    assert "<code>RandomResizedCrop</code>, <code>Rotate</code>, <code>ToGray</code>" in html


@pytest.mark.parametrize("verb", ["train", "augment"])
def test_a_misspelt_transform_is_told_before_any_photo_is_read(workspace: Path, cli: Cli, verb: str) -> None:
    done = cli(verb, "-w", workspace, "-s", 'augment.pipeline=[{name="Rotat"}]')
    assert done.returncode == 2
    assert (
        'augment.pipeline, entry 1: There is no transform "Rotat" in albumentations. Did you mean "Rotate"?'
        in done.stderr
    )
    assert "Traceback" not in done.stderr
    assert not (workspace / "packs").exists()


def test_a_nameless_entry_is_a_mistake_of_the_project_file(workspace: Path, cli: Cli) -> None:
    done = cli("augment", "-w", workspace, "-s", "augment.pipeline=[{limit=3}]")
    assert done.returncode == 2
    assert "augment.pipeline" in done.stderr
    assert 'entry 1 has no name: write it as { name = "Rotate", limit = 10 }' in done.stderr


def test_a_run_keeps_its_pipeline_and_its_options_can_be_read_again(workspace: Path) -> None:
    pipeline = [{"name": "Rotate", "limit": [-5, 5], "p": 0.5}, {"name": "ToGray"}]
    run = pb.open(workspace, pipeline=pipeline, epochs=1).train()
    (saved,) = run.folder.glob("*.toml")
    again = workspace.parent / "again"
    again.mkdir()
    (again / "photobench.toml").write_text(saved.read_text().replace('photos = "', f'photos = "{workspace}/'))
    assert pb.open(again).options.augment.pipeline == tuple(pipeline)


def test_mixes_on_the_sheet_show_both_photos(workspace: Path) -> None:
    """Most draws of mixup are nearly one photo alone."""
    bench = workflow.open_bench(workspace, [{"augment": {"mix": "mixup"}}])
    mixed = augmenting._inputs(bench, workflow.prepare(bench)).mixed
    assert len(mixed) == augmenting.MAX_MIXED
    assert all(0.25 <= one.share <= 0.75 for one in mixed)
