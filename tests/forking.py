"""Commands as processes of their own, without waiting for their libraries: a child of a process that has them loaded.

Half of the time of a short command is the start of torch, timm and pandas. One process starts them once, does nothing else, and
forks for every command: each child has its own folder, environment, streams, signals and end, as if it had been started anew.
What tests the start itself (what is loaded, a folder before all others on the path) starts Python instead.

Orders and answers are lines of JSON: a `Command` is answered by the number of its process, such a number by its exit code.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import pkgutil
import runpy
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import NoReturn

import photobench

REPO = Path(__file__).parents[1]
ASKED_FOR = (
    "photobench.__main__",
    "photobench.crop.face",
    "photobench.train.resample",
    "photobench.train.watchers.to_mlflow",
    "photobench.train.watchers.to_wandb",
)
"""What needs an extra, and the command itself."""


@dataclass(frozen=True)
class Command:
    """`python -m photobench ARGUMENTS`; where `before` names a module, its `begin()` comes first."""

    arguments: list[str]
    folder: str
    out: str
    err: str
    environment: dict[str, str] = field(default_factory=dict)
    before: str = ""


class Child:
    """A command that runs."""

    def __init__(self, server: subprocess.Popen[str], command: Command):
        self._server, self._command, self._has_ended = server, command, False
        self.pid = self._ask(asdict(command))

    def wait(self, timeout_s: float = 300) -> int:
        """Its exit code, or the signal that ended it, negative. It is killed where it takes longer."""
        overdue = threading.Timer(timeout_s, self.kill)
        overdue.start()
        self._has_ended, code = True, self._ask(self.pid)
        overdue.cancel()
        return code

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Leave nothing of it, whether it was waited for or not."""
        if not self._has_ended:
            self.kill()
            self.wait()

    def _ask(self, order: object) -> int:
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())

    def read(self) -> tuple[str, str]:
        """What it wrote on its two streams so far."""
        return Path(self._command.out).read_text(), Path(self._command.err).read_text()


@contextmanager
def forking() -> Iterator[subprocess.Popen[str]]:
    """The process that forks, until it is needed no more."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    server = subprocess.Popen([sys.executable, "-m", "tests.forking"], cwd=REPO, text=True, **pipes)
    try:
        yield server
    finally:
        server.kill()
        server.wait()


def serve() -> None:
    """Answer orders until there are no more."""
    load()
    gc.freeze()  # a child that collects garbage would copy all that is here
    for line in sys.stdin:
        order = json.loads(line)
        print(finished(order) if isinstance(order, int) else forked(Command(**order)), flush=True)


def forked(command: Command) -> int:
    """The number of a new process, which is the command."""
    pid = os.fork()
    if pid == 0:
        become(command)
        end(run())
    return pid


def finished(pid: int) -> int:
    """Its exit code, once it has ended."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def load() -> None:
    """All that commands may need. Nothing here may start a thread: a fork would lose it."""
    for module in pkgutil.walk_packages(photobench.__path__, "photobench."):
        if module.name not in ASKED_FOR:
            import_module(module.name)
    assert threading.active_count() == 1


def become(command: Command) -> None:
    """From here on this process is the command: what it raises, prints and leaves is its own."""
    os.chdir(command.folder)
    os.environ.clear()
    os.environ.update(command.environment)
    for number, file in enumerate((os.devnull, command.out, command.err)):
        opened = os.open(file, os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.argv = ["photobench", *command.arguments]
    if command.before:
        import_module(command.before).begin()


def run() -> int:
    """The exit code of `python -m photobench`."""
    try:
        runpy.run_module("photobench", run_name="__main__", alter_sys=True)
    except SystemExit as exit:
        return exit.code if isinstance(exit.code, int) else int(exit.code is not None)
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def end(code: int) -> NoReturn:
    """What Python does at its end, but for taking every loaded library apart: that takes a second."""
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve()
