"""Every way in which a file can fail to fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.errors import SubmissionError
from photobench.records import Attribute, ClassSpace, Predictions
from photobench.submit import (
    SubmitOptions,
    make_submission,
    validate_submission,
)
from tests.submission.answers import ANIMALS, AUTO, LEAVES, MASK, PEOPLE, rows, sure


class TestSamplesThatCannotBeFilled:
    def fails(self, predictions: Predictions, path: Path, match: str, options: SubmitOptions = AUTO) -> None:
        with pytest.raises(SubmissionError, match=match):
            make_submission(predictions, path, options)

    def test_no_such_file(self, tmp_path: Path) -> None:
        self.fails(sure(ANIMALS, [0]), tmp_path / "nothing.csv", "There is no sample submission at")

    @pytest.mark.parametrize(
        ("text", "match"),
        [
            ("", "is empty"),
            ("id,label\n", "has no rows"),
            ("id\na.jpg\n", 'no column besides "id"'),
            ("id,label\na.jpg\n", "row 2 has 1 cells, the header 2"),
            ("id,id\na.jpg,0\n", 'column "id" twice'),
            ('id,label\n"a.jpg,0\n', "not a table"),
        ],
    )
    def test_not_a_sample(self, sample, text: str, match: str) -> None:
        self.fails(sure(ANIMALS, [0]), sample(text), match)

    def test_photos_without_a_prediction(self, sample) -> None:
        text = "id,label\na.jpg,0\n" + "".join(f"{i}.jpg,0\n" for i in range(5))
        self.fails(sure(ANIMALS, [0]), sample(text), r"5 of 6 ids have no prediction: 0.jpg, 1.jpg, 2.jpg, and 2 more")

    def test_photos_of_somewhere_else(self, sample) -> None:
        self.fails(sure(ANIMALS, [0]), sample("id,label\nx.jpg,0\n"), r"\(x.jpg\) is one of the predicted photos")

    def test_ids_that_fit_several_photos(self, sample) -> None:
        two = Predictions(["one/a.jpg", "two/a.jpg"], np.full((2, 2), 0.5), ANIMALS)
        self.fails(two, sample("id,label\na.jpg,0\n"), "1 ids fit several predicted photos: a.jpg")

    def test_an_exact_path_fits_before_the_end_of_another(self, sample) -> None:
        two = Predictions(["a.jpg", "two/a.jpg"], np.array([[0.9, 0.1], [0.1, 0.9]]), ANIMALS)
        assert rows(make_submission(two, sample("id,label\na.jpg,0\n"), AUTO)) == [["a.jpg", 0]]

    def test_ids_that_occur_twice(self, sample) -> None:
        self.fails(sure(ANIMALS, [0]), sample("id,label\na.jpg,0\na.jpg,0\n"), 'column "id" occur twice: a.jpg')

    def test_columns_that_cannot_be_understood_are_all_named(self, sample) -> None:
        path = sample("id,foo,bar\na.jpg,?,?\n")
        with pytest.raises(SubmissionError) as caught:
            make_submission(sure(PEOPLE, [0]), path, SubmitOptions(columns={"foo": "agee", "baz": "class"}))
        text = str(caught.value)
        assert 'no column "baz". Did you mean "bar"?' in text
        assert 'column "foo": There is no meaning "agee". Did you mean "age"?' in text
        assert 'column "bar": what does it hold?' in text

    @pytest.mark.parametrize(
        ("meaning", "match"),
        [
            ("class=18", r"0 … 17"),
            ("mask=wron", 'Did you mean "wrong"'),
            ("age.kode", "Did you mean"),
            ("", "what does"),
        ],
    )
    def test_meanings_that_do_not_exist(self, sample, meaning: str, match: str) -> None:
        self.fails(sure(PEOPLE, [0]), sample("id,x\na.jpg,?\n"), match, SubmitOptions(columns={"x": meaning}))

    def test_a_label_that_two_attributes_have(self, sample) -> None:
        space = ClassSpace((Attribute("left", ("yes", "no")), Attribute("right", ("yes", "no"))))
        self.fails(sure(space, [0]), sample("id,yes\na.jpg,0.5\n"), "it could be .* left .* right")

    def test_an_id_column_that_is_not_there(self, sample) -> None:
        options = SubmitOptions(id_column="ImageId")
        self.fails(sure(PEOPLE, [0]), sample("ImageID,ans\na.jpg,0\n"), 'Did you mean "ImageID"', options)

    def test_an_empty_answer_column(self, sample) -> None:
        self.fails(sure(PEOPLE, [0]), sample("id,ans\na.jpg,\n"), "the sample leaves it empty")


class TestProblems:
    """Each way to be wrong is named, with where."""

    SAMPLE = "ImageID,ans\na.jpg,0\nb.jpg,0\nc.jpg,0\nd.jpg,0\n"

    @pytest.mark.parametrize(
        ("text", "problems"),
        [
            ("ImageID,ans\na.jpg,0\nb.jpg,17\nc.jpg,1\nd.jpg,2\n", []),
            (
                "ImageID,ans\na.jpg,0\na.jpg,0\nc.jpg,1\nx.jpg,2\n",
                [
                    '1 id more than once: "a.jpg".',
                    '2 ids of the sample missing: "b.jpg", "d.jpg".',
                    '1 id not in the sample: "x.jpg".',
                ],
            ),
            ("ImageID,ans\n", ['4 ids of the sample missing: "a.jpg", "b.jpg", "c.jpg", and 1 more.']),
            (
                "ImageID,ans\nb.jpg,0\na.jpg,0\nc.jpg,1\nd.jpg,2\n",
                ['The rows are in another order than in the sample: row 1 is "b.jpg", expected "a.jpg".'],
            ),
            (
                "ImageID,ans\na.jpg,3.0\nb.jpg,worn\nc.jpg,18\nd.jpg,\n",
                [
                    'Column "ans" is empty or NaN in 1 row: row 4: "".',
                    'Column "ans" has 1 number with a point, expected whole numbers 0 … 17: row 1: "3.0".',
                    'Column "ans" has 1 text, expected whole numbers 0 … 17: row 2: "worn".',
                    'Column "ans" has 1 number outside the classes, expected whole numbers 0 … 17: row 3: "18".',
                ],
            ),
            (
                "ImageID,ans\na.jpg,-1\nb.jpg,NaN\nc.jpg,nan\nd.jpg,1e0\n",
                [
                    'Column "ans" is empty or NaN in 2 rows: row 2: "NaN"; row 3: "nan".',
                    'Column "ans" has 1 number with a point, expected whole numbers 0 … 17: row 4: "1e0".',
                    'Column "ans" has 1 number outside the classes, expected whole numbers 0 … 17: row 1: "-1".',
                ],
            ),
            (
                "ImageId,answer\na.jpg,0\nb.jpg,17\nc.jpg,1\nd.jpg,2\n",
                [
                    'Column "ImageID" is called "ImageId" here: rename it.',
                    'Column "ans" is called "answer" here: rename it.',
                ],
            ),
            (
                ",ImageID,ans\n0,a.jpg,0\n1,b.jpg,17\n2,c.jpg,1\n3,d.jpg,2\n",
                ['Column "" is not in the sample: remove it.'],
            ),
            ("ImageID\na.jpg\nb.jpg\nc.jpg\nd.jpg\n", ['Column "ans" is missing.']),
            (
                "ans,ImageID\n0,a.jpg\n17,b.jpg\n1,c.jpg\n2,d.jpg\n",
                ["The columns are in the order ans, ImageID; the sample has ImageID, ans."],
            ),
            (
                "ImageID\tans\na.jpg\t0\nb.jpg\t17\nc.jpg\t1\nd.jpg\t2\n",
                ['Cells are separated by tabs, in the sample by ",".'],
            ),
        ],
    )
    def test_of_class_ids(self, sample, tmp_path: Path, text: str, problems: list[str]) -> None:
        submission = tmp_path / "mine.csv"
        submission.write_text(text)
        assert validate_submission(submission, sample(self.SAMPLE), PEOPLE, AUTO) == problems

    def test_a_byte_order_mark(self, sample, tmp_path: Path) -> None:
        submission = tmp_path / "mine.csv"
        submission.write_text(self.SAMPLE, encoding="utf-8-sig")
        (problem,) = validate_submission(submission, sample(self.SAMPLE), PEOPLE, AUTO)
        assert "byte order mark" in problem

    def test_a_file_that_is_missing_or_not_a_table(self, sample, tmp_path: Path) -> None:
        (problem,) = validate_submission(tmp_path / "no.csv", sample(self.SAMPLE), PEOPLE, AUTO)
        assert "There is no submission at" in problem
        (tmp_path / "bad.csv").write_text("a,b\n1\n")
        (problem,) = validate_submission(tmp_path / "bad.csv", sample(self.SAMPLE), PEOPLE, AUTO)
        assert "row 2 has 1 cells" in problem

    def test_of_names(self, sample) -> None:
        path = sample("id,animal\na,cat\nb,cat\nc,cat\n")
        frame = pd.DataFrame({"id": ["a", "b", "c"], "animal": ["cat", "Dog", None]})
        assert validate_submission(frame, path, ANIMALS, AUTO) == [
            'Column "animal" is empty or NaN in 1 row: row 3: "".',
            'Column "animal" has 1 cell that is no label: row 2: "Dog". Did you mean "dog"?',
        ]

    def test_a_label_called_none_is_not_empty(self, sample) -> None:
        path = sample("id,mask\na,worn\nb,none\n")
        frame = pd.DataFrame({"id": ["a", "b"], "mask": ["none", "none"]})
        assert validate_submission(frame, path, ClassSpace((MASK,)), AUTO) == []

    def test_of_probabilities(self, sample) -> None:
        path = sample("id,healthy,rust,scab\na,1,0,0\nb,1,0,0\nc,0,0,1\n")
        frame = pd.DataFrame(
            {"id": list("abc"), "healthy": [0.5, 1.2, np.nan], "rust": [0.2, -0.1, 0], "scab": [0.3, 0, "x"]}
        )
        assert validate_submission(frame, path, LEAVES, AUTO) == [
            'Column "healthy" is empty or NaN in 1 row: row 3: "".',
            'Column "healthy" has 1 number outside 0 … 1: row 2: "1.2".',
            'Column "rust" has 1 number outside 0 … 1: row 2: "-0.1".',
            'Column "scab" has 1 text, expected probabilities: row 3: "x".',
            'The probabilities "healthy", "rust", "scab" do not sum to 1, unlike in the sample, in 2 rows, '
            "the first is row 2.",
        ]

    def test_sums_are_free_where_the_sample_has_none(self, sample) -> None:
        path = sample("id,healthy,rust,scab\na,0,0,0\n")
        frame = pd.DataFrame({"id": ["a"], "healthy": [0.9], "rust": [0.9], "scab": [0.1]})
        assert validate_submission(frame, path, LEAVES, AUTO) == []

    def test_a_frame_with_floats_for_classes(self, sample) -> None:
        frame = pd.DataFrame({"ImageID": [f"{x}.jpg" for x in "abcd"], "ans": [0.0, 1.0, 2.0, np.nan]})
        problems = validate_submission(frame, sample(self.SAMPLE), PEOPLE, AUTO)
        assert [p.split(":")[0] for p in problems] == [
            'Column "ans" is empty or NaN in 1 row',
            'Column "ans" has 3 numbers with a point, expected whole numbers 0 … 17',
        ]

    def test_a_kept_column_must_stay(self, sample) -> None:
        options = SubmitOptions(columns={"usage": "keep", "label": "class"})
        frame = pd.DataFrame({"id": ["a", "b"], "label": [0, 1], "usage": ["public", "public"]})
        path = sample("id,label,usage\na,0,public\nb,0,private\n")
        assert validate_submission(frame, path, ANIMALS, options) == [
            'Column "usage" differs from the sample in 1 row: row 2: "public".'
        ]
