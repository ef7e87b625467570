"""A team's PostgreSQL by its URL: how it is reached, who asks, and what is said when it cannot be."""

from __future__ import annotations

import getpass
import os
import socket
import ssl
from pathlib import Path

from sqlalchemy import create_engine
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError

from photobench.errors import LedgerError

REACH_S = 5.0
"""So long a server may take to answer at first."""
ANSWER_S = 60.0
"""And so long later, when others may be writing."""


def open_postgres(url: str) -> Engine:
    """The database at a URL, once it has answered.

    Raises:
        LedgerError: the URL is none of PostgreSQL, pg8000 is not installed, or nobody answers there within REACH_S.
    """
    parsed = _parse(url)
    try:
        with _engine(parsed, REACH_S).connect() as connection:
            connection.exec_driver_sql("SELECT 1")
    except ModuleNotFoundError as error:
        raise LedgerError('PostgreSQL needs pg8000: pip install "photobench[postgres]"') from error
    except (SQLAlchemyError, OSError) as error:
        raise postgres_error(parsed, error) from error
    return _engine(parsed, ANSWER_S)


def postgres_error(url: URL | str, error: Exception) -> LedgerError:
    """A sentence with what the server or the network said; the password is not in it."""
    where = (url if isinstance(url, URL) else make_url(url)).set(drivername="postgresql").render_as_string()
    return LedgerError(
        f"The ledger at {where} cannot be reached or used: {_cause(error)}. Is ledger.url right, the server up, and the password in PGPASSWORD "
        "or ~/.pgpass? Nothing was changed."
    )


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


def _engine(url: URL, timeout_s: float) -> Engine:
    """`sslmode` is what libpq calls it: without it TLS is used where the server has it."""
    query = dict(url.query)
    mode = str(query.pop("sslmode", "prefer"))
    arguments: dict[str, object] = {"timeout": timeout_s}
    if url.password is None:
        arguments["password"] = ""  # a server that wants one then says so; pg8000 would stumble over none
    if mode not in ("prefer", "allow"):
        arguments["ssl_context"] = _tls(mode)
    return create_engine(url.set(query=query), connect_args=arguments, pool_pre_ping=True)


def _tls(mode: str) -> ssl.SSLContext | bool:
    """False is none; `require` asks for TLS and checks no certificate, `verify-…` does."""
    if mode == "disable":
        return False
    context = ssl.create_default_context()
    if not mode.startswith("verify"):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _parse(text: str) -> URL:
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or url.drivername not in ("postgresql", "postgres", "postgresql+pg8000"):
        raise LedgerError(
            "ledger.url is no address of a PostgreSQL database. Write it as postgresql://USER@HOST/NAME, or leave it empty to keep the "
            "ledger in the workspace."
        )
    url = url.set(
        drivername="postgresql+pg8000",
        username=url.username or os.environ.get("PGUSER") or getpass.getuser(),
        host=url.host or os.environ.get("PGHOST") or "localhost",
        port=url.port or _port(os.environ.get("PGPORT", "5432")),
    )
    url = url.set(database=url.database or url.username)
    password = url.password or os.environ.get("PGPASSWORD") or _from_pgpass(url)
    return url.set(password=password) if password else url


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise LedgerError(
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
