from __future__ import annotations

import unicodedata

import pandas as pd
import pytest

from photobench.errors import SourceError
from photobench.sources.options import SourceOptions
from photobench.sources.reading import as_text, read_table, table_problem
from photobench.sources.table import scan

OPTIONS = SourceOptions(kind="table")


def write(path, text, encoding="utf-8"):
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_and_separators_are_found(tmp_path, encoding, separator):
    text = f" path {separator} 종류\n1.png{separator}  고양이 \n2.png{separator}개\n"
    frame = read_table(write(tmp_path / "t.csv", text, encoding))
    assert frame.columns.tolist() == ["path", "종류"]
    assert frame["종류"].tolist() == ["고양이", "개"]
    assert frame.index.tolist() == [2, 3]  # as an editor counts


def test_a_table_that_is_not_there_names_those_that_are_and_none_of_our_own(tmp_path):
    for name in ("labels.csv", "manifest.parquet", "photobench.db"):
        write(tmp_path / name, "path,label\n")
    assert "There is: labels.csv. Name the file" in table_problem(tmp_path / "x.csv")


def test_tsv_and_parquet(tmp_path):
    assert read_table(write(tmp_path / "t.tsv", "a\tb,c\n1\t2\n")).columns.tolist() == ["a", "b,c"]
    pd.DataFrame({"path": ["1.png", "2.png"], "age": [3.0, None]}).to_parquet(tmp_path / "t.parquet")
    frame = read_table(tmp_path / "t.parquet")
    assert as_text(frame["age"]).fillna("-").tolist() == ["3", "-"]


def test_rows_may_be_too_short_or_end_in_separators(tmp_path):
    frame = read_table(write(tmp_path / "t.csv", ',path,label,\r\n0,"a, 1.png","two\r\nlines",\r\n1,b.png\r\n'))
    assert frame.columns.tolist() == ["unnamed", "path", "label"]
    assert frame["path"].tolist() == ["a, 1.png", "b.png"]
    assert frame["label"].fillna("-").tolist() == ["two\r\nlines", "-"]
    assert frame.index.tolist() == [3, 4]


def test_empty_cells_are_missing_and_words_like_None_are_not(tmp_path):
    frame = read_table(write(tmp_path / "t.csv", "path,label\n1.png,None\n2.png,  \n\n3.png,NA\n"))
    assert frame["label"].fillna("-").tolist() == ["None", "-", "NA"]
    assert frame.index.tolist() == [2, 3, 5]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "is empty"),
        (b"path,label\n", "has no rows"),
        (b"a,b\n1,2\n1,2,3,4\n", "row 3: 4 cells, but the header has 2.*Correct that row"),
        (b'a,b\n1,"2\n3,4\n', "row 3: unexpected end of data"),
        (b"\xff\xff\xff\x80", "not UTF-8 nor CP949.*source.encoding"),
        (b"a, a\n1,2\n", 'two columns called "a"'),
    ],
)
def test_a_table_that_cannot_be_read_says_why(tmp_path, data, message):
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(SourceError, match=message):
        read_table(tmp_path / "t.csv")


def test_other_files_are_no_tables(tmp_path):
    (tmp_path / "labels.csv").write_text("a\n1\n")
    (tmp_path / "t.xlsx").write_bytes(b"PK")
    (tmp_path / "t.parquet").write_bytes(b"no")
    with pytest.raises(SourceError, match="Save it as CSV"):
        read_table(tmp_path / "t.xlsx")
    with pytest.raises(SourceError, match="cannot be read as Parquet"):
        read_table(tmp_path / "t.parquet")
    with pytest.raises(SourceError, match=r'Did you mean "labels.csv"\?'):
        read_table(tmp_path / "label.csv")
    with pytest.raises(SourceError, match="is a folder"):
        read_table(tmp_path)
    with pytest.raises(SourceError, match="not a known encoding"):
        read_table(tmp_path / "labels.csv", "utf-99")


@pytest.mark.parametrize(
    ("cell", "photo"),
    [
        ("train/a 1.png", "train/a 1.png"),
        ("train/a 1", "train/a 1.png"),
        ("./train\\a 1.png", "train/a 1.png"),
        ("a 1", "train/a 1.png"),
        ("A 1.PNG", "train/a 1.png"),
        ("photos/train/a 1.png", "train/a 1.png"),  # relative to the table's folder
        ("/elsewhere/input/train/a 1.png", "train/a 1.png"),
        ("x.y", "train/x.y.jpg"),
        (unicodedata.normalize("NFC", "한글"), "test/" + unicodedata.normalize("NFD", "한글") + ".png"),
        ("twice", "train/twice.png"),  # the table is train.csv
    ],
)
def test_paths_are_found(photos, cell, photo):
    korean = unicodedata.normalize("NFD", "한글")
    root = photos("train/a 1.png", "train/x.y.jpg", f"test/{korean}.png", "train/twice.png", "test/twice.png")
    table = write(root.parent / "train.csv", f"path,label\n{cell},cat\n")
    rows = scan(root, OPTIONS, table)
    assert rows["path"].tolist() == [photo]
    assert rows["reason"].tolist() == [""]


def test_a_path_never_means_a_photo_of_another_folder(photos):
    root = photos("cats/1.png", "dogs/2.png")
    table = write(root / "labels.csv", "path,label\ncats/1.png,cat\ncats/2.png,cat\nsame,dog\n")
    rows = scan(root, OPTIONS, table).set_index("path")
    assert rows["reason"].to_dict() == {"cats/1.png": "", "cats/2.png": "no such file", "same": "no such file"}


def test_a_name_that_several_photos_have_is_told(photos):
    root = photos("a/1.png", "b/1.png", "a/2.png")
    rows = scan(root, OPTIONS, write(root / "t.csv", "path,label\n1.png,cat\n2.png,dog\n")).set_index("path")
    assert rows.loc["1.png", "reason"] == "several files have this name: a/1.png, b/1.png"


def test_columns_with_our_names_keep_their_labels_under_another(photos):
    root = photos("1.png")
    table = write(root / "t.csv", "file,path,split,group,reason\n1.png,x,fold1,g,because\n")
    rows = scan(root, SourceOptions(kind="table", path_column="file"), table)
    assert rows["path"].tolist() == ["1.png"]
    row = rows.iloc[0]
    assert [row["path_"], row["split_"], row["group_"], row["reason_"]] == ["x", "fold1", "g", "because"]
    assert "group" not in rows


def test_group_and_split_columns(photos):
    root = photos("1.png", "2.png", "3.png")
    table = write(root / "t.csv", "path,who,part\n1.png,anna,Training\n2.png,,val\n3.png,anna,\n")
    rows = scan(root, SourceOptions(kind="table", group_column="who", split_column="part"), table)
    assert rows["split"].tolist() == ["train", "valid", ""]
    assert rows["group"].fillna("-").tolist() == ["anna", "-", "anna"]


def test_photos_to_predict_are_added_and_others_are_told(photos):
    root = photos("train/1.png", "train/2.png", "test/8.png", "test/9.png")
    table = write(root / "train.csv", "path,label\n1,cat\n")
    rows = scan(root, SourceOptions(kind="table", predict="test"), table)
    assert rows["path"].tolist() == ["test/8.png", "test/9.png", "train/1.png"]
    assert rows["split"].fillna("").tolist() == ["predict", "predict", ""]
    assert rows.attrs["notes"] == ["1 photo on disk that no row of train.csv names, not used: train/2.png."]


def test_repeated_rows_are_dropped_and_contradictions_kept_for_the_labels(photos):
    root = photos("1.png", "2.png")
    table = write(root / "t.csv", "path,label,left\n1.png,cat,3\n1,cat,4\n2.png,cat,5\n2.png,dog,5\n")
    rows = scan(root, OPTIONS, table)
    assert rows["path"].tolist() == ["1.png", "2.png"]
    assert rows.attrs["conflicts"] == {
        "label": (1, ["2.png (row 4: cat, row 5: dog)"]),
        "left": (1, ["1.png (row 2: 3, row 3: 4)"]),
    }
    assert "2 rows named a photo that an earlier row names" in rows.attrs["notes"][0]


def test_missing_folder_and_table_are_told_together(tmp_path):
    with pytest.raises(SourceError) as error:
        scan(tmp_path / "none", OPTIONS, tmp_path / "none.csv")
    assert "2 problems" in str(error.value)
    with pytest.raises(SourceError, match=r"source\.table is not set"):
        scan(tmp_path, OPTIONS, None)


def test_missing_columns_are_told_together_with_the_nearest(photos):
    root = photos("1.png")
    options = SourceOptions(kind="table", path_column="pth", group_column="persn", split_column="part")
    with pytest.raises(SourceError) as error:
        scan(root, options, write(root / "t.csv", "path,person\n1.png,a\n"))
    for text in ('"pth"', 'Did you mean "path"?', 'Did you mean "person"?', '"part"', "source.split_column"):
        assert text in str(error.value)


def test_values_that_name_no_split_are_counted(photos):
    root = photos("1.png", "2.png")
    table = write(root / "t.csv", "path,part\n1.png,train\n2.png,fold1\n")
    with pytest.raises(SourceError, match=r'name no split: "fold1" \(1 row\)\. Write train, valid'):
        scan(root, SourceOptions(kind="table", split_column="part"), table)


def test_when_no_row_has_a_photo_it_says_what_was_tried(photos):
    root = photos("a/1.png")
    table = write(root / "t.csv", "path,label\nx.png,cat\ny.png,dog\n")
    with pytest.raises(
        SourceError, match=r"None of the 2 rows .* x\.png, y\.png, while .* holds a/1\.png.*Tried relative"
    ):
        scan(root, OPTIONS, table)


def test_rows_without_a_path_are_left_out_and_told(photos):
    root = photos("1.png")
    rows = scan(root, OPTIONS, write(root / "t.csv", "path,label\n1.png,cat\n,dog\n"))
    assert len(rows) == 1
    assert rows.attrs["notes"] == ['1 row of t.csv without a "path" left out: row 3.']
