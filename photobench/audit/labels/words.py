"""Why a label is doubted, in sentences that a person can check.

Shape legend: V values, k neighbours.
"""

from __future__ import annotations

import numpy as np

from photobench.audit.labels.suspicion import Suspicion
from photobench.records import Attribute
from photobench.words import belief

NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def reasons(suspicion: Suspicion, row: int, given: int, attribute: Attribute, has_groups: bool) -> str:
    """What neighbours, the model and the group say of photo `row`: one sentence, about the suggested value.

    Where no groups are known (`has_groups`), those of a group are copies of the photo.
    """
    value = int(suspicion.suggested_N[row])
    name = attribute.values[value]
    parts = [_of_neighbours(suspicion, row, value, name), _of_model(suspicion, row, value, given, attribute)]
    if suspicion.fellows_NV is not None:
        parts.append(_of_group(suspicion.fellows_NV[row], value, given, attribute, has_groups))
    said = [part for part in parts if part]
    sentence = ", and ".join(filter(None, [", ".join(said[:-1]), said[-1]]))
    return f"{sentence[0].upper()}{sentence[1:]}."


def _of_neighbours(suspicion: Suspicion, row: int, value: int, name: str) -> str:
    num = int((suspicion.neighbours_Nk[row] >= 0).sum())
    votes = int(suspicion.votes_NV[row, value])
    if num < 2:
        return ""
    who = f"all {number(num)} of its" if votes == num else f"{number(votes)} of its {number(num)}"
    return f"{who} nearest photos {are(votes)} {name}"


def _of_model(suspicion: Suspicion, row: int, value: int, given: int, attribute: Attribute) -> str:
    says = f"the model (which did not learn it) says {attribute.values[value]} with {belief(suspicion.model_NV[row, value])}"
    return f"{says} and {attribute.values[given]} with {belief(suspicion.model_NV[row, given])}"


def _of_group(fellows_V: np.ndarray, value: int, given: int, attribute: Attribute, has_groups: bool) -> str:
    num = int(fellows_V.sum())
    if not num:
        return ""
    of_it = "of its group" if has_groups else "with the same bytes"
    others = f"the {number(num)} other photos {of_it} are" if num > 1 else f"the other photo {of_it} is"
    if fellows_V[value] == num:
        return f"{others} {attribute.values[value]}"
    if fellows_V[given] == num:
        return f"{others} {attribute.values[given]} too, so one wrong entry may be behind them all"
    return f"of the {number(num)} other photos {of_it} {number(int(fellows_V[value]))} {'is' if fellows_V[value] == 1 else 'are'} {attribute.values[value]}"


def are(count: int) -> str:
    return "is" if count == 1 else "are"


def number(count: int) -> str:
    """In a word up to ten, then in digits with commas."""
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"
