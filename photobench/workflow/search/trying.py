"""A training that does not keep others from the workspace: several processes may each train another one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from photobench.learning import Jury
from photobench.records import RunRecord
from photobench.workflow.bench import Bench
from photobench.workflow.models.asking import split_predictions
from photobench.workflow.models.training import run_fingerprint
from photobench.workflow.photos.preparing import prepare


@contextmanager
def held(bench: Bench) -> Iterator[None]:
    """Hold the workspace for a moment; whoever holds it now is waited for."""
    with bench.workspace.lock("photobench tune"):
        yield


def train_apart(bench: Bench, splits: Sequence[str], jury: Jury | None = None) -> RunRecord:
    """As `train`, but the workspace is held only while photos are prepared, a run is begun, and its photos are asked about.

    Args:
        splits: of which photos it is asked at the end.

    Raises:
        Interrupted: Ctrl-C, or the jury wants a pause; the next call goes on from there.
        GivenUp: the jury sees no hope in it.
        WorkspaceError: another process trains this very run.
    """
    with held(bench):
        prepared = prepare(bench)
        key = run_fingerprint(bench, prepared.manifest)
        same = [run for run in bench.workspace.list_runs() if run.fingerprint == key]
    record = next((run for run in reversed(same) if run.status == "finished"), None)
    if record is None:
        from photobench.workflow.models.fitting import fit

        record = fit(bench, prepared, key, same[-1] if same else None, jury)
    with held(bench):
        for split in splits:
            if len(prepared.manifest.rows(split)):
                split_predictions(bench, record, split)  # while the photos are those it was trained with
    return record
