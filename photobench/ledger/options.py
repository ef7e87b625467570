"""How a leaderboard counts."""

from __future__ import annotations

from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from photobench.config import Options
from photobench.workspace.postgres import address_mistake


class LedgerOptions(Options):
    """What a competition allows and counts, and where the ledger is."""

    per_day: int = Field(10, ge=1, description="submissions that the competition takes a day")
    reset_hour: int = Field(0, ge=0, le=23, description="hour at which its day begins, in its time zone")
    timezone: str = Field("Asia/Seoul", description="its time zone, such as Asia/Seoul or UTC")
    metric: Literal["accuracy", "macro_f1", "macro_precision", "macro_recall", "auc"] = Field(
        "macro_f1", description="what its leaderboard shows"
    )
    url: str = Field(
        "",
        description="a database that a team shares, postgresql://USER@HOST/NAME, the password in PGPASSWORD or ~/.pgpass; empty keeps "
        "the ledger in the workspace",
    )
    uploader: Literal["none", "kaggle"] = Field(
        "none", description="who uploads at `photobench submit send`: you, or Kaggle's command line"
    )
    competition: str = Field("", description="its name in the address of Kaggle's page")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):  # unknown, no name at all, or a folder of names
            raise ValueError("is no time zone: write one such as Asia/Seoul or UTC") from None
        return name

    @model_validator(mode="after")
    def _url_and_uploader(self) -> LedgerOptions:
        """Checked for the whole section, whose values are not repeated in the message."""
        if mistake := address_mistake(self.url):
            raise ValueError(f"url {mistake}")
        if self.uploader == "kaggle" and not self.competition:
            raise ValueError('uploader = "kaggle" needs competition, its name in the address of Kaggle\'s page')
        return self
