"""The check "quality": photos that cannot be read, or that are dark, bright, blurred, empty, or odd in size, shape or colour.

A photo is odd where it is so in itself and among these photos: night photos are dark without being bad in a set of night photos.

Shape legend: N photos, M readable ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import pandas as pd

from photobench.audit.evidence import Evidence
from photobench.crop.words import doubts
from photobench.records import Finding, Manifest, Reason, Sentence

MISSES = (
    "Blur that is gone at 128 pixels, motion blur of the subject alone, noise, compression, a finger before the lens, "
    "and anything that most photos of the set have too."
)
FALSE_ALARMS = "Photos that are dark, pale, soft or of one colour on purpose, such as a night scene, fog or a product on its own ground."

SIDE_PX = 128
BATCH = 256
USUAL_SPREAD = 1.4826
"""Times the median distance from the median: the standard deviation of a normal distribution."""
CERTAIN = 0.95
"""Score from which leaving a photo out is proposed rather than a look."""


@dataclass(frozen=True)
class Measure:
    """Something in which a photo can be odd: where it begins to be, where it surely is, and how far from the rest it must lie."""

    kind: str
    column: str
    limit: float
    worst: float
    spread: float  # the least that counts as the usual spread
    sentence: str  # with {value} and {usual}
    times: float = 3.5  # usual spreads from the median
    most: float = 1.0  # the score where it is worst: what is rare is not bad for that

    def scores(self, values_M: np.ndarray) -> np.ndarray:
        """(M,) 0 where a photo is not odd, else half of `most` at the limit, and `most` where it is worst."""
        sign = np.sign(self.worst - self.limit)
        usual = np.median(values_M)
        spread = max(USUAL_SPREAD * np.median(np.abs(values_M - usual)), self.spread)
        odd_M = (sign * (values_M - self.limit) > 0) & (sign * (values_M - usual) > self.times * spread)
        surely_M = (sign * (values_M - self.worst) >= 0) & (sign * (usual - self.limit) < 0)
        how_far_M = np.clip((values_M - self.limit) / (self.worst - self.limit), 0, 1)
        return self.most * np.where(odd_M | surely_M, 0.5 + 0.5 * how_far_M, 0.0)


MEASURES = (
    Measure("dark", "light", 90, 15, 12, "The lightest parts have {value:.0f} of 255; usual here is {usual:.0f}."),
    Measure("bright", "shade", 165, 245, 12, "The darkest parts have {value:.0f} of 255; usual here is {usual:.0f}."),
    Measure("blurred", "sharpness", -1.7, -3.2, 0.15,
            "At 128 pixels its edges are {times:.0f} times softer than is usual here.", 2.5),
    Measure("low information", "contrast", 16, 3, 4,
            "Its grey values differ by {value:.1f} of 255 (standard deviation); usual here is {usual:.0f}."),
    Measure("small", "side_log2", 5.5, 3, 0.25, "Its shorter side is {pixels} pixels; usual here is {usual_pixels}.", 2.5, 0.8),
    Measure("large", "larger_log2", 3, 6, 0.5, "It is {times_2:.0f} times larger than is usual here ({pixels} pixels).", most=0.5),
    Measure("odd aspect", "aspect_log2", 0.8, 2.5, 0.1, "It is {width} × {height} pixels, an unusual shape here.", most=0.6),
    Measure("odd colour", "cast", 28, 80, 4, "Its colours lie {value:.0f} units (CIELAB a, b) from what is usual here ({usual:.0f}).", most=0.5),
)  # fmt: skip
GREY, COLOURFUL = 1.5, 8.0
"""Mean chroma (CIELAB) of a photo without colour, and of a set in which that is odd."""
FEW = 0.05
"""Share of photos up to which those without colour are odd."""


def look(evidence: Evidence) -> list[Finding]:
    """A finding for each way in which a photo is odd."""
    manifest = evidence.manifest
    rows = np.flatnonzero(manifest.usable())
    findings = [*_unreadable(manifest), *_fell_back(manifest)]
    if len(rows):
        table = _measured(evidence.pixels, manifest, rows)
        odd = [finding for measure in MEASURES for finding in _odd(measure, table)]
        findings += _without_what_follows([*odd, *_without_colour(table)])
    return findings


def _without_what_follows(findings: list[Finding]) -> list[Finding]:
    """A black photo has no contrast and no colour either: that it is black says it all."""
    told = {finding.path for finding in findings if finding.kind in ("dark", "bright")}
    follows = ("low information", "without colour", "blurred")
    return [finding for finding in findings if finding.path not in told or finding.kind not in follows]


UNREADABLE = Sentence("unreadable", "It cannot be read: {reason}.")
FELL_BACK = Sentence("crop fell back", "Nothing was found to cut out, so another box was taken instead.")
WITHOUT_COLOUR = Sentence("without colour", "It is grey; only {share:.1%} of these photos are.")


def _finding(kind: str, path: str, score: float, evidence: str, reasons: tuple[Reason, ...]) -> Finding:
    fix = "exclude" if score >= CERTAIN else "look"
    return Finding("quality", kind, path, "", float(score), "", "", fix, evidence, reasons=reasons)


def _unreadable(manifest: Manifest) -> Iterator[Finding]:
    frame = manifest.frame[~manifest.usable() & (manifest.frame["sha256"] == "").to_numpy()]
    for path, reason in zip(frame["path"], frame["reason"], strict=True):
        yield _finding("unreadable", path, 1.0, *UNREADABLE(reason=reason))


def _fell_back(manifest: Manifest) -> Iterator[Finding]:
    """Photos in which what matters was not found, where it was looked for."""
    if "box_how" not in manifest.frame:
        return
    missed = (doubts(manifest) == "missed") & manifest.usable()
    for path in manifest.frame["path"][missed]:
        yield _finding("crop fell back", path, 0.6, *FELL_BACK())


def _odd(measure: Measure, table: pd.DataFrame) -> Iterator[Finding]:
    values_M = table[measure.column].to_numpy()
    usual, sentence = float(np.median(values_M)), Sentence(measure.kind, measure.sentence)
    for number, score in enumerate(measure.scores(values_M)):
        if score:
            photo, value = table.iloc[number], float(values_M[number])
            said = sentence(
                value=value, usual=usual, times=10 ** ((usual - value) / 2), times_2=2**value, pixels=photo["pixels"],
                usual_pixels=f"{2**usual:.0f}", width=photo["width"], height=photo["height"],
            )  # fmt: skip
            yield _finding(measure.kind, photo["path"], score, *said)


def _without_colour(table: pd.DataFrame) -> Iterator[Finding]:
    grey = table["chroma"] < GREY
    if table["chroma"].median() < COLOURFUL or grey.mean() > FEW:
        return
    for path in table["path"][grey]:
        yield _finding("without colour", path, 0.3, *WITHOUT_COLOUR(share=grey.mean()))


def _measured(pixels: np.ndarray, manifest: Manifest, rows: np.ndarray) -> pd.DataFrame:
    """A row per readable photo: path, size, and the columns of MEASURES."""
    frame = manifest.frame.iloc[rows][["path", "width", "height"]].reset_index(drop=True)
    parts = [np.array([_looks(photo) for photo in pixels[rows[s : s + BATCH]]]) for s in range(0, len(rows), BATCH)]
    columns = ["light", "shade", "contrast", "sharpness", "a", "b", "chroma"]
    table = frame.join(pd.DataFrame(np.concatenate(parts), columns=columns))
    table["cast"] = np.hypot(table["a"] - table["a"].median(), table["b"] - table["b"].median())
    shorter = table[["width", "height"]].min(axis=1).clip(lower=1)
    table["pixels"], table["side_log2"] = shorter, np.log2(shorter)
    table["larger_log2"] = table["side_log2"] - table["side_log2"].median()
    aspect = np.log2(table["width"].clip(lower=1) / table["height"].clip(lower=1))
    table["aspect_log2"] = (aspect - aspect.median()).abs()
    return table


def _looks(photo_SSC: np.ndarray) -> tuple[float, ...]:
    """What one stored square shows, at 128 pixels, so that small photos that were enlarged are not called blurred."""
    small = cv2.resize(photo_SSC, (SIDE_PX, SIDE_PX), interpolation=cv2.INTER_AREA)
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)
    edges = cv2.Laplacian(grey, cv2.CV_32F).var()
    colour = cv2.cvtColor(small, cv2.COLOR_RGB2LAB)[..., 1:].reshape(-1, 2).astype(np.float32) - 128
    shade, light = np.percentile(grey, (5, 95))
    sharpness = np.log10((edges + 0.01) / (grey.var() + 1))
    a, b = colour.mean(axis=0)
    return light, shade, float(grey.std()), float(sharpness), a, b, float(np.hypot(*colour.T).mean())
