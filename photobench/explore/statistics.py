"""What a photo is like before anyone says what is in it: light, contrast, sharpness, colour, measured on its stored square.

Shape legend: N photos, S side in pixels.
"""

from __future__ import annotations

import os

import cv2
import numpy as np
import pandas as pd

from photobench.parallel import ahead
from photobench.progress import progress

MEASURES = ("brightness", "contrast", "sharpness", "colour")
"""Compared between labels and splits. `light` beside them only says whether a photo is nearly black."""
COLUMNS = (*MEASURES, "light")
CHUNK = 64
"""Photos that a thread measures before it hands them over."""


def photo_statistics(pixels_NSSC: np.ndarray, usable_N: np.ndarray) -> pd.DataFrame:
    """A row per photo with a column per measure; NaN for photos that cannot be read. Only some photos are in memory at a time.

    `brightness` and `contrast` are the mean and the standard deviation of the grey values, from 0 to 1. `sharpness` is the
    standard deviation of their Laplacian in grey values (Pech-Pacheco et al. 2000), `colour` the colourfulness of Hasler and
    Süsstrunk (2003): 0 is grey, about 30 a usual photo, 100 very colourful. `light` is the mean of the brightest colour of each pixel, from
    0 to 1: a photo of a deep red or blue is dark in grey, and not to the eye.
    """
    values_NM = np.full((len(pixels_NSSC), len(COLUMNS)), np.nan)
    rows = np.flatnonzero(usable_N)
    chunks = [rows[start : start + CHUNK] for start in range(0, len(rows), CHUNK)]
    with progress(len(rows), "measure") as bar:

        def work(chunk: np.ndarray) -> tuple[np.ndarray, list[tuple[float, ...]]]:
            return chunk, [_measured(pixels_NSSC[row]) for row in chunk]

        for chunk, found in ahead(work, chunks, os.cpu_count() or 1):
            values_NM[chunk] = found
            bar.advance(len(chunk))
    return pd.DataFrame(values_NM, columns=list(COLUMNS))


def _measured(square_SSC: np.ndarray) -> tuple[float, ...]:
    square_SSC = np.ascontiguousarray(square_SSC)
    grey_SS = cv2.cvtColor(square_SSC, cv2.COLOR_RGB2GRAY)
    mean, deviation = cv2.meanStdDev(grey_SS)
    _, edges = cv2.meanStdDev(cv2.Laplacian(grey_SS, cv2.CV_16S))
    return (
        mean.item() / 255,
        deviation.item() / 255,
        edges.item(),
        _colourfulness(square_SSC),
        float(square_SSC.max(axis=2).mean()) / 255,
    )


def _colourfulness(square_SSC: np.ndarray) -> float:
    red, green, blue = cv2.split(square_SSC.astype(np.float32))
    (a, a_spread), (b, b_spread) = cv2.meanStdDev(red - green), cv2.meanStdDev((red + green) / 2 - blue)
    return float(np.hypot(a_spread.item(), b_spread.item()) + 0.3 * np.hypot(a.item(), b.item()))
