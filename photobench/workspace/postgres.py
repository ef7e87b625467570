"""A PostgreSQL that several machines share: how an option names it, how it is reached, and what is said when it cannot be.

The ledger of a team (`ledger.url`) and a search on several machines (`tune.storage`) are named and reached alike.
"""

from __future__ import annotations

import getpass
import os
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from photobench.errors import DatabaseError

DRIVER = "postgresql+pg8000"
SCHEMES = ("postgresql", "postgres", DRIVER)
REACH_S = 5.0
"""So long a server may take to answer at first."""
ANSWER_S = 60.0
"""And so long later, when others may be writing."""


@dataclass(frozen=True)
class SharedDatabase:
    """A PostgreSQL, its user and its database, as an option and the environment name them."""

    option: str
    """That names it, such as `ledger.url`."""
    url: URL
    """With the password, for the driver alone."""
    sslmode: str

    @property
    def shown(self) -> str:
        """The address for a person: without the password."""
        return self.url.set(drivername="postgresql").render_as_string(hide_password=True)

    def arguments(self, timeout_s: float = ANSWER_S) -> dict[str, Any]:
        """Arguments of its engine. Without `sslmode`, TLS is used where the server has it."""
        connect: dict[str, object] = {"timeout": timeout_s}
        if self.url.password is None:
            connect["password"] = ""  # a server that wants one then says so; pg8000 would stumble over none
        if self.sslmode not in ("prefer", "allow"):
            connect["ssl_context"] = _tls(self.sslmode)
        return {"connect_args": connect, "pool_pre_ping": True}

    def engine(self, timeout_s: float = ANSWER_S) -> Engine:
        return create_engine(self.url, **self.arguments(timeout_s))

    def failure(self, error: Exception) -> DatabaseError:
        """A sentence with what the server or the network said; the password is not in it."""
        return DatabaseError(
            f"The database {self.shown} cannot be reached or used: {_cause(error)}. Is {self.option} right, the server up, and the password in "
            "PGPASSWORD or ~/.pgpass? Nothing was changed."
        )

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turns what a driver says into a sentence."""
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            raise self.failure(error) from error


def reach(option: str, address: str) -> SharedDatabase:
    """The database at an address, once it has answered.

    Args:
        option: where the address is from, such as `ledger.url`.

    Raises:
        DatabaseError: the address is none of PostgreSQL, pg8000 is not installed, or nobody answers there within REACH_S.
    """
    if mistake := address_mistake(address):
        raise DatabaseError(f"{option} {mistake}.")
    found = _complete(option, make_url(address))
    try:
        with found.errors(), found.engine(REACH_S).connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except ModuleNotFoundError as error:
        raise DatabaseError('PostgreSQL needs pg8000: pip install "photobench[postgres]"') from error
    return found


def address_mistake(address: str) -> str:
    """What is wrong with an option that names a shared database, "" where nothing is. It is not repeated: it may hold a password."""
    if not address:
        return ""
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in SCHEMES:
        return (
            "is no address of a PostgreSQL database: write it as postgresql://USER@HOST/NAME, or leave it empty to keep everything "
            "in the workspace"
        )
    if url.password is not None or "password" in url.query:
        return "holds a password, and options are saved with every run: leave it out, and set PGPASSWORD or write ~/.pgpass"
    return ""


def _complete(option: str, url: URL) -> SharedDatabase:
    """What the address leaves out comes from where libpq, PostgreSQL's own client, takes it."""
    query = dict(url.query)
    sslmode = str(query.pop("sslmode", "prefer"))
    url = url.set(
        drivername=DRIVER,
        username=url.username or os.environ.get("PGUSER") or getpass.getuser(),
        host=url.host or os.environ.get("PGHOST") or "localhost",
        port=url.port or _port(os.environ.get("PGPORT", "5432")),
        query=query,
    )
    url = url.set(database=url.database or url.username)
    password = os.environ.get("PGPASSWORD") or _from_pgpass(url)
    return SharedDatabase(option, url.set(password=password) if password else url, sslmode)


def _cause(error: Exception) -> str:
    said = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    first = said.args[0] if said.args else said
    if isinstance(first, dict):  # what the server says, as PostgreSQL's protocol has it
        return str(first.get("M", first))
    cause = said.__cause__ or said.__context__
    if isinstance(cause, TimeoutError):
        return f"no answer within {REACH_S:g} seconds"
    if isinstance(cause, socket.gaierror):
        return "there is no machine of that name"
    if isinstance(cause, OSError):
        return (cause.strerror or str(cause)).lower()
    return str(said).rstrip(".")


def _tls(mode: str) -> ssl.SSLContext | bool:
    """False is none; `require` asks for TLS and checks no certificate, `verify-…` does."""
    if mode == "disable":
        return False
    context = ssl.create_default_context()
    if not mode.startswith("verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise DatabaseError(
            f'PGPORT is "{text}", which is no number of a port: set it to one such as 5432, or remove it.'
        )
    return int(text)


def _from_pgpass(url: URL) -> str | None:
    """The first line of ~/.pgpass that fits: host:port:database:user:password, each of which may be `*`."""
    path = Path(os.environ.get("PGPASSFILE", "~/.pgpass")).expanduser()
    if not path.is_file():
        return None
    asked = (url.host, str(url.port), url.database, url.username)
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = line.replace(r"\:", "\0").split(":")
        known = [field.replace("\0", ":").replace("\\\\", "\\") for field in fields]
        if (
            len(known) == 5
            and not line.startswith("#")
            and all(k in ("*", a) for k, a in zip(known, asked, strict=False))
        ):
            return known[4]
    return None
