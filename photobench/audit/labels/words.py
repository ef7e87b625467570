"""Why a label is doubted, in sentences that a person can check.

Shape legend: V values, k neighbours.
"""

from __future__ import annotations

import numpy as np

from photobench.audit.labels.suspicion import Suspicion
from photobench.records import Attribute, Said, Sentence
from photobench.words import belief

NUMBERS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def reasons(suspicion: Suspicion, row: int, given: int, attribute: Attribute, has_groups: bool) -> Said:
    """What neighbours, the model and the group say of photo `row`: one sentence, about the suggested value, and what it is made of.

    Where no groups are known (`has_groups`), those of a group are copies of the photo.
    """
    value = int(suspicion.suggested_N[row])
    names = {"value": attribute.values[value], "given": attribute.values[given]}
    model_V = suspicion.model_NV[row]
    parts = [MODEL(**names, share=model_V[value], given_share=model_V[given])]
    if (num := int((suspicion.neighbours_Nk[row] >= 0).sum())) >= 2:
        parts.insert(0, NEAREST(value=names["value"], votes=suspicion.votes_NV[row, value], num=num))
    if suspicion.fellows_NV is not None and (num := int(suspicion.fellows_NV[row].sum())):
        of_value, of_given = (int(suspicion.fellows_NV[row, code]) for code in (value, given))
        parts.append(GROUP(**names, num=num, of_value=of_value, of_given=of_given, are_copies=not has_groups))
    return _joined(parts)


def torn(suspicion: Suspicion, row: int, attribute: Attribute) -> Said:
    """That the model and the neighbours of photo `row` are torn between two values."""
    model_V, votes_V = suspicion.model_NV[row], suspicion.votes_NV[row]
    first, second = (int(code) for code in np.argsort(-model_V)[:2])
    names = {"first": attribute.values[first], "second": attribute.values[second]}
    shares = {"first_share": model_V[first], "second_share": model_V[second]}
    return TORN(**names, **shares, first_votes=votes_V[first], second_votes=votes_V[second])


def _joined(parts: list[Said]) -> Said:
    said = [text for text, _ in parts]
    sentence = ", and ".join(filter(None, [", ".join(said[:-1]), said[-1]]))
    return Said(f"{sentence[0].upper()}{sentence[1:]}.", tuple(reason for _, found in parts for reason in found))


def _nearest(value: str, votes: int, num: int) -> str:
    who = f"all {number(num)} of its" if votes == num else f"{number(votes)} of its {number(num)}"
    return f"{who} nearest photos {are(votes)} {value}"


def _model(value: str, given: str, share: float, given_share: float) -> str:
    says = f"the model (which did not learn it) says {value} with {belief(share)}"
    return f"{says} and {given} with {belief(given_share)}"


def _group(value: str, given: str, num: int, of_value: int, of_given: int, are_copies: bool) -> str:
    of_it = "with the same bytes" if are_copies else "of its group"
    others = f"the {number(num)} other photos {of_it} are" if num > 1 else f"the other photo {of_it} is"
    if of_value == num:
        return f"{others} {value}"
    if of_given == num:
        return f"{others} {given} too, so one wrong entry may be behind them all"
    return f"of the {number(num)} other photos {of_it} {number(of_value)} {are(of_value)} {value}"


def _torn(first: str, second: str, first_share: float, second_share: float, first_votes: int, second_votes: int) -> str:
    return (
        f"The model (which did not learn it) says {first} with {belief(first_share)} and {second} with "
        f"{belief(second_share)}; of its nearest photos {number(first_votes)} {are(first_votes)} {first} and "
        f"{number(second_votes)} {are(second_votes)} {second}."
    )


def are(count: int) -> str:
    return "is" if count == 1 else "are"


def number(count: int) -> str:
    """In a word up to ten, then in digits with commas."""
    return NUMBERS[count] if count < len(NUMBERS) else f"{count:,}"


NEAREST, MODEL, GROUP = Sentence("nearest", _nearest), Sentence("model", _model), Sentence("group", _group)
TORN = Sentence("torn", _torn)
