"""Options of the crop."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from photobench.config import Options

Several = Literal["largest", "central", "confident"]
Nothing = Literal["median", "group", "center", "whole"]
BoxForm = Literal["x1 y1 x2 y2", "x y w h"]


class CropOptions(Options):
    """What matters in a photo, found once and cut out. The same for training and prediction: it is saved with the model."""

    method: str = Field(
        "none", description="photobench list detectors, or your own: file.py:function or package.module:function"
    )
    margin: float = Field(0.25, ge=0, le=4, description="fraction of the box added on each side")
    aspect: float = Field(
        1.0, ge=0, le=10, description="width / height of the cut; 0 keeps that of the box; 1 where align is set"
    )
    align: bool = Field(
        False, description="turn the photo so that the eyes are level (needs landmarks); the cut is square"
    )
    several: Several = Field("largest", description="which one to take where several are found")
    nothing: Nothing = Field(
        "median",
        description="where nothing is found: the usual box of all photos, of the same group's, the centre, or the whole photo",
    )
    fraction: float = Field(
        0.7, gt=0, le=1, description="of each side, for the centre: method = center, or nothing = center"
    )
    min_score: float = Field(0.7, ge=0, le=1, description="found with less confidence counts as not found")
    min_side_px: int = Field(0, ge=0, description="a box with a shorter side counts as not found; pixels of the photo")
    max_side_px: int = Field(
        2048, ge=64, le=8192, description="photos are looked at no larger than this; the cut is from the full photo"
    )
    min_face_px: int = Field(
        20, ge=12, le=1024, description="smallest face to look for, at the size that is looked at; larger is faster"
    )
    box_columns: tuple[str, ...] = Field(
        (),
        examples=[["x1", "y1", "x2", "y2"]],
        description="the four columns of the table that hold the box (method = box)",
    )
    box_form: BoxForm = Field("x1 y1 x2 y2", description="what the four columns are")
    box_unit: Literal["px", "fraction"] = Field(
        "px", description="of the four columns: pixels of the upright photo, or 0 to 1"
    )
    detector_weights: str = Field("", description="the detector's weights file (method = yunet)")

    @field_validator("box_columns")
    @classmethod
    def _are_four(cls, columns: tuple[str, ...]) -> tuple[str, ...]:
        if columns and len(set(columns)) != 4:
            raise ValueError('needs four different columns, such as ["x1", "y1", "x2", "y2"]')
        return columns

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> CropOptions:
        if self.method == "box" and not self.box_columns:
            raise ValueError(
                'method = "box" needs crop.box_columns = ["x1", "y1", "x2", "y2"], the columns of the table with the box'
            )
        if self.method == "yunet" and not self.detector_weights:
            raise ValueError(
                'method = "yunet" needs crop.detector_weights = FILE.onnx, a face_detection_yunet model of opencv_zoo'
            )
        return self


NO_CROP = CropOptions()
"""Photos are taken whole."""
