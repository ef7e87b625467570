"""A competition without photos, whose files are made by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import project_toml

NAMES = [f"{number:02d}.jpg" for number in range(12)]


@pytest.fixture
def contest(tmp_path: Path) -> Path:
    """A workspace whose competition has twelve photos and takes five submissions a day."""
    root = tmp_path / "contest"
    root.mkdir()
    pd.DataFrame({"id": NAMES, "label": "red"}).to_csv(root / "sample.csv", index=False)
    extra = '[submit]\nsample = "sample.csv"\n\n[ledger]\nper_day = 5\n'
    (root / "photobench.toml").write_text(project_toml(tmp_path / "photos", extra=extra))
    return root


Write = Callable[[int], Path]


@pytest.fixture
def answers(tmp_path: Path) -> Write:
    """`answers(3)`: a file made elsewhere, whose first three photos are green."""

    def write(greens: int) -> Path:
        path = tmp_path / f"by hand {greens}.csv"
        labels = ["green"] * greens + ["red"] * (len(NAMES) - greens)
        pd.DataFrame({"id": NAMES, "label": labels}).to_csv(path, index=False)
        return path

    return write
