"""Tables as the text that they are, and how a file is written: encoding, separator, line ends."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from photobench.errors import SubmissionError

SEPARATORS = (",", "\t", ";", "|")
NUMBER = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"


@dataclass(frozen=True)
class Style:
    """How a table is written as bytes."""

    encoding: str = "utf-8"
    separator: str = ","
    line_end: str = "\n"


def read_table(path: Path, what: str) -> tuple[pd.DataFrame, Style]:
    """A table with every cell as the text that it is, and the style of the file.

    Raises:
        SubmissionError: the file is missing, empty, not text or not a table. `what` names it in the sentence.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise SubmissionError(f"There is no {what} at {path}. Check submit.sample and the path.") from None
    except OSError as error:
        raise SubmissionError(f"The {what} {path} cannot be read: {error.strerror}.") from None
    return parse_table(data, f"{what} {path}")


def parse_table(data: bytes, what: str) -> tuple[pd.DataFrame, Style]:
    """The same of the bytes of a file.

    Raises:
        SubmissionError: they are empty, not text or not a table.
    """
    text, encoding = _decode(data)
    if not text.strip():
        raise SubmissionError(f"The {what} is empty. Download or write it again.")
    style = Style(encoding, _separator(text), "\r\n" if "\r\n" in text else "\n")
    return _parse(text, style, what), style


def write_table(frame: pd.DataFrame, style: Style) -> bytes:
    """The bytes of a table in a style; probabilities with nine digits.

    Raises:
        SubmissionError: a name has a letter that the encoding lacks.
    """
    text = frame.to_csv(index=False, sep=style.separator, lineterminator=style.line_end, float_format="%.9g")
    try:
        return text.encode(style.encoding)
    except UnicodeEncodeError as error:
        letter = text[error.start]
        raise SubmissionError(
            f'The sample is written in {style.encoding}, which has no "{letter}". Rename the label '
            "that has it, or save the sample as UTF-8 if the competition accepts that."
        ) from None


def as_text(frame: pd.DataFrame) -> pd.DataFrame:
    """The cells of a frame as a CSV would have them."""
    return _parse(frame.to_csv(index=False), Style(), "submission")


def is_integer(cells: pd.Series) -> pd.Series:
    return cells.str.fullmatch(r"-?\d+").astype(bool)


def is_number(cells: pd.Series) -> pd.Series:
    return cells.str.fullmatch(NUMBER).astype(bool)


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith(b"\xef\xbb\xbf"):
        return data.decode("utf-8-sig", errors="replace"), "utf-8-sig"
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace"), "utf-16"
    for encoding in ("utf-8", "cp949"):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1"), "latin-1"


def _separator(text: str) -> str:
    header = re.sub(r'"[^"]*"', "", text.lstrip().splitlines()[0])
    return max(SEPARATORS, key=lambda s: (header.count(s), -SEPARATORS.index(s)))


def _parse(text: str, style: Style, what: str) -> pd.DataFrame:
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=style.separator, strict=True) if row]
    except csv.Error as error:
        raise SubmissionError(f"The {what} is not a table: {error}.") from None
    header = [name.strip() for name in rows[0]]
    ragged = [number for number, row in enumerate(rows, start=1) if len(row) != len(header)]
    if ragged:
        raise SubmissionError(
            f"The {what} is not a table: row {ragged[0]} has {len(rows[ragged[0] - 1])} cells, "
            f"the header {len(header)}."
        )
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise SubmissionError(f'The {what} has the column "{twice[0]}" twice. Rename one.')
    cells = np.array(rows[1:], dtype=object).reshape(len(rows) - 1, len(header))
    return pd.DataFrame(
        {name: pd.Series([c.strip() for c in cells[:, i]], dtype=object) for i, name in enumerate(header)}
    )
