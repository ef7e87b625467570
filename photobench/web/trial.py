"""Retrain and compare: `photobench audit --what-if` as a process of its own, whose lines a page can follow."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from photobench.workflow.reviewing.words import COMPARED_ALREADY, Refused


class WhatIf:
    """One at a time. Who ends the server ends it too: what was trained until then is kept, and the next one goes on from there."""

    def __init__(self, workspace: Path):
        self._workspace = workspace
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self.lines: list[str] = []
        self.result, self.code = "", -1

    @property
    def is_begun(self) -> bool:
        return self._process is not None

    @property
    def is_running(self) -> bool:
        return self._process is not None and self.code == -1

    def begin(self) -> None:
        """Raises PhotobenchError where one runs already."""
        with self._lock:
            if self.is_running:
                raise Refused(COMPARED_ALREADY())
            self.lines = ["$ photobench audit --what-if"]  # there at once: its own first line takes seconds
            self.result, self.code = "", -1
            command = [sys.executable, "-m", "photobench", "audit", "--what-if", "-w", str(self._workspace)]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
            self._process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace", env=environment,
                stdin=subprocess.DEVNULL, start_new_session=True,  # a Ctrl-C for the server is not one for it
            )  # fmt: skip
            threading.Thread(target=self._follow, args=(self._process,), daemon=True).start()

    def _follow(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None and process.stderr is not None
        told = threading.Thread(target=lambda: self.lines.extend(map(str.rstrip, process.stderr or ())), daemon=True)
        told.start()
        self.result = process.stdout.read().strip()
        code = process.wait()
        told.join()
        self.code = code if code >= 0 else 128 - code

    def stop(self) -> None:
        """As Ctrl-C does: it ends after the step in hand and keeps what it has."""
        if self._process is not None and self.is_running:
            self._process.send_signal(signal.SIGINT)
