"""MLflow: a run of a local database in the workspace, or of the server that MLFLOW_TRACKING_URI names. The only module that imports MLflow."""

from __future__ import annotations

import logging
import os
import time

import numpy as np

from photobench import config
from photobench.learning import Standing
from photobench.train.watchers.watcher import Beginning, Watcher

for _name, _value in {
    "MLFLOW_DISABLE_TELEMETRY": "true",  # nothing leaves the machine that was not asked for
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",  # a server that does not answer holds a training up for seconds, not minutes
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
}.items():
    os.environ.setdefault(_name, _value)

from mlflow import MlflowClient  # noqa: E402 (reads the environment)
from mlflow.entities import Metric, Param  # noqa: E402
from mlflow.exceptions import MlflowException  # noqa: E402

logging.getLogger("mlflow").setLevel(logging.WARNING)  # it announces the tables of its database

STATUS = {"finished": "FINISHED", "failed": "FAILED"}
MAX_PARAM = 500
"""Characters of a value; older servers take no more."""


class MLflow(Watcher):
    """One MLflow run per training, in the experiment that is called like the workspace."""

    def begin(self, beginning: Beginning, kept: str) -> str:
        workspace = beginning.workspace
        own = f"sqlite:///{workspace / 'mlflow.db'}"
        asked = os.environ.get("MLFLOW_TRACKING_URI")
        self._client = MlflowClient(tracking_uri=asked or own)
        found = self._client.get_experiment_by_name(workspace.name)
        artifacts = None if asked else (workspace / "mlartifacts").as_uri()
        experiment = found.experiment_id if found else self._client.create_experiment(workspace.name, artifacts)
        self._run = self._known(kept) or self._new(beginning, experiment)
        self._client.update_run(self._run, status="RUNNING")
        return self._run

    def epoch(self, row: dict[str, float], standing: Standing) -> None:
        step, now_ms = int(row["epoch"]), int(time.time() * 1000)
        metrics = [Metric(key, value, now_ms, step) for key, value in row.items() if key != "epoch"]
        self._client.log_batch(self._run, metrics=metrics)

    def picture(self, name: str, pixels_HWC: np.ndarray, epoch: int) -> None:
        self._client.log_image(self._run, pixels_HWC, key=name, step=epoch)

    def end(self, status: str) -> None:
        self._client.set_terminated(self._run, STATUS.get(status, "KILLED"))

    def _known(self, kept: str) -> str:
        """The run that was begun, where it is still there."""
        try:
            return self._client.get_run(kept).info.run_id if kept else ""
        except MlflowException:
            return ""

    def _new(self, beginning: Beginning, experiment: str) -> str:
        run = self._client.create_run(experiment, run_name=beginning.record.name).info.run_id
        values = config.flat(beginning.record.config)
        self._client.log_batch(run, params=[Param(key, str(value)[:MAX_PARAM]) for key, value in values.items()])
        return run
