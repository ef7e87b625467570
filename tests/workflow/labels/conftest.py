"""A project of drawn photos that people decide about."""

from __future__ import annotations

from pathlib import Path

import pytest

import photobench as pb
from photobench.api import Bench


@pytest.fixture
def bench(workspace: Path) -> Bench:
    return pb.open(workspace)
