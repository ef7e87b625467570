"""What a refusal becomes: a status of HTTP, and a sentence for any language."""

from __future__ import annotations

from typing import Any

from photobench.errors import PhotobenchError
from photobench.records import Said
from photobench.workflow.reviewing.words import Refused


class Answered(Refused):
    """A refusal with a status of its own; that of others is 422."""

    def __init__(self, status: int, said: Said):
        self.status = status
        super().__init__(said)


def status_of(error: PhotobenchError) -> int:
    return error.status if isinstance(error, Answered) else 422


def body_of(error: PhotobenchError) -> dict[str, Any]:
    """As docs/review-api.md has it. What a stage says that knows of no page is English alone."""
    said = next((one for one in error.args if isinstance(one, Said)), Said(str(error)))
    return {"error": said.text, "reasons": said.to_json()["reasons"]}
