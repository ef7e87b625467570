"""Options of the search for better options."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from photobench.config import Options
from photobench.workspace.postgres import address_mistake


class TuneOptions(Options):
    """How better options are looked for."""

    study: str = Field(
        "tune", description="name of the search, and of its folder; another name, another search beside it"
    )
    storage: str = Field(
        "",
        description="a database that several machines share, postgresql://USER@HOST/NAME, the password in PGPASSWORD or ~/.pgpass; empty "
        "keeps the search in the workspace",
    )
    space: dict[str, Any] = Field(
        {},
        description='what may change, such as { "train.lr" = { low = 1e-4, high = 1e-2, log = true }, "augment.mix" = ["none", "cutmix"] }; '
        "a space of its own for each model.mode where empty",
    )
    epochs_share: float = Field(
        0.5, gt=0, le=1, description="epochs of a trial as a share of train.epochs; the best are trained in full"
    )
    size_share: float = Field(
        0.5, gt=0, le=1, description="side of the photos of a trial as a share of model.size_px, 32 px at the least"
    )
    pruner: Literal["median", "hyperband", "none"] = Field(
        "median",
        description="which trials are given up early: worse than half of the others at the same epoch; all but the best third at 1, 3, 9 … epochs; none",
    )
    finalists: int = Field(
        3,
        ge=0,
        le=50,
        description="so many of the best trials are trained in full, beside the project as it is; 0 only searches",
    )
    seed: int = Field(0, ge=0, description="another seed, other trials")

    @field_validator("study")
    @classmethod
    def _names_a_folder(cls, study: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9][\w.-]*", study):
            raise ValueError(
                "names a folder, too: begin with a letter or a digit, and go on with these, dots, dashes and underscores"
            )
        return study

    @model_validator(mode="after")
    def _known_storage(self) -> TuneOptions:
        """Checked for the whole section, whose values are not repeated in the message."""
        if mistake := address_mistake(self.storage):
            raise ValueError(f"storage {mistake}")
        return self
