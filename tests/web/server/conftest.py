"""A review with some findings, and pages on a server of its own, asked over HTTP."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import ExifTags, Image

import photobench as pb
from photobench.records import Finding
from tests.conftest import COLOURS, Start, draw_folder, draw_photo, project_toml
from tests.forking import Child, Command
from tests.web.client import Page, address_of, relabel, write_findings

RED, OTHER_RED, BLUE = "red/person00_0.jpg", "red/person01_0.jpg", "blue/person20_0.jpg"
SCRIPT = "<img src=x onerror=alert(1)>"
ODD = f"red/person00_{SCRIPT}.jpg"
CAMERA, HIDDEN = "the camera of somebody", b"a note behind the photo"
"""What is in its file besides pixels."""

FINDINGS = [
    relabel(RED, "red", "blue", 0.9, f"Four of five neighbours are {SCRIPT}."),
    relabel(OTHER_RED, "red", "green", 0.8),
    relabel(BLUE, "blue", "red", 0.7),
    Finding("quality", "dark", BLUE, "", 0.6, "", "", "look", "It is dark."),
]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose photos are read already, and what an audit found in them."""
    folder = tmp_path_factory.mktemp("review")
    photos = draw_folder(folder / "photos", people=3)
    draw_photo(photos / ODD, COLOURS["red"], 5, (900, 600))
    tell_more(photos / ODD)
    workspace = folder / "workspace"
    workspace.mkdir()
    (workspace / "photobench.toml").write_text(project_toml(photos))
    pb.open(workspace).manifest()
    write_findings(workspace, FINDINGS[:3])
    write_findings(workspace, FINDINGS[3:], "quality")
    return workspace


def tell_more(photo: Path) -> None:
    """As a camera does it, and as a file can."""
    with Image.open(photo) as image:
        exif = image.getexif()
        exif[ExifTags.Base.Make] = CAMERA
        exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (37.0, 33.0, 59.0)
        image.save(photo, exif=exif)
    photo.write_bytes(photo.read_bytes() + HIDDEN)
    assert CAMERA.encode() in photo.read_bytes()


@pytest.fixture
def desk(made: Path, tmp_path: Path) -> Path:
    """A copy of it, of which the photos are the same."""
    return Path(shutil.copytree(made, tmp_path / "desk"))


@pytest.fixture(scope="module")
def shown(made: Path, fork_server: subprocess.Popen[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A page on a server at which nothing is decided."""
    folder = tmp_path_factory.mktemp("shown")
    copy = shutil.copytree(made, folder / "workspace")
    streams = (str(folder / "out"), str(folder / "err"))
    child = Child(fork_server, Command(["review", "-w", str(copy)], str(folder), *streams, dict(os.environ)))
    yield Page(address_of(child))
    child.stop()


Open = Callable[..., tuple[Page, Child]]


@pytest.fixture
def open_page(start: Start) -> Iterator[Open]:
    children = []

    def call(workspace: Path, name: str = "lee") -> tuple[Page, Child]:
        children.append(start("review", "-w", workspace, "--as", name))
        return Page(address_of(children[-1])), children[-1]

    yield call
    for child in children:
        child.stop()
