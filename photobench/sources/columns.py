"""What the columns of a table are: labels, groups, a split, ids. By name and values, so never certain."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from photobench.records import RESERVED
from photobench.sources.clues import Clue
from photobench.sources.files import natural_key, split_name
from photobench.sources.manifest import BLANKS
from photobench.words import count, examples

MAX_VALUES = 50  # of an attribute, unless it is the only column that can be one
_MAX_CLASSES = 1000  # of all attributes together
_MAX_NUMBERS = 12  # distinct numbers that may still be class ids; more are measurements
_AGE_BINS = (30.0, 60.0)
_ENOUGH_GROUPS = 10
_GROUP_WORDS = {
    "person",
    "subject",
    "patient",
    "identity",
    "individual",
    "participant",
    "speaker",
    "owner",
    "사람",
    "인물",
    "환자",
    "피험자",
}
_GROUP_WORDS |= {"session", "video", "clip", "lesion", "specimen", "volunteer", "donor"}
_PERHAPS_GROUP_WORDS = {"group", "user", "animal", "plant", "product", "scene", "sequence", "series", "case"}
_PERHAPS_GROUP_WORDS |= {"slide", "wafer", "board", "people", "name", "item", "object", "part"}
_ID_WORDS = {"id", "idx", "index", "uuid", "uid", "no", "nr", "number", "key", "hash", "unnamed"}
_LABEL_WORDS = {"label", "labels", "class", "category", "target", "type", "ans", "answer", "y"}
_OTHER_WORDS = {"fold", "width", "height", "left", "top", "xmin", "ymin", "xmax", "ymax", "x", "bbox", "url"}


@dataclass
class Columns:
    """What was understood of a table."""

    attributes: list[dict[str, Any]] = field(default_factory=list)
    group: str = ""
    split: str = ""
    clues: list[Clue] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def understand(table: pd.DataFrame, path_column: str) -> Columns:
    """Says of each column what it is. `table` is text throughout (missing where empty), one row per photo."""
    found = Columns()
    cells = {name: _filled(table[name]) for name in table.columns if name != path_column}
    names = [name for name, column in cells.items() if len(column)]
    found.split = next((name for name in names if _is_split(cells[name])), "")
    names = [name for name in names if name != found.split]
    groups = [name for name in names if _is_group(name, cells[name])]
    labels = [name for name in names if name not in groups]
    if not any(not _why_not(name, cells[name]) or _is_measured(cells[name]) for name in labels):
        groups, labels = [], names  # who it is, is what is to be told
    found.group = _safest(groups, cells)
    _say_group_and_split(found, cells, groups)
    _take_labels(found, table, cells, labels)
    return found


def _safest(groups: list[str], cells: dict[str, pd.Series]) -> str:
    """The coarsest, a patient rather than a lesion, as long as there are enough groups to divide."""
    enough = [name for name in groups if cells[name].nunique() >= _ENOUGH_GROUPS]
    if enough:
        return min(enough, key=lambda name: int(cells[name].nunique()))
    return max(groups, key=lambda name: int(cells[name].nunique()), default="")


def _say_group_and_split(found: Columns, cells: dict[str, pd.Series], groups: Sequence[str]) -> None:
    if found.split:
        parts = ", ".join(f"{value} {n:,}" for value, n in cells[found.split].value_counts().items())
        found.clues.append(Clue(f'The column "{found.split}" gives the split.', "likely", parts))
    if found.group:
        column = cells[found.group]
        evidence = f"{count(column.nunique(), 'value')} on {count(len(column), 'row')}"
        text = f'The column "{found.group}" says who or what is in the photo; its photos stay together.'
        found.clues.append(Clue(text, "likely", evidence))
    for name in groups:
        if name != found.group:
            found.warnings.append(f'The column "{name}" may name groups too; source.group_column is "{found.group}".')


def _take_labels(found: Columns, table: pd.DataFrame, cells: dict[str, pd.Series], names: list[str]) -> None:
    refused = {name: _why_not(name, cells[name]) for name in names}
    taken = [name for name in names if not refused[name]]
    for last_resort in (_is_long_list, _is_measured):
        taken = taken or [name for name in names if last_resort(cells[name])][:1]
    taken, twins = _without_twins(table, taken)
    num_classes = 1
    for name in taken:
        attribute = _attribute(name, cells[name], table, twins.get(name))
        num_classes *= len(attribute["values"])
        if found.attributes and num_classes > _MAX_CLASSES:
            num_classes //= len(attribute["values"])
            refused[name] = f"many values: with it there would be more than {_MAX_CLASSES:,} classes"
            continue
        refused[name] = ""
        found.attributes.append(attribute)
        found.clues.append(_label_clue(attribute, name, cells[name]))
    for name, twin in twins.items():
        found.warnings.append(f'Column "{twin}" not taken: it says the same as "{name}", whose values it orders.')
    found.warnings += [f'Column "{name}" not taken: {why}.' for name, why in refused.items() if why]


def _filled(column: pd.Series) -> pd.Series:
    return column[column.notna() & ~column.str.lower().isin(BLANKS)]


def _words(name: str) -> set[str]:
    parts = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return set(re.findall(r"[^\W_]+", parts.lower()))


def _numbers(column: pd.Series) -> np.ndarray | None:
    values = pd.to_numeric(column, errors="coerce")
    return None if values.isna().any() else values.to_numpy(dtype=float)


def _repeats(column: pd.Series) -> bool:
    return bool(2 <= column.nunique() <= len(column) / 2)


def _is_split(column: pd.Series) -> bool:
    words = {split_name(value) for value in column.unique()}
    return "" not in words and len(words) >= 2 and "train" in words


def _is_group(name: str, column: pd.Series) -> bool:
    words, values = _words(name), column.unique()
    if words & _LABEL_WORDS or not 3 <= len(values) <= len(column) / 2:
        return False
    coded = sum(bool(re.search(r"\d", value)) for value in values) > 0.8 * len(values)
    perhaps = bool(words & _PERHAPS_GROUP_WORDS) and (coded or bool(words & _ID_WORDS))
    return bool(words & _GROUP_WORDS) or perhaps


def _why_not(name: str, column: pd.Series) -> str:
    """Why a column is no label; empty when it may be one."""
    words, number = _words(name), column.nunique()
    values = examples(column.unique(), 3)
    if number == 1:
        return f'every row says "{column.iloc[0]}"'
    if words & _OTHER_WORDS:
        return f"its name says that it is no label ({values})"
    numbers = _numbers(column)
    is_age = numbers is not None and "age" in words
    if not _repeats(column) and number > 2 and not _has_fractions(numbers) and not is_age:
        return f"its values hardly repeat ({number:,} on {count(len(column), 'row')}: {values})"
    if words & _ID_WORDS and not words & _LABEL_WORDS:
        return f"its name says that it is an id ({values})"
    if numbers is not None and _is_measured(column) and not is_age:
        low, high = numbers.min(), numbers.max()
        bins = ", ".join(f"{cut:g}" for cut in _terciles(numbers))
        return f"numbers from {low:g} to {high:g}; to tell bands of them, add an attribute with bins = [{bins}]"
    if _is_long_list(column):
        return f"many values ({number:,}: {values})"
    return ""


def _is_long_list(column: pd.Series) -> bool:
    """Words that repeat, but many different ones: breeds, species."""
    return _numbers(column) is None and _repeats(column) and column.nunique() > MAX_VALUES


def _is_measured(column: pd.Series) -> bool:
    """Numbers that are no class ids."""
    numbers = _numbers(column)
    if numbers is None:
        return False
    many = len(np.unique(numbers)) > _MAX_NUMBERS
    return _has_fractions(numbers) or (many and (_repeats(column) or "age" in _words(str(column.name))))


def _has_fractions(numbers: np.ndarray | None) -> bool:
    return numbers is not None and bool((numbers != np.round(numbers)).any())


def _terciles(numbers: np.ndarray) -> list[float]:
    cuts = np.unique(np.quantile(numbers, [1 / 3, 2 / 3], method="nearest"))
    return [float(cut) for cut in cuts if cut > numbers.min()] or [float(np.unique(numbers)[1])]


def _without_twins(table: pd.DataFrame, names: list[str]) -> tuple[list[str], dict[str, str]]:
    """Drops a numeric column that says the same as a text column: {text column: numeric twin}."""
    twins: dict[str, str] = {}
    numeric = [name for name in names if _numbers(_filled(table[name])) is not None]
    for name in (n for n in names if n not in numeric):
        for twin in (n for n in numeric if n not in twins.values()):
            pairs = table[[name, twin]].dropna().drop_duplicates()
            if len(pairs) == table[name].nunique() == table[twin].nunique():
                twins[name] = twin
                break
    return [name for name in names if name not in twins.values()], twins


def _attribute(name: str, column: pd.Series, table: pd.DataFrame, twin: str | None) -> dict[str, Any]:
    attribute: dict[str, Any] = {"name": _free_name(name)}
    if attribute["name"] != name:
        attribute["column"] = name
    numbers = _numbers(column)
    if numbers is not None and _is_measured(column):
        usual = "age" in _words(name) and all(((numbers < b).any() and (numbers >= b).any()) for b in _AGE_BINS)
        bins = list(_AGE_BINS) if usual else _terciles(numbers)
        whole = bool((numbers == np.round(numbers)).all())
        return attribute | {"values": band_names(bins, whole), "bins": bins}
    if twin is not None:
        order = table[[name, twin]].dropna().drop_duplicates()
        return attribute | {"values": order.iloc[np.argsort(order[twin].astype(float))][name].tolist()}
    if numbers is not None:
        return attribute | {"values": sorted(column.unique().tolist(), key=float)}
    return attribute | {"values": sorted(column.unique().tolist(), key=natural_key)}


def band_names(bins: Sequence[float], whole: bool) -> list[str]:
    """`[30, 60]` → under 30, 30 to 59, 60 and over (of whole numbers), else 30 to under 60."""
    middle = []
    for low, high in itertools.pairwise(bins):
        last = f"{high - 1:g}" if whole else f"under {high:g}"
        middle.append(f"{low:g}" if last == f"{low:g}" else f"{low:g} to {last}")
    return [f"under {bins[0]:g}", *middle, f"{bins[-1]:g} and over"]


def _free_name(name: str) -> str:
    name = name.replace("=", " ").strip()
    return f"{name} label" if name in RESERVED else name


def _label_clue(attribute: dict[str, Any], column: str, cells: pd.Series) -> Clue:
    name = attribute["name"]
    if "bins" in attribute:
        numbers = cells.astype(float)
        cuts = ", ".join(f"{b:g}" for b in attribute["bins"])
        text = f'"{name}" is told in bands, cut at {cuts}. Change bins and values as you need.'
        return Clue(text, "guess", f'column "{column}" has numbers from {numbers.min():g} to {numbers.max():g}')
    shown = examples((f"{value} {n:,}" for value, n in cells.value_counts().items()), 6)
    return Clue(f'"{name}" is a label with {count(len(attribute["values"]), "value")}.', "likely", shown)
