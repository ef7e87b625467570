"""Submissions in the form of many samples, and every way in which a file can fail to fit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from photobench.errors import SubmissionError
from photobench.records import Attribute, ClassSpace, Predictions
from photobench.submit import (
    Submission,
    SubmitOptions,
    make_submission,
    validate_submission,
    write_submission,
)

MASK = Attribute("mask", ("worn", "wrong", "none"))
GENDER = Attribute("gender", ("male", "female"))
AGE = Attribute("age", ("<30", "30-59", ">=60"))
PEOPLE = ClassSpace((MASK, GENDER, AGE))
ANIMALS = ClassSpace((Attribute("animal", ("cat", "dog")),))
LEAVES = ClassSpace((Attribute("leaf", ("healthy", "rust", "scab")),))
DIGITS = ClassSpace((Attribute("digit", tuple("0123456789")),))
AUTO = SubmitOptions()


def sure(
    space: ClassSpace, classes: list[int], names: list[str] | None = None, folder: str = "eval/images"
) -> Predictions:
    """Photos a.jpg, b.jpg, … with 0.8 on the given class and the rest spread evenly."""
    K = space.num_classes
    joint = np.full((len(classes), K), 0.2 / (K - 1))
    joint[np.arange(len(classes)), classes] = 0.8
    names = names or [f"{chr(97 + i)}.jpg" for i in range(len(classes))]
    return Predictions([f"{folder}/{n}" for n in names], joint, space)


def broken(predictions: Predictions, row: int) -> Predictions:
    joint, reasons = predictions.joint_NK.copy(), [""] * len(predictions)
    joint[row], reasons[row] = np.nan, "truncated"
    return Predictions(predictions.paths, joint, predictions.space, reasons)


@pytest.fixture
def sample(tmp_path: Path):
    def write(text: str, encoding: str = "utf-8") -> Path:
        path = tmp_path / "sample.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def rows(submission: Submission) -> list[list]:
    return submission.frame.to_numpy().tolist()


class TestForms:
    """What is written for each kind of sample; every result fits its sample."""

    def check(self, predictions: Predictions, path: Path, options: SubmitOptions = AUTO) -> Submission:
        made = make_submission(predictions, path, options)
        assert validate_submission(made.frame, path, predictions.space, options) == []
        target = path.with_name("out.csv")
        write_submission(made, target, path, predictions.space, options)
        assert validate_submission(target, path, predictions.space, options) == []
        return made

    def test_ai_stages_wants_class_ids_in_its_order(self, sample) -> None:
        path = sample("ImageID,ans\nb.jpg,0\nc.jpg,0\na.jpg,0\n")
        made = self.check(sure(PEOPLE, [17, 3, 0]), path)
        assert rows(made) == [["b.jpg", 3], ["c.jpg", 0], ["a.jpg", 17]]
        assert made.frame["ans"].dtype == np.int64
        assert made.to_bytes() == b"ImageID,ans\nb.jpg,3\nc.jpg,0\na.jpg,17\n"
        assert made.notes == (
            'Column "ImageID" names the photo.',
            'Column "ans" holds the class as a number, 0 … 17.',
        )

    def test_number_ids_without_ending(self, sample) -> None:
        path = sample("id,label\n2,cat\n10,cat\n1,cat\n")
        made = self.check(sure(ANIMALS, [0, 1, 1], ["1.jpg", "2.jpg", "10.jpg"]), path)
        assert rows(made) == [[2, "dog"], [10, "dog"], [1, "cat"]]
        assert made.frame["id"].dtype == np.int64

    def test_leading_zeros_stay(self, sample) -> None:
        path = sample("id,label\n001,0\n002,0\n")
        made = self.check(sure(ANIMALS, [0, 1], ["001.png", "002.png"]), path)
        assert made.to_bytes() == b"id,label\n001,0\n002,1\n"

    def test_ids_that_are_paths(self, sample) -> None:
        path = sample("file,label\nimages/a.jpg,0\n./images\\b.jpg,0\n")
        assert rows(self.check(sure(ANIMALS, [0, 1]), path)) == [["images/a.jpg", 0], ["./images\\b.jpg", 1]]

    def test_ids_with_another_ending(self, sample) -> None:
        path = sample("file,label\na.png,0\nb.png,0\n")
        assert rows(self.check(sure(ANIMALS, [0, 1]), path)) == [["a.png", 0], ["b.png", 1]]

    def test_a_name_of_the_joint_class(self, sample) -> None:
        path = sample("file,answer\na.jpg,worn · male · <30\n")
        assert rows(self.check(sure(PEOPLE, [17]), path)) == [["a.jpg", "none · female · >=60"]]

    def test_a_column_per_attribute_as_label_or_code(self, sample) -> None:
        path = sample("file,age,mask,Gender\na.jpg,<30,worn,0\nb.jpg,<30,worn,0\n")
        made = self.check(sure(PEOPLE, [0, 17]), path)
        assert rows(made) == [["a.jpg", "<30", "worn", 0], ["b.jpg", ">=60", "none", 1]]

    def test_probabilities_per_label(self, sample) -> None:
        path = sample("image_id,scab,healthy,rust\na,0.25,0.25,0.5\nb,0.25,0.25,0.5\n")
        made = self.check(sure(LEAVES, [0, 2]), path)
        np.testing.assert_allclose(made.frame.iloc[:, 1:], [[0.1, 0.8, 0.1], [0.8, 0.1, 0.1]])

    def test_probabilities_per_class_number(self, sample) -> None:
        path = sample("img,c0,c1,c2\na.jpg,0.3,0.3,0.4\n")
        (row,) = rows(self.check(sure(LEAVES, [1]), path))
        assert row[1:] == pytest.approx([0.1, 0.8, 0.1])

    def test_probabilities_of_several_attributes(self, sample) -> None:
        path = sample("img,mask_none,female\na.jpg,0.5,0.5\n")
        made = self.check(sure(PEOPLE, [17]), path)
        small = 0.2 / 17
        assert rows(made)[0][1:] == pytest.approx([0.8 + 5 * small, 0.8 + 8 * small])

    def test_one_probability_of_two_classes_is_that_of_the_second(self, sample) -> None:
        path = sample("id,label\n1,0.5\n2,0.5\n")
        made = self.check(sure(ANIMALS, [1, 0], ["1.jpg", "2.jpg"]), path)
        assert rows(made) == [[1, pytest.approx(0.8)], [2, pytest.approx(0.2)]]
        assert made.notes[1] == 'Column "label" holds the probability of animal "dog".'

    def test_labels_that_are_numbers_are_labels(self, sample) -> None:
        space = ClassSpace((Attribute("grade", ("1", "2", "5")),))
        made = self.check(sure(space, [2, 0]), sample("id,grade\na,0\nb,0\n"))
        assert rows(made) == [["a", 5], ["b", 1]]

    def test_the_way_that_bytes_are_written(self, sample) -> None:
        space = ClassSpace((Attribute("동물", ("고양이", "개")),))
        path = sample("파일;동물\r\na.jpg;개\r\n", "cp949")
        assert self.check(sure(space, [0]), path).to_bytes() == "파일;동물\r\na.jpg;고양이\r\n".encode("cp949")
        for encoding in ("utf-8-sig", "utf-16"):
            path = sample("id\tlabel\na.jpg\tcat\n", encoding)
            assert self.check(sure(ANIMALS, [1]), path).to_bytes() == "id\tlabel\na.jpg\tdog\n".encode(encoding)

    def test_the_project_file_can_say_what_columns_hold(self, sample) -> None:
        path = sample("key,n,x,y,z,w,usage\na.jpg,0,?,?,?,?,public\n")
        columns = {"x": "age.code", "y": "gender", "z": "mask=none", "w": "class=17", "usage": "keep", "n": "name"}
        made = self.check(sure(PEOPLE, [17]), path, SubmitOptions(columns=columns))
        (row,) = rows(made)
        assert row[:4] == ["a.jpg", "none · female · >=60", 2, "female"]
        assert row[4:] == [pytest.approx(0.8 + 5 * 0.2 / 17), pytest.approx(0.8), "public"]

    def test_the_id_column_is_the_one_that_matches(self, sample) -> None:
        path = sample("row,photo,ans\n0,b.jpg,0\n1,a.jpg,0\n")
        made = make_submission(sure(PEOPLE, [4, 5]), path, SubmitOptions(columns={"row": "keep", "ans": "class"}))
        assert rows(made) == [[0, "b.jpg", 5], [1, "a.jpg", 4]]

    def test_photos_beside_the_sample_are_left_out(self, sample) -> None:
        made = self.check(sure(ANIMALS, [0, 1, 0]), sample("id,label\nb.jpg,0\n"))
        assert made.notes[-1] == "Of the predicted photos, 2 are not in the sample and were left out."


class TestBrokenPhotos:
    def test_get_the_most_frequent_class(self, sample) -> None:
        made = make_submission(
            broken(sure(PEOPLE, [17, 4, 4, 0]), 3), sample("ImageID,ans\na.jpg,0\nb.jpg,0\nc.jpg,0\nd.jpg,0\n"), AUTO
        )
        assert made.frame["ans"].tolist() == [17, 4, 4, 4]
        assert made.notes[-1] == (
            '1 photo could not be read and got the most frequent class, "worn · female · 30-59": eval/images/d.jpg.'
        )

    def test_get_mean_probabilities(self, sample) -> None:
        path = sample("id,healthy,rust,scab\na,1,0,0\nb,1,0,0\nc,1,0,0\n")
        made = make_submission(broken(sure(LEAVES, [0, 0, 1]), 0), path, AUTO)
        np.testing.assert_allclose(made.frame.iloc[0, 1:].astype(float), [0.45, 0.45, 0.1])
        assert validate_submission(made.frame, path, LEAVES, AUTO) == []

    def test_all_of_them_is_an_error(self, sample) -> None:
        with pytest.raises(SubmissionError, match="truncated"):
            make_submission(broken(sure(ANIMALS, [0]), 0), sample("id,label\na.jpg,0\n"), AUTO)


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
        self.fails(sure(ANIMALS, [0]), sample(text), r"5 of 6 ids have no prediction: 0.jpg, 1.jpg, 2.jpg, …")

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
            ("ImageID,ans\n", ['4 ids of the sample missing: "a.jpg", "b.jpg", "c.jpg", ….']),
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


class TestWriting:
    def test_an_unfit_submission_leaves_the_old_file(self, sample, tmp_path: Path) -> None:
        path, target = sample("ImageID,ans\na.jpg,0\n"), tmp_path / "out" / "sub.csv"
        made = make_submission(sure(PEOPLE, [3]), path, AUTO)
        write_submission(made, target, path, PEOPLE, AUTO)
        bad = Submission(made.frame.assign(ans=99), made.notes, made.style, made.id_column)
        with pytest.raises(SubmissionError, match="outside the classes"):
            write_submission(bad, target, path, PEOPLE, AUTO)
        assert target.read_bytes() == b"ImageID,ans\na.jpg,3\n"
        assert [p.name for p in target.parent.iterdir()] == ["sub.csv"]

    def test_a_letter_that_the_encoding_lacks(self, sample) -> None:
        space = ClassSpace((Attribute("동물", ("고양이", "🐕")),))
        path = sample("파일,동물\na.jpg,고양이\n", "cp949")
        with pytest.raises(SubmissionError, match="cp949"):
            make_submission(sure(space, [1]), path, AUTO).to_bytes()

    def test_the_id_column_found_by_the_photos_is_used_to_check(self, sample, tmp_path: Path) -> None:
        """Names alone would point at `key_id`."""
        path = sample("key_id,photo,ans\n7,a,0\n8,b,0\n")
        options = SubmitOptions(columns={"key_id": "keep", "ans": "class"})
        made = make_submission(sure(PEOPLE, [1, 2]), path, options)
        write_submission(made, tmp_path / "sub.csv", path, PEOPLE, options)
        assert (tmp_path / "sub.csv").read_text() == "key_id,photo,ans\n7,a,1\n8,b,2\n"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("space", [PEOPLE, ANIMALS, LEAVES, DIGITS], ids=["people", "animals", "leaves", "digits"])
def test_any_predictions_come_back_from_the_file(sample, tmp_path: Path, space: ClassSpace, seed: int) -> None:
    """Random photos, ids in random order and form: what is read from the file is what was predicted."""
    rng = np.random.default_rng(seed)
    names = [f"{rng.integers(1 << 60):015x}.jpg" for _ in range(50)]
    predictions = sure(space, rng.integers(0, space.num_classes, 50).tolist(), names)
    order = rng.permutation(50)
    ids = [names[i] if seed % 2 else names[i].removesuffix(".jpg") for i in order]
    path = sample("image,answer\n" + "".join(f"{i},0\n" for i in ids))
    made = make_submission(predictions, path, AUTO)
    write_submission(made, tmp_path / "sub.csv", path, space, AUTO)
    back = pd.read_csv(tmp_path / "sub.csv", dtype={"image": str})
    assert back["image"].tolist() == ids
    assert back["answer"].tolist() == predictions.classes()[order].tolist()
