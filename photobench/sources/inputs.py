"""What a person names on the command line to be predicted: photos, folders of photos, tables of paths → photo files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from photobench.errors import SourceError
from photobench.images import is_photo
from photobench.sources import files
from photobench.sources.reading import as_text, read_table

TABLE_SUFFIXES = (".csv", ".tsv", ".parquet")


def photo_files(named: Sequence[Path], path_column: str = "path") -> list[Path]:
    """Every photo meant, in the order named; a folder's photos in the order of their paths.

    A file that is named counts as a photo whatever its ending; whether it can be read is found out when it is.

    Raises:
        SourceError: something named does not exist, or holds no photos (all such are listed).
    """
    found: list[Path] = []
    problems: list[str] = []
    for path in named:
        if path.is_dir():
            below = [path / name for name in files.photo_paths(path)]
            problems += [] if below else [files.no_photos(path)]
            found += below
        elif not path.exists():
            problems.append(f"There is no photo, folder or table {path}{_where(path)}. Correct the path.")
        elif path.suffix.lower() in TABLE_SUFFIXES and not is_photo(path):
            found += _of_table(path, path_column, problems)
        else:
            found.append(path)
    if problems:
        raise files.complaint(problems)
    return found


def _of_table(table: Path, path_column: str, problems: list[str]) -> list[Path]:
    try:
        frame = read_table(table)
    except SourceError as error:
        problems.append(str(error))
        return []
    if path_column not in frame.columns:
        problems.append(
            f'{table} has no column "{path_column}" with the photos\' paths; its columns are {", ".join(map(str, frame.columns))}.'
        )
        return []
    return [table.parent / name for name in as_text(frame[path_column]).dropna()]


def _where(path: Path) -> str:
    """What a relative path means from here."""
    return "" if path.is_absolute() else f" (looked for {path.absolute()})"
