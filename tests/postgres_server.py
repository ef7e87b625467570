"""A real PostgreSQL server for the tests that share a database."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pytest

PASSWORD = "a secret: of the team"


@dataclass(frozen=True)
class Server:
    """A PostgreSQL that asks for a password. Each database is for one test."""

    port: int
    numbers: Iterator[int]

    def new_database(self) -> str:
        """The URL of an empty one, without the password."""
        name = f"team{next(self.numbers)}"
        connection = _connect(self.port)
        connection.autocommit = True
        connection.cursor().execute(f"CREATE DATABASE {name}")
        connection.close()
        return f"postgresql://kim@127.0.0.1:{self.port}/{name}"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    binaries = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="photobench-postgres-"))
    user = _nobody(folder)
    (folder / "password").write_text(PASSWORD)
    (folder / "password").chmod(0o644)
    make = ["initdb", "--no-sync", "-U", "kim", "-A", "scram-sha-256", "-E", "UTF8", "--pwfile", folder / "password"]
    subprocess.run([binaries / make[0], *make[1:], "-D", folder / "data"], check=True, capture_output=True, **user)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"unix_socket_directories={folder}", "fsync=off", "listen_addresses=127.0.0.1"]
    command = [binaries / "postgres", "-D", folder / "data", "-p", str(port), *(x for o in options for x in ("-c", o))]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL, cwd=folder, **user)
    try:
        _wait(port)
        yield Server(port, count())
    finally:
        process.send_signal(signal.SIGINT)  # its fast way to stop
        process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    found = [*Path("/usr/lib/postgresql").glob("*/bin/initdb"), *filter(None, [shutil.which("initdb")])]
    if not found:
        pytest.skip("needs a PostgreSQL server, and there is no initdb here: apt-get install postgresql")
    return Path(found[-1]).parent


def _nobody(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid():
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        pytest.skip("PostgreSQL does not run as root, and there is no user postgres here")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _connect(port: int) -> Any:
    import pg8000.dbapi

    return pg8000.dbapi.connect("kim", host="127.0.0.1", port=port, password=PASSWORD, database="postgres")


def _wait(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            _connect(port).close()
            return
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
