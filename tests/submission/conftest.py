"""A sample to be filled."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def sample(tmp_path: Path):
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "sample.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write
