"""Two of its photos, and what tests ask of decisions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from photobench import workflow
from photobench.api import Bench
from photobench.records import Decision, Manifest

RED, GREEN = "red/person00_0.jpg", "green/person10_0.jpg"


def row(manifest: Manifest, path: str) -> dict[str, object]:
    return manifest.frame.set_index("path").loc[path].to_dict()


def side(manifest: Manifest, name: str) -> list[str]:
    return manifest.frame["path"].iloc[manifest.rows(name)].tolist()


def standing(bench: Bench) -> dict[tuple[str, str], str]:
    table = bench.decisions().query("standing == 'yes'")
    return {(r.photo, r.field): r.new for r in table.itertuples()}


def exported(bench: Bench) -> Path:
    out = Path(bench._root) / "decisions.csv"
    workflow.export_decisions(workflow.open_bench(bench._root), out)
    return out


def imported(bench: Bench, table: Path) -> str:
    return workflow.import_decisions(workflow.open_bench(bench._root), table)


def edit(table: Path, change: Callable[[pd.DataFrame], None]) -> None:
    frame = pd.read_csv(table, dtype=str, keep_default_na=False)
    change(frame)
    frame.to_csv(table, index=False)


def some_decisions(bench: Bench) -> None:
    bench.decide(RED, "label", "blue", why='said "no", twice,\nand more')
    bench.decide(GREEN, "exclude", True)
    bench.decide(RED, "group", "person10")
    bench.decide("blue/person20_0.jpg", "label", "blue", why="it stays")
    bench._inner().workspace.add_decisions(
        [
            Decision(
                "blue/person20_1.jpg",
                "box",
                None,
                {"x1": 0.1, "y1": 0.2, "x2": 0.5, "y2": 0.9, "angle": 3.0},
                "ann",
                "2026-01-01",
                "",
            )
        ]
    )
    bench.undo(2)
