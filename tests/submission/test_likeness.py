from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from photobench.records import Attribute, ClassSpace
from photobench.submission.form import Form, read_form
from photobench.submission.likeness import answers_key, changed_share, fits

SPACE = ClassSpace((Attribute("animal", ("cat", "dog", "fox")),))


def form_of(tmp_path: Path, text: str) -> Form:
    path = tmp_path / "sample.csv"
    path.write_text(text)
    return read_form(path, SPACE, "id", {})


def frame(**columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(columns, dtype=object)


def test_the_order_of_rows_and_columns_says_nothing(tmp_path: Path) -> None:
    form = form_of(tmp_path, "id,animal\na,cat\nb,cat\nc,cat\n")
    first = frame(id=["a", "b", "c"], animal=["cat", "dog", "fox"])
    turned = first.iloc[::-1][["animal", "id"]]
    assert answers_key(turned, form) == answers_key(first, form)
    other = frame(id=["a", "b", "c"], animal=["cat", "fox", "dog"])
    assert answers_key(other, form) != answers_key(first, form)
    assert changed_share(turned, other, form) == pytest.approx(2 / 3)
    assert changed_share(first, first, form) == 0


def test_of_probabilities_the_highest_counts(tmp_path: Path) -> None:
    form = form_of(tmp_path, "id,cat,dog,fox\na,1,0,0\nb,0,0,1\n")
    first = frame(id=["a", "b"], cat=["0.6", "0.1"], dog=["0.4", "0.5"], fox=["0", "0.4"])
    surer = frame(id=["a", "b"], cat=["0.9", "0.3"], dog=["0.1", "0.3"], fox=["0", "0.4"])
    assert answers_key(first, form) != answers_key(surer, form)
    assert changed_share(first, surer, form) == 0.5


def test_a_file_of_an_older_sample_does_not_fit(tmp_path: Path) -> None:
    form = form_of(tmp_path, "id,animal\na,cat\nb,cat\n")
    assert fits(frame(id=["b", "a"], animal=["cat", "dog"]), form)
    assert not fits(frame(id=["a", "z"], animal=["cat", "dog"]), form)
    assert not fits(frame(id=["a", "b"], ans=["0", "1"]), form)
