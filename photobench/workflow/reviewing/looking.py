"""Where a model looked in a photo that it got wrong, for a person who asks about this one."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from photobench.explain.record import Look, PhotoLooks
from photobench.report.looked import overlay
from photobench.workflow.answers.answering import find_answerer
from photobench.workflow.bench import Bench
from photobench.workflow.insight.explaining import files_explained
from photobench.workflow.reviewing.pictures import webp
from photobench.workflow.reviewing.words import UNREADABLE_PHOTO, Refused


def look_at(bench: Bench, photo: Path, name: str) -> Mapping[str, Any]:
    """What spoke for each wrong answer of a run (or of the fold that did not learn from the photo), and what for the label; of all answers where none is wrong.

    Raises:
        PhotobenchError: there is no such run, or the photo cannot be read.
    """
    found, reasons = files_explained(bench, find_answerer(bench, name), [photo])
    if reasons:
        raise Refused(UNREADABLE_PHOTO(reason=reasons[photo]))
    looks = found[photo]
    told = [look for look in looks.looks if look.is_wrong] or looks.looks
    return {"run": looks.run, "learned": looks.was_learned, "looks": [_told(looks, look) for look in told]}


def _told(looks: PhotoLooks, look: Look) -> dict[str, Any]:
    maps = {"said_map": look.said_hw, "truth_map": look.truth_hw}
    pictures = {key: None if map_hw is None else _picture(looks.image_HWC, map_hw) for key, map_hw in maps.items()}
    return {"attribute": look.attribute, "said": look.said, "truth": look.truth, **pictures}


def _picture(image_HWC: np.ndarray, map_hw: np.ndarray) -> str:
    """As an address that holds it."""
    data = webp(Image.fromarray(overlay(image_HWC, map_hw)), quality=80)
    return f"data:image/webp;base64,{base64.b64encode(data).decode()}"
