"""What is known of photos besides the answer to them: labels, look, size, how they were cut, where they come from."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np
import pandas as pd

from photobench.records import Manifest

LABEL = "label:"
"""Before the name of a fact that is a label: a label may have the name of another fact."""
CLASS = f"{LABEL}class"
"""The joint class, where several labels compose one; no label has that name."""


def photo_facts(manifest: Manifest, statistics: pd.DataFrame) -> pd.DataFrame:
    """A row per photo of the manifest, in its order; numbers and texts, missing where not known.

    Args:
        statistics: `path` and a column per measure of what photos look like, a row per photo that was measured.
    """
    frame, space = manifest.frame, manifest.space
    facts = pd.DataFrame({f"{LABEL}{a.name}": frame[a.name].to_numpy(dtype=object) for a in space.attributes})
    if len(space.attributes) > 1:
        names = np.array([*space.class_names, None], dtype=object)
        facts[CLASS] = names[manifest.classes()]
    measured = frame[["path"]].merge(statistics, on="path", how="left")
    facts = facts.assign(**{name: measured[name].to_numpy() for name in statistics.columns if name != "path"})
    return facts.assign(**_size(frame), **_cut(frame), **_origin(manifest))


def _size(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    width, height = (frame[side].to_numpy(dtype=np.float64) for side in ("width", "height"))
    known = (width > 0) & (height > 0)
    pixels = np.where(known, width * height, np.nan)
    return {
        "side_px": np.where(known, np.minimum(width, height), np.nan),
        "proportions": np.where(known, width / np.where(known, height, 1), np.nan),
        "bits_per_pixel": 8 * frame["bytes"].to_numpy(dtype=np.float64) / pixels,
    }


def _cut(frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """How what matters was found in a photo; nothing where photos are taken whole."""
    if "box_how" not in frame or (set(frame["box_how"]) in ({"whole"}, {"center"})):
        return {}
    sides = np.sqrt((frame["box_x2"] - frame["box_x1"]) * (frame["box_y2"] - frame["box_y1"]))
    return {
        "box_how": frame["box_how"].to_numpy(dtype=object),
        "box_score": frame["box_score"].to_numpy(dtype=np.float64),
        "box_found": frame["box_found"].to_numpy(dtype=np.float64),
        "box_side": sides.to_numpy(dtype=np.float64),
    }


def _origin(manifest: Manifest) -> dict[str, np.ndarray]:
    paths = [PurePosixPath(path) for path in manifest.frame["path"]]
    origin = {
        "folder": np.array([path.parts[0] if len(path.parts) > 1 else "" for path in paths], dtype=object),
        "format": np.array([path.suffix.lower().lstrip(".").replace("jpeg", "jpg") for path in paths], dtype=object),
    }
    if manifest.has_groups:
        group = manifest.frame["group"]
        origin["group_size"] = group.map(group.value_counts()).to_numpy(dtype=np.float64)
    return origin
