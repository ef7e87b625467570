"""A table with a few facts beside it, as one Parquet file, and the fingerprint of anything."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from photobench.errors import PhotobenchError


def fingerprint(*parts: Any) -> str:
    """16 hex digits that change when any part does. Parts are anything that JSON can hold, or bytes."""
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else json.dumps(part, sort_keys=True, default=str).encode()
        digest.update(len(data).to_bytes(8, "little") + data)
    return digest.hexdigest()[:16]


def column_bytes(frame: pd.DataFrame, columns: list[str]) -> bytes:
    hashed = pd.util.hash_pandas_object(frame[columns].astype("string").fillna("\0"), index=False)
    return hashed.to_numpy().tobytes()


def parquet_bytes(frame: pd.DataFrame, key: str, meta: dict[str, Any]) -> bytes:
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({**(table.schema.metadata or {}), key.encode(): json.dumps(meta).encode()})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    return sink.getvalue().to_pybytes()


def read_parquet(source: Path | bytes, key: str) -> tuple[pd.DataFrame, dict[str, Any]]:
    """From a file, or from what was in it."""
    path = source if isinstance(source, Path) else "What is kept"
    try:
        table = pq.read_table(source if isinstance(source, Path) else pa.BufferReader(source))
        meta = json.loads((table.schema.metadata or {})[key.encode()])
    except FileNotFoundError as error:
        raise PhotobenchError(f"{path} is missing. Put a copy of it back, or make again what it belongs to.") from error
    except (OSError, pa.ArrowException, KeyError, ValueError) as error:
        raise PhotobenchError(
            f"{path} is damaged or no file of {key.split('.')[1]} ({error}). Put a copy of it back, or delete it and run again."
        ) from error
    return table.to_pandas(), meta
