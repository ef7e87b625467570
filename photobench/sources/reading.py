"""Label tables as they come: any of the usual encodings and separators, a byte order mark, stray spaces."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from photobench.errors import SourceError, did_you_mean
from photobench.workspace import MANIFEST_FILE

TABLE_SUFFIXES = (".csv", ".tsv", ".txt", ".parquet")
FIRST_ROW = 2  # of a spreadsheet or editor: the header is row 1


def read_table(path: Path, encoding: str = "auto") -> pd.DataFrame:
    """The table, its index the row numbers that an editor shows (the header is row 1).

    Of a text file every column is text, missing where the cell is empty; a Parquet file keeps its types.
    Headers and cells lose the spaces around them.

    Raises:
        SourceError: there is no such file, or it cannot be read as a table.
    """
    problem = table_problem(path)
    if problem:
        raise SourceError(problem)
    frame = _read_parquet(path) if path.suffix.lower() == ".parquet" else _read_text(path, encoding)
    frame.columns = pd.Index([str(c).replace("\ufeff", "").strip() for c in frame.columns])
    twice = frame.columns[frame.columns.duplicated()].unique().tolist()
    if twice:
        raise SourceError(f'{path} has two columns called "{twice[0]}". Rename one of them.')
    for name in frame.columns:
        frame[name] = _stripped(frame[name])
    if frame.empty:
        raise SourceError(f"{path} has no rows. Give a table with one row per photo.")
    return frame


def table_problem(path: Path) -> str | None:
    """What is wrong with the file before it is opened, as a sentence; None when it may be a table."""
    if path.is_dir():
        return f"{path} is a folder, not a label table. Name a file ({', '.join(TABLE_SUFFIXES)}; in a project: source.table)."
    if not path.exists():
        siblings = sorted(p.name for p in path.parent.iterdir()) if path.parent.is_dir() else []
        tables = [name for name in siblings if Path(name).suffix.lower() in TABLE_SUFFIXES and name != MANIFEST_FILE]
        hint = did_you_mean(path.name, siblings) or (f" There is: {', '.join(tables[:6])}." if tables else "")
        return (
            f"The label table {path} does not exist.{hint} Name the file with the labels (in a project: source.table)."
        )
    if path.suffix.lower() not in TABLE_SUFFIXES:
        return f"{path} is not a table that can be read ({', '.join(TABLE_SUFFIXES)}). Save it as CSV."
    return None


def as_text(column: pd.Series) -> pd.Series:
    """The cells as text, missing where empty: 3.0 of a numeric column is "3"."""
    if pd.api.types.is_bool_dtype(column):
        return column.astype("string")
    if pd.api.types.is_float_dtype(column):
        whole = column.dropna()
        if (whole == whole.round()).all() and (whole.abs() < 2**53).all():
            return column.astype("Int64").astype("string")
    return _stripped(column.astype("string"))


def _stripped(column: pd.Series) -> pd.Series:
    if not (pd.api.types.is_string_dtype(column) or pd.api.types.is_object_dtype(column)):
        return column
    text = column.astype("string").str.strip()
    return text.mask(text == "")


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        frame = pd.read_parquet(path)
        return frame.set_axis(pd.RangeIndex(FIRST_ROW, FIRST_ROW + len(frame)))
    except Exception as error:  # pyarrow's own kinds, OSError, ValueError: all mean that the file is not readable
        raise SourceError(
            f"{path} cannot be read as Parquet ({_first_line(error)}). Save it again, or as CSV."
        ) from None


def _read_text(path: Path, encoding: str) -> pd.DataFrame:
    """Every cell as text. Empty cells too many at the end of a row are ignored, cells too few are missing."""
    text = _decode(path, encoding)
    if not text.strip():
        raise SourceError(f"{path} is empty. Give a table with a header and one row per photo.")
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_separator(path, text), skipinitialspace=True, strict=True
    )
    header: list[str] = []
    rows: list[list[str]] = []
    numbers: list[int] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _header(cells)
                continue
            if any(cell.strip() for cell in cells[len(header) :]):
                raise csv.Error(f"{len(cells)} cells, but the header has {len(header)}")
            rows.append((cells + [""] * len(header))[: len(header)])
            numbers.append(reader.line_num)
    except csv.Error as error:
        raise SourceError(
            f"{path}, row {reader.line_num}: {error}. Correct that row; a cell that holds the separator needs quotes."
        ) from None
    return pd.DataFrame(rows, columns=header, index=numbers, dtype="string")


def _header(cells: list[str]) -> list[str]:
    """The names without what is empty at the end; an empty one before that, of an index, becomes "unnamed"."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return [cell.strip() or ("unnamed" if not number else f"unnamed {number}") for number, cell in enumerate(cells)]


def _decode(path: Path, encoding: str) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}).") from None
    utf16 = data.startswith((b"\xff\xfe", b"\xfe\xff"))  # "Unicode text" of spreadsheets
    tried = [encoding] if encoding != "auto" else ["utf-16"] if utf16 else ["utf-8-sig", "cp949"]
    for name in tried:
        try:
            return data.decode(name).lstrip("\ufeff")
        except UnicodeDecodeError:
            continue
        except LookupError:
            raise SourceError(
                f'source.encoding = "{encoding}" is not a known encoding. Common ones are utf-8, cp949, latin-1.'
            ) from None
    names = " nor ".join("UTF-8" if name.startswith("utf-8") else name.upper() for name in tried)
    raise SourceError(f"{path} is not {names} text. Set source.encoding to what it was saved as, or save it as UTF-8.")


def _separator(path: Path, text: str) -> str:
    if path.suffix.lower() == ".tsv":
        return "\t"
    header = next(line for line in text.splitlines() if line.strip())
    return max(",;\t", key=header.count)  # the first of them where none occurs


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].removeprefix("Error tokenizing data. C error: ") if lines else type(error).__name__
