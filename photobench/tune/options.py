"""Options of the search for better options."""

from __future__ import annotations

import re
from typing import Any, Literal

from pydantic import Field, field_validator

from photobench.config import Options

URL = re.compile(r"(?P<scheme>postgresql|sqlite)://(?:[^:@/]*(?::(?P<password>[^@]*))?@)?.+")


class TuneOptions(Options):
    """How better options are looked for."""

    study: str = Field(
        "tune",
        pattern=r"^[A-Za-z0-9][\w.-]*$",
        description="name of the search; another name, another search beside it",
    )
    storage: str = Field(
        "",
        description='database of a search that several machines share, such as "postgresql://me:$PGPASSWORD@host/photos"; '
        "that of the workspace where empty",
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

    @field_validator("storage")
    @classmethod
    def _is_known(cls, storage: str) -> str:
        found = URL.fullmatch(storage)
        if storage and not found:
            raise ValueError('should be a database as "postgresql://name:$PASSWORD@host/database", or empty')
        if found and found["password"] and not found["password"].startswith("$"):
            raise ValueError(
                "holds a password, which would be written into the record of every run: put it into an environment variable, "
                'and write "postgresql://name:$PASSWORD@host/database"'
            )
        return storage
