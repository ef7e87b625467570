"""Who cannot be in one ensemble: other classes, other labels, another test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from photobench import workflow
from photobench.errors import PhotobenchError
from photobench.workflow import open_bench
from photobench.workflow.answers.choosing_members import find_members
from photobench.workflow.labels.deciding import decide
from tests.conftest import draw_folder, project_toml

FROZEN = [{"model": {"mode": "frozen"}, "train": {"precision": "fp32"}}]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project whose photos are divided already, and two runs that can be put together."""
    for split, people in (("train", 4), ("valid", 3), ("test", 2)):
        draw_folder(tmp_path / "photos" / split, people=people)
        for path in (tmp_path / "photos" / split).rglob("*.jpg"):
            path.rename(path.with_name(f"{split}-{path.name}"))
    toml = project_toml(tmp_path / "photos").replace("(person", "(\\w+-person")
    (tmp_path / "photobench.toml").write_text(toml)
    train(tmp_path)
    train(tmp_path, seed=1)
    assert [one.name for one in find_members(open_bench(tmp_path), ["001", "002"])] == [
        "001-test_resnet",
        "002-test_resnet",
    ]
    return tmp_path


def train(root: Path, seed: int = 0) -> None:
    workflow.train(open_bench(root, [*FROZEN, {"train": {"seed": seed}}]))


def why_not(root: Path) -> str:
    """Of the first run and the third; nothing is written."""
    before = sorted(root.rglob("*"))
    with pytest.raises(PhotobenchError) as error:
        workflow.ensemble(open_bench(root), ["001", "003"])
    assert sorted(root.rglob("*")) == before
    return str(error.value)


def test_members_of_other_classes(root: Path) -> None:
    """The same photos, of which another project file knows the classes in another order."""
    project = root / "photobench.toml"
    project.write_text(project.read_text().replace("['red', 'green', 'blue']", "['blue', 'red', 'green']"))
    train(root)
    assert "001-test_resnet and 003-test_resnet tell different classes" in why_not(root)


def test_members_with_other_test_photos(root: Path) -> None:
    """A person of the training became one of the test."""
    for path in root.glob("photos/train/red/*person00_*"):
        shutil.move(path, root / "photos" / "test" / "red" / path.name)
    train(root)
    assert "001-test_resnet and 003-test_resnet have different test photos" in why_not(root)


def test_members_that_learned_other_labels_of_what_they_held_out(root: Path) -> None:
    photo = next((root / "photos" / "valid" / "red").iterdir()).relative_to(root / "photos")
    decide(open_bench(root), [photo.as_posix()], "label", "blue")
    train(root)
    assert "different labels of 1 photo that they held out" in why_not(root)
