"""How a model came to know its training photos: the area under the margin, which a wrong label keeps low.

Pleiss et al., NeurIPS 2020: the logit of the given label minus the largest other, averaged over the epochs. Photos of a class pull
a wrongly labelled one towards what it shows, so its margin stays low, or below zero, even where the model has it by heart at the end.

Shape legend: N training photos, H heads.
"""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from photobench.errors import PhotobenchError

DYNAMICS_FILE = "dynamics.npz"
"""In the folder of a run."""
JOINT = "class"
"""The head of a model that tells the joint class at once."""


@dataclass(frozen=True)
class Dynamics:
    """Of one training. `margins_NH` is NaN for a photo that was never seen unmixed."""

    paths: list[str]
    heads: tuple[str, ...]
    """The attributes, or JOINT alone."""
    margins_NH: np.ndarray
    num_seen_N: np.ndarray
    """How often each photo was seen unmixed, over all epochs."""

    def to_bytes(self) -> bytes:
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            paths=np.array(self.paths, dtype=np.str_),
            heads=np.array(self.heads, dtype=np.str_),
            margins=self.margins_NH.astype(np.float32),
            num_seen=self.num_seen_N.astype(np.int32),
        )
        return buffer.getvalue()

    @classmethod
    def read(cls, path: Path) -> Dynamics:
        """Raises PhotobenchError where the file is damaged."""
        try:
            with np.load(path, allow_pickle=False) as kept:
                heads = tuple(kept["heads"].tolist())
                return cls(kept["paths"].tolist(), heads, kept["margins"], kept["num_seen"])
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise PhotobenchError(
                f"{path} is damaged ({error}). Delete it; training again records it anew: photobench train"
            ) from error
