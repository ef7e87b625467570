"""What tests share: small real photos in small real workspaces, and the command line as a person calls it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.chromium import browser  # noqa: F401, a fixture
from tests.forking import REPO, Child, Command, forking
from tests.postgres_server import postgres  # noqa: F401, a fixture

SHARED_DATA = REPO.parent / "shared" / "data"

TINY = {
    "model.backbone": "test_resnet",
    "model.weights": "none",
    "size_px": 32,
    "train.epochs": 2,
    "train.batch_size": 8,
    "evaluate.bootstraps": 50,
}
"""Options under which a training takes a second: timm's own model for tests."""

QUICK = {
    "backbone": "test_resnet",
    "weights": "none",
    "size_px": 32,
    "epochs": 1,
    "bootstraps": 50,
    "precision": "fp32",
}
"""The like by name, for Python."""

COLOURS = {"red": (200, 40, 40), "green": (40, 180, 60), "blue": (50, 60, 210), "grey": (128, 128, 128)}


def draw_photo(path: Path, colour: tuple[int, int, int], seed: int, size: tuple[int, int] = (48, 40)) -> Path:
    """A real JPEG or PNG (by the ending): a disc of a colour on noise. `size` is (width, height)."""
    rng = np.random.default_rng(seed)
    width, height = size
    pixels = rng.integers(90, 160, (height, width, 3)).astype(np.float64)
    y, x = np.mgrid[:height, :width]
    cx, cy = rng.uniform(0.35, 0.65, 2) * size
    disc = (x - cx) ** 2 + (y - cy) ** 2 < (0.3 * min(size)) ** 2
    pixels[disc] = np.array(colour) + rng.normal(0, 12, (int(disc.sum()), 3))
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(path)
    return path


def draw_face(seed: int, size: tuple[int, int] = (144, 192)) -> np.ndarray:
    """A portrait of the demo's drawn people, RGB (H, W, 3), in which detectors find one face. `size` is (width, height)."""
    from photobench.sources.demo.labels import NOT_WORN
    from photobench.sources.demo.look import sample_look
    from photobench.sources.demo.portrait import render
    from photobench.sources.demo.shot import sample_shot

    rng = np.random.default_rng(seed)
    look = sample_look(rng, gender=seed % 2, age=30)
    return render(look, sample_shot(rng, look, NOT_WORN, None), size)


def draw_folder(
    root: Path, classes: tuple[str, ...] = ("red", "green", "blue"), people: int = 6, each: int = 3
) -> Path:
    """A folder per class; the names say who is in the photo: `red/anna_1.jpg`."""
    for number, name in enumerate(classes):
        for person in range(people):
            for photo in range(each):
                seed = number * 1000 + person * 10 + photo
                draw_photo(root / name / f"person{number}{person}_{photo}.jpg", COLOURS[name], seed)
    return root


def draw_competition(root: Path, people: int, num_test: int, seed: int = 0) -> Path:
    """Folders of classes in `train`, a folder `test`, and the sample of its submission."""
    draw_folder(root / "train", people=people, each=2)
    names = [draw_photo(root / "test" / f"{n}.jpg", (200, 40, 40), seed + n).name for n in range(num_test)]
    pd.DataFrame({"id": names, "ans": 0}).to_csv(root / "sample_submission.csv", index=False)
    return root


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """54 photos of 18 people in three classes."""
    return draw_folder(tmp_path / "photos")


def project_toml(photos: Path, classes: tuple[str, ...] = ("red", "green", "blue"), extra: str = "") -> str:
    return f"""
[source]
kind = "folder"
photos = "{photos.as_posix()}"
group_pattern = '(person\\d+)_'

[[attributes]]
name = "label"
values = {list(classes)}

[model]
backbone = "test_resnet"
weights = "none"
size_px = 32

[train]
epochs = 2
batch_size = 8

[evaluate]
bootstraps = 50
{extra}"""


@pytest.fixture
def workspace(tmp_path: Path, photos: Path) -> Path:
    """A workspace whose project is the photos fixture, with a model that trains in a second."""
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "photobench.toml").write_text(project_toml(photos))
    return root


@pytest.fixture
def twin(tmp_path: Path, photos: Path) -> Path:
    """Another workspace with the same photos."""
    root = tmp_path / "twin"
    root.mkdir()
    (root / "photobench.toml").write_text(project_toml(photos))
    return root


Cli = Callable[..., "subprocess.CompletedProcess[str]"]
Start = Callable[..., Child]


@pytest.fixture(scope="session")
def fork_server() -> Iterator[subprocess.Popen[str]]:
    """The process of which commands are children."""
    with forking() as server:
        yield server


@pytest.fixture
def start(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, fork_server: subprocess.Popen[str]) -> Start:
    """`start("train", "-w", workspace)`: the command in a process of its own, to be waited for or killed."""
    streams, numbers = tmp_path_factory.mktemp("streams"), count()

    def call(*args: object, before: str = "", **environment: str) -> Child:
        env = {**os.environ, "COLUMNS": "160", **environment}
        out, err = (str(streams / f"{name}-{next(numbers)}") for name in ("out", "err"))
        return Child(fork_server, Command([str(arg) for arg in args], str(tmp_path), out, err, env, before))

    return call


@pytest.fixture
def cli(start: Start) -> Cli:
    """`cli("run", "-w", workspace)`: the command as a person calls it, with all it printed. Its libraries are loaded already."""

    def call(*args: object, timeout_s: float = 300, **environment: str) -> subprocess.CompletedProcess[str]:
        child = start(*args, **environment)
        return subprocess.CompletedProcess(args, child.wait(timeout_s), *child.read())

    return call


@pytest.fixture
def fresh_cli(tmp_path: Path) -> Cli:
    """As `cli`, from a Python that was started for it: dear, and needed only where the start itself matters."""

    def call(*args: object, timeout_s: float = 300, **environment: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "photobench", *map(str, args)]
        env = {**os.environ, "COLUMNS": "160", **environment}
        env["PYTHONPATH"] = os.pathsep.join(filter(None, (environment.get("PYTHONPATH"), str(REPO))))  # this checkout
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, cwd=tmp_path, env=env)

    return call


def needs_shared(name: str) -> pytest.MarkDecorator:
    """Skips, saying so, where the real photos are not beside the repository."""
    return pytest.mark.skipif(
        not (SHARED_DATA / name).exists(), reason=f"needs {name} in ../shared/data, which is not here"
    )
