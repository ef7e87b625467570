"""Learning curves, and confusion matrices as data for a table (few classes) or as one small SVG (many)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import pandas as pd

from photobench.explore.words import listed, percent, photos, quoted
from photobench.metrics import METRICS
from photobench.records import ClassSpace, RunRecord
from photobench.report.inputs import Scores
from photobench.report.numbers import METRIC_NAMES
from photobench.words import count

MAX_TABLE_CLASSES = 30
WHITE_TEXT_FROM = 0.7
IMPROVEMENT = 0.005


@dataclass(frozen=True)
class Chart:
    title: str
    svg: str


@dataclass(frozen=True)
class Cell:
    count: int
    share: float  # of the true class
    hint: str
    kind: str  # CSS classes


@dataclass(frozen=True)
class Confusion:
    """Either `rows` (a table, for few classes) or `svg`."""

    title: str
    names: list[str]
    words: list[str]
    rows: list[list[Cell]]
    svg: str = ""


def curve_words(record: RunRecord) -> str:
    """Whether the training was too short, too long or about right, from its history."""
    history, best = record.history, int(record.metrics.get("best_epoch", 0))
    if not history:
        return ""
    text = f"{count(len(history), 'epoch')}"
    if best:
        f1 = record.metrics.get("macro_f1")
        text += "; the last is kept" if record.keeps_last else f"; the best is epoch {best}"
        text += f", with a macro F1 of {f1:.2f}" if f1 is not None else ""
    return f"{text}. {_advice(record)}".strip()


BY_HEART, RISING, FLAT = "by heart", "rising", "flat"
"""How the curves of a training end."""


def course(record: RunRecord) -> str:
    """One of these; empty where its curves are too short to tell."""
    frame = pd.DataFrame(record.history)
    if len(frame) < 4 or not {"epoch", "train_loss", "valid_loss", "macro_f1"} <= set(frame.columns):
        return ""
    lowest, last = frame.loc[frame["valid_loss"].idxmin()], frame.iloc[-1]
    if last["valid_loss"] > 1.05 * lowest["valid_loss"] and last["train_loss"] < lowest["train_loss"]:
        return BY_HEART
    before = frame["macro_f1"].iloc[: -max(len(frame) // 5, 1)].max()
    is_best = int(record.metrics.get("best_epoch", 0)) == int(last["epoch"])
    return RISING if is_best and last["macro_f1"] > before + IMPROVEMENT else FLAT


def _advice(record: RunRecord) -> str:
    frame, ends = pd.DataFrame(record.history), course(record)
    if ends == BY_HEART:
        lowest, last = frame.loc[frame["valid_loss"].idxmin()], frame.iloc[-1]
        return (
            f"From epoch {int(lowest['epoch'])} on, the loss on the validation photos rises from "
            f"{lowest['valid_loss']:.2f} to {last['valid_loss']:.2f} while that on the training photos still falls: the model learns "
            "them by heart. Stronger augmentation or fewer epochs would help."
        )
    return {
        RISING: "It was still getting better when it ended: more epochs are worth a trial.",
        FLAT: "The curves are flat at the end: more epochs alone would not help.",
    }.get(ends, "")


def curve_charts(record: RunRecord) -> list[Chart]:
    """Loss, scores and learning rate per epoch; nothing for fewer than two epochs."""
    if len(record.history) < 2:
        return []
    from photobench.explore import drawing

    frame = pd.DataFrame(record.history)
    best = None if record.keeps_last else record.metrics.get("best_epoch")
    attributes = [c for c in frame.columns if c.endswith("/macro_f1")]
    scores = {name: METRIC_NAMES.get(name, name) for name in ("macro_f1", "accuracy", *METRICS.names())}
    if len(attributes) > 1:
        scores |= {c: c.removesuffix("/macro_f1") for c in attributes}
    wanted = {
        "Loss": {"train_loss": "training", "valid_loss": "validation"},
        "Scores on the validation photos": scores,
        "Learning rate": {"lr": "rate"},
    }
    charts = []
    for title, columns in wanted.items():
        long = _long(frame, columns)
        if not long.empty:
            key = f"curves-{title.split()[0].lower()}"
            charts.append(
                Chart(title, drawing.curves(key, long, mark=best, height_px=160 if "lr" in columns else 260).svg())
            )
    return charts


def confusion(title: str, scores: Scores, key: str, block: int = 0) -> Confusion | None:
    """A matrix with its words. `block`: classes per value of the first attribute, set apart by a gap; 0 for none."""
    matrix = np.array(scores["confusion"], dtype=np.int64)
    names = [str(n) for n in scores["names"]]
    if not matrix.size or not matrix.sum():
        return None
    words = biggest_confusions(names, matrix)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    if len(names) > MAX_TABLE_CLASSES:
        return Confusion(title, names, words, [], _confusion_svg(key, names, matrix, shares))
    rows = [[_cell(names, matrix, shares, i, j, block) for j in range(len(names))] for i in range(len(names))]
    return Confusion(title, names, words, rows)


def biggest_confusions(names: Sequence[str], matrix: np.ndarray, limit: int = 3) -> list[str]:
    """The most frequent kinds of mistake, each as a sentence."""
    wrong = matrix - np.diag(np.diag(matrix))
    order = np.argsort(-wrong, axis=None, kind="stable")[:limit]
    found = []
    for i, j in zip(*np.unravel_index(order, wrong.shape), strict=True):
        if wrong[i, j]:
            number, total = int(wrong[i, j]), int(matrix[i].sum())
            were = "was" if number == 1 else "were"
            found.append(
                f"{number:,} of {photos(total)} of {quoted(names[i])} {were} taken for {quoted(names[j])} "
                f"({percent(number / total)})."
            )
    return found


def where_mistakes_are(space: ClassSpace, matrix: np.ndarray) -> str:
    """Which attribute is wrong in how many of the mistakes. Empty for a space of one attribute."""
    if len(space.attributes) < 2 or len(matrix) != space.num_classes:
        return ""
    codes_KA = space.decompose(np.arange(space.num_classes))
    differs_KKA = codes_KA[:, None, :] != codes_KA[None, :, :]
    num_wrong_KK = differs_KKA.sum(axis=2)
    total = int(matrix[num_wrong_KK > 0].sum())
    if not total:
        return ""
    parts = []
    for number, attribute in enumerate(space.attributes):
        alone = int(matrix[(num_wrong_KK == 1) & differs_KKA[:, :, number]].sum())
        parts.append((alone, f"in {attribute.name} alone"))
    parts.append((int(matrix[num_wrong_KK > 1].sum()), "in more than one label"))
    ordered = [f"{alone:,} {where}" for alone, where in sorted(parts, key=lambda p: -p[0]) if alone]
    return f"Of {count(total, 'mistake')}: {listed(ordered, 6)}."


def _long(frame: pd.DataFrame, columns: Mapping[str, str]) -> pd.DataFrame:
    known = {c: n for c, n in columns.items() if c in frame.columns}
    long = frame.melt("epoch", list(known), var_name="series", value_name="value").dropna(subset=["value"])
    return long.assign(series=long["series"].map(known))


def _cell(names: list[str], matrix: np.ndarray, shares: np.ndarray, i: int, j: int, block: int) -> Cell:
    number, share = int(matrix[i, j]), float(shares[i, j])
    kinds = ["right" if i == j else "wrong"] if number else ["none"]
    kinds += ["strong"] if share >= WHITE_TEXT_FROM else []
    kinds += ["gap-left"] if block and j and j % block == 0 else []
    kinds += ["gap-top"] if block and i and i % block == 0 else []
    hint = f"{names[i]} → {names[j]}: {number:,} ({percent(share)} of the row)"
    return Cell(number, share, hint, " ".join(kinds))


def _confusion_svg(key: str, names: list[str], matrix: np.ndarray, shares: np.ndarray) -> str:
    """Only cells with photos are drawn; each says on hover which they are."""
    size = len(names)
    cells = []
    for i, j in zip(*np.nonzero(matrix), strict=True):
        hint = escape(f"{names[i]} → {names[j]}: {matrix[i, j]:,} ({percent(shares[i, j])})")
        kind = "right" if i == j else "wrong"
        opacity = 0.12 + 0.88 * shares[i, j]
        place = f'x="{j}" y="{i}" width="1" height="1" fill-opacity="{opacity:.2f}"'
        cells.append(f'<rect class="{kind}" {place}><title>{hint}</title></rect>')
    frame = f'<rect class="frame" x="0" y="0" width="{size}" height="{size}"/>'
    view = f'viewBox="-0.5 -0.5 {size + 1} {size + 1}"'
    label = f'role="img" aria-label="Confusion matrix of {size} classes"'
    return f'<svg id="fig-{key}" class="dense" {view} {label}>{frame}{"".join(cells)}</svg>'


def num_mistakes(scores: Mapping[str, Any]) -> int:
    """Photos off the diagonal."""
    matrix = np.array(scores["confusion"], dtype=np.int64)
    return int(matrix.sum() - np.trace(matrix)) if matrix.size else 0
