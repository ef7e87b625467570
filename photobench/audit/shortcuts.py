"""Whether a label can be told from what has nothing to do with it: how the file was made, how bright the photo is, what is at its border.

For each such group of properties a forest (Geurts et al. 2006) is cross-validated, photos of one cluster always together. What it tells
better than chance, a model can use as well, and its score may then measure the source of the photos.

Shape legend: N photos, M photos that are asked, F properties, V values of an attribute.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
from PIL import Image
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

from photobench.audit.evidence import Evidence
from photobench.formats import READERS, SNIFF_BYTES, silence_remarks, sniff
from photobench.records import Attribute

MOST_PHOTOS = 2000
"""Asked, at most, as even over the values as there are photos."""
FOLDS = 3
FEWEST = 5
"""Photos of a value, and clusters of photos, below which it is not asked."""
MARGINS = {"size, shape and kind of file": 0.12, "border pixels": 0.22, "brightness and colour": 0.22}
"""Groups of properties, the most suspicious first, and by how much more than chance the lower end of the balanced accuracy must be. Flowers are told by their
colour with good reason; nothing is told by the number of its bytes with good reason."""
CLEARLY = 0.03
"""By how much a less suspicious group of properties must tell a value better to be the one that is named."""
_MAKE, _ORIENTATION, _SOFTWARE = 0x010F, 0x0112, 0x0131


@dataclass(frozen=True)
class Shortcut:
    """A value that a group of properties tells from the others: with which balanced accuracy, its lower end, and the rows told surest."""

    attribute: str
    value: str
    properties: str
    accuracy: float
    low: float
    rows: np.ndarray


def shortcuts(evidence: Evidence) -> Iterator[Shortcut]:
    """Every value that can be told so, the surest group of properties of each. What cannot be asked is said in the notes."""
    manifest = evidence.manifest
    usable, codes_NA = manifest.usable(), manifest.codes()
    measured: dict[int, np.ndarray] = {}
    for number, attribute in enumerate(manifest.space.attributes):
        rows = np.flatnonzero(usable & (codes_NA[:, number] >= 0))
        kept = _askable(evidence, attribute, rows, codes_NA[rows, number])
        rows = rows[np.isin(codes_NA[rows, number], kept)]
        if len(kept) >= 2:
            rows = _sampled(rows, codes_NA[rows, number], evidence.seed)
            for row in set(rows.tolist()) - measured.keys():
                measured[row] = _properties(evidence, row)
            yield from _told(
                evidence, attribute, rows, codes_NA[rows, number], np.stack([measured[r] for r in rows.tolist()])
            )


def _askable(evidence: Evidence, attribute: Attribute, rows: np.ndarray, codes_M: np.ndarray) -> list[int]:
    """Codes of the values that have photos and clusters enough."""
    clusters = {
        code: len(np.unique(evidence.clusters_N[rows[codes_M == code]])) for code in np.unique(codes_M).tolist()
    }
    kept = [code for code, number in clusters.items() if number >= FEWEST]
    few = [f"'{attribute.values[code]}'" for code in clusters if code not in kept]
    asked = f"Whether file or background tell {attribute.name} was not asked"
    if few:
        evidence.notes.append(f"{asked} for {', '.join(few[:4])}: photos of {FEWEST} groups are needed.")
    elif len(kept) < 2:
        evidence.notes.append(f"{asked}: {'all photos have one label' if kept else 'no photo has a label'}.")
    return kept


def _sampled(rows: np.ndarray, codes_M: np.ndarray, seed: int) -> np.ndarray:
    order = np.random.default_rng(seed).permutation(len(rows))
    rank = pd.Series(order).groupby(codes_M[order]).cumcount().to_numpy()
    return np.sort(rows[order[np.argsort(rank, kind="stable")][:MOST_PHOTOS]])


def _told(
    evidence: Evidence, attribute: Attribute, rows: np.ndarray, codes_M: np.ndarray, properties_MF: np.ndarray
) -> Iterator[Shortcut]:
    best: dict[int, Shortcut] = {}
    columns = np.split(np.arange(properties_MF.shape[1]), np.cumsum(_SIZES)[:-1])
    for (name, margin), part in zip(MARGINS.items(), columns, strict=True):
        probs_MV = _cross_validated(properties_MF[:, part], codes_M, evidence.clusters_N[rows], evidence.seed)
        for place, code in enumerate(np.unique(codes_M)):
            is_it, says_it = codes_M == code, probs_MV.argmax(axis=1) == place
            accuracy, low = _balanced(is_it, says_it, evidence.clusters_N[rows])
            if low > 0.5 + margin and (code not in best or accuracy > best[code].accuracy + CLEARLY):
                surest = np.flatnonzero(is_it & says_it)
                surest = surest[np.argsort(-probs_MV[surest, place], kind="stable")]
                best[code] = Shortcut(attribute.name, attribute.values[code], name, accuracy, low, rows[surest])
    found = [best[code] for code in sorted(best)]
    yield from found[:1] if len(np.unique(codes_M)) == 2 else found  # of two values, one is told as well as the other


def _cross_validated(properties_MF: np.ndarray, codes_M: np.ndarray, clusters_M: np.ndarray, seed: int) -> np.ndarray:
    """(M, V) probabilities from forests that saw no photo of the same cluster."""
    forest = ExtraTreesClassifier(60, min_samples_leaf=3, class_weight="balanced", random_state=seed)
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=seed)
    return cross_val_predict(forest, properties_MF, codes_M, groups=clusters_M, cv=folds, method="predict_proba")


def _balanced(is_it: np.ndarray, says_it: np.ndarray, clusters_M: np.ndarray) -> tuple[float, float]:
    """Balanced accuracy of telling one value from the rest, and that less two standard errors; a cluster counts as one photo."""
    rates = [says_it[is_it].mean(), 1 - says_it[~is_it].mean()]
    counts = [len(np.unique(clusters_M[side])) for side in (is_it, ~is_it)]
    error = np.sqrt(sum(max(r * (1 - r), 0.01) / n for r, n in zip(rates, counts, strict=True))) / 2
    return float(np.mean(rates)), float(np.mean(rates) - 2 * error)


_SIZES = (9, 10, 8)
"""Properties in each group of MARGINS."""


def _properties(evidence: Evidence, row: int) -> np.ndarray:
    photo = evidence.manifest.frame.iloc[row]
    small = cv2.resize(evidence.pixels[row], (32, 32), interpolation=cv2.INTER_AREA).astype(np.float32)
    file = _of_file(evidence.manifest.root / photo["path"], photo["width"], photo["height"], photo["bytes"])
    return np.array([*file, *_of_border(small), *_of_light(small)], dtype=np.float32)


def _of_file(path: Path, width: float, height: float, num_bytes: float) -> list[float]:
    area = max(width * height, 1)
    ending = path.suffix.lower()
    size = [np.log(area), width / max(height, 1), width, height, num_bytes / area, num_bytes]
    return [*size, ending in (".png", ".bmp", ".gif"), ending in (".jpg", ".jpeg"), _exif(path)]


def _exif(path: Path) -> float:
    """0 without EXIF; else which of make, orientation and software it names."""
    silence_remarks()
    try:
        with path.open("rb") as file:
            kind = sniff(file.read(SNIFF_BYTES)) or ""
            file.seek(0)
            exif = Image.Image.getexif(READERS[kind](file))  # of a PNG too, without decoding it
    except Exception:  # nothing can be read of it, whatever is wrong with it
        return 0.0
    return float((_MAKE in exif) + 2 * (exif.get(_ORIENTATION, 1) != 1) + 4 * (_SOFTWARE in exif))


def _of_light(small_SSC: np.ndarray) -> list[float]:
    grey = small_SSC.mean(axis=2)
    spread = small_SSC.max(axis=2) - small_SSC.min(axis=2)
    return [grey.mean(), grey.std(), spread.mean(), *np.percentile(grey, (5, 95)), *small_SSC.mean(axis=(0, 1))]


def _of_border(small_SSC: np.ndarray) -> list[float]:
    """What the outermost ring shows: mean and spread of its colours, and each side's brightness."""
    top, bottom, left, right = small_SSC[:2], small_SSC[-2:], small_SSC[:, :2], small_SSC[:, -2:]
    ring = np.concatenate([side.reshape(-1, 3) for side in (top, bottom, left, right)])
    return [*ring.mean(axis=0), *ring.std(axis=0), *(float(side.mean()) for side in (top, bottom, left, right))]
