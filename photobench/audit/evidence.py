"""All that a check may look at. Row i of every array is row i of the manifest.

Shape legend: N photos, D features of an embedding, K joint classes, V values of an attribute.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from photobench.errors import PhotobenchError
from photobench.records import Manifest


class NotPossible(PhotobenchError):
    """A check cannot be made on this data: one sentence, said to the user; the rest of the audit goes on."""


@dataclass(frozen=True)
class View:
    """What one backbone makes of all photos, and of which of them that is honest: it has not learnt their labels."""

    embeddings_ND: np.ndarray  # float32; rows of NaN for photos that cannot be read
    asked_N: np.ndarray  # bool
    ask: Callable[[np.ndarray], np.ndarray] | None = None
    """What the same backbone makes of other stored squares, (M, S, S, 3) uint8 → (M, D) float32; None where it is not at hand."""


@dataclass(frozen=True)
class Evidence:
    """What is known of the photos. Checks say NotPossible where they lack what they need.

    Attributes:
        manifest: all photos, of every split, also the unreadable ones. Labels are those that stand today.
        clusters_N: photos with the same number share a group or are byte-identical, and are never apart in a fold.
        pixels: (N, H, W, 3) uint8, each photo's stored square, memory-mapped: read it in pieces.
        views: embeddings. One for a backbone that never saw these labels; one per fold where the models were trained here.
        probs_NK: joint probabilities of models that did not learn from the photo's cluster; NaN where there are none.
        margins_NA: area under the margin of each attribute (Pleiss et al. 2020), the mean of the runs that recorded it; NaN where none did.
        origin: a sentence for people: where embeddings and probabilities come from.
    """

    manifest: Manifest
    clusters_N: np.ndarray
    pixels: np.ndarray
    views: tuple[View, ...] = ()
    probs_NK: np.ndarray | None = None
    margins_NA: np.ndarray | None = None
    origin: str = ""
    seed: int = 0
    ruled_NA: np.ndarray | None = None
    """(N, A) bool: a rule has changed the label and nobody has looked at it; None where no rule did."""
    notes: list[str] = field(default_factory=list)
    """What a check wants to say of the whole data set, such as how many labels are wrong in all."""
    found: dict[str, Any] = field(default_factory=dict, repr=False, compare=False)
    """What one check has found and another needs too, by its name: copies are sought once."""

    def heard_NA(self) -> np.ndarray:
        """(N, A) the codes of the labels that count as somebody's word, −1 where there is none.

        They are those that stand, but where a rule has changed a label that which was given: a rule follows the judges, and to hear it would
        be to hear them twice.
        """
        codes_NA = self.manifest.codes()
        if self.ruled_NA is None:
            return codes_NA
        return np.where(self.ruled_NA, self.manifest.given_codes(), codes_NA)
