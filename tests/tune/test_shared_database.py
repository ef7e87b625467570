"""Two workspaces, as of two machines, that share a search in a real PostgreSQL."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.conftest import Cli, Start, draw_folder, project_toml

PLACES = (Path("/usr/lib/postgresql/15/bin"), Path("/usr/local/bin"), Path("/usr/bin"))
BINARIES = next((place for place in PLACES if (place / "initdb").exists() and (place / "postgres").exists()), None)
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(BINARIES is None, reason="needs the server of PostgreSQL, which is not here"),
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Of a server that is started for this test; it does not run as root, and the folders of pytest are root's alone."""
    assert BINARIES is not None
    folder = Path(tempfile.mkdtemp(prefix="tune-server-"))
    as_user: dict[str, object] = {}
    if os.getuid() == 0:
        shutil.chown(folder, "nobody")
        as_user = {"user": "nobody"}
    data = folder / "data"
    quiet = {"check": True, "capture_output": True, "cwd": folder, **as_user}
    subprocess.run([BINARIES / "initdb", "-D", data, "-U", "me", "-A", "trust", "--no-sync"], **quiet)  # type: ignore[call-overload]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c fsync=off"
    control = [BINARIES / "pg_ctl", "-D", data, "-w"]
    subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], **quiet)  # type: ignore[call-overload]
    yield f"postgresql://me:$TUNE_PASSWORD@127.0.0.1:{port}/postgres"
    subprocess.run([*control, "-m", "immediate", "stop"], **quiet)  # type: ignore[call-overload]
    shutil.rmtree(folder)


def test_two_machines_share_a_search_without_a_duplicate(tmp_path: Path, address: str, start: Start, cli: Cli) -> None:
    photos = draw_folder(tmp_path / "photos")
    extra = f'\n[tune]\nstorage = "{address}"\nfinalists = 0\n[tune.space]\n"train.lr" = {{ low = 1e-4, high = 1e-2, log = true }}\n'
    workspaces = [tmp_path / "one", tmp_path / "other"]
    for root in workspaces:
        root.mkdir()
        (root / "photobench.toml").write_text(project_toml(photos, extra=extra))
    children = [start("tune", "-w", root, "--trials", "6", TUNE_PASSWORD="kept-to-oneself") for root in workspaces]
    assert [child.wait() for child in children] == [0, 0], [child.read()[1] for child in children]
    tables = [pd.read_csv(root / "tune" / "tune" / "trials.csv") for root in workspaces]
    assert tables[0]["train.lr"].tolist() == tables[1]["train.lr"].tolist()
    assert len(tables[0]) == 6 == tables[0]["train.lr"].nunique()
    assert sum(len(list(root.glob("runs/*"))) for root in workspaces) == 6
    written = [path.read_text() for root in workspaces for path in root.glob("runs/*/config.*")]
    assert not any("kept-to-oneself" in text for text in written)
    done = cli("tune", "-w", workspaces[0], "--set", "split.seed=3", TUNE_PASSWORD="kept-to-oneself")
    assert done.returncode == 2
    assert "other photos, labels or another split" in done.stderr
    assert "postgresql://me:***@127.0.0.1" in done.stderr
