"""Small real photos for the tests of the sources."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image


@pytest.fixture
def photos(tmp_path: Path) -> Callable[..., Path]:
    """`photos("cat/1.png", …)` writes tiny photos into a folder and returns it."""

    def write(*paths: str) -> Path:
        root = tmp_path / "photos"
        for number, path in enumerate(paths):
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            kind = "PNG" if target.suffix.lower() == ".png" else "JPEG"
            Image.new("RGB", (4, 3), (number % 256, 0, 0)).save(target, kind)
        root.mkdir(exist_ok=True)
        return root

    return write
