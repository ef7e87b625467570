"""A workspace with photos in three colours of which some labels are wrong, and the findings that say so, without an audit having to run."""

from __future__ import annotations

from pathlib import Path

from photobench.records import Checked, Finding
from photobench.workspace import Workspace
from tests.conftest import draw_folder, project_toml

CLASSES = ("red", "green", "blue")
EVIL = "person09_<img src=x onerror=alert(1)>.jpg"
"""A file name that would be HTML."""
NUM_PEOPLE, NUM_EACH = 4, 3


def make_suspects(root: Path) -> Path:
    """36 photos of 12 people; a finding about the label of every photo of green and blue, and one that proposes to leave a photo out.

    The most suspicious is the first photo of green; its people's other photos follow in their order.
    """
    photos = draw_folder(root / "photos", CLASSES, NUM_PEOPLE, NUM_EACH)
    (photos / "red" / "person00_0.jpg").rename(photos / "red" / EVIL)
    bench = root / "bench"
    bench.mkdir()
    (bench / "photobench.toml").write_text(project_toml(photos, extra="[audit]\nnum_folds = 2"))
    write_findings(bench, labels_doubted(photos), [too_dark(f"red/{EVIL}")])
    return bench


def labels_doubted(photos: Path) -> list[Finding]:
    """That green is blue and blue is red, less and less surely."""
    paths = [
        path.relative_to(photos).as_posix() for name in ("green", "blue") for path in sorted((photos / name).iterdir())
    ]
    suggested = {"green": "blue", "blue": "red"}
    return [
        Finding("labels", "wrong label", path, "label", round(0.99 - place / 50, 2), given := path.partition("/")[0], suggested[given],
                "relabel", f"Five of its five nearest photos are {suggested[given]}.", (paths[(place + 5) % len(paths)],))
        for place, path in enumerate(paths)
    ]  # fmt: skip


def too_dark(path: str) -> Finding:
    return Finding("quality", "dark", path, "", 0.6, "", "", "exclude", "Half of it is <b>black</b>.")


def write_findings(bench: Path, *checks: list[Finding]) -> None:
    """As the audit leaves them."""
    folder = Workspace(bench).findings
    folder.mkdir(parents=True, exist_ok=True)
    for findings in checks:
        (folder / f"{findings[0].check}.parquet").write_bytes(Checked(findings[0].check, tuple(findings)).to_bytes())
