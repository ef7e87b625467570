"""The demo's planted mistakes, which are known, against what the audit has at its top."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from photobench.records import Checked, ClassSpace


def planted_sentences(truth_table: Path, space: ClassSpace, checked: Sequence[Checked]) -> list[str]:
    """What the audit has of the planted mistakes, a sentence for each kind that its checks look for.

    Args:
        truth_table: `photo`, `true_class`, `given_class`, `defect`, `copy_of`, a row per training photo of the demo.
    """
    truth = pd.read_csv(truth_table, dtype={"copy_of": str, "defect": str}).fillna({"copy_of": "", "defect": ""})
    made = {one.check: one for one in checked if not one.skipped}
    sentences = []
    if "labels" in made:
        sentences.append(_labels(truth, space, made["labels"]))
    if "duplicates" in made:
        sentences.append(_copies(truth, made["duplicates"]))
    return sentences


def _labels(truth: pd.DataFrame, space: ClassSpace, checked: Checked) -> str:
    true_NA, given_NA = (space.decompose(truth[name].to_numpy()) for name in ("true_class", "given_class"))
    wrong = {
        (photo, attribute.name)
        for number, attribute in enumerate(space.attributes)
        for photo in truth["photo"][true_NA[:, number] != given_NA[:, number]]
    }
    top = {(_photo(finding.path), finding.attribute) for finding in checked.findings[: 2 * len(wrong)]}
    return (
        f"{len(wrong):,} labels were planted wrong: {len(wrong & top):,} of them are among the first {2 * len(wrong):,} "
        f"of the check of labels, which lists {len(checked.findings):,}."
    )


def _copies(truth: pd.DataFrame, checked: Checked) -> str:
    planted = {
        frozenset(pair) for pair in truth.loc[truth["copy_of"] != "", ["photo", "copy_of"]].itertuples(index=False)
    }
    found = {
        frozenset((_photo(finding.path), _photo(other))) for finding in checked.findings for other in finding.related
    }
    return f"{len(planted):,} photos were planted twice: {len(planted & found):,} of these pairs are found."


def _photo(path: str) -> str:
    """`person/photo.jpg`, however deep the photos lie."""
    return "/".join(path.split("/")[-2:])
