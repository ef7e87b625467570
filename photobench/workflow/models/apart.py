"""A training that does not keep others from the workspace: several processes may each train another one."""

from __future__ import annotations

from collections.abc import Sequence

from photobench.learning import Jury
from photobench.records import RunRecord
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import split_predictions
from photobench.workflow.models.training import asked_for


def train_apart(bench: Bench, splits: Sequence[str], jury: Jury | None = None) -> RunRecord:
    """As `train`, but the workspace is held only while photos are prepared, a run is begun, and its photos are asked about.

    Args:
        splits: of which photos it is asked at the end.

    Raises:
        Interrupted: Ctrl-C, or the jury wants a pause; the next call goes on from there.
        GivenUp: the jury sees no hope in it.
        WorkspaceError: another process trains this very run.
    """
    with bench.workspace.lock("photobench train"):
        prepared, key, latest, record = asked_for(bench)
    if record is None:
        from photobench.workflow.models.fitting import fit

        record = fit(bench, prepared, key, latest, jury)
    with bench.workspace.lock("photobench train"):
        for split in splits:
            if len(prepared.manifest.rows(split)):
                split_predictions(bench, record, split)  # while the photos are those it was trained with
    return record
